// The peer offers CLUE: its encodings and its channel through re-offers.
#include <gmock/gmock.h>

#include "sdp_support.hpp"

namespace clued::sdp {
namespace {

using namespace testing;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr StreamKey kMainAudio{StreamRole::main, MediaKind::audio, 0};

const std::string kTelepresence =
    "a=group:CLUE 2\r\n" + audio(6000, "a=mid:0\r\n") + video(6002, "a=mid:1\r\n") + channel("2");

// --- CLUE-controlled m-lines ---

std::string with_encodings(const std::string& extra_group, const std::string& lines) {
  return "a=group:CLUE 2" + extra_group + "\r\n" + audio(6000, "a=mid:0\r\n") + video(6002, "a=mid:1\r\n") +
         channel("2") + lines;
}

TEST(AnsweringClue, ThePeersEncodingsAreReceived) {
  Focus focus;
  const std::string lines = with_encodings(" 5 4 3 6", video(7000,
                                                             "a=mid:3\r\na=sendonly\r\na=label:enc1\r\na=extmap:1 "
                                                             "urn:ietf:params:rtp-hdrext:sdes:CaptId\r\n") +
                                                           video(7002, "a=mid:4\r\na=inactive\r\na=label:enc2\r\n") +
                                                           audio(7004, "a=mid:5\r\na=sendonly\r\na=label:enc3\r\n") +
                                                           video(7006, "a=mid:6\r\na=recvonly\r\n"));
  const SessionDescription answer = focus.answer(session(lines));
  EXPECT_EQ(outline(answer),
            "+audio sendrecv mid0, +video sendrecv mid1, +application mid2, +video recvonly mid3, "
            "+video inactive mid4, +audio recvonly mid5, +video inactive mid6");
  EXPECT_THAT(clue_group(answer), ElementsAre("2", "5", "4", "3", "6")) << "in the offer's order";
  EXPECT_EQ(focus.oa.peer_encodings(),
            (std::vector<PeerEncoding>{{"enc1", MediaKind::video, 3, true, receiving(0).key},
                                       {"enc2", MediaKind::video, 4, false, receiving(1).key},
                                       {"enc3", MediaKind::audio, 5, true, receiving(0, MediaKind::audio).key}}));
  EXPECT_EQ(focus.oa.current_streams(),
            (std::vector<WantedStream>{main_stream(MediaKind::audio), main_stream(MediaKind::video), receiving(0),
                                       receiving(1), receiving(0, MediaKind::audio), receiving(2)}));
  EXPECT_NE(answer.media[3].attribute("extmap"), nullptr);
  EXPECT_EQ(answer.media[3].label(), std::nullopt) << "the label is the sender's";
}

TEST(AnsweringClue, EncodingsWithAnEncryptedProfileAreKnownButNotActive) {
  Focus focus;
  focus.answer(session(with_encodings(" 3",
                                      "m=video 7000 UDP/TLS/RTP/SAVPF 96\r\na=rtpmap:96 H264/90000\r\n"
                                      "a=mid:3\r\na=sendonly\r\na=label:enc1\r\n")));
  EXPECT_EQ(focus.oa.peer_encodings(), (std::vector<PeerEncoding>{{"enc1", MediaKind::video, 3, false}}));
}

TEST(AnsweringClue, OfEqualLabelsTheFirstCounts) {
  Focus focus;
  const std::string same = "a=sendonly\r\na=label:enc1\r\n";
  focus.answer(session(with_encodings(" 3 4", video(7000, "a=mid:3\r\n" + same) + video(7002, "a=mid:4\r\n" + same))));
  EXPECT_EQ(focus.oa.peer_encodings(),
            (std::vector<PeerEncoding>{{"enc1", MediaKind::video, 3, true, receiving(0).key}}));
}

TEST(AnsweringClue, WithoutTheChannelCluesMediaIsNotUsed) {
  Focus focus;
  const std::string lines = with_encodings(" 3", video(7000, "a=mid:3\r\na=sendonly\r\na=label:enc1\r\n"));
  EXPECT_EQ(outline(focus.answer(session(lines), false)),
            "+audio sendrecv mid0, +video sendrecv mid1, 0application mid2, 0video mid3");
  EXPECT_EQ(focus.oa.peer_encodings(), (std::vector<PeerEncoding>{{"enc1", MediaKind::video, 3, false}}));
}

TEST(AnsweringClue, OrdinaryMediaInTheGroupStaysOrdinary) {
  Focus focus;
  const SessionDescription answer =
      focus.answer(session("a=group:CLUE 0 2\r\n" + audio(6000, "a=mid:0\r\n") + channel("2")));
  EXPECT_EQ(outline(answer), "+audio sendrecv mid0, +application mid2");
  EXPECT_THAT(clue_group(answer), ElementsAre("2"));
  EXPECT_TRUE(focus.oa.has_stream(kMainAudio));
}

TEST(AnsweringClue, WhatIsNotAdvertisedStaysInactiveUntilWeOffer) {
  Focus focus;
  const std::string lines = with_encodings(" 3 4", video(7000, "a=mid:3\r\na=sendonly\r\na=label:enc1\r\n") +
                                                       video(7002, "a=mid:4\r\na=sendonly\r\na=label:enc2\r\n"));
  const std::set<std::string> advertised = {"enc2"};
  auto plan = focus.oa.receive_offer(read(session(lines)), true, &advertised);
  ASSERT_TRUE(plan.has_value());
  const SessionDescription answer = focus.oa.make_answer(focus.ports.take(plan->ports_needed), &focus.own_channel);
  EXPECT_EQ(to_string(answer.direction_of(answer.media[3])), std::string("inactive"));
  EXPECT_EQ(to_string(answer.direction_of(answer.media[4])), std::string("recvonly"));
  std::vector<WantedStream> wanted = focus.oa.current_streams();
  EXPECT_FALSE(focus.oa.differs(wanted, &focus.own_channel));
  wanted[2].direction = Direction::recvonly;
  EXPECT_TRUE(focus.oa.differs(wanted, &focus.own_channel));
}

// --- the channel through re-offers ---

TEST(AnsweringChannel, ItsRoleIsKeptAndFitsTheOffer) {
  Focus focus;
  focus.own_channel.setup = SetupRole::active;
  const auto role = [&focus](const std::string& setup, int version) {
    std::string lines = kTelepresence;
    lines.replace(lines.find("setup:actpass"), 13, "setup:" + setup);
    const SessionDescription answer = focus.answer(session(lines, version));
    return std::string(answer.media[2].value("setup").value_or("none"));
  };
  EXPECT_EQ(role("actpass", 1), "active");
  focus.own_channel.setup = SetupRole::passive;
  EXPECT_EQ(role("actpass", 2), "active") << "the association goes on";
  EXPECT_EQ(role("active", 3), "passive");
  EXPECT_EQ(role("passive", 4), "active");
}

TEST(AnsweringChannel, AnUndecidedRoleFollowsTheParityOfTheStream) {
  Focus focus;
  focus.own_channel.setup = SetupRole::actpass;
  EXPECT_EQ(focus.answer(session(kTelepresence)).media[2].value("setup"), "passive");
}

TEST(AnsweringChannel, WithoutTlsIdThereIsNoneInTheAnswer) {
  Focus focus;
  std::string lines = kTelepresence;
  lines.erase(lines.find("a=tls-id"), std::string("a=tls-id:a1aaaaaaaaaaaaaaaa02\r\n").size());
  EXPECT_EQ(focus.answer(session(lines)).media[2].attribute("tls-id"), nullptr);
  EXPECT_FALSE(focus.oa.differs(focus.oa.current_streams(), &focus.own_channel));
  EXPECT_EQ(focus.offer(focus.oa.current_streams()).media[2].attribute("tls-id"), nullptr);
}

TEST(AnsweringChannel, OldSyntaxIsAnsweredInOldSyntax) {
  Focus focus;
  const std::string lines =
      "a=group:CLUE 0\r\nm=application 9 DTLS/SCTP 5000\r\na=mid:0\r\n"
      "a=sctpmap:5000 webrtc-datachannel 65535\r\na=dcmap:2 subprotocol=\"CLUE\"\r\n"
      "a=ice-ufrag:abcd\r\na=ice-pwd:0123456789012345678901\r\na=setup:actpass\r\n"
      "a=fingerprint:sha-256 " +
      std::string(kFingerprint) + "\r\n";
  const SessionDescription answer = focus.answer(session(lines));
  EXPECT_EQ(answer.media[0].protocol, "DTLS/SCTP");
  EXPECT_THAT(answer.media[0].formats, ElementsAre("5000"));
  EXPECT_EQ(answer.media[0].value("sctpmap"), "5000 webrtc-datachannel 1024");
  EXPECT_EQ(answer.media[0].attribute("sctp-port"), nullptr);
}

struct Change {
  const char* name;
  const char* from;
  const char* to;
  bool is_new;
};

class ChannelChanges : public ::testing::TestWithParam<Change> {};

TEST_P(ChannelChanges, AreNewAssociationsOrNot) {
  Focus focus;
  focus.answer(session(kTelepresence));
  std::string lines = kTelepresence;
  const std::size_t at = lines.find(GetParam().from);
  ASSERT_NE(at, std::string::npos);
  lines.replace(at, std::string(GetParam().from).size(), GetParam().to);
  focus.answer(session(lines, 2));
  ASSERT_TRUE(focus.plan.peer_channel.has_value());
  EXPECT_EQ(focus.plan.channel_is_new, GetParam().is_new);
  EXPECT_FALSE(focus.plan.channel_removed);
}

INSTANTIATE_TEST_SUITE_P(AnsweringChannel, ChannelChanges,
                         ::testing::Values(Change{"TlsId", "a1aaaaaaaaaaaaaaaa02", "b1aaaaaaaaaaaaaaaa02", true},
                                           Change{"TlsIdLeftOut", "a=tls-id:a1aaaaaaaaaaaaaaaa02\r\n", "", false},
                                           Change{"SctpPort", "sctp-port:5000", "sctp-port:5001", true},
                                           Change{"Ufrag", "ice-ufrag:aUf1", "ice-ufrag:aUf2", true},
                                           Change{"Fingerprint", "SHA-256 4A", "SHA-256 4B", true},
                                           Change{"StreamId", "dcmap:2", "dcmap:4", true},
                                           Change{"DefaultCandidate", "m=application 6100", "m=application 6102",
                                                  false},
                                           Change{"Size", "max-message-size:65536", "max-message-size:4096", false},
                                           Change{"MoreCandidates", "typ host\r\n",
                                                  "typ host\r\na=candidate:2 1 UDP 1 192.0.2.8 9 typ host\r\n", false}),
                         [](const auto& test) { return test.param.name; });

TEST(AnsweringChannel, ClueCanBeDisabledMidCall) {
  Focus focus;
  focus.answer(session(with_encodings(" 3", video(7000, "a=mid:3\r\na=sendonly\r\na=label:enc1\r\n"))));
  EXPECT_TRUE(focus.oa.has_stream({StreamRole::receive, MediaKind::video, 0}));
  // DC-17: an offer without dcmap and without the group; what was CLUE-controlled goes on.
  std::string lines = with_encodings(" 3", video(7000, "a=mid:3\r\na=sendonly\r\na=label:enc1\r\n"));
  lines.erase(0, lines.find("\r\n") + 2);
  const std::size_t dcmap = lines.find("a=dcmap");
  lines.erase(dcmap, lines.find("\r\n", dcmap) + 2 - dcmap);
  const SessionDescription answer = focus.answer(session(lines, 2));
  EXPECT_TRUE(focus.plan.channel_removed);
  EXPECT_FALSE(focus.plan.peer_channel.has_value());
  EXPECT_EQ(outline(answer), "+audio sendrecv mid0, +video sendrecv mid1, 0application mid2, +video recvonly mid3");
  EXPECT_THAT(answer.groups, IsEmpty());
  EXPECT_FALSE(focus.oa.differs(focus.oa.current_streams(), nullptr));
  // And comes back.
  focus.answer(session(with_encodings(" 3", video(7000, "a=mid:3\r\na=sendonly\r\na=label:enc1\r\n")), 3));
  EXPECT_TRUE(focus.plan.channel_is_new);
}

}  // namespace
}  // namespace clued::sdp
