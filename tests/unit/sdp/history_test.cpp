// Long sessions between two sides that both offer: what must hold at each step, and that the two agree.
#include <gmock/gmock.h>

#include <random>

#include "history_checker.hpp"
#include "sdp_support.hpp"

namespace clued::sdp {
namespace {

using namespace testing;

/// One side of a session, its ports and the history of what it sent.
struct Side {
  explicit Side(const std::string& name) : prefix(name) {
    side.own_channel.ice_ufrag = "ufrag" + name;
    side.own_channel.tls_id = "tls-id-of-" + name + "-0123456789";
  }

  std::vector<WantedStream> wanted() const {
    std::vector<WantedStream> streams;
    for (const WantedStream& stream : side.oa.current_streams()) {
      if (stream.key.role != StreamRole::encoding) streams.push_back(stream);
    }
    streams.insert(streams.end(), encodings.begin(), encodings.end());
    return streams;
  }

  void add_encoding(MediaKind kind) {
    const auto has = [this, kind](unsigned ordinal) {
      return std::any_of(encodings.begin(), encodings.end(), [&](const WantedStream& stream) {
        return stream.key.kind == kind && stream.key.ordinal == ordinal;
      });
    };
    unsigned ordinal = 0;
    while (has(ordinal)) ++ordinal;
    encodings.push_back(encoding(ordinal, prefix + std::to_string(next_label++), kind));
  }

  void check_ports() const {
    const std::vector<base::PortId> used = side.oa.ports_in_use();
    EXPECT_EQ(std::set<base::PortId>(used.begin(), used.end()), side.ports.out());
  }

  std::string prefix;
  Focus side;
  std::vector<WantedStream> encodings;
  unsigned next_label = 0;
  HistoryChecker history;
};

/// What one calls its encodings is what the other sees.
void check_agreement(const Side& from, const Side& to) {
  std::set<std::string> active;
  for (const WantedStream& stream : from.side.oa.current_streams()) {
    if (stream.key.role == StreamRole::encoding && from.side.oa.encoding_active(stream.label))
      active.insert(stream.label);
  }
  std::set<std::string> seen;
  for (const PeerEncoding& peer : to.side.oa.peer_encodings()) {
    if (peer.active) seen.insert(peer.label);
  }
  EXPECT_EQ(active, seen);
  EXPECT_EQ(from.side.oa.m_lines(), to.side.oa.m_lines());
}

/// `fails`: the other side refuses the offer as a whole.
void exchange(Side& offerer, Side& answerer, bool fails) {
  const SessionDescription offer = offerer.side.offer(offerer.wanted());
  offerer.history.sent(offer);
  auto plan = answerer.side.oa.receive_offer(read(serialize(offer)), true);
  ASSERT_TRUE(plan.has_value()) << plan.error().reason;
  if (fails) {
    answerer.side.oa.drop_offer();
    offerer.side.oa.drop_own_offer();
    offerer.side.ports.give_back(offerer.side.oa.take_released());
    return;
  }
  ASSERT_TRUE(plan->peer_channel.has_value());
  const SessionDescription answer =
      answerer.side.oa.make_answer(answerer.side.ports.take(plan->ports_needed), &answerer.side.own_channel);
  answerer.side.ports.give_back(answerer.side.oa.take_released());
  answerer.history.sent(answer);
  answerer.history.agreed();
  EXPECT_EQ(answer.media.size(), offer.media.size());
  const auto outcome = offerer.side.answered(read(serialize(answer)));
  ASSERT_TRUE(outcome.has_value()) << outcome.error();
  EXPECT_TRUE(outcome->remarks.empty()) << outcome->remarks.front();
  offerer.history.agreed();
  ASSERT_TRUE(outcome->peer_channel.has_value());
  EXPECT_FALSE(offerer.side.oa.differs(offerer.wanted(), &offerer.side.own_channel));
}

class LongSession : public ::testing::TestWithParam<unsigned> {};

TEST_P(LongSession, StaysBoundedAndAgreed) {
  constexpr std::size_t kMostEncodings = 9;
  std::mt19937 random(GetParam());
  const auto chance = [&random](unsigned percent) { return random() % 100 < percent; };
  Side focus("f");
  Side endpoint("e");
  endpoint.encodings = {encoding(0, "e-first")};
  {
    const SessionDescription first =
        endpoint.side.offer({main_stream(MediaKind::audio), main_stream(MediaKind::video)});
    endpoint.history.sent(first);
    const SessionDescription answer = focus.side.answer(serialize(first));
    focus.history.sent(answer);
    focus.history.agreed();
    ASSERT_TRUE(endpoint.side.answered(answer).has_value());
    endpoint.history.agreed();
  }
  for (int step = 0; step < 200; ++step) {
    SCOPED_TRACE(step);
    Side& changing = chance(80) ? focus : endpoint;
    Side& other = &changing == &focus ? endpoint : focus;
    const std::size_t most = &changing == &focus ? kMostEncodings : 3;
    // Every second step is a join, every other a leave, of one to three streams each.
    for (auto count = 1 + random() % 3; count > 0; --count) {
      if (step % 2 == 0 && changing.encodings.size() < most) {
        changing.add_encoding(chance(70) ? MediaKind::video : MediaKind::audio);
      } else if (step % 2 == 1 && !changing.encodings.empty()) {
        changing.encodings.erase(changing.encodings.begin() +
                                 static_cast<std::ptrdiff_t>(random() % changing.encodings.size()));
      }
    }
    exchange(changing, other, chance(10));
    focus.check_ports();
    endpoint.check_ports();
    check_agreement(focus, endpoint);
    check_agreement(endpoint, focus);
    if (HasFailure()) FAIL() << "stopped at the first difference";
  }
  // Two ordinary m-lines, the channel, what is there at most, and as many again for what leaves in the offer in which
  // others come, with what the other side receives.
  EXPECT_LE(focus.history.longest(), 3 + 2 * (kMostEncodings + 3));
}

INSTANTIATE_TEST_SUITE_P(History, LongSession, ::testing::Range(1u, 9u));

TEST(History, RepeatedJoinsAndLeavesDoNotGrowTheDescription) {
  Focus focus;
  HistoryChecker history;
  history.sent(focus.answer(session("a=group:CLUE 1\r\n" + audio(6000, "a=mid:0\r\n") + channel("1"))));
  history.agreed();
  unsigned label = 0;
  std::size_t text = 0;
  for (int round = 0; round < 200; ++round) {
    std::vector<WantedStream> wanted = {main_stream(MediaKind::audio)};
    for (unsigned i = 0; i < 3; ++i) wanted.push_back(encoding(i, "f" + std::to_string(label++)));
    for (const auto& streams : {wanted, std::vector<WantedStream>{main_stream(MediaKind::audio)}}) {
      const SessionDescription offer = focus.offer(streams);
      history.sent(offer);
      SessionDescription answer = offer;
      for (MediaDescription& line : answer.media) {
        for (Attribute& attribute : line.attributes) {
          if (attribute.name == "sendonly") attribute.name = "recvonly";
          if (attribute.name == "setup") attribute.value = "active";
        }
      }
      ASSERT_TRUE(focus.answered(answer).has_value());
      history.agreed();
      text = std::max(text, serialize(offer).size());
    }
  }
  EXPECT_EQ(history.longest(), 5u);
  EXPECT_LT(text, 2000u);
  EXPECT_EQ(focus.ports.out().size(), 1u);
}

}  // namespace
}  // namespace clued::sdp
