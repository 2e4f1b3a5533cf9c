// The focus offers, the peer answers.
#include <gmock/gmock.h>

#include "peer_answers.hpp"

namespace clued::sdp {
namespace {

using namespace testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

const std::string kTelepresence =
    "a=group:CLUE 2\r\n" + audio(6000, "a=mid:0\r\n") + video(6002, "a=mid:1\r\n") + channel("2");

std::vector<WantedStream> main_streams() { return {main_stream(MediaKind::audio), main_stream(MediaKind::video)}; }

TEST(Offering, AnOfferlessInviteGetsOurCodecs) {
  Focus focus;
  const std::vector<WantedStream> wanted = main_streams();
  EXPECT_EQ(focus.oa.ports_needed(wanted), 2u);
  const SessionDescription offer = focus.offer(wanted, false);
  EXPECT_EQ(serialize(offer),
            "v=0\r\n"
            "o=clued 4711 1 IN IP4 198.51.100.1\r\n"
            "s=-\r\n"
            "c=IN IP4 198.51.100.1\r\n"
            "t=0 0\r\n"
            "m=audio 20002 RTP/AVP 0 111 101\r\n"
            "a=rtpmap:0 PCMU/8000\r\n"
            "a=rtpmap:111 opus/48000/2\r\n"
            "a=rtpmap:101 telephone-event/8000\r\n"
            "a=fmtp:101 0-15\r\n"
            "a=sendrecv\r\n"
            "a=mid:0\r\n"
            "m=video 20004 RTP/AVP 96\r\n"
            "a=rtpmap:96 H264/90000\r\n"
            "a=fmtp:96 profile-level-id=42e01f;packetization-mode=1\r\n"
            "a=sendrecv\r\n"
            "a=mid:1\r\n");
  EXPECT_FALSE(focus.oa.has_session());
  EXPECT_EQ(focus.oa.ports_in_use().size(), 2u);
  ASSERT_TRUE(focus.answered(accepted(offer)).has_value());
  EXPECT_TRUE(focus.oa.has_session());
  EXPECT_FALSE(focus.oa.differs(wanted, nullptr));
}

TEST(Offering, AFirstOfferMayBringTheChannel) {
  Focus focus;
  const SessionDescription offer = focus.offer(main_streams());
  EXPECT_EQ(outline(offer), "+application mid0, +audio sendrecv mid1, +video sendrecv mid2");
  EXPECT_THAT(clue_group(offer), ElementsAre("0"));
  EXPECT_EQ(offer.media[0].value("setup"), "actpass");
  const auto outcome = focus.answered(accepted(offer));
  ASSERT_TRUE(outcome.has_value());
  ASSERT_TRUE(outcome->peer_channel.has_value());
  EXPECT_TRUE(outcome->channel_is_new);
  EXPECT_FALSE(outcome->channel_rejected);
  EXPECT_EQ(outcome->peer_channel->setup, SetupRole::active);
  EXPECT_FALSE(focus.oa.differs(main_streams(), &focus.own_channel));
}

/// After a join: three encodings and two pre-allocated streams in one offer (SIG-02, SIG-11, SIG-12).
std::vector<WantedStream> conference() {
  return {encoding(0, "f-v1"), encoding(1, "f-v2"), encoding(0, "f-a1", MediaKind::audio), receiving(0),
          receiving(0, MediaKind::audio)};
}

TEST(Offering, ClueMediaTakesThePlaceOfTheOrdinary) {
  Focus focus;
  focus.answer(session(kTelepresence));
  const std::uint16_t channel_port = focus.own_channel.port;
  const SessionDescription offer = focus.offer(conference());
  EXPECT_EQ(outline(offer),
            "0audio mid0, 0video mid1, +application mid2, +video sendonly mid3, +video sendonly mid4, "
            "+audio sendonly mid5, +video recvonly mid6, +audio recvonly mid7");
  EXPECT_THAT(clue_group(offer), ElementsAre("2", "3", "4", "5", "6", "7"));
  EXPECT_EQ(offer.origin.session_version, 2u);
  EXPECT_EQ(offer.media[0].protocol, "RTP/AVP");
  EXPECT_EQ(offer.media[2].port, channel_port);
  EXPECT_EQ(offer.media[2].value("setup"), "actpass");
  EXPECT_EQ(offer.media[2].value("tls-id"), "f1ffffffffffffffff02");
  EXPECT_EQ(offer.media[2].value("dcmap"), "2 subprotocol=\"CLUE\";ordered=true");
  EXPECT_EQ(offer.media[3].protocol, "RTP/AVPF");
  EXPECT_EQ(offer.media[3].label(), "f-v1");
  EXPECT_EQ(offer.media[3].value("extmap"), "1 urn:ietf:params:rtp-hdrext:sdes:CaptId");
  EXPECT_THAT(offer.media[5].formats, ElementsAre("0", "111")) << "no DTMF among captures";
  EXPECT_EQ(offer.media[6].label(), std::nullopt);
  EXPECT_THAT(offer.media[0].attributes, ElementsAre(Attribute{"mid", "0"}))
      << "OA-11: nothing else on a disabled line";

  // Ports of what leaves are kept until the answer (RFC 3264 section 8.3.1).
  EXPECT_THAT(focus.oa.take_released(), IsEmpty());
  EXPECT_THAT(focus.oa.ports_in_use(), SizeIs(7));
  const auto outcome = focus.answered(accepted(offer, [](std::size_t i, MediaDescription& line) {
    if (i == 3) set_direction(line, "inactive");
    if (i == 6) line.attributes.push_back({"label", "enc1"});
    if (i == 7) set_direction(line, "inactive");
  }));
  ASSERT_TRUE(outcome.has_value());
  EXPECT_FALSE(outcome->channel_is_new);
  EXPECT_THAT(focus.ports.out(), SizeIs(5));
  EXPECT_FALSE(focus.oa.encoding_active("f-v1")) << "answered inactive";
  EXPECT_TRUE(focus.oa.encoding_active("f-v2"));
  EXPECT_TRUE(focus.oa.encoding_active("f-a1"));
  EXPECT_FALSE(focus.oa.encoding_active("enc1"));
  EXPECT_EQ(focus.oa.peer_encodings(),
            (std::vector<PeerEncoding>{{"enc1", MediaKind::video, 6, true, receiving(0).key}}));
  EXPECT_FALSE(focus.oa.differs(conference(), &focus.own_channel));
  EXPECT_EQ(focus.oa.current_streams(), conference());
}

class InConference : public ::testing::Test {
 protected:
  void SetUp() override {
    focus.answer(session(kTelepresence));
    ASSERT_TRUE(focus.answered(accepted(focus.offer(conference()))).has_value());
    ASSERT_THAT(focus.ports.out(), SizeIs(5));
  }
  Focus focus;
};

TEST_F(InConference, ARemovalDisablesItsLinesAndRecyclesThemLater) {
  const std::vector<WantedStream> fewer = {encoding(0, "f-v1"), encoding(0, "f-a1", MediaKind::audio), receiving(0),
                                           receiving(0, MediaKind::audio)};
  EXPECT_TRUE(focus.oa.differs(fewer, &focus.own_channel));
  const SessionDescription offer = focus.offer(fewer);
  EXPECT_EQ(outline(offer),
            "0audio mid0, 0video mid1, +application mid2, +video sendonly mid3, 0video mid4, "
            "+audio sendonly mid5, +video recvonly mid6, +audio recvonly mid7");
  EXPECT_THAT(clue_group(offer), ElementsAre("2", "3", "5", "6", "7"));
  EXPECT_EQ(offer.origin.session_version, 3u);
  ASSERT_TRUE(focus.answered(accepted(offer)).has_value());
  EXPECT_THAT(focus.ports.out(), SizeIs(4));

  // The next join takes the disabled video line, with a mid of its own.
  std::vector<WantedStream> more = fewer;
  more.push_back(encoding(1, "f-v3"));
  more.push_back(encoding(2, "f-v4"));
  more.push_back(encoding(3, "f-v5"));
  more.push_back(encoding(4, "f-v6"));
  const SessionDescription next = focus.offer(more);
  EXPECT_EQ(
      outline(next),
      "+video sendonly mid8, +video sendonly mid9, +application mid2, +video sendonly mid3, +video sendonly mid10, "
      "+audio sendonly mid5, +video recvonly mid6, +audio recvonly mid7, +video sendonly mid11");
  EXPECT_EQ(next.media[4].label(), "f-v4");
}

TEST_F(InConference, ASlotIsNotRecycledInTheOfferThatDisablesIt) {
  const std::vector<WantedStream> other = {encoding(5, "f-v9"), encoding(6, "f-v10"), encoding(7, "f-v11")};
  const SessionDescription offer = focus.offer(other);
  for (const std::size_t i : {3u, 4u, 5u, 6u, 7u}) EXPECT_FALSE(offer.media[i].is_enabled()) << i;
  EXPECT_EQ(offer.media[1].label(), "f-v9") << "a disabled slot of the same media first";
  EXPECT_EQ(offer.media[0].label(), "f-v10");
  EXPECT_EQ(offer.media[8].label(), "f-v11");
}

TEST_F(InConference, AFailedOfferChangesNothing) {
  std::vector<WantedStream> more = conference();
  more.push_back(encoding(7, "f-v9"));
  const SessionDescription failed = focus.offer(more);
  EXPECT_EQ(focus.oa.receive_offer(read(session(kTelepresence, 2)), true).error().sip_status, 491);
  focus.oa.drop_own_offer();
  focus.ports.give_back(focus.oa.take_released());
  EXPECT_THAT(focus.ports.out(), SizeIs(5));
  EXPECT_EQ(focus.oa.current_streams(), conference());
  EXPECT_EQ(focus.oa.m_lines(), 8u);
  EXPECT_TRUE(focus.oa.differs(more, &focus.own_channel));
  // Sent again it is a new description with another mid, since the peer saw the first.
  const SessionDescription again = focus.offer(more);
  EXPECT_NE(*again.media[1].mid(), *failed.media[1].mid());
  EXPECT_EQ(again.origin.session_version, failed.origin.session_version + 1);
  focus.oa.drop_own_offer();
  focus.oa.drop_own_offer();
  focus.ports.give_back(focus.oa.take_released());
}

TEST_F(InConference, WhatThePeerRefusesIsNotOfferedForItsOwnSake) {
  std::vector<WantedStream> more = conference();
  more.push_back(encoding(2, "f-v3"));
  ASSERT_TRUE(focus
                  .answered(accepted(focus.offer(more),
                                     [](std::size_t, MediaDescription& line) {
                                       if (line.label() == "f-v3") line.port = 0;
                                     }))
                  .has_value());
  EXPECT_FALSE(focus.oa.has_stream(encoding(2, "").key));
  EXPECT_THAT(focus.ports.out(), SizeIs(5));
  EXPECT_FALSE(focus.oa.differs(more, &focus.own_channel));
  more.back().label = "f-v4";
  EXPECT_TRUE(focus.oa.differs(more, &focus.own_channel)) << "wanted in another way";
  more.back().label = "f-v3";
  more.push_back(encoding(3, "f-v5"));
  const SessionDescription offer = focus.offer(more);
  EXPECT_THAT(serialize(offer), HasSubstr("a=label:f-v3")) << "tried again along with something else";
}

TEST_F(InConference, ThePeerReoffersWhatIsThere) {
  // Its description from its side: our encodings recvonly, its own sendonly.
  SessionDescription mirrored = accepted(focus.offer(conference()), [](std::size_t i, MediaDescription& line) {
    for (auto at = line.attributes.begin(); at != line.attributes.end(); ++at) {
      if (at->name == "label") {
        line.attributes.erase(at);
        break;
      }
    }
    if (i == 3) set_direction(line, "inactive");
    if (i == 6) line.attributes.push_back({"label", "enc1"});
    if (i == 7) line.attributes.push_back({"label", "enc2"});
  });
  focus.oa.drop_own_offer();
  const SessionDescription answer = focus.answer(serialize(mirrored));
  EXPECT_EQ(outline(answer),
            "0audio mid0, 0video mid1, +application mid2, +video inactive mid3, +video sendonly mid4, "
            "+audio sendonly mid5, +video recvonly mid6, +audio recvonly mid7");
  EXPECT_EQ(focus.plan.ports_needed, 0u);
  EXPECT_EQ(answer.media[4].label(), "f-v2");
  EXPECT_FALSE(focus.oa.encoding_active("f-v1"));
  EXPECT_TRUE(focus.oa.encoding_active("f-v2"));
  EXPECT_THAT(focus.oa.peer_encodings(), SizeIs(2));
  EXPECT_FALSE(focus.oa.differs(conference(), &focus.own_channel));
}

TEST_F(InConference, AChangedChannelIsADifference) {
  DataChannel changed = focus.own_channel;
  changed.setup = SetupRole::active;
  EXPECT_FALSE(focus.oa.differs(conference(), &changed)) << "the role is not ours to say";
  changed.sctp_port = 5002;
  changed.tls_id = "f1ffffffffffffffff99";
  EXPECT_TRUE(focus.oa.differs(conference(), &changed));
  EXPECT_TRUE(focus.oa.differs(conference(), nullptr));
  const SessionDescription offer = focus.offer(conference(), false);
  EXPECT_EQ(offer.media[2].port, 0);
  EXPECT_THAT(offer.groups, IsEmpty()) << "DC-17";
  EXPECT_THAT(serialize(offer), Not(HasSubstr("dcmap")));
}

TEST_F(InConference, AWrongNumberOfLinesBreaksTheExchangeOnly) {
  std::vector<WantedStream> more = conference();
  more.push_back(encoding(2, "f-v3"));
  SessionDescription answer = accepted(focus.offer(more));
  answer.media.pop_back();
  EXPECT_FALSE(focus.answered(answer).has_value());
  EXPECT_THAT(focus.ports.out(), SizeIs(5));
  EXPECT_EQ(focus.oa.current_streams(), conference());
  EXPECT_FALSE(focus.answered(answer).has_value()) << "there is no offer any more";
  answer = accepted(focus.offer(conference()));
  answer.media.push_back(answer.media.back());
  EXPECT_FALSE(focus.answered(answer).has_value());
}

TEST_F(InConference, OddAnswersAreRemarked) {
  const auto outcome = focus.answered(accepted(focus.offer(conference()), [](std::size_t i, MediaDescription& line) {
    if (i == 0) line.port = 9;
    if (i == 4) line.media = "text";
    if (line.label() == "f-a1") line.attributes.push_back({"mid", "other"});
  }));
  ASSERT_TRUE(outcome.has_value());
  EXPECT_THAT(outcome->remarks,
              ElementsAre(HasSubstr("m-line 1"), HasSubstr("m-line 5"), HasSubstr("label"), HasSubstr("label")));
  EXPECT_FALSE(focus.oa.encoding_active("f-v2"));
  EXPECT_TRUE(focus.oa.encoding_active("f-a1"));
}

TEST(Offering, ThePhonesLinesGetMidsOnlyFromUs) {
  Focus focus;
  focus.answer(session(audio(6000) + "m=video 9 RTP/SAVP 96\r\n"));
  const SessionDescription offer = focus.offer({main_stream(MediaKind::audio)}, false);
  EXPECT_EQ(outline(offer), "+audio sendrecv mid0, 0video mid1");
  EXPECT_THAT(offer.groups, IsEmpty());
  EXPECT_THAT(serialize(offer), Not(HasSubstr("application")));
  EXPECT_THAT(offer.media[0].formats, ElementsAre("0", "101")) << "what was negotiated, with its payload types";
}

TEST(Offering, MidsGivenTwiceByThePeerAreReplaced) {
  Focus focus;
  focus.answer(session(audio(6000, "a=mid:x\r\n") + video(6002, "a=mid:x\r\n")));
  EXPECT_EQ(outline(focus.offer(main_streams(), false)), "+audio sendrecv midx, +video sendrecv mid0");
}

TEST(Offering, ClueCanBeEnabledMidCall) {
  Focus focus;
  focus.answer(session(audio(6000)));
  const std::vector<WantedStream> wanted = focus.oa.current_streams();
  EXPECT_TRUE(focus.oa.differs(wanted, &focus.own_channel));
  const SessionDescription offer = focus.offer(wanted);
  EXPECT_EQ(outline(offer), "+audio sendrecv mid0, +application mid1");
  EXPECT_THAT(clue_group(offer), ElementsAre("1"));
  EXPECT_TRUE(focus.answered(accepted(offer))->channel_is_new);
}

TEST(Offering, TooFewPortsLeaveStreamsOut) {
  Focus focus;
  const SessionDescription offer = focus.oa.make_offer(main_streams(), focus.ports.take(1), nullptr);
  EXPECT_EQ(outline(offer), "+audio sendrecv mid0");
}

TEST(Offering, PortsTooManyComeBack) {
  Focus focus;
  const std::vector<WantedStream> wanted = {main_stream(MediaKind::audio)};
  const SessionDescription offer = focus.oa.make_offer(wanted, focus.ports.take(3), nullptr);
  ASSERT_TRUE(focus.answered(accepted(offer)).has_value());
  EXPECT_THAT(focus.ports.out(), SizeIs(1));
  ASSERT_TRUE(focus.oa.receive_offer(read(session(audio(6000) + video(6002), 2)), true).has_value());
  focus.oa.make_answer(focus.ports.take(3), nullptr);
  focus.ports.give_back(focus.oa.take_released());
  EXPECT_THAT(focus.ports.out(), SizeIs(2));
}

}  // namespace
}  // namespace clued::sdp
