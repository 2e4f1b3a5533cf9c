// Watching a conference (RFC 4575): what is told of joins, calls, holds, departures and locks.
#include "support/watching.hpp"

namespace clued::testing {
namespace {

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
  EXPECT_EQ(watcher.view().endpoint(entity("bob")).joining_when, "") << "it is not in yet";
  EXPECT_EQ(watcher.view().user_count(), 1U);
  bob.answer_call();
  world.advance(10s);
  EXPECT_EQ(watcher.view().endpoint(entity("bob")).status, "connected");
  EXPECT_EQ(watcher.view().endpoint(entity("bob")).joining_method, "dialed-out");
  EXPECT_EQ(watcher.view().endpoint(entity("bob")).referred_by, entity("alice"));
  EXPECT_EQ(watcher.view().endpoint(entity("bob")).referred_when, "2026-03-01T01:00:12Z");
  EXPECT_EQ(watcher.view().endpoint(entity("bob")).joining_when, "2026-03-01T01:00:22Z");
  EXPECT_EQ(watcher.view().endpoint(entity("alice")).referred_when, "") << "who called itself was not referred";
  EXPECT_EQ(watcher.view().user_count(), 2U);
}

// EVT-17, EVT-11
TEST(WatchingReferrals, AReferrerWhoWantsPrivacyIsNotNamedBesideWhomItInvited) {
  VirtualWorld world;
  auto& carol = world.join("carol", {.telepresence = false, .asserted = true, .is_private = true});
  auto& watcher = world.watcher("carol");
  watcher.in_dialog_of = &carol;
  watcher.subscribe();
  world.endpoint("bob", {.telepresence = false});
  carol.refer_invite("bob");
  world.advance(10s);
  EXPECT_EQ(watcher.view().endpoint(entity("bob")).referred_by, "sip:anonymous1@anonymous.invalid");
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

}  // namespace
}  // namespace clued::testing
