// Watching a conference (RFC 4575): who may, what is told of joins, holds and departures, and every end of it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/virtual_world.hpp"

namespace clued::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

std::string entity(const std::string& name) { return "sip:" + name + "@ims.example.net"; }

class Watching : public ::testing::Test {
 protected:
  void TearDown() override {
    EXPECT_THAT(world.violations(), IsEmpty());
    if (HasFailure()) std::cout << world.story();
  }

  VirtualWatcher& watch_as(const VirtualEndpoint& endpoint) {
    auto& watcher = world.watcher(endpoint.name());
    watcher.in_dialog_of = &endpoint;
    watcher.subscribe();
    world.settle();
    return watcher;
  }

  VirtualWorld world;
  VirtualEndpoint& alice = world.join("alice");
};

// EVT-01, EVT-02, EVT-03
TEST_F(Watching, AParticipantIsToldEverythingAtOnce) {
  world.join("bob", {.telepresence = false});
  auto& watcher = watch_as(alice);
  EXPECT_EQ(watcher.accepted_for(), 3600s);
  ASSERT_THAT(watcher.notifies(), SizeIs(1));
  EXPECT_EQ(watcher.notifies()[0].state, "active;expires=3600");
  const auto& view = watcher.view();
  EXPECT_EQ(view.entity(), "sip:" + world.conference() + "@focus.example.net");
  EXPECT_EQ(view.maximum_user_count(), 1000U);
  EXPECT_EQ(view.user_count(), 2U);
  ASSERT_THAT(view.users(), SizeIs(2));
  EXPECT_EQ(view.user(entity("bob")).display_text, "bob");
  EXPECT_THAT(view.user(entity("bob")).endpoints, Contains(::testing::Key("sip:bob@127.0.0.1")));
  EXPECT_EQ(view.endpoint(entity("bob")).status, "connected");
  EXPECT_EQ(view.endpoint(entity("bob")).joining_method, "dialed-in");
  EXPECT_THAT(view.endpoint(entity("bob")).media, ElementsAre("1 audio  sendrecv", "2 video  sendrecv"));
}

// EVT-17
TEST_F(Watching, TheCreatorShowsAsOne) {
  world.join("bob");
  auto& watcher = watch_as(alice);
  EXPECT_THAT(watcher.view().user(entity("alice")).roles, ElementsAre("creator", "moderator", "admin"));
  EXPECT_THAT(watcher.view().user(entity("bob")).roles, ElementsAre("participant"));
}

// EVT-13
TEST_F(Watching, MediaNameTheEncodingsOfTelepresenceParticipants) {
  world.join("bob", {.cameras = 2});
  world.advance(5s);
  auto& watcher = watch_as(alice);
  EXPECT_THAT(watcher.view().endpoint(entity("bob")).media, Contains(HasSubstr(" video ev1 send")));
  EXPECT_THAT(watcher.view().endpoint(entity("bob")).media, Contains(HasSubstr(" video ev2 send")));
}

// EVT-09
TEST_F(Watching, AJoinIsToldOnce) {
  auto& watcher = watch_as(alice);
  world.advance(10s);
  const auto before = watcher.notifies().size();
  world.join("bob", {.telepresence = false});
  ASSERT_THAT(watcher.notifies(), SizeIs(before + 1));
  EXPECT_THAT(watcher.view().mentioned(), ElementsAre(entity("bob")));
  EXPECT_EQ(watcher.view().user_count(), 2U);
}

// EVT-06, EVT-07, EVT-09
TEST_F(Watching, WhoLeavesDepartsAndIsGoneThen) {
  auto& bob = world.join("bob", {.telepresence = false});
  auto& watcher = watch_as(alice);
  world.advance(10s);
  bob.bye();
  world.settle();
  EXPECT_EQ(watcher.view().endpoint(entity("bob")).status, "disconnected");
  EXPECT_EQ(watcher.view().endpoint(entity("bob")).disconnection_method, "departed");
  EXPECT_EQ(watcher.view().endpoint(entity("bob")).disconnection_when, "2026-03-01T01:00:14Z");
  EXPECT_EQ(watcher.view().user_count(), 1U);
  world.advance(10s);
  EXPECT_FALSE(watcher.view().has(entity("bob")));
}

// EVT-06, R10
TEST_F(Watching, WhoIsRemovedIsBootedBySomebodyForAReason) {
  auto& bob = world.join("bob");
  auto& watcher = watch_as(alice);
  world.advance(10s);
  alice.refer_bye(bob);
  world.settle();
  const auto gone = watcher.view().endpoint(entity("bob"));
  EXPECT_EQ(gone.disconnection_method, "booted");
  EXPECT_EQ(gone.disconnection_by, entity("alice"));
  EXPECT_EQ(gone.disconnection_reason, "SIP;cause=200;text=\"Removed from conference\"");
  world.advance(10s);
  EXPECT_THAT(watcher.view().users(), SizeIs(1));
}

TEST_F(Watching, WhoIsLostHasFailed) {
  auto& bob = world.join("bob", {.telepresence = false});
  auto& watcher = watch_as(alice);
  world.advance(10s);
  world.post(focus::event::DialogTerminated{bob.dialog(), 0});
  bob.forget_dialog();
  world.settle();
  EXPECT_EQ(watcher.view().endpoint(entity("bob")).disconnection_method, "failed");
}

// IMS-06
TEST_F(Watching, WhoHoldsIsOnHold) {
  auto& bob = world.join("bob", {.telepresence = false});
  auto& watcher = watch_as(alice);
  world.advance(10s);
  const auto advertisements = alice.advertisements();
  bob.reinvite_with_direction("inactive");
  world.advance(1s);
  EXPECT_EQ(watcher.view().endpoint(entity("bob")).status, "on-hold");
  EXPECT_THAT(watcher.view().endpoint(entity("bob")).media, Contains("1 audio  inactive"));
  EXPECT_EQ(alice.advertisements(), advertisements) << "a hold is nobody else's affair";
  bob.reinvite_with_direction("sendrecv");
  world.advance(6s);
  EXPECT_EQ(watcher.view().endpoint(entity("bob")).status, "connected");
}

// EVT-06, EVT-17
TEST_F(Watching, WhoIsCalledIsDialedOutRingsAndIsIn) {
  auto& watcher = watch_as(alice);
  world.advance(10s);
  auto& bob = world.endpoint("bob", {.telepresence = false, .called = EndpointTraits::Called::rings});
  alice.refer_invite("bob");
  world.advance(10s);
  EXPECT_EQ(watcher.view().endpoint(entity("bob")).status, "alerting");
  EXPECT_EQ(watcher.view().user_count(), 1U);
  bob.answer_call();
  world.advance(10s);
  EXPECT_EQ(watcher.view().endpoint(entity("bob")).status, "connected");
  EXPECT_EQ(watcher.view().endpoint(entity("bob")).joining_method, "dialed-out");
  EXPECT_EQ(watcher.view().user_count(), 2U);
}

// EVT-06
TEST_F(Watching, WhoIsCalledAndBusyIsToldSo) {
  auto& watcher = watch_as(alice);
  world.advance(10s);
  world.endpoint("bob", {.telepresence = false, .refuses_call = 486});
  alice.refer_invite("bob");
  world.settle();
  EXPECT_EQ(watcher.view().endpoint(entity("bob")).status, "disconnected");
  EXPECT_EQ(watcher.view().endpoint(entity("bob")).disconnection_method, "busy");
  EXPECT_THAT(watcher.view().endpoint(entity("bob")).disconnection_reason, HasSubstr("cause=486"));
  world.advance(10s);
  EXPECT_FALSE(watcher.view().has(entity("bob")));
}

// EVT-05
TEST_F(Watching, TwoLegsOfOneUserAreOneUser) {
  auto& first = world.join("bob", {.telepresence = false});
  world.join("bob", {.telepresence = false});
  auto& watcher = watch_as(alice);
  EXPECT_EQ(watcher.view().user_count(), 2U);
  EXPECT_THAT(watcher.view().user(entity("bob")).endpoints, SizeIs(2));
  world.advance(10s);
  first.bye();
  world.advance(20s);
  EXPECT_EQ(watcher.view().user_count(), 2U);
  EXPECT_THAT(watcher.view().user(entity("bob")).endpoints, SizeIs(1));
}

// EVT-08
TEST_F(Watching, AMassLeaveIsTwoNotifies) {
  std::vector<VirtualEndpoint*> crowd;
  for (int i = 0; i < 20; ++i) crowd.push_back(&world.join("u" + std::to_string(i), {.telepresence = false}));
  auto& watcher = watch_as(alice);
  world.advance(10s);
  const auto before = watcher.notifies().size();
  for (auto* one : crowd) {
    one->bye();
    world.advance(50ms);
  }
  world.advance(5s);
  EXPECT_THAT(watcher.notifies(), SizeIs(before + 2));
  EXPECT_EQ(watcher.view().user_count(), 1U);
  world.advance(20s);
  EXPECT_THAT(watcher.view().users(), SizeIs(1));
}

// EVT-10
TEST_F(Watching, StrangersMayNotWatch) {
  auto& stranger = world.watcher("mallory");
  stranger.subscribe();
  auto& forger = world.watcher("alice");
  forger.source = "udp:203.0.113.9:5060";
  forger.subscribe();
  auto& liar = world.watcher("alice");
  liar.asserted = "mallory";
  liar.subscribe();
  world.settle();
  for (const auto* one : {&stranger, &forger, &liar}) {
    ASSERT_THAT(one->refusals(), SizeIs(1));
    EXPECT_EQ(one->refusals()[0].status, 403);
    EXPECT_THAT(one->notifies(), IsEmpty());
  }
  EXPECT_EQ(world.focus().census().subscriptions, 0U);
  EXPECT_THAT(world.records("subscription.refused"), SizeIs(3));
}

// EVT-10, EVT-16
TEST_F(Watching, AParticipantMayWatchOutOfItsDialog) {
  auto& by_from = world.watcher("alice");
  by_from.source = "udp:127.0.0.1:9999";
  by_from.subscribe();
  auto& by_tags = world.watcher("somebody");
  by_tags.names_dialog_of = &alice;
  by_tags.subscribe();
  auto& by_identity = world.watcher("somebody");
  world.join("carol", {.telepresence = false, .asserted = true});
  by_identity.asserted = "carol";
  by_identity.source = "tcp:198.51.100.1:5060";
  by_identity.subscribe();
  world.settle();
  for (const auto* one : {&by_from, &by_tags, &by_identity}) EXPECT_TRUE(one->is_subscribed());
}

// Expectation 8: Linphone subscribes before its ACK.
TEST_F(Watching, SubscribingBeforeTheAckIsAnsweredWithTheFullState) {
  auto& bob = world.endpoint("bob", {.telepresence = false, .holds_ack = true});
  bob.invite(world.conference());
  world.settle();
  auto& watcher = world.watcher("bob");
  watcher.subscribe();
  world.settle();
  ASSERT_THAT(watcher.notifies(), SizeIs(1));
  EXPECT_TRUE(watcher.view().has(entity("bob"))) << "it is answered 200 already";
  bob.ack();
  world.advance(1s);
  EXPECT_THAT(watcher.notifies(), SizeIs(1)) << "the ACK changes nothing";
}

TEST_F(Watching, WhoWasNeverAnsweredIsNotInTheRoster) {
  auto& watcher = watch_as(alice);
  auto& bob = world.endpoint("bob", {.supports_100rel = true, .holds_prack = true});
  bob.invite(world.conference());
  world.advance(10s);
  bob.cancel();
  world.advance(10s);
  EXPECT_FALSE(watcher.view().has(entity("bob")));
}

// EVT-15
TEST_F(Watching, TooBriefIsRefusedWithWhatIsEnough) {
  auto& watcher = world.watcher("alice");
  watcher.subscribe(59s);
  world.settle();
  ASSERT_THAT(watcher.refusals(), SizeIs(1));
  EXPECT_EQ(watcher.refusals()[0].status, 423);
  EXPECT_EQ(watcher.refusals()[0].min_expires, 60s);
  watcher.subscribe(60s);
  world.settle();
  EXPECT_EQ(watcher.accepted_for(), 60s);
  world.advance(59s);
  EXPECT_TRUE(watcher.is_subscribed());
  world.advance(1s);
  EXPECT_EQ(watcher.end_reason(), "timeout");
  EXPECT_EQ(world.focus().census().subscriptions, 0U);
}

// EVT-15
TEST_F(Watching, AFetchIsOneDocument) {
  auto& watcher = world.watcher("alice");
  watcher.subscribe(0s);
  world.settle();
  EXPECT_EQ(watcher.accepted_for(), 0s);
  ASSERT_THAT(watcher.notifies(), SizeIs(1));
  EXPECT_EQ(watcher.notifies()[0].state, "terminated;reason=timeout");
  EXPECT_TRUE(watcher.view().has(entity("alice")));
  EXPECT_EQ(world.focus().census().subscriptions, 0U);
}

TEST_F(Watching, LongSubscriptionsAreShortened) {
  auto& watcher = world.watcher("alice");
  watcher.subscribe(100000s);
  world.settle();
  EXPECT_EQ(watcher.accepted_for(), 3600s);
}

// EVT-02
TEST_F(Watching, ARefreshGoesOnAndIsToldInFull) {
  auto& watcher = watch_as(alice);
  world.advance(50min);
  watcher.subscribe();
  world.advance(50min);
  EXPECT_TRUE(watcher.is_subscribed());
  EXPECT_THAT(watcher.view().history(), ElementsAre("full 1", "full 2"));
}

// EVT-16
TEST_F(Watching, AByeDoesNotEndTheSubscriptionButItsRefreshIsRefused) {
  auto& bob = world.join("bob", {.telepresence = false});
  auto& watcher = watch_as(bob);
  world.advance(10s);
  bob.bye();
  world.advance(20s);
  EXPECT_TRUE(watcher.is_subscribed());
  EXPECT_FALSE(watcher.view().has(entity("bob"))) << "it sees itself leave";
  watcher.subscribe();
  world.settle();
  ASSERT_THAT(watcher.refusals(), SizeIs(1));
  EXPECT_EQ(watcher.refusals()[0].status, 403);
  watcher.subscribe(0s);
  world.settle();
  EXPECT_EQ(watcher.end_reason(), "timeout") << "but it may end it";
}

// END-11
TEST_F(Watching, WhoIsRemovedWatchesNoMore) {
  auto& bob = world.join("bob", {.telepresence = false});
  auto& watcher = watch_as(bob);
  auto& other = watch_as(alice);
  alice.refer_bye(bob);
  world.advance(1s);
  EXPECT_EQ(watcher.end_reason(), "rejected");
  EXPECT_EQ(watcher.notifies().back().document, "");
  EXPECT_TRUE(other.is_subscribed());
}

// END-11
TEST_F(Watching, ARemovedLegDoesNotBlindTheUsersOtherOne) {
  auto& first = world.join("bob", {.telepresence = false, .instance = "urn:uuid:1"});
  auto& second = world.join("bob", {.telepresence = false, .instance = "urn:uuid:2"});
  auto& watcher = watch_as(second);
  world.advance(10s);
  alice.refer_bye(first);
  world.advance(10s);
  EXPECT_TRUE(first.bye_received());
  EXPECT_TRUE(watcher.is_subscribed());
  EXPECT_THAT(watcher.view().user(entity("bob")).endpoints, SizeIs(1));
  alice.refer_bye(second);
  world.advance(1s);
  EXPECT_EQ(watcher.end_reason(), "rejected");
}

// END-10
TEST_F(Watching, TheEndOfTheConferenceEndsAllSubscriptions) {
  auto& bob = world.join("bob", {.telepresence = false});
  auto& in_dialog = watch_as(bob);
  auto& outside = world.watcher("alice");
  outside.subscribe();
  world.settle();
  alice.bye();
  world.advance(1s);
  for (const auto* one : {&in_dialog, &outside}) {
    EXPECT_EQ(one->end_reason(), "noresource");
    EXPECT_TRUE(one->view().is_deleted());
  }
  EXPECT_EQ(world.focus().census().subscriptions, 0U);
  EXPECT_EQ(world.focus().census().conferences, 0U);
  // END-08
  outside.subscribe();
  world.settle();
  ASSERT_THAT(outside.refusals(), SizeIs(1));
  EXPECT_EQ(outside.refusals()[0].status / 100, 4);
}

// EVT-14
TEST_F(Watching, AWatcherThatIsGoneIsForgotten) {
  auto& watcher = world.watcher("alice");
  watcher.answers_with = 481;
  watcher.subscribe();
  world.settle();
  EXPECT_EQ(world.focus().census().subscriptions, 0U);
  EXPECT_THAT(world.records("subscription.ended"), ElementsAre(HasSubstr("NOTIFY answered 481")));
  world.join("bob");
  EXPECT_THAT(watcher.notifies(), SizeIs(1));
}

TEST_F(Watching, AConferenceThatIsNotThereHasNoWatchers) {
  auto& watcher = world.watcher("alice");
  watcher.conference = "conf-of-somebody-else";
  watcher.subscribe();
  auto& at_factory = world.watcher("alice");
  at_factory.conference = "factory";
  at_factory.subscribe();
  world.settle();
  EXPECT_EQ(watcher.refusals().at(0).status, 404);
  EXPECT_EQ(at_factory.refusals().at(0).status, 404);
}

TEST_F(Watching, ShutdownEndsThemAndTakesNoMore) {
  auto& watcher = watch_as(alice);
  alice.traits.bye_unanswered = true;
  world.post(focus::event::ShutdownRequested{});
  world.settle();
  EXPECT_EQ(watcher.end_reason(), "noresource");
  watcher.subscribe();
  world.settle();
  EXPECT_EQ(watcher.refusals().at(0).status, 503);
  EXPECT_TRUE(watcher.refusals().at(0).retry_after);
}

class WatchingALock : public ::testing::Test {
 protected:
  static focus::Policy policy() {
    auto policy = VirtualWorld::default_policy();
    policy.conference.lock_after = 1min;
    policy.conference.end_when = focus::EndWhen::last_leaves;
    policy.conference.moderator_succession = focus::ModeratorSuccession::longest_present;
    return policy;
  }
  VirtualWorld world{policy()};
  VirtualEndpoint& alice = world.join("alice");
  VirtualEndpoint& bob = world.join("bob", {.telepresence = false});
};

TEST_F(WatchingALock, ItIsToldWhenItHappens) {
  auto& watcher = world.watcher("bob");
  watcher.subscribe();
  world.settle();
  EXPECT_FALSE(watcher.view().locked());
  world.advance(1min);
  EXPECT_TRUE(watcher.view().locked());
  EXPECT_THAT(watcher.view().mentioned(), IsEmpty());
  const auto notifies = watcher.notifies().size();
  world.advance(10min);
  EXPECT_THAT(watcher.notifies(), SizeIs(notifies));
}

TEST_F(WatchingALock, WhoInheritsTheModerationShowsIt) {
  auto& watcher = world.watcher("bob");
  watcher.subscribe();
  world.advance(10s);
  EXPECT_THAT(watcher.view().user(entity("bob")).roles, ElementsAre("participant"));
  alice.bye();
  world.advance(10s);
  EXPECT_THAT(watcher.view().user(entity("bob")).roles, ElementsAre("moderator", "admin"));
}

class WatchingLimits : public ::testing::Test {
 protected:
  static focus::Policy policy() {
    auto policy = VirtualWorld::default_policy();
    policy.max_subscriptions_per_conference = 2;
    policy.max_subscriptions = 3;
    return policy;
  }
  VirtualWorld world{policy()};
  VirtualEndpoint& alice = world.join("alice");
};

TEST_F(WatchingLimits, TooManySubscriptionsAreRefusedForAWhile) {
  std::vector<VirtualWatcher*> watchers;
  for (int i = 0; i < 3; ++i) {
    watchers.push_back(&world.watcher("alice"));
    watchers.back()->subscribe();
    world.settle();
  }
  EXPECT_TRUE(watchers[1]->is_subscribed());
  EXPECT_EQ(watchers[2]->refusals().at(0).status, 503);
  EXPECT_TRUE(watchers[2]->refusals().at(0).retry_after);
  watchers[1]->subscribe();
  world.settle();
  EXPECT_TRUE(watchers[1]->is_subscribed()) << "a refresh needs no room";
  watchers[0]->subscribe(0s);
  watchers[2]->subscribe();
  world.settle();
  EXPECT_TRUE(watchers[2]->is_subscribed());
}

class WatchingAfterRemoval : public ::testing::Test {
 protected:
  static focus::Policy policy() {
    auto policy = VirtualWorld::default_policy();
    policy.watch_after_removal = true;
    return policy;
  }
  VirtualWorld world{policy()};
};

// END-11
TEST_F(WatchingAfterRemoval, IsPossibleWhereThePolicySaysSo) {
  auto& alice = world.join("alice");
  auto& bob = world.join("bob", {.telepresence = false});
  auto& watcher = world.watcher("bob");
  watcher.in_dialog_of = &bob;
  watcher.subscribe();
  world.settle();
  alice.refer_bye(bob);
  world.advance(10s);
  EXPECT_TRUE(watcher.is_subscribed());
  EXPECT_FALSE(watcher.view().has(entity("bob")));
}

}  // namespace
}  // namespace clued::testing
