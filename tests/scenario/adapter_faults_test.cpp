// Adapters that fail: a failure belongs to the request that it happened in, and what comes too late to nobody.
#include "support/scenario.hpp"

namespace clued::testing {
namespace {

using Gathering = AdapterFaults::Gathering;

class AdapterFaultsTest : public ::testing::Test {
 protected:
  void TearDown() override {
    EXPECT_THAT(world.violations(), IsEmpty());
    if (HasFailure()) std::cout << world.story();
  }

  /// Everybody leaves, and nothing is left.
  void end(std::initializer_list<VirtualEndpoint*> everybody) {
    for (auto* one : everybody) {
      if (!one->is_over()) one->bye();
    }
    world.advance(2min);
    EXPECT_EQ(world.focus().census().participants, 0U);
    EXPECT_EQ(world.focus().census().routes, 0U);
    EXPECT_EQ(world.open_ports(), 0U);
    EXPECT_EQ(world.open_channels(), 0U);
    EXPECT_EQ(world.open_requests(), 0U);
  }

  VirtualWorld world;
};

focus::SessionTimerFields refreshes_itself() { return {true, 1800s, focus::SessionRefresher::uac, {}}; }

TEST_F(AdapterFaultsTest, APortThatCannotBeBoundFailsItsRequestAlone) {
  world.join("alice", {.telepresence = false});
  auto& bob = world.join("bob", {.telepresence = false, .allows_update = false, .session_timer = refreshes_itself()});
  world.faults.ports = true;
  bob.reinvite_with_another_line();
  world.advance(1s);
  EXPECT_THAT(bob.responses(), ElementsAre(200, 503));
  EXPECT_TRUE(bob.last_response().retry_after.has_value());
  bob.reinvite();
  world.settle();
  EXPECT_EQ(bob.responses().back(), 200) << "a refresh needs no port";
  world.faults.ports = false;
  for (int i = 0; i < 3; ++i) {
    world.advance(800s);
    bob.reinvite();
    world.advance(1s);
    EXPECT_EQ(bob.responses().back(), 200);
  }
  bob.reinvite_with_another_line();
  world.settle();
  EXPECT_EQ(bob.responses().back(), 200) << "there are ports again";
  EXPECT_THAT(world.records("participant.leaving"), IsEmpty());
}

TEST_F(AdapterFaultsTest, WithoutPortsNobodyJoinsAndTheNextOneDoes) {
  auto& alice = world.join("alice");
  world.faults.ports = true;
  auto& bob = world.join("bob");
  EXPECT_THAT(bob.responses(), ElementsAre(503));
  EXPECT_TRUE(bob.last_response().retry_after.has_value());
  world.faults.ports = false;
  auto& carl = world.join("carl");
  EXPECT_TRUE(carl.has_clue());
  end({&carl, &alice});
}

// The desired state stays; a shortage of ours is looked at again until it is over, however long that takes.
TEST_F(AdapterFaultsTest, AnOfferThatLacksPortsFollowsWhenThereAreSome) {
  auto& alice = world.join("alice");
  const auto offers = alice.offers().size();
  world.join("bob", {.cameras = 0});
  world.faults.ports = true;
  auto& carl = world.endpoint("carl", {.cameras = 3});
  world.faults.ports = false;
  carl.invite(world.conference());
  world.settle();
  world.faults.ports = true;
  world.advance(10min);
  EXPECT_THAT(world.records("offer.deferred"), Contains(HasSubstr("cause=ports")));
  EXPECT_LT(world.records("port.failed").size(), 200U) << "each try is some time after the last one";
  world.faults.ports = false;
  world.advance(2min);
  EXPECT_GT(alice.offers().size(), offers);
  EXPECT_THAT(alice.configured(), Not(IsEmpty()));
  EXPECT_THAT(carl.configured(), Not(IsEmpty()));
  EXPECT_EQ(world.focus().census().participants, 3U);
}

TEST_F(AdapterFaultsTest, APartOfThePortsIsNotEnoughAndNotKeptForEver) {
  auto& alice = world.join("alice", {.telepresence = false});
  world.hold_ports(true);
  auto& bob = world.endpoint("bob", {.telepresence = false});
  bob.invite(world.conference());
  world.settle();
  world.hold_ports(false);  // those that were asked for are there
  world.settle();
  EXPECT_THAT(bob.responses(), ElementsAre(200));
  world.hold_ports(true);
  bob.reinvite_with_another_line();
  world.settle();
  world.advance(6s);
  EXPECT_EQ(bob.responses().back(), 503) << "session.resource_wait";
  world.hold_ports(false);
  bob.reinvite_with_another_line();
  world.advance(1s);
  EXPECT_EQ(bob.responses().back(), 200);
  end({&bob, &alice});
}

class GatheringFaults : public AdapterFaultsTest, public ::testing::WithParamInterface<Gathering> {};

// TP-23: who gets no channel is an ordinary participant, and may have one the next time it asks.
TEST_P(GatheringFaults, LeaveAnOrdinaryParticipant) {
  auto& alice = world.join("alice");
  world.faults.gathering = GetParam();
  auto& bob = world.join("bob");
  world.advance(10s);
  EXPECT_EQ(bob.responses().back(), 200);
  EXPECT_FALSE(bob.has_clue());
  EXPECT_FALSE(bob.is_over());
  world.faults.gathering = Gathering::works;
  bob.reinvite();
  world.advance(5s);
  EXPECT_EQ(bob.responses().back(), 200);
  EXPECT_TRUE(bob.has_clue()) << "the failure was the first request's";
  end({&bob, &alice});
}

INSTANTIATE_TEST_SUITE_P(All, GatheringFaults, ::testing::Values(Gathering::fails, Gathering::is_silent));

TEST_F(AdapterFaultsTest, AChannelThatDoesNotComeUpIsNoObstacle) {
  auto& alice = world.join("alice");
  world.faults.connecting = true;
  auto& bob = world.join("bob", {.supports_100rel = true});
  world.advance(5s);
  EXPECT_THAT(bob.responses(), ElementsAre(183, 200));
  EXPECT_FALSE(bob.has_clue());
  end({&bob, &alice});
}

// A shortage of ours is not the loss of a channel.
TEST_F(AdapterFaultsTest, NobodyIsSentAwayBecauseOfOurDescriptors) {
  auto policy = VirtualWorld::default_policy();
  policy.on_channel_loss = policy.on_consent_loss = focus::OnLoss::remove;
  VirtualWorld strict(policy);
  strict.join("alice");
  strict.faults.gathering = Gathering::fails;
  auto& bob = strict.join("bob");
  bob.reinvite();
  strict.advance(1min);
  EXPECT_FALSE(bob.is_over());
  EXPECT_EQ(bob.responses().back(), 200);
}

TEST_F(AdapterFaultsTest, AFullDescriptorTableCostsNobodyWhoIsIn) {
  auto& alice = world.join("alice");
  auto& bob = world.join("bob");
  world.faults = AdapterFaults::no_descriptors();
  auto& carl = world.join("carl");
  EXPECT_THAT(carl.responses(), ElementsAre(503));
  alice.refer_invite("dora");
  world.advance(1min);
  bob.advertise(4);
  world.advance(5min);
  EXPECT_FALSE(bob.is_over());
  EXPECT_TRUE(alice.has_clue());
  world.faults = {};
  world.advance(2min);
  auto& eve = world.join("eve");
  world.advance(10s);
  EXPECT_TRUE(eve.has_clue());
  EXPECT_THAT(bob.configured(), SizeIs(5)) << "four cameras and the sound";
  end({&bob, &eve, &alice});
}

class ReferFaults : public AdapterFaultsTest, public ::testing::WithParamInterface<int> {};

// REF-22
TEST_P(ReferFaults, ANotifyThatFailsTakesNothingBack) {
  auto& alice = world.join("alice");
  auto& bob = world.join("bob", {.bye_unanswered = true});
  world.faults.notify = GetParam();
  alice.refer_bye(bob);
  world.advance(2min);
  EXPECT_TRUE(bob.is_over());
  EXPECT_EQ(world.focus().census().open_refers, 0U);
  EXPECT_EQ(world.notifies().back().terminated, GetParam() == 500) << "one 500 says nothing of the subscription";
  end({&alice});
}

INSTANTIATE_TEST_SUITE_P(Answers, ReferFaults, ::testing::Values(481, 408, 500));

TEST_F(AdapterFaultsTest, LostAcksEndTheirCallsAlone) {
  auto& alice = world.join("alice");
  auto& bob = world.join("bob", {.loses_ack = true});
  world.advance(1min);
  EXPECT_TRUE(bob.is_over());
  EXPECT_THAT(world.records("participant.leaving"), ElementsAre(HasSubstr("cause=no_ack")));
  auto& carl = world.join("carl", {.supports_100rel = true, .loses_prack = true});
  world.advance(1min);
  EXPECT_THAT(carl.responses(), ElementsAre(183, 503));
  end({&alice});
}

class RefusedWithin : public AdapterFaultsTest, public ::testing::WithParamInterface<int> {};

TEST_P(RefusedWithin, AReinviteOrUpdateThatFailsEndsOnlyWhatIsLost) {
  auto& alice = world.join("alice");
  auto& bob = world.join("bob", {.bye_status = GetParam()});
  bob.traits.refuses_reinvite = bob.traits.refuses_update = GetParam();
  bob.traits.retry_after = std::chrono::seconds::max();
  auto& carl = world.join("carl");
  world.advance(40min);
  const bool is_lost = GetParam() == 481 || GetParam() == 408;
  EXPECT_EQ(bob.is_over(), is_lost || GetParam() == 503);
  EXPECT_THAT(world.records("participant.leaving"),
              ElementsAre(HasSubstr(is_lost ? "cause=unreachable" : "cause=session_expired")));
  EXPECT_FALSE(carl.is_over());
  end({&carl, &alice});
}

INSTANTIATE_TEST_SUITE_P(Statuses, RefusedWithin, ::testing::Values(408, 481, 503));

// Answers of the adapters for what was given up meanwhile.
TEST_F(AdapterFaultsTest, LateAnswersAreForNobody) {
  auto& alice = world.join("alice");
  world.faults.delay = 8s;  // more than session.resource_wait
  auto& bob = world.endpoint("bob");
  bob.invite(world.conference());
  world.advance(6s);
  EXPECT_THAT(bob.responses(), ElementsAre(503));
  auto& carl = world.endpoint("carl");
  carl.invite(world.conference());
  world.advance(1s);
  carl.cancel();
  world.advance(1min);
  EXPECT_THAT(carl.responses(), ElementsAre(487));
  alice.refer_invite("dora");
  world.advance(1min);
  world.faults = {};
  EXPECT_EQ(world.focus().census().participants, 1U);
  auto& eve = world.join("eve");
  EXPECT_TRUE(eve.has_clue());
  end({&eve, &alice});
}

// The routes of the INVITEs of one call end with the one who was called, whichever of them is answered last.
TEST_F(AdapterFaultsTest, ACallThatIsRepeatedLeavesNoRoute) {
  focus::RecipientList list;
  auto& entry = list.entries.emplace_back();
  entry.target.uri.user = "bob";
  entry.target.uri.host = "ims.example.net";
  entry.copy_control = resource_lists::CopyControl::to;
  auto& bob = world.endpoint("bob", {.called = EndpointTraits::Called::rings, .overlooks_history_offer = true});
  bob.traits.bye_unanswered = true;
  auto& alice = world.join("alice", {.asserted = true, .recipient_list = list});
  bob.answer_call();  // it has not seen the offer: BYE, which stays unanswered, and another INVITE, when it is busy
  world.advance(5s);
  EXPECT_THAT(world.records("call.refused"), SizeIs(2));
  EXPECT_EQ(world.focus().census().participants, 1U);
  end({&alice});
}

}  // namespace
}  // namespace clued::testing
