// Session descriptions from the network: reading, writing, and what becomes of them as offers and answers.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "sdp/offer_answer.hpp"

namespace {

using namespace clued;
using namespace clued::sdp;

void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n", what);
  std::abort();
}

const LocalMedia& media() {
  static const LocalMedia local = [] {
    LocalMedia made;
    made.address_v4 = "198.51.100.1";
    made.address_v6 = "2001:db8::f0";
    made.audio_codecs = {{"PCMU/8000", 0, ""}, {"opus/48000/2", 111, ""}, {"telephone-event/8000", 101, "0-15"}};
    made.video_codecs = {{"H264/90000", 96, "packetization-mode=1"}};
    return made;
  }();
  return local;
}

DataChannel own_channel() {
  DataChannel channel;
  channel.address = "198.51.100.1";
  channel.port = 40100;
  channel.ice_ufrag = "fUf1";
  channel.ice_pwd = "OurPasswordOf24Characters";
  channel.fingerprints = {{"sha-1", "4A:AD:B9:B1:3F:82:18:3B:54:02:12:DF:3E:5D:49:6B:19:E5:7C:AB"}};
  channel.has_dcmap = true;
  return channel;
}

std::vector<LocalPort> ports(std::size_t count) {
  static std::uint64_t last = 0;
  std::vector<LocalPort> made;
  for (std::size_t i = 0; i < count; ++i) {
    ++last;
    made.push_back({base::PortId{last}, static_cast<std::uint16_t>(10000 + 2 * (last % 20000))});
  }
  return made;
}

/// What we say can be read, and says no more of a disabled m-line than that it is there.
void check_own(const SessionDescription& said) {
  const auto read = parse(serialize(said), {.bytes = 1 << 20, .media_lines = 1024, .attributes = 1 << 16});
  require(read.has_value(), "what we write can be read");
  require(read->media.size() == said.media.size(), "as many m-lines are read as were written");
  require(serialize(*read) == serialize(said), "what we write is read as it was written");
  for (const Group& group : said.groups) {
    for (const std::string& mid : group.mids) {
      bool enabled = false;
      for (const MediaDescription& line : said.media) enabled = enabled || (line.is_enabled() && line.mid() == mid);
      require(enabled, "only enabled m-lines are in a group");
    }
  }
}

/// What we say of preconditions can be read, is bounded, and reads as it was meant.
void check_preconditions(const SessionDescription& said) {
  for (const MediaDescription& line : said.media) {
    const PreconditionLines read = read_preconditions(line);
    require(!read.has_unreadable && !read.has_too_many, "what we say of preconditions can be read");
    std::vector<Attribute> written;
    for (const Attribute& attribute : line.attributes) {
      const bool is_one = attribute.name == "curr" || attribute.name == "des" || attribute.name == "conf";
      if (is_one) written.push_back(attribute);
    }
    require(lines_of(read.preconditions) == written, "preconditions are written as they are read");
    require(line.is_enabled() || written.empty(), "an m-line that is refused has no preconditions");
    require(answer_preconditions(read.preconditions).said.size() <= read.preconditions.size(), "no type is added");
  }
}

void answer(OfferAnswer& session, const SessionDescription& offer, bool with_channel) {
  const std::size_t before = session.m_lines();
  const auto plan = session.receive_offer(offer, true);
  if (!plan) {
    require(session.m_lines() == before, "a refused offer changes nothing");
    if (!plan.error().description.empty()) require(parse(plan.error().description).has_value(), "a 580 can be read");
    return;
  }
  const DataChannel channel = own_channel();
  const SessionDescription answer =
      session.make_answer(ports(plan->ports_needed), with_channel && plan->peer_channel ? &channel : nullptr);
  require(answer.media.size() == offer.media.size(), "an answer has the m-lines of the offer");
  for (std::size_t i = 0; i < answer.media.size(); ++i) {
    require(answer.media[i].media == offer.media[i].media, "the media of an answer are the offer's");
    require(answer.media[i].protocol == offer.media[i].protocol, "the profiles of an answer are the offer's");
    require(!answer.media[i].is_enabled() || offer.media[i].is_enabled(), "disabled m-lines stay disabled");
  }
  check_own(answer);
  check_preconditions(answer);
}

/// Our offer; `peer_answer` is what comes back if it could be an answer to it, else the offer failed. True if it could.
bool offer(OfferAnswer& session, const SessionDescription& peer_answer) {
  std::vector<WantedStream> wanted = session.current_streams();
  wanted.push_back({{StreamRole::encoding, MediaKind::video, 100}, Direction::sendonly, "fuzz-1"});
  wanted.push_back({{StreamRole::receive, MediaKind::audio, 100}, Direction::recvonly, ""});
  const DataChannel channel = own_channel();
  const std::size_t before = session.m_lines();
  const SessionDescription said = session.make_offer(wanted, ports(session.ports_needed(wanted)), &channel);
  require(said.media.size() >= before, "m-lines never disappear");
  check_own(said);
  check_preconditions(said);
  if (peer_answer.media.size() != said.media.size()) {
    session.drop_own_offer();
    require(session.m_lines() == before, "a failed offer changes nothing");
    return false;
  }
  require(session.receive_answer(peer_answer).has_value(), "an answer with all m-lines is taken");
  require(session.m_lines() == said.media.size(), "the m-lines are those of the last exchange");
  return true;
}

}  // namespace

/// Descriptions that follow each other in one session are separated by a line "--".
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  OfferAnswer session(std::make_shared<const LocalMedia>(media()), "4711");
  session.use_preconditions();
  bool with_channel = true;
  for (std::size_t at = 0; at <= input.size();) {
    const std::size_t end = std::min(input.find("\n--\n", at), input.size());
    const auto read = parse(input.substr(at, end - at));
    at = end + 4;
    if (!read) continue;
    const auto again = parse(serialize(*read), {.bytes = 1 << 20});
    require(again.has_value(), "what was read can be written and read");
    require(*again == *read, "what was read is what is written");
    if (!offer(session, *read)) answer(session, *read, with_channel);
    with_channel = !with_channel;
    require(session.peer_encodings().size() <= session.m_lines(), "at most one encoding per m-line");
    require(session.ports_in_use().size() <= session.m_lines(), "at most one port per m-line");
    session.take_released();
  }
  return 0;
}
