// Every other way to the end of a session (TP-01 to TP-03, END-01 to END-06): CANCEL, refusal, races around the ACK,
// the end of the daemon.
#include "support/scenario.hpp"

namespace clued::testing {
namespace {

class Ending : public ::testing::Test {
 protected:
  void TearDown() override {
    EXPECT_THAT(world.violations(), IsEmpty());
    if (HasFailure()) std::cout << world.story();
  }

  void expect_nothing_left_of(const VirtualEndpoint& endpoint, std::size_t others) {
    EXPECT_TRUE(endpoint.is_over());
    EXPECT_EQ(world.focus().census().participants, others);
    EXPECT_EQ(world.focus().census().channels, others);
    EXPECT_EQ(world.open_channels(), others);
    EXPECT_EQ(world.open_dialogs(), others);
  }

  VirtualWorld world;
  VirtualEndpoint& alice = world.join("alice", {.cameras = 3});
};

TEST_F(Ending, ACancelBeforeTheFinalResponseTakesTheChannelWithIt) {
  auto& bob = world.endpoint("bob", {.supports_100rel = true, .holds_prack = true});
  const auto ports_before = world.open_ports();
  bob.invite(world.conference());
  world.advance(1s);
  EXPECT_THAT(bob.responses(), ElementsAre(183));
  EXPECT_EQ(world.open_channels(), 2U) << "the channel is up in the early dialog";
  EXPECT_THAT(world.records("clue.activated"), SizeIs(2));

  bob.cancel();
  world.advance(1s);
  EXPECT_THAT(bob.responses(), ElementsAre(183, 487));
  EXPECT_THAT(bob.history(), Contains("channel closed"));
  expect_nothing_left_of(bob, 1);
  EXPECT_EQ(world.open_ports(), ports_before);
}

TEST_F(Ending, WhoWasNeverInIsNotSeenByTheOthers) {
  auto& bob = world.endpoint("bob", {.supports_100rel = true, .holds_prack = true});
  const auto before = alice.advertisements();
  bob.invite(world.conference());
  world.advance(1s);
  bob.cancel();
  world.advance(1s);
  EXPECT_EQ(alice.advertisements(), before);
}

TEST_F(Ending, ACancelThatCrossesThe200IsFollowedByTheCallersBye) {
  auto& bob = world.endpoint("bob", {.holds_ack = true});
  bob.invite(world.conference());
  world.settle();
  EXPECT_THAT(bob.responses(), ElementsAre(200));
  bob.cancel();
  world.advance(1s);
  EXPECT_THAT(bob.responses(), ElementsAre(200));
  bob.ack();
  bob.bye();
  world.advance(1s);
  expect_nothing_left_of(bob, 1);
}

TEST_F(Ending, RemovalInThe183IsAFinalResponse) {
  auto& bob = world.endpoint("bob", {.supports_100rel = true, .holds_prack = true});
  bob.invite(world.conference());
  world.advance(1s);
  alice.refer_bye(bob);
  world.advance(1s);
  EXPECT_THAT(bob.responses(), ElementsAre(183, 603));
  EXPECT_FALSE(bob.bye_received());
  ASSERT_THAT(world.notifies(), SizeIs(2));
  EXPECT_EQ(world.notifies()[1].status, 200);
  expect_nothing_left_of(bob, 1);
}

TEST_F(Ending, RemovalBetween200AndAckWaitsForTheAck) {
  auto& bob = world.endpoint("bob", {.holds_ack = true});
  bob.invite(world.conference());
  world.settle();
  alice.refer_bye(bob);
  world.advance(1s);
  EXPECT_FALSE(bob.bye_received());
  EXPECT_THAT(bob.history(), Not(Contains("channel closed"))) << "the BYE comes first (TP-09)";
  bob.ack();
  world.advance(1s);
  ASSERT_TRUE(bob.bye_received());
  ASSERT_GE(bob.history().size(), 2U);
  EXPECT_EQ(bob.history().back(), "channel closed");
  EXPECT_EQ(bob.history()[bob.history().size() - 2], "bye");
  expect_nothing_left_of(bob, 1);
}

TEST_F(Ending, RemovalWithoutAnAckEverIsAByeInTheEnd) {
  auto& bob = world.endpoint("bob", {.holds_ack = true});
  bob.invite(world.conference());
  world.settle();
  alice.refer_bye(bob);
  world.settle();
  bob.traits.holds_ack = false;
  world.post(focus::event::AckTimedOut{bob.dialog()});
  bob.confirm_silently();
  world.advance(1s);
  EXPECT_TRUE(bob.bye_received());
  expect_nothing_left_of(bob, 1);
}

TEST_F(Ending, NoAckIsADeparture) {
  auto& bob = world.endpoint("bob", {.holds_ack = true});
  bob.invite(world.conference());
  world.settle();
  bob.confirm_silently();
  world.post(focus::event::AckTimedOut{bob.dialog()});
  world.advance(1s);
  EXPECT_TRUE(bob.bye_received());
  EXPECT_THAT(world.records("participant.leaving"), Contains(HasSubstr("cause=no_ack")));
  expect_nothing_left_of(bob, 1);
}

TEST_F(Ending, NoPrackIsRefusedWith503) {
  auto& bob = world.endpoint("bob", {.supports_100rel = true, .holds_prack = true});
  bob.invite(world.conference());
  world.advance(1s);
  world.post(focus::event::PrackTimedOut{bob.dialog()});
  world.advance(1s);
  EXPECT_THAT(bob.responses(), ElementsAre(183, 503));
  expect_nothing_left_of(bob, 1);
}

TEST_F(Ending, The200FollowsThe183WhenTheChannelIsActive) {
  auto& bob = world.join("bob", {.supports_100rel = true});
  EXPECT_THAT(bob.responses(), ElementsAre(183, 200));
  EXPECT_TRUE(bob.is_confirmed());
}

TEST_F(Ending, The200DoesNotWaitForAChannelThatNeverComes) {
  auto& bob = world.endpoint("bob", {.supports_100rel = true});
  bob.traits.clue_frozen = true;
  bob.invite(world.conference());
  world.advance(1s);
  EXPECT_THAT(bob.responses(), ElementsAre(183));
  world.advance(3s);
  EXPECT_THAT(bob.responses(), ElementsAre(183, 200));
}

TEST_F(Ending, AByeAnswersTheOpenReinviteWith487) {
  auto& bob = world.join("bob");
  world.hold_ports(true);
  // A new line makes the focus bind a port, which takes its time: the answer is still owed when the BYE comes.
  bob.reinvite_with_another_line();
  world.settle();
  bob.bye();
  world.hold_ports(false);
  world.advance(1s);
  EXPECT_EQ(bob.responses().back(), 487);
  expect_nothing_left_of(bob, 1);
}

TEST_F(Ending, AReinviteOfOneWhoIsLeavingIsRefused) {
  auto& bob = world.join("bob");
  bob.traits.bye_unanswered = true;
  alice.refer_bye(bob);
  world.settle();
  bob.reinvite();
  world.advance(1s);
  EXPECT_EQ(bob.responses().back(), 487);
  world.advance(40s);
  expect_nothing_left_of(bob, 1);
}

TEST_F(Ending, ALostDialogIsADepartureWithoutBye) {
  auto& bob = world.join("bob");
  world.post(focus::event::DialogTerminated{bob.dialog(), 0});
  bob.forget_dialog();
  world.advance(1s);
  EXPECT_FALSE(bob.bye_received());
  EXPECT_THAT(world.records("participant.leaving"), Contains(HasSubstr("cause=unreachable")));
  EXPECT_EQ(world.focus().census().participants, 1U);
}

TEST_F(Ending, TheEndOfTheDaemonEndsEverybodyInTheirState) {
  auto& bob = world.join("bob");
  auto& early = world.endpoint("early", {.supports_100rel = true, .holds_prack = true});
  early.invite(world.conference());
  world.settle();
  world.post(focus::event::ShutdownRequested{});
  world.settle();
  EXPECT_TRUE(alice.bye_received());
  EXPECT_TRUE(bob.bye_received());
  EXPECT_EQ(early.responses().back(), 480);
  EXPECT_TRUE(world.has_finished_shutdown());
  EXPECT_EQ(world.focus().census().participants, 0U);
  EXPECT_EQ(world.open_ports(), 0U);
}

TEST_F(Ending, TheEndOfTheDaemonWaitsABoundedTimeForAnswers) {
  auto& bob = world.join("bob");
  bob.traits.bye_unanswered = true;
  world.post(focus::event::ShutdownRequested{});
  world.advance(1s);
  EXPECT_FALSE(world.has_finished_shutdown());
  EXPECT_THAT(world.records("participant.gone"), ElementsAre(HasSubstr("status=200")));
  world.advance(5s);
  EXPECT_TRUE(world.has_finished_shutdown());
  EXPECT_THAT(world.records("participant.gone"), ElementsAre(::testing::_, HasSubstr("status=408"))) << "the last of bob's story";
}

TEST_F(Ending, WhoCallsWhileItEndsIsToldToComeBackLater) {
  auto& bob = world.join("bob");
  bob.traits.bye_unanswered = true;
  world.post(focus::event::ShutdownRequested{});
  world.settle();
  auto& late = world.endpoint("late");
  late.invite("factory");
  world.settle();
  EXPECT_THAT(late.responses(), ElementsAre(503));
}

TEST_F(Ending, TheUriOfAnEndedConferenceLeadsNowhere) {
  alice.bye();
  world.advance(1s);
  auto& bob = world.endpoint("bob");
  bob.invite(world.conference());
  world.settle();
  EXPECT_THAT(bob.responses(), ElementsAre(410));
}

// FOC-18
TEST_F(Ending, ThePortsGoAtOnceWhateverTheFateOfTheBye) {
  const auto ports_before = world.open_ports();
  auto& bob = world.join("bob", {.bye_unanswered = true});
  EXPECT_GT(world.open_ports(), ports_before);
  alice.refer_bye(bob);
  world.settle();
  EXPECT_TRUE(bob.bye_received());
  EXPECT_EQ(world.open_ports(), ports_before) << "before the BYE is answered";
}

class CreatorWithTwoDevices : public ::testing::Test {
 protected:
  void TearDown() override {
    EXPECT_THAT(world.violations(), IsEmpty());
    if (HasFailure()) std::cout << world.story();
  }
  VirtualWorld world;
};

// END-07
TEST_F(CreatorWithTwoDevices, LeavesWithTheLastOfThem) {
  auto& room = world.join("alice", {.asserted = true, .instance = "urn:uuid:1"});
  auto& phone = world.join("alice", {.telepresence = false, .asserted = true, .instance = "urn:uuid:2"});
  auto& bob = world.join("bob");
  auto& carol = world.join("carol");
  room.bye();
  world.advance(1s);
  EXPECT_FALSE(bob.bye_received());
  EXPECT_THAT(world.records("role.kept"), ElementsAre(HasSubstr("role=creator")));
  phone.refer_bye(carol);
  world.advance(1s);
  EXPECT_TRUE(carol.bye_received()) << "the other device has the creator's rights";
  phone.bye();
  world.advance(1s);
  EXPECT_TRUE(bob.bye_received());
  EXPECT_EQ(world.focus().census().conferences, 0U);
}

TEST_F(CreatorWithTwoDevices, LeavesAlsoWhenTheOtherOneWentBefore) {
  auto& room = world.join("alice", {.asserted = true});
  auto& phone = world.join("alice", {.telepresence = false, .asserted = true});
  auto& bob = world.join("bob");
  phone.bye();
  world.advance(1s);
  EXPECT_FALSE(bob.bye_received());
  room.bye();
  world.advance(1s);
  EXPECT_TRUE(bob.bye_received());
}

TEST_F(CreatorWithTwoDevices, IsRemovedFromAllOfThem) {
  auto& room = world.join("alice", {.asserted = true});
  auto& phone = world.join("alice", {.telepresence = false, .asserted = true});
  auto& bob = world.join("bob");
  focus::SipUri alice;
  alice.user = "alice";
  alice.host = "ims.example.net";
  room.refer(alice, "BYE");
  world.advance(1s);
  for (const auto* one : {&room, &phone, &bob}) EXPECT_TRUE(one->bye_received()) << one->name();
}

// ARCHITECTURE, decision 2: a From is only a name.
TEST_F(CreatorWithTwoDevices, IsNotWhoeverHasItsFrom) {
  auto& alice = world.join("alice", {.asserted = true});
  auto& liar = world.join("alice");
  alice.bye();
  world.advance(1s);
  EXPECT_TRUE(liar.bye_received());
  EXPECT_THAT(world.records("role.kept"), IsEmpty());
}

TEST_F(CreatorWithTwoDevices, WhoProvesNothingHasOnlyOne) {
  auto& alice = world.join("alice");
  auto& second = world.join("alice");
  alice.bye();
  world.advance(1s);
  EXPECT_TRUE(second.bye_received());
}

TEST(EndingByPolicy, LastLeavesKeepsTheConferenceAlive) {
  auto policy = VirtualWorld::default_policy();
  policy.conference.end_when = focus::EndWhen::last_leaves;
  VirtualWorld world(policy);
  auto& alice = world.join("alice");
  auto& bob = world.join("bob");
  alice.bye();
  world.advance(1s);
  EXPECT_FALSE(bob.bye_received());
  EXPECT_EQ(world.focus().census().conferences, 1U);
  bob.bye();
  world.advance(1s);
  EXPECT_EQ(world.focus().census().conferences, 0U);
  EXPECT_THAT(world.violations(), IsEmpty());
}

TEST(EndingByPolicy, ReofferAlwaysFollowsTheChangeProposalLiterally) {
  auto policy = VirtualWorld::default_policy();
  policy.refresh_sdp = focus::RefreshSdp::always;
  policy.max_video_encodings = 2;  // a departure changes no encoding
  VirtualWorld world(policy);
  auto& alice = world.join("alice");
  world.join("bob");
  auto& carol = world.join("carol");
  const auto before = alice.offers().size();
  alice.refer_bye(carol);
  world.advance(1s);
  EXPECT_EQ(alice.offers().size(), before + 1);
  EXPECT_THAT(world.violations(), IsEmpty());
}

}  // namespace
}  // namespace clued::testing
