// Watching a conference (RFC 4575): who may, how long, how many, and every end of it.
#include "support/watching.hpp"

namespace clued::testing {
namespace {

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

class WatchingPerUser : public ::testing::Test {
 protected:
  static focus::Policy policy() {
    auto policy = VirtualWorld::default_policy();
    policy.max_subscriptions_per_user = 2;
    policy.conference.rights.subscribe.ring = focus::Permission::Ring::anyone;
    return policy;
  }
  /// Subscribes and returns the status.
  int watch(const std::string& from, const std::string& source, std::optional<std::string> asserted = {}) {
    auto& watcher = world.watcher(from);
    watcher.source = source;
    watcher.asserted = std::move(asserted);
    watcher.subscribe();
    world.settle();
    last = &watcher;
    return watcher.is_subscribed() ? 200 : watcher.refusals().at(0).status;
  }
  VirtualWorld world{policy()};
  VirtualEndpoint& alice = world.join("alice");
  VirtualWatcher* last = nullptr;
};

TEST_F(WatchingPerUser, AUserMayHaveSoManySubscriptionsAndNoMore) {
  EXPECT_EQ(watch("alice", "udp:192.0.2.1:5060", "alice"), 200);
  auto& first = *last;
  EXPECT_EQ(watch("alice", "udp:192.0.2.2:5060", "alice"), 200);
  EXPECT_EQ(watch("alice", "udp:192.0.2.3:5060", "alice"), 403);
  EXPECT_FALSE(last->refusals().at(0).retry_after);
  EXPECT_EQ(watch("bob", "udp:192.0.2.3:5060", "bob"), 200) << "others are not concerned";
  first.subscribe();
  world.settle();
  EXPECT_TRUE(first.is_subscribed()) << "a refresh is no new one";
  first.subscribe(0s);
  world.advance(1s);
  EXPECT_EQ(watch("alice", "udp:192.0.2.3:5060", "alice"), 200) << "who ends one may have another";
}

TEST_F(WatchingPerUser, WhoProvesNothingIsCountedByAddress) {
  EXPECT_EQ(watch("mallory1", "udp:192.0.2.66:1"), 200);
  EXPECT_EQ(watch("mallory2", "tcp:192.0.2.66:2"), 200);
  EXPECT_EQ(watch("mallory3", "udp:192.0.2.66:3"), 403);
  EXPECT_EQ(watch("eve", "udp:192.0.2.67:1"), 200);
  EXPECT_THAT(world.records("subscription.refused"), Contains(HasSubstr("too many subscriptions of this user")));
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

// `conference_event.watch_after_leaving`, off as where an IMS expects it (TS 34.229-5 A.27).
class WatchingAfterLeaving : public ::testing::Test {
 protected:
  static focus::Policy policy() {
    auto policy = VirtualWorld::default_policy();
    policy.watch_after_leaving = false;
    return policy;
  }
  void TearDown() override { EXPECT_THAT(world.violations(), IsEmpty()); }

  VirtualWorld world{policy()};
  VirtualEndpoint& alice = world.join("alice");
  VirtualEndpoint& bob = world.join("bob", {.telepresence = false});
};

TEST_F(WatchingAfterLeaving, EndsWithTheLastNotifyWherePolicySaysSo) {
  auto& in_dialog = world.watcher("bob");
  in_dialog.in_dialog_of = &bob;
  in_dialog.subscribe();
  auto& other = world.watcher("alice");
  other.in_dialog_of = &alice;
  other.subscribe();
  world.settle();
  bob.bye();
  world.settle();
  EXPECT_EQ(in_dialog.end_reason(), "rejected");
  world.advance(10s);
  EXPECT_TRUE(other.is_subscribed());
  EXPECT_FALSE(other.view().has(entity("bob")));
  EXPECT_EQ(world.focus().census().subscriptions, 1U);
}

TEST_F(WatchingAfterLeaving, GoesOnWhileAnotherLegOfTheUserIsIn) {
  EndpointTraits second{.telepresence = false};
  second.user = "bob";
  auto& tablet = world.join("tablet", second);
  auto& watcher = world.watcher("bob");
  watcher.in_dialog_of = &bob;
  watcher.subscribe();
  world.settle();
  bob.bye();
  world.advance(10s);
  EXPECT_TRUE(watcher.is_subscribed());
  tablet.bye();
  world.advance(10s);
  EXPECT_FALSE(watcher.is_subscribed());
}

}  // namespace
}  // namespace clued::testing
