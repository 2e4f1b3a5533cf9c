// User agents whose access network has to reserve something before the session may begin (RFC 3312; OA-09, TP-26,
// FOC-02).
#include "support/scenario.hpp"

namespace clued::testing {
namespace {

using Resources = EndpointTraits::Resources;

class Preconditions : public ::testing::Test {
 protected:
  void TearDown() override {
    EXPECT_THAT(world.violations(), IsEmpty());
    if (!alice.is_over()) alice.bye();
    world.advance(120s);
    EXPECT_EQ(world.focus().census().participants, 0U);
    EXPECT_EQ(world.open_ports(), 0U);
    EXPECT_EQ(world.open_channels(), 0U);
    if (HasFailure()) std::cout << world.story();
  }

  VirtualEndpoint& phone(Resources resources) {
    return world.endpoint("phone", {.telepresence = false, .supports_100rel = true, .resources = resources});
  }
  VirtualEndpoint& room(Resources resources) {
    return world.endpoint("room", {.supports_100rel = true, .resources = resources});
  }
  /// Has called, got its 183 and sent the PRACK.
  VirtualEndpoint& waiting_phone() {
    auto& one = phone(Resources::missing);
    one.invite(world.conference());
    world.advance(1s);
    EXPECT_THAT(one.responses(), ElementsAre(183));
    return one;
  }

  VirtualWorld world;
  VirtualEndpoint& alice = world.join("alice", {.cameras = 1});
};

TEST_F(Preconditions, The200WaitsForTheCallersResources) {
  auto& one = phone(Resources::missing);
  one.invite(world.conference());
  world.advance(1s);
  EXPECT_THAT(one.responses(), ElementsAre(183));
  EXPECT_TRUE(one.last_response().reliable);
  EXPECT_TRUE(one.last_response().preconditions);
  EXPECT_THAT(one.answer_sdp(), HasSubstr("a=curr:qos local sendrecv\r\na=curr:qos remote none\r\n"));
  EXPECT_THAT(one.answer_sdp(), HasSubstr("a=conf:qos remote sendrecv\r\n"));
  world.advance(9s);
  EXPECT_THAT(one.responses(), ElementsAre(183)) << "however long it takes";
  one.reserve();
  world.settle();
  EXPECT_THAT(one.responses(), ElementsAre(183, 200, 200)) << "the UPDATE's, then the INVITE's";
  EXPECT_FALSE(one.last_response().sdp);
  EXPECT_THAT(one.answer_sdp(), HasSubstr("a=curr:qos remote sendrecv\r\n"));
  EXPECT_THAT(one.answer_sdp(), Not(HasSubstr("a=conf")));
  EXPECT_TRUE(one.is_confirmed());
  EXPECT_THAT(world.records("preconditions.met"), ElementsAre(HasSubstr("ms=10000")));
  EXPECT_THAT(world.records("participant.joined"), Contains(HasSubstr("sip:phone@")));
}

TEST_F(Preconditions, ThatAreMetInTheOfferCostNothing) {
  auto& one = phone(Resources::there);
  one.invite(world.conference());
  world.settle();
  EXPECT_THAT(one.responses(), ElementsAre(200));
  EXPECT_TRUE(one.last_response().preconditions);
  EXPECT_THAT(one.answer_sdp(), HasSubstr("a=curr:qos remote sendrecv\r\n"));
  EXPECT_THAT(world.records("preconditions.awaited"), IsEmpty());
}

TEST_F(Preconditions, OfWhoCannotBeToldReliablyAreNotUsed) {
  auto& one = phone(Resources::missing);
  one.traits.supports_100rel = false;
  one.invite(world.conference());
  world.settle();
  EXPECT_THAT(one.responses(), ElementsAre(200));
  EXPECT_FALSE(one.last_response().preconditions);
  EXPECT_THAT(one.answer_sdp(), Not(HasSubstr("a=curr")));
}

TEST_F(Preconditions, OurOwnResourcesComeBeforeThe183) {  // FOC-02
  auto& one = phone(Resources::missing);
  world.hold_ports(true);
  one.invite(world.conference());
  world.advance(2s);
  EXPECT_THAT(one.responses(), IsEmpty());
  world.hold_ports(false);
  world.settle();
  EXPECT_THAT(one.responses(), ElementsAre(183));
}

TEST_F(Preconditions, WhoIsCancelledWhileWaitingLeavesNothing) {
  auto& one = waiting_phone();
  one.cancel();
  world.advance(1s);
  EXPECT_THAT(one.responses(), ElementsAre(183, 487));
  EXPECT_TRUE(one.is_over());
  EXPECT_EQ(world.focus().census().participants, 1U);
  world.advance(60s);
  EXPECT_THAT(one.responses(), ElementsAre(183, 487)) << "nothing fires later";
}

TEST_F(Preconditions, WhoIsRemovedWhileWaitingGetsAFinalResponse) {
  auto& one = waiting_phone();
  alice.refer_bye(one);
  world.advance(1s);
  EXPECT_THAT(world.refer_answers(), ElementsAre(200));
  ASSERT_THAT(one.responses(), SizeIs(2));
  EXPECT_GE(one.responses()[1], 400);
  EXPECT_TRUE(one.is_over());
  EXPECT_FALSE(one.bye_received());
  EXPECT_EQ(world.focus().census().participants, 1U);
}

TEST_F(Preconditions, WhoHangsUpInTheEarlyDialogIsGone) {
  auto& one = waiting_phone();
  one.bye();
  world.advance(1s);
  EXPECT_TRUE(one.is_over());
  EXPECT_EQ(world.focus().census().participants, 1U);
}

TEST_F(Preconditions, TheEndOfTheConferenceEndsTheWaiting) {
  auto& one = waiting_phone();
  alice.bye();
  world.advance(1s);
  ASSERT_THAT(one.responses(), SizeIs(2));
  EXPECT_GE(one.responses()[1], 400);
  EXPECT_EQ(world.focus().census().participants, 0U);
}

TEST_F(Preconditions, ThatAreNeverMetEndIn580WithWhatFailed) {
  auto& one = waiting_phone();
  world.advance(38s);
  EXPECT_THAT(one.responses(), ElementsAre(183));
  world.advance(2s);
  EXPECT_THAT(one.responses(), ElementsAre(183, 580));
  ASSERT_TRUE(one.last_response().sdp);
  EXPECT_THAT(*one.last_response().sdp, HasSubstr("m=audio 0 RTP/AVP 0\r\na=mid:0\r\n"
                                                  "a=des:qos failure remote sendrecv\r\n"));
  EXPECT_THAT(world.records("preconditions.failed"), SizeIs(1));
  EXPECT_TRUE(one.is_over());
}

TEST_F(Preconditions, OfATypeThatNobodyKnowsAre580AtOnce) {
  auto& one = phone(Resources::there);
  one.invite_with(
      "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 6000 RTP/AVP 0\r\n"
      "a=curr:foo e2e none\r\na=des:foo mandatory e2e sendrecv\r\n",
      world.conference());
  world.advance(1s);
  EXPECT_THAT(one.responses(), ElementsAre(580));
  ASSERT_TRUE(one.last_response().sdp);
  EXPECT_THAT(*one.last_response().sdp, HasSubstr("m=audio 0 RTP/AVP 0\r\na=des:foo unknown e2e sendrecv\r\n"));
  EXPECT_THAT(world.records("invite.refused"), ElementsAre(HasSubstr("foo unknown e2e sendrecv")));
}

// RFC 3312 section 7: the UPDATE is refused, the call is where it was.
TEST_F(Preconditions, AnUpdateThatCannotBeMetIsRefusedAlone) {
  auto& one = waiting_phone();
  one.reserve("a=des:foo mandatory e2e sendrecv\r\n");
  world.settle();
  EXPECT_THAT(one.responses(), ElementsAre(183, 580));
  EXPECT_THAT(one.answer_sdp(), HasSubstr("a=des:foo unknown e2e sendrecv"));
  EXPECT_FALSE(one.is_over());
  one.reserve();
  world.settle();
  EXPECT_THAT(one.responses(), ElementsAre(183, 580, 200, 200));
}

TEST_F(Preconditions, AnUpdateForWhichThereAreNoPortsIsRefusedAlone) {
  auto& one = waiting_phone();
  world.hold_ports(true);
  one.reserve("m=audio 6500 RTP/AVP 0\r\n");
  world.advance(6s);
  EXPECT_THAT(one.responses(), ElementsAre(183, 503));
  world.hold_ports(false);
  one.reserve();
  world.settle();
  EXPECT_THAT(one.responses(), ElementsAre(183, 503, 200, 200));
}

// RFC 3261 section 13.3.1.4, RFC 6337: no 2xx while an offer is open.
TEST_F(Preconditions, The200WaitsForTheAnswerToAnOpenUpdate) {
  auto& one = phone(Resources::missing);
  one.traits.holds_prack = true;
  one.invite(world.conference());
  world.settle();
  world.hold_ports(true);
  one.reserve("m=audio 6500 RTP/AVP 0\r\n");
  one.prack();
  world.advance(1s);
  EXPECT_THAT(one.responses(), ElementsAre(183));
  world.hold_ports(false);
  world.settle();
  EXPECT_THAT(one.responses(), ElementsAre(183, 200, 200));
}

TEST_F(Preconditions, AnUpdateThatOvertakesThePrackCountsToo) {
  auto& one = phone(Resources::missing);
  one.traits.holds_prack = true;
  one.invite(world.conference());
  world.settle();
  one.reserve();
  world.settle();
  EXPECT_THAT(one.responses(), ElementsAre(183, 200));
  one.prack();
  world.settle();
  EXPECT_THAT(one.responses(), ElementsAre(183, 200, 200));
}

// RFC 3262 section 5
TEST_F(Preconditions, AnOfferInThePrackIsAnsweredInIts200) {
  auto& one = phone(Resources::missing);
  one.traits.holds_prack = true;
  one.invite(world.conference());
  world.settle();
  one.prack_with_offer();
  world.settle();
  EXPECT_THAT(one.responses(), ElementsAre(183, 200, 200));
  EXPECT_THAT(one.answer_sdp(), HasSubstr("a=curr:qos remote sendrecv\r\n"));
  EXPECT_THAT(world.records("offer.received"), Contains(HasSubstr("method=PRACK")));
}

// RFC 6337 section 2.3: a PRACK cannot be refused, the call can.
TEST_F(Preconditions, AnOfferInThePrackThatCannotBeTakenEndsTheCall) {
  auto& one = phone(Resources::missing);
  one.traits.holds_prack = true;
  one.invite(world.conference());
  world.settle();
  one.prack_with_offer("a=des:foo mandatory e2e sendrecv\r\n");
  world.settle();
  EXPECT_THAT(one.responses(), ElementsAre(183, 200, 580));
  EXPECT_TRUE(one.is_over());
}

TEST_F(Preconditions, APrackWithoutPortsForItsOfferEndsTheCall) {
  auto& one = phone(Resources::missing);
  one.traits.holds_prack = true;
  one.invite(world.conference());
  world.settle();
  world.hold_ports(true);
  one.prack_with_offer("m=audio 6500 RTP/AVP 0\r\n");
  world.advance(6s);
  EXPECT_THAT(one.responses(), ElementsAre(183, 200, 503));
  world.hold_ports(false);
}

// TP-02 and TP-26 together: the channel comes up in the early dialog, its line without preconditions waits for nothing.
TEST_F(Preconditions, OfATelepresenceRoomDoNotHoldUpItsChannel) {
  auto& one = room(Resources::missing);
  one.invite(world.conference());
  world.advance(1s);
  EXPECT_THAT(one.responses(), ElementsAre(183));
  EXPECT_TRUE(one.has_clue());
  world.advance(5s);
  EXPECT_THAT(one.responses(), ElementsAre(183)) << "the channel's time says nothing about the resources";
  one.reserve();
  world.settle();
  EXPECT_THAT(one.responses(), ElementsAre(183, 200, 200));
  world.advance(1s);
  EXPECT_GT(one.advertisements(), 0U);
  EXPECT_THAT(one.history(), Not(Contains("channel closed")));
  bool knows = false;
  for (const auto& capture : alice.last_advertisement().captures) knows = knows || capture.id == "p2-v1";
  EXPECT_TRUE(knows);
}

TEST_F(Preconditions, TheChannelsTimeBeginsWithTheResources) {
  auto& one = room(Resources::missing);
  one.traits.clue_frozen = true;
  one.invite(world.conference());
  world.advance(10s);
  one.reserve();
  world.advance(2s);
  EXPECT_THAT(one.responses(), ElementsAre(183, 200));
  world.advance(1s);
  EXPECT_THAT(one.responses(), ElementsAre(183, 200, 200));
}

TEST_F(Preconditions, OfARoomThatHasItsResourcesLeaveTheChannelAlone) {
  auto& one = room(Resources::there);
  one.invite(world.conference());
  world.advance(1s);
  EXPECT_THAT(one.responses(), ElementsAre(183, 200));
  EXPECT_THAT(world.records("preconditions.awaited"), IsEmpty());
}

TEST_F(Preconditions, WithinTheSessionAreAnsweredAndBlockNothing) {
  auto& one = phone(Resources::there);
  one.invite(world.conference());
  world.advance(1s);
  one.reinvite_without_resources();
  world.settle();
  EXPECT_THAT(one.responses(), ElementsAre(200, 200));
  EXPECT_TRUE(one.last_response().preconditions);
  EXPECT_THAT(one.answer_sdp(), HasSubstr("a=curr:qos local sendrecv\r\na=curr:qos remote none\r\n"));
  one.hold("sendonly");
  world.settle();
  EXPECT_THAT(one.responses(), ElementsAre(200, 200, 200));
  one.reserve();
  world.settle();
  EXPECT_THAT(one.answer_sdp(), HasSubstr("a=curr:qos remote sendrecv\r\n"));
  EXPECT_FALSE(one.is_over());
}

TEST_F(Preconditions, ARefreshByReinviteSaysTheSameAgain) {
  auto& one = phone(Resources::there);
  one.traits.allows_update = false;
  one.invite(world.conference());
  world.settle();
  const auto answer = one.answer_sdp();
  world.advance(16min);
  ASSERT_THAT(one.offers(), SizeIs(1));
  EXPECT_EQ(one.offers().back(), answer);
}

}  // namespace
}  // namespace clued::testing
