// What a peer has shown that it can take.
#include "sdp/peer_profiles.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sdp_support.hpp"

namespace clued::sdp {
namespace {

using namespace testing;

constexpr StreamKey main_audio{StreamRole::main, MediaKind::audio, 0};
constexpr StreamKey encoding{StreamRole::encoding, MediaKind::video, 0};

SessionDescription offer(const std::string& lines) { return read(session(lines)); }

TEST(PeerProfiles, PhonesGetThePlainOneAndSwitchedVideoFeedback) {
  const PeerProfiles fresh;
  EXPECT_EQ(fresh.choose(main_audio), "RTP/AVP");
  EXPECT_EQ(fresh.choose(encoding), "RTP/AVPF");
}

TEST(PeerProfiles, WhoOffersEncryptionAloneTakesNothingWithout) {
  for (const char* profile : {"RTP/SAVP", "RTP/SAVPF", "UDP/TLS/RTP/SAVPF", "TCP/RTP/AVP"}) {
    PeerProfiles peer;
    peer.peer_offered(offer("m=audio 5000 " + std::string(profile) + " 0\r\nm=video 0 RTP/AVP 31\r\n"));
    EXPECT_EQ(peer.choose(main_audio), std::nullopt) << profile;
    EXPECT_EQ(peer.choose(encoding), std::nullopt) << profile;
    peer.peer_offered(offer("m=application 5000 UDP/DTLS/SCTP webrtc-datachannel\r\n"));
    EXPECT_EQ(peer.choose(encoding), std::nullopt) << "which says nothing of RTP";
    peer.peer_offered(offer("m=audio 5000 RTP/SAVP 0\r\nm=audio 5002 RTP/AVP 0\r\n"));
    EXPECT_EQ(peer.choose(encoding), "RTP/AVPF") << "either is welcome";
  }
}

TEST(PeerProfiles, WhatWasRefusedAndNeverTakenIsNotOfferedAgain) {
  PeerProfiles peer;
  peer.peer_answered(MediaKind::video, "RTP/AVPF", false);
  EXPECT_EQ(peer.choose(encoding), "RTP/AVP") << "it may not know feedback";
  EXPECT_EQ(peer.choose(main_audio), "RTP/AVP");
  peer.peer_answered(MediaKind::video, "RTP/AVP", false);
  EXPECT_EQ(peer.choose(encoding), std::nullopt);
  EXPECT_EQ(peer.choose(main_audio), "RTP/AVP") << "audio is something else";
  peer.peer_offered(offer("m=video 5000 RTP/AVPF 31\r\n"));
  EXPECT_EQ(peer.choose(encoding), "RTP/AVPF");
}

TEST(PeerProfiles, WhatWasTakenOnceIsNotUnknown) {
  PeerProfiles peer;
  peer.peer_answered(MediaKind::video, "RTP/AVPF", true);
  peer.peer_answered(MediaKind::video, "RTP/AVPF", false);
  EXPECT_EQ(peer.choose(encoding), "RTP/AVPF");
}

// In a session: what cannot be taken is neither offered nor missing.
TEST(PeerProfilesInASession, OfOneThatOffersEncryptionAloneNothingIsOfferedAgainAndAgain) {
  Focus focus;
  const std::string secure = "m=audio 6000 UDP/TLS/RTP/SAVPF 0\r\na=mid:0\r\n";
  EXPECT_EQ(outline(focus.answer(session("a=group:CLUE 2\r\n" + secure + channel("2")))),
            "0audio mid0, +application mid2");
  const std::vector<WantedStream> wanted = {testing::encoding(0, "f-v1"),
                                            testing::encoding(0, "f-a1", MediaKind::audio), testing::receiving(0)};
  EXPECT_FALSE(focus.oa.differs(wanted, &focus.own_channel));
  EXPECT_EQ(focus.oa.ports_needed(wanted), 0U);
  EXPECT_EQ(outline(focus.offer(wanted)), "0audio mid0, +application mid2") << "a refresh of the session";
  focus.oa.drop_own_offer();
  focus.answer(session("a=group:CLUE 2\r\n" + audio(6000, "a=mid:0\r\n") + channel("2"), 2));
  EXPECT_TRUE(focus.oa.differs(wanted, &focus.own_channel)) << "now it takes them";
  EXPECT_EQ(focus.offer(wanted).media.back().protocol, "RTP/AVPF");
}

TEST(PeerProfilesInASession, AnotherProfileIsTriedOnceForWhatWasRefused) {
  Focus focus;
  focus.answer(session("a=group:CLUE 2\r\n" + audio(6000, "a=mid:0\r\n") + channel("2")));
  for (const char* profile : {"RTP/AVPF", "RTP/AVP"}) {
    const std::vector<WantedStream> wanted = {main_stream(MediaKind::audio),
                                              testing::encoding(0, std::string("f-") + profile)};
    ASSERT_TRUE(focus.oa.differs(wanted, &focus.own_channel)) << profile;
    auto answer = focus.offer(wanted);
    EXPECT_EQ(answer.media.back().protocol, profile);
    answer.media.back().port = 0;
    answer.media[1] = read(session(channel("2", "a=setup:active\r\n"))).media[0];
    ASSERT_TRUE(focus.answered(answer).has_value());
  }
  const std::vector<WantedStream> wanted = {main_stream(MediaKind::audio), testing::encoding(0, "f-v3")};
  EXPECT_FALSE(focus.oa.differs(wanted, &focus.own_channel)) << "it takes no video of any kind";
}

}  // namespace
}  // namespace clued::sdp
