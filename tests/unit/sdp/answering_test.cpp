// The peer offers, the focus answers.
#include <gmock/gmock.h>

#include "sdp_support.hpp"

namespace clued::sdp {
namespace {

using namespace testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

constexpr StreamKey kMainAudio{StreamRole::main, MediaKind::audio, 0};
constexpr StreamKey kMainVideo{StreamRole::main, MediaKind::video, 0};

const std::string kTelepresence =
    "a=group:CLUE 2\r\n" + audio(6000, "a=mid:0\r\n") + video(6002, "a=mid:1\r\n") + channel("2");

OfferError refused(OfferAnswer& oa, const std::string& offer) {
  auto plan = oa.receive_offer(read(offer), true);
  EXPECT_FALSE(plan.has_value());
  return plan ? OfferError{} : plan.error();
}

TEST(Answering, APhoneGetsItsAudioAndNothingOfClue) {
  Focus focus;
  const SessionDescription answer = focus.answer(session(audio(6000)));
  EXPECT_EQ(serialize(answer),
            "v=0\r\n"
            "o=clued 4711 1 IN IP4 198.51.100.1\r\n"
            "s=-\r\n"
            "c=IN IP4 198.51.100.1\r\n"
            "t=0 0\r\n"
            "m=audio 20002 RTP/AVP 0 101\r\n"
            "a=rtpmap:101 telephone-event/8000\r\n"
            "a=fmtp:101 0-15\r\n"
            "a=sendrecv\r\n");
  EXPECT_TRUE(focus.oa.has_session());
  EXPECT_TRUE(focus.oa.has_stream(kMainAudio));
  EXPECT_FALSE(focus.plan.clue_offered);
}

TEST(Answering, TheAddressZeroIsAHold) {  // IMS-06, RFC 3264 section 8.4
  struct Case {
    const char* address;
    const char* direction;
    const char* answer;
  };
  for (const auto& one :
       {Case{"IP4 0.0.0.0", "", "recvonly"}, Case{"IP4 0.0.0.0", "a=sendrecv\r\n", "recvonly"},
        Case{"IP4 0.0.0.0", "a=sendonly\r\n", "recvonly"}, Case{"IP4 0.0.0.0", "a=recvonly\r\n", "inactive"},
        Case{"IP4 0.0.0.0", "a=inactive\r\n", "inactive"}, Case{"IP4 0.0.0.0", "a=ice-ufrag:abcd\r\n", "sendrecv"},
        Case{"IP4 192.0.2.7", "a=sendonly\r\n", "recvonly"}}) {
    Focus focus;
    const auto answer = focus.answer(session(audio(6000, one.direction), 1, one.address));
    EXPECT_EQ(outline(answer), std::string("+audio ") + one.answer) << one.address << " " << one.direction;
    EXPECT_EQ(answer.media[0].port, 20002);
  }
}

TEST(Answering, ATelepresenceEndpointGetsItsChannel) {
  Focus focus;
  const SessionDescription answer = focus.answer(session(kTelepresence));
  EXPECT_THAT(focus.plan.remarks, IsEmpty());
  EXPECT_EQ(outline(answer), "+audio sendrecv mid0, +video sendrecv mid1, +application mid2");
  EXPECT_THAT(clue_group(answer), ElementsAre("2"));
  EXPECT_TRUE(focus.plan.channel_is_new);
  const auto told = read_data_channel(answer, answer.media[2]);
  ASSERT_TRUE(told.has_value());
  EXPECT_EQ(told->stream_id, 2);  // the offered one, RFC 8864 section 6.4
  EXPECT_EQ(told->setup, SetupRole::passive);
  EXPECT_EQ(told->ice_ufrag, "fUf1");
  EXPECT_EQ(told->port, 40100);
  EXPECT_FALSE(answer.media[2].connection) << "the same address as the session's";
  for (const std::size_t rtp : {0u, 1u}) EXPECT_EQ(answer.media[rtp].attribute("candidate"), nullptr);
}

TEST(Answering, ALiteEndOfTheChannelIsSaidOfTheSession) {  // RFC 8839 section 5.3
  const Attribute lite{"ice-lite", std::nullopt};
  Focus focus;
  focus.own_channel.ice_lite = true;
  const SessionDescription answer = focus.answer(session(kTelepresence));
  EXPECT_THAT(answer.attributes, ElementsAre(lite));
  EXPECT_EQ(answer.media[2].attribute("ice-lite"), nullptr);
  EXPECT_TRUE(read_data_channel(answer, answer.media[2])->ice_lite);
  Focus phone;
  phone.own_channel.ice_lite = true;
  EXPECT_THAT(phone.answer(session(audio(6000))).attributes, IsEmpty()) << "nothing of it does ICE";
}

TEST(Answering, TheChannelHasItsOwnAddressWhenItDiffers) {
  Focus focus;
  focus.own_channel.family = IpFamily::v6;
  focus.own_channel.address = "2001:db8::f0";
  const SessionDescription answer = focus.answer(session(kTelepresence));
  EXPECT_EQ(answer.media[2].connection, (Connection{IpFamily::v6, "2001:db8::f0"}));
  EXPECT_EQ(answer.connection, (Connection{IpFamily::v4, "198.51.100.1"}));
}

TEST(Answering, WithoutTheWishForClueTheChannelIsDisabled) {
  Focus focus;
  const SessionDescription answer = focus.answer(session(kTelepresence), false);
  EXPECT_EQ(outline(answer), "+audio sendrecv mid0, +video sendrecv mid1, 0application mid2");
  EXPECT_THAT(answer.groups, IsEmpty());
  EXPECT_TRUE(focus.plan.clue_offered);
  EXPECT_THAT(serialize(answer), Not(HasSubstr("dcmap")));
  EXPECT_THAT(serialize(answer), HasSubstr("m=application 0 UDP/DTLS/SCTP webrtc-datachannel\r\na=mid:2\r\n"));
}

TEST(Answering, AChannelThatCannotBeOpenedIsDisabledWithWhatDependsOnIt) {
  Focus focus;
  const std::string offer = "a=group:CLUE 2 3\r\n" + audio(6000, "a=mid:0\r\n") + video(6002, "a=mid:1\r\n") +
                            channel("2") + video(6004, "a=mid:3\r\na=sendonly\r\na=label:enc1\r\n");
  const auto plan = focus.oa.receive_offer(read(session(offer)), true);
  ASSERT_TRUE(plan.has_value());
  EXPECT_EQ(plan->ports_needed, 3u);
  const SessionDescription answer = focus.oa.make_answer(focus.ports.take(3), nullptr);
  EXPECT_EQ(outline(answer), "+audio sendrecv mid0, +video sendrecv mid1, 0application mid2, 0video mid3");
  EXPECT_THAT(answer.groups, IsEmpty());
  focus.ports.give_back(focus.oa.take_released());
  EXPECT_THAT(focus.ports.out(), SizeIs(2));
  EXPECT_EQ(focus.oa.peer_encodings(), (std::vector<PeerEncoding>{{"enc1", MediaKind::video, 3, false}}));
}

struct Rejection {
  const char* name;
  std::string line;
};

class RejectedLines : public ::testing::TestWithParam<Rejection> {};

TEST_P(RejectedLines, AreAnsweredWithPortZeroProfileFormatsAndMid) {
  Focus focus;
  const SessionDescription offer = read(session(audio(6000) + GetParam().line + "a=mid:x\r\n"));
  const SessionDescription answer = focus.answer(serialize(offer));
  ASSERT_EQ(answer.media.size(), 2u);
  const MediaDescription& rejected = answer.media[1];
  EXPECT_EQ(rejected.port, 0);
  EXPECT_EQ(rejected.media, offer.media[1].media);
  EXPECT_EQ(rejected.protocol, offer.media[1].protocol);
  EXPECT_EQ(rejected.formats, offer.media[1].formats);
  EXPECT_EQ(rejected.attributes, (std::vector<Attribute>{{"mid", "x"}}));
  EXPECT_TRUE(answer.media[0].is_enabled());
}

INSTANTIATE_TEST_SUITE_P(
    Answering, RejectedLines,
    ::testing::Values(Rejection{"Srtp", "m=audio 9 RTP/SAVP 0\r\n"},
                      Rejection{"DtlsSrtp", "m=audio 9 UDP/TLS/RTP/SAVPF 0\r\n"},
                      Rejection{"DtlsSrtpWithoutFeedback", "m=audio 9 UDP/TLS/RTP/SAVP 0 8\r\n"},
                      Rejection{"NoCommonCodec", "m=audio 9 RTP/AVP 8 3\r\n"},
                      Rejection{"OnlyDtmf", "m=audio 9 RTP/AVP 101\r\na=rtpmap:101 telephone-event/8000\r\n"},
                      Rejection{"Text", "m=text 9 RTP/AVP 98\r\na=rtpmap:98 t140/1000\r\n"},
                      Rejection{"Bfcp", "m=application 9 UDP/BFCP *\r\na=floorctrl:c-s\r\n"},
                      Rejection{"TcpDataChannel", "m=application 9 TCP/DTLS/SCTP webrtc-datachannel\r\n"},
                      Rejection{"OtherDataChannel", "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n"},
                      Rejection{"SeveralPorts", "m=audio 9/2 RTP/AVP 0\r\n"},
                      Rejection{"Multicast", "m=audio 9 RTP/AVP 0\r\nc=IN IP4 233.252.0.1/127\r\n"},
                      Rejection{"OtherFamily", "m=audio 9 RTP/AVP 0\r\nc=IN IP6 2001:db8::1\r\n"},
                      Rejection{"Disabled", "m=audio 0 RTP/AVP 0\r\n"},
                      Rejection{"BundleOnly", "m=audio 0 RTP/AVP 0\r\na=bundle-only\r\n"}),
    [](const auto& test) { return test.param.name; });

TEST(Answering, ADisabledLineWithoutFormatsIsAnsweredWithOne) {
  Focus focus;
  EXPECT_THAT(focus.answer(session(audio(6000) + "m=video 0 RTP/AVP\r\n")).media[1].formats, ElementsAre("0"));
}

TEST(Answering, TheProfileIsKept) {
  Focus focus;
  const SessionDescription answer = focus.answer(session("m=audio 9 RTP/AVPF 0\r\n" + video(9)));
  EXPECT_EQ(answer.media[0].protocol, "RTP/AVPF");
  EXPECT_EQ(answer.media[1].protocol, "RTP/AVPF");
}

TEST(Answering, BundleIsNotTaken) {
  Focus focus;
  const SessionDescription answer =
      focus.answer(session("a=group:BUNDLE 0 1\r\n" + audio(9, "a=mid:0\r\n") + video(9, "a=mid:1\r\n")));
  EXPECT_THAT(answer.groups, IsEmpty());
  EXPECT_EQ(outline(answer), "+audio sendrecv mid0, +video sendrecv mid1");
  EXPECT_NE(answer.media[0].port, answer.media[1].port);
}

TEST(Answering, RtcpMuxIsEchoed) {
  Focus focus;
  const SessionDescription answer = focus.answer(session(audio(9, "a=rtcp-mux\r\n") + video(9)));
  EXPECT_NE(answer.media[0].attribute("rtcp-mux"), nullptr);
  EXPECT_EQ(answer.media[1].attribute("rtcp-mux"), nullptr);
}

TEST(Answering, TheTimeIsTheOffers) {
  Focus focus;
  EXPECT_EQ(focus.answer("v=0\r\no=- 1 1 IN IP4 h\r\ns=-\r\nc=IN IP4 h\r\nt=5 9\r\n" + audio(9)).timing, "5 9");
}

TEST(Answering, HoldIsNotARejection) {
  Focus focus;
  const auto answered = [&focus](const char* direction, int version) {
    const SessionDescription answer =
        focus.answer(session(audio(6000, std::string("a=") + direction + "\r\n"), version));
    return answer.media[0].is_enabled() ? to_string(answer.direction_of(answer.media[0])) : "disabled";
  };
  EXPECT_STREQ(answered("sendrecv", 1), "sendrecv");
  EXPECT_STREQ(answered("sendonly", 2), "recvonly");
  EXPECT_EQ(focus.oa.current_streams(), (std::vector<WantedStream>{main_stream(MediaKind::audio)}))
      << "what we want stays, to be offered again";
  EXPECT_FALSE(focus.oa.differs(focus.oa.current_streams(), nullptr));
  EXPECT_STREQ(answered("inactive", 3), "inactive");
  EXPECT_STREQ(answered("recvonly", 4), "sendonly");
  EXPECT_STREQ(answered("sendrecv", 5), "sendrecv");
  EXPECT_THAT(focus.ports.out(), SizeIs(1));
}

TEST(Answering, TheVersionGrowsByOneAndOnlyWithAChange) {
  Focus focus;
  EXPECT_EQ(focus.answer(session(audio(6000), 1)).origin.session_version, 1u);
  EXPECT_EQ(focus.answer(session(audio(6000), 1)).origin.session_version, 1u);
  EXPECT_EQ(focus.answer(session(audio(6000, "a=sendonly\r\n"), 2)).origin.session_version, 2u);
  EXPECT_EQ(focus.answer(session(audio(6000), 3)).origin.session_version, 3u);
}

TEST(Answering, HasTheTextOfWhatWasSaidLast) {
  Focus focus;
  for (const auto* extra : {"", "", "a=sendonly\r\n"}) {
    const SessionDescription answer = focus.answer(session(audio(6000, extra), 1));
    EXPECT_EQ(focus.oa.take_text(), serialize(answer));
  }
  const SessionDescription offer = focus.offer({}, false);
  EXPECT_EQ(focus.oa.take_text(), serialize(offer));
  EXPECT_EQ(offer.origin.session_version, 3u);
}

TEST(Answering, AReofferKeepsPortsAndKeys) {
  Focus focus;
  const SessionDescription first = focus.answer(session(kTelepresence));
  const SessionDescription second = focus.answer(session(kTelepresence, 2));
  EXPECT_EQ(first, second);
  EXPECT_FALSE(focus.plan.channel_is_new);
  EXPECT_EQ(focus.plan.ports_needed, 0u);
  const SessionDescription third = focus.answer(session(kTelepresence + video(6006, "a=mid:3\r\n"), 3));
  EXPECT_EQ(focus.plan.ports_needed, 1u);
  EXPECT_EQ(third.media[1].port, first.media[1].port);
  EXPECT_TRUE(focus.oa.has_stream({StreamRole::main, MediaKind::video, 1}));
}

TEST(Answering, WhatThePeerDisablesReleasesItsPortAndIsNotOfferedAgainForItself) {
  Focus focus;
  focus.answer(session(audio(6000) + video(6002)));
  EXPECT_THAT(focus.ports.out(), SizeIs(2));
  const std::vector<WantedStream> before = focus.oa.current_streams();
  const SessionDescription answer = focus.answer(session(audio(6000) + video(0), 2));
  EXPECT_EQ(outline(answer), "+audio sendrecv, 0video");
  EXPECT_THAT(focus.ports.out(), SizeIs(1));
  EXPECT_FALSE(focus.oa.has_stream(kMainVideo));
  EXPECT_FALSE(focus.oa.differs(before, nullptr));
  EXPECT_EQ(focus.oa.ports_in_use().size(), 1u);
}

TEST(Answering, ADisabledSlotMayBeTakenByThePeerForSomethingElse) {
  Focus focus;
  focus.answer(session(audio(6000) + video(6002)));
  focus.answer(session(audio(6000) + video(0), 2));
  const SessionDescription answer = focus.answer(session(audio(6000) + audio(6010), 3));
  EXPECT_EQ(outline(answer), "+audio sendrecv, +audio sendrecv");
  EXPECT_TRUE(focus.oa.has_stream({StreamRole::main, MediaKind::audio, 1}));
  // Without the port 0 in between: another stream as well, with another port.
  const SessionDescription changed = focus.answer(session(audio(6000) + video(6010), 4));
  EXPECT_NE(changed.media[1].port, answer.media[1].port);
  EXPECT_TRUE(focus.oa.has_stream(kMainVideo));
  EXPECT_THAT(focus.ports.out(), SizeIs(2));
}

TEST(Answering, FewerMediaLinesAreAnErrorThatChangesNothing) {
  Focus focus;
  focus.answer(session(audio(6000) + video(6002)));
  EXPECT_EQ(refused(focus.oa, session(audio(6000), 2)).sip_status, 400);
  EXPECT_TRUE(focus.oa.has_stream(kMainVideo));
  EXPECT_EQ(focus.answer(session(audio(6000) + video(6002), 1)).origin.session_version, 1u);
}

TEST(Answering, NothingAcceptableIs488AtFirstAndToleratedLater) {
  Focus focus;
  const OfferError error = refused(focus.oa, session("m=audio 9 RTP/SAVP 0\r\n"));
  EXPECT_EQ(error.sip_status, 488);
  EXPECT_THAT(error.reason, HasSubstr("profile"));
  EXPECT_EQ(error.cause, OfferError::Cause::transport);
  EXPECT_EQ(refused(focus.oa, session("")).sip_status, 488);
  EXPECT_EQ(refused(focus.oa, session(audio(0))).sip_status, 488);
  EXPECT_FALSE(focus.oa.has_session());
  focus.answer(session(audio(6000)));
  EXPECT_EQ(outline(focus.answer(session(audio(0), 2))), "0audio");
  EXPECT_THAT(focus.ports.out(), IsEmpty());
  EXPECT_EQ(outline(focus.answer(session(audio(6000), 3))), "+audio sendrecv");
}

// RFC 3261 section 14.2
TEST(Answering, ALaterOfferOfWhatCannotBeHadLeavesTheSessionAsItIs) {
  using Cause = OfferError::Cause;
  const struct {
    const char* lines;
    Cause cause;
  } rows[] = {{"m=image 5004 udptl t38\r\n", Cause::media_type},
              {"m=audio 0 RTP/AVP 0\r\nm=image 5004 udptl t38\r\n", Cause::media_type},
              {"m=audio 6000 RTP/SAVP 0\r\n", Cause::transport},
              {"m=audio 6000 RTP/AVP 18\r\n", Cause::format},
              {"m=audio 6000 RTP/AVP 0\r\nc=IN IP4 224.2.1.1/127\r\n", Cause::address},
              {"m=audio 6000 RTP/AVP 0\r\nc=IN IP6 ::1\r\n", Cause::address},
              {"m=application 6100 UDP/DTLS/SCTP webrtc-datachannel\r\n", Cause::media_type}};
  for (const auto& row : rows) {
    Focus focus;
    focus.answer(session(audio(6000)));
    const auto ports = focus.ports.out();
    const OfferError error = refused(focus.oa, session(row.lines, 2));
    EXPECT_EQ(error.sip_status, 488) << row.lines;
    EXPECT_EQ(error.cause, row.cause) << row.lines << error.reason;
    EXPECT_FALSE(error.reason.empty());
    focus.oa.drop_offer();
    EXPECT_EQ(focus.ports.out(), ports);
    EXPECT_TRUE(focus.oa.has_stream(kMainAudio));
    EXPECT_EQ(outline(focus.answer(session(audio(6000), 3))), "+audio sendrecv") << "as before";
  }
}

TEST(Answering, ALaterOfferOfSomeThatCanBeHadIsAnswered) {
  Focus focus;
  focus.answer(session(audio(6000)));
  EXPECT_EQ(outline(focus.answer(session(audio(6000) + "m=image 5004 udptl t38\r\n", 2))), "+audio sendrecv, 0image");
  EXPECT_EQ(outline(focus.answer(session(audio(0) + "m=image 0 udptl t38\r\n", 3))), "0audio, 0image")
      << "who offers nothing gets nothing";
}

TEST(Answering, NoConnectionAddressRejectsTheLine) {
  Focus focus;
  const SessionDescription answer =
      focus.answer("v=0\r\no=- 1 1 IN IP4 h\r\n" + audio(9) + "c=IN IP4 192.0.2.9\r\n" + audio(9));
  EXPECT_EQ(outline(answer), "+audio sendrecv, 0audio");
}

TEST(Answering, AnotherFamilyThanOursIs488) {
  Focus focus;
  const OfferError error = refused(focus.oa, session(audio(9), 1, "IP6 2001:db8::1"));
  EXPECT_EQ(error.sip_status, 488);
  EXPECT_THAT(error.reason, HasSubstr("address family"));
}

TEST(Answering, TheFamilyIsThePeers) {
  LocalMedia both = local_media();
  both.address_v6 = "2001:db8::f0";
  Focus focus(both);
  EXPECT_EQ(focus.oa.family(), IpFamily::v4);
  ASSERT_TRUE(focus.oa.receive_offer(read(session(audio(9), 1, "IP6 2001:db8::1")), false).has_value());
  EXPECT_EQ(focus.oa.family(), IpFamily::v6) << "known when the ports are bound";
  const SessionDescription answer = focus.oa.make_answer(focus.ports.take(1), nullptr);
  EXPECT_EQ(answer.connection, (Connection{IpFamily::v6, "2001:db8::f0"}));
  EXPECT_EQ(answer.origin.address, "2001:db8::f0");

  // The peer moves to IPv4: the stream goes on, on another port; the origin stays what it is.
  const SessionDescription moved = focus.answer(session(audio(9), 2));
  EXPECT_EQ(focus.plan.ports_needed, 1u);
  EXPECT_EQ(moved.connection, (Connection{IpFamily::v4, "198.51.100.1"}));
  EXPECT_EQ(moved.origin.address, "2001:db8::f0");
  EXPECT_NE(moved.media[0].port, answer.media[0].port);
  EXPECT_THAT(focus.ports.out(), SizeIs(1));
}

TEST(Answering, OnlyIpv6Configured) {
  LocalMedia v6 = local_media();
  v6.address_v4.clear();
  v6.address_v6 = "2001:db8::f0";
  Focus focus(v6);
  EXPECT_EQ(focus.oa.family(), IpFamily::v6);
  EXPECT_EQ(refused(focus.oa, session(audio(9))).sip_status, 488);
  // A channel of a family that is not ours is rejected alone.
  const std::string lines = "a=group:CLUE 2\r\n" + channel("2") + audio(9, "c=IN IP6 ::1\r\na=mid:0\r\n");
  EXPECT_EQ(outline(focus.answer(session(lines))), "0application mid2, +audio sendrecv mid0");
}

TEST(Answering, StreamsAreLimited) {
  LocalMedia few = local_media();
  few.max_peer_streams = 2;
  Focus focus(few);
  EXPECT_EQ(outline(focus.answer(session(audio(2) + audio(4) + audio(6)))), "+audio sendrecv, +audio sendrecv, 0audio");
  EXPECT_EQ(outline(focus.answer(session(audio(0) + audio(4) + audio(6), 2))),
            "0audio, +audio sendrecv, +audio sendrecv");
}

/// Each costs a pair of ports, and there is use for somebody who speaks and something that is shown beside.
TEST(Answering, OfAKindTwoAreTakenThatCLUEDoesNotControl) {
  Focus focus;
  EXPECT_EQ(outline(focus.answer(session(audio(2) + audio(4) + video(6) + audio(8) + video(10) + video(12)))),
            "+audio sendrecv, +audio sendrecv, +video sendrecv, 0audio, +video sendrecv, 0video");
}

TEST(Answering, DroppedOffersLeaveNoTrace) {
  Focus focus;
  focus.answer(session(audio(6000)));
  ASSERT_TRUE(focus.oa.receive_offer(read(session(audio(0) + video(9), 2)), true).has_value());
  focus.oa.drop_offer();
  EXPECT_TRUE(focus.oa.has_stream(kMainAudio));
  EXPECT_EQ(focus.oa.m_lines(), 1u);
  EXPECT_THAT(focus.oa.take_released(), IsEmpty());
}

}  // namespace
}  // namespace clued::sdp
