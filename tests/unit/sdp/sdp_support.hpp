// Descriptions and sessions that the tests of this folder share.
#pragma once

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "sdp/offer_answer.hpp"

namespace clued::sdp::testing {

inline constexpr const char* kFingerprint =
    "4A:AD:B9:B1:3F:82:18:3B:54:02:12:DF:3E:5D:49:6B:19:E5:7C:AB:4A:AD:B9:B1:3F:82:18:3B:54:02:12:DF";

/// Parses what a test wrote itself; a mistake in it is the test's.
inline SessionDescription read(const std::string& text) {
  auto description = parse(text);
  EXPECT_TRUE(description.has_value()) << (description ? "" : description.error().reason) << "\n" << text;
  return description ? *description : SessionDescription{};
}

inline std::string session(const std::string& lines, int version = 1, const std::string& address = "IP4 192.0.2.7") {
  return "v=0\r\no=peer 77 " + std::to_string(version) + " IN " + address + "\r\ns=-\r\nc=IN " + address +
         "\r\nt=0 0\r\n" + lines;
}

inline std::string audio(int port, const std::string& more = "") {
  return "m=audio " + std::to_string(port) + " RTP/AVP 0 8 101\r\na=rtpmap:101 telephone-event/8000\r\n" + more;
}

inline std::string video(int port, const std::string& more = "") {
  return "m=video " + std::to_string(port) + " RTP/AVPF 96\r\na=rtpmap:96 H264/90000\r\n" + more;
}

/// A complete CLUE data channel with mid `mid`.
inline std::string channel(const std::string& mid, const std::string& more = "") {
  return "m=application 6100 UDP/DTLS/SCTP webrtc-datachannel\r\na=mid:" + mid +
         "\r\na=sctp-port:5000\r\na=max-message-size:65536\r\na=dcmap:2 subprotocol=\"CLUE\";ordered=true\r\n"
         "a=setup:actpass\r\na=fingerprint:SHA-256 " +
         std::string(kFingerprint) +
         "\r\na=tls-id:a1aaaaaaaaaaaaaaaa02\r\na=ice-ufrag:aUf1\r\na=ice-pwd:YH75Fviy6338Vbrhrlp8Yh00\r\n"
         "a=candidate:1 1 UDP 2130706431 192.0.2.7 6100 typ host\r\n" +
         more;
}

inline DataChannel our_channel() {
  DataChannel channel;
  channel.address = "198.51.100.1";
  channel.port = 40100;
  channel.ice_ufrag = "fUf1";
  channel.ice_pwd = "OurPasswordOf24Characters";
  channel.candidates = {"1 1 UDP 2130706431 198.51.100.1 40100 typ host"};
  channel.fingerprints = {{"sha-256", kFingerprint}};
  channel.tls_id = "f1ffffffffffffffff02";
  channel.setup = SetupRole::passive;
  channel.stream_id = 0;
  channel.has_dcmap = true;
  return channel;
}

inline LocalMedia local_media() {
  LocalMedia media;
  media.address_v4 = "198.51.100.1";
  media.audio_codecs = {{"PCMU/8000", 0, ""}, {"opus/48000/2", 111, ""}, {"telephone-event/8000", 101, "0-15"}};
  media.video_codecs = {{"H264/90000", 96, "profile-level-id=42e01f;packetization-mode=1"}};
  return media;
}

/// Hands out ports and remembers which are out: each must come back exactly once.
class Ports {
 public:
  std::vector<LocalPort> take(std::size_t count) {
    std::vector<LocalPort> ports;
    for (std::size_t i = 0; i < count; ++i) {
      const base::PortId id = ids_.next();
      out_.insert(id);
      ports.push_back({id, static_cast<std::uint16_t>(20000 + 2 * (id.value() % 20000))});
    }
    return ports;
  }
  void give_back(const std::vector<base::PortId>& ports) {
    for (const base::PortId port : ports) EXPECT_EQ(out_.erase(port), 1u) << "port " << port.value() << " given twice";
  }
  const std::set<base::PortId>& out() const { return out_; }

 private:
  base::IdSequence<base::PortId> ids_;
  std::set<base::PortId> out_;
};

/// The focus's side of a session with the ports it needs.
class Focus {
 public:
  explicit Focus(LocalMedia local = local_media()) : media(std::move(local)), oa(std::make_shared<const LocalMedia>(media), "4711") {}

  /// Receives and answers an offer that must be acceptable.
  SessionDescription answer(const std::string& offer, bool accept_clue = true) {
    auto received = oa.receive_offer(read(offer), accept_clue);
    EXPECT_TRUE(received.has_value()) << (received ? "" : received.error().reason);
    if (!received) return {};
    plan = *received;
    const DataChannel* end = plan.peer_channel ? &own_channel : nullptr;
    SessionDescription said = oa.make_answer(ports.take(plan.ports_needed), end);
    ports.give_back(oa.take_released());
    return said;
  }

  SessionDescription offer(const std::vector<WantedStream>& wanted, bool with_channel = true) {
    return oa.make_offer(wanted, ports.take(oa.ports_needed(wanted)), with_channel ? &own_channel : nullptr);
  }

  base::expected<AnswerOutcome, std::string> answered(const SessionDescription& description) {
    auto outcome = oa.receive_answer(description);
    ports.give_back(oa.take_released());
    return outcome;
  }

  LocalMedia media;
  OfferAnswer oa;
  Ports ports;
  DataChannel own_channel = our_channel();
  OfferPlan plan;
};

inline WantedStream encoding(unsigned ordinal, const std::string& label, MediaKind kind = MediaKind::video) {
  return {{StreamRole::encoding, kind, ordinal}, Direction::sendonly, label};
}
inline WantedStream receiving(unsigned ordinal, MediaKind kind = MediaKind::video) {
  return {{StreamRole::receive, kind, ordinal}, Direction::recvonly, ""};
}
inline WantedStream main_stream(MediaKind kind, Direction direction = Direction::sendrecv) {
  return {{StreamRole::main, kind, 0}, direction, ""};
}

/// "port media direction mid" of every m-line, to compare at a glance; port as 0 or +.
inline std::string outline(const SessionDescription& description) {
  std::string text;
  for (const MediaDescription& line : description.media) {
    text += (text.empty() ? "" : ", ") + std::string(line.is_enabled() ? "+" : "0") + line.media;
    if (line.is_enabled() && line.media != "application")
      text += std::string(" ") + to_string(description.direction_of(line));
    if (line.mid()) text += " mid" + std::string(*line.mid());
  }
  return text;
}

inline std::vector<std::string> clue_group(const SessionDescription& description) {
  for (const Group& group : description.groups) {
    if (group.semantics == "CLUE") return group.mids;
  }
  return {};
}

}  // namespace clued::sdp::testing
