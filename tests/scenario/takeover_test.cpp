// A participant moves to another device by INVITE with Replaces (RFC 3891, RFC 4579 section 5.9; FOC-11).
#include <set>

#include "support/scenario.hpp"

namespace clued::testing {
namespace {

/// "p1", "p3": whose captures the endpoint was told of last.
std::set<std::string> seen_by(const VirtualEndpoint& endpoint) {
  std::set<std::string> tokens;
  for (const auto& capture : endpoint.last_advertisement().captures) {
    if (capture.id.rfind("mcc-", 0) != 0) tokens.insert(capture.id.substr(0, capture.id.find('-')));
  }
  return tokens;
}

using Tokens = std::set<std::string>;

class Takeover : public ::testing::Test {
 protected:
  void TearDown() override {
    EXPECT_THAT(world.violations(), IsEmpty());
    if (HasFailure()) std::cout << world.story();
  }

  VirtualEndpoint& other_device(EndpointTraits traits = {}) {
    traits.user = "alice";
    return world.endpoint("alice" + std::to_string(++devices), std::move(traits));
  }

  void expect_untouched() {
    EXPECT_FALSE(alice.is_over());
    EXPECT_THAT(seen_by(bob), (Tokens{"p1", "p3"}));
    bob.refer_bye(carol);
    world.advance(1s);
    EXPECT_FALSE(carol.is_over()) << "bob has got no rights";
    alice.refer_bye(carol);
    world.advance(1s);
    EXPECT_TRUE(carol.is_over()) << "alice still has hers";
  }

  VirtualWorld world;
  VirtualEndpoint& alice = world.join("alice", {.cameras = 3});
  VirtualEndpoint& bob = world.join("bob", {.cameras = 2});
  VirtualEndpoint& carol = world.join("carol", {.cameras = 1});
  int devices = 1;
};

TEST_F(Takeover, MovesTheCreatorWithItsRoleAndRefreshesTheOthersOnce) {
  const auto told = bob.advertisements();
  auto& desk = other_device({.cameras = 1});
  desk.replace(alice);
  world.advance(3s);
  EXPECT_THAT(desk.responses(), ElementsAre(200));
  ASSERT_TRUE(alice.bye_received());
  EXPECT_EQ(alice.bye_received()->reason.text, "Replaced by another device");
  EXPECT_EQ(alice.history().back(), "channel closed");
  EXPECT_EQ(bob.advertisements(), told + 1) << "the old captures leave and the new ones come in one advertisement";
  EXPECT_THAT(seen_by(bob), (Tokens{"p3", "p4"}));
  EXPECT_THAT(seen_by(desk), (Tokens{"p2", "p3"})) << "it was never told of its own old captures";
  EXPECT_EQ(desk.advertisements(), 1U);
  EXPECT_TRUE(desk.has_clue());
  EXPECT_EQ(world.focus().census().participants, 3U);
  EXPECT_THAT(world.records("takeover.completed"), ElementsAre(HasSubstr("replaces=p1")));
  EXPECT_THAT(world.records("conference.ending"), IsEmpty()) << "the creator has not left";

  desk.refer_bye(carol);
  world.advance(1s);
  EXPECT_TRUE(carol.is_over()) << "the role came with it";
  desk.bye();
  world.advance(1s);
  EXPECT_TRUE(bob.is_over()) << "now the creator leaves";
}

TEST_F(Takeover, TheRosterShowsOneUserWhoNeverLeft) {
  auto& watcher = world.watcher("bob");
  watcher.in_dialog_of = &bob;
  watcher.subscribe();
  world.advance(10s);
  const auto expect_there = [&] {
    ASSERT_TRUE(watcher.view().has(alice.aor()));
    EXPECT_EQ(watcher.view().user_count(), 3U);
  };
  auto& desk = other_device({.cameras = 1});
  desk.replace(alice);
  for (int i = 0; i < 200; ++i) {
    world.advance(100ms);
    expect_there();
  }
  EXPECT_TRUE(alice.is_over());
  const auto& user = watcher.view().user(alice.aor());
  EXPECT_THAT(user.endpoints, SizeIs(1)) << "of the old device nothing is left";
  EXPECT_THAT(user.roles, ElementsAre("creator", "moderator", "admin"));

  auto& phone = other_device({.telepresence = false, .holds_ack = true});
  phone.replace(desk);
  world.settle();
  desk.bye();
  world.advance(20s);
  expect_there();
  EXPECT_THAT(watcher.view().user(alice.aor()).roles, ElementsAre("creator", "moderator", "admin"));
}

TEST_F(Takeover, NothingUntrueIsToldMeanwhile) {
  auto& desk = other_device({.clue_frozen = true});
  desk.replace(alice);
  world.advance(1900ms);
  EXPECT_FALSE(alice.is_over()) << "its captures are advertised, so it is still there";
  EXPECT_THAT(seen_by(bob), (Tokens{"p1", "p3"}));
  world.advance(200ms);
  EXPECT_TRUE(alice.is_over()) << "the wait for the new device's captures is bounded";
  EXPECT_THAT(seen_by(bob), (Tokens{"p3"}));
  desk.bye();
  world.advance(1s);
  EXPECT_TRUE(bob.is_over());
}

TEST_F(Takeover, ToAPhoneHappensAtOnce) {
  const auto told = bob.advertisements();
  auto& phone = other_device({.telepresence = false});
  phone.replace(alice);
  world.settle();
  EXPECT_TRUE(alice.is_over());
  world.advance(2s);
  EXPECT_EQ(bob.advertisements(), told + 1);
  EXPECT_THAT(seen_by(bob), (Tokens{"p3", "p4"}));
}

TEST_F(Takeover, WithAChannelThatIsUpBeforeThe200) {
  auto& desk = other_device({.supports_100rel = true});
  const auto told = bob.advertisements();
  desk.replace(alice);
  world.advance(3s);
  EXPECT_THAT(desk.responses(), ElementsAre(183, 200));
  EXPECT_TRUE(alice.is_over());
  EXPECT_EQ(bob.advertisements(), told + 1);
  EXPECT_THAT(seen_by(bob), (Tokens{"p3", "p4"}));
}

TEST_F(Takeover, AFailureLeavesTheOldDialogAsItWas) {
  auto& desk = other_device();
  desk.replace_with("v=0\r\n", alice);
  world.advance(3s);
  EXPECT_THAT(desk.responses(), SizeIs(1));
  EXPECT_GE(desk.responses().front(), 400);
  EXPECT_THAT(world.records("takeover.abandoned"), SizeIs(1));
  expect_untouched();
}

TEST_F(Takeover, ACancelLeavesTheOldDialogAsItWas) {
  auto& desk = other_device({.supports_100rel = true, .holds_prack = true});
  desk.replace(alice);
  world.advance(1s);
  desk.cancel();
  world.advance(1s);
  EXPECT_THAT(desk.responses(), ElementsAre(183, 487));
  expect_untouched();
}

TEST_F(Takeover, AMissingAckLeavesTheOldDialogAsItWas) {
  auto& desk = other_device({.holds_ack = true});
  desk.replace(alice);
  world.advance(5s);
  EXPECT_FALSE(alice.is_over()) << "the new dialog is not confirmed";
  desk.confirm_silently();
  world.post(focus::event::AckTimedOut{desk.dialog()});
  world.advance(1s);
  EXPECT_TRUE(desk.is_over());
  expect_untouched();
}

TEST_F(Takeover, TheOldDeviceMayHangUpFirst) {
  auto& desk = other_device({.holds_ack = true});
  desk.replace(alice);
  world.advance(1s);
  alice.bye();
  world.advance(1s);
  EXPECT_FALSE(bob.is_over()) << "the creator is on its way in";
  EXPECT_FALSE(alice.bye_received());
  desk.ack();
  world.advance(2s);
  EXPECT_THAT(seen_by(bob), (Tokens{"p3", "p4"}));
  desk.refer_bye(carol);
  world.advance(1s);
  EXPECT_TRUE(carol.is_over());
}

TEST_F(Takeover, OfATakeoverIsAChain) {
  auto& desk = other_device({.clue_frozen = true});
  desk.replace(alice);
  world.advance(1s);
  auto& laptop = other_device({.cameras = 1});
  laptop.replace(desk);
  world.advance(3s);
  EXPECT_TRUE(alice.is_over());
  EXPECT_TRUE(desk.is_over());
  EXPECT_THAT(seen_by(bob), (Tokens{"p3", "p5"}));
  laptop.refer_bye(carol);
  world.advance(1s);
  EXPECT_TRUE(carol.is_over());
}

TEST_F(Takeover, NeedsADialogThatIsThere) {  // RFC 3891 section 3
  VirtualEndpoint stranger(world, "stranger", {});
  auto& one = other_device();
  one.replace(stranger);
  world.settle();
  EXPECT_THAT(one.responses(), ElementsAre(481));

  auto& early = world.endpoint("early", {.supports_100rel = true, .user = "alice", .holds_prack = true});
  early.invite(world.conference());
  world.advance(1s);
  auto& two = other_device();
  two.replace(early);
  world.settle();
  EXPECT_THAT(two.responses(), ElementsAre(481)) << "an early dialog that its peer began";
}

TEST_F(Takeover, OfWhoIsLeavingIsDeclined) {
  auto& dave = world.join("dave", {.bye_unanswered = true});
  alice.refer_bye(dave);
  world.settle();
  auto& desk = world.endpoint("desk", {.user = "dave"});
  desk.replace(dave);
  world.settle();
  EXPECT_THAT(desk.responses(), ElementsAre(603));
}

TEST_F(Takeover, InAnotherConferenceFindsNothing) {
  auto& desk = other_device();
  auto& other = world.endpoint("other");
  other.invite("factory");
  world.advance(2s);
  desk.replace(alice, false, other.contact_user());
  world.settle();
  EXPECT_THAT(desk.responses(), ElementsAre(481));
}

TEST_F(Takeover, OfAnEstablishedDialogIsNotEarlyOnly) {
  auto& desk = other_device();
  desk.replace(alice, true);
  world.settle();
  EXPECT_THAT(desk.responses(), ElementsAre(486));
  expect_untouched();
}

TEST_F(Takeover, ByAnotherUserIsForbidden) {
  auto& eve = world.endpoint("eve");
  eve.replace(alice);
  world.settle();
  EXPECT_THAT(eve.responses(), ElementsAre(403));
  auto& proven = world.join("dave", {.asserted = true});
  auto& impostor = world.endpoint("impostor", {.user = "dave"});
  impostor.replace(proven);
  world.settle();
  EXPECT_THAT(impostor.responses(), ElementsAre(403)) << "a From header does not take an asserted identity's place";
  proven.bye();
  world.advance(1s);
  expect_untouched();
}

TEST_F(Takeover, ByOneNobodyForAnotherIsForbidden) {
  auto& hidden = world.join("hidden", {.host = "anonymous.invalid", .user = "anonymous"});
  auto& other = world.endpoint("other", {.host = "anonymous.invalid", .user = "anonymous"});
  other.replace(hidden);
  world.settle();
  EXPECT_THAT(other.responses(), ElementsAre(403)) << "the same From does not make them the same user";
}

TEST_F(Takeover, TwiceAtATimeIsNotPossible) {
  auto& desk = other_device({.holds_ack = true});
  desk.replace(alice);
  world.advance(1s);
  auto& laptop = other_device();
  laptop.replace(alice);
  auto& phone = other_device();
  phone.replace(desk);
  world.settle();
  EXPECT_THAT(laptop.responses(), ElementsAre(491));
  EXPECT_THAT(phone.responses(), ElementsAre(491));
  desk.ack();
  world.advance(3s);
  EXPECT_THAT(seen_by(bob), (Tokens{"p3", "p4"}));
}

TEST_F(Takeover, WhileTheConferenceEndsLeavesNothing) {
  auto& desk = other_device({.clue_frozen = true});
  desk.replace(alice);
  world.advance(1s);
  world.post(focus::event::ShutdownRequested{});
  world.advance(40s);
  EXPECT_TRUE(alice.is_over());
  EXPECT_TRUE(desk.is_over());
  EXPECT_TRUE(world.has_finished_shutdown());
  EXPECT_EQ(world.open_channels(), 0U);
}

TEST(TakeoverPolicy, AFullAndLockedConferenceIsNoObstacle) {
  auto policy = VirtualWorld::default_policy();
  policy.conference.max_participants_per_conference = 2;
  policy.conference.max_participants = 2;
  policy.conference.lock_after = 10s;
  VirtualWorld world(policy);
  auto& alice = world.join("alice");
  auto& bob = world.join("bob");
  world.advance(10s);
  EXPECT_THAT(world.join("carol").responses(), ElementsAre(403));
  auto& desk = world.endpoint("desk", {.user = "alice"});
  desk.replace(alice);
  world.advance(3s);
  EXPECT_TRUE(alice.is_over());
  EXPECT_THAT(seen_by(bob), (Tokens{"p3"}));
  EXPECT_THAT(world.violations(), IsEmpty());
}

TEST(TakeoverPolicy, MayBeForNobodyOrForAnyone) {
  for (const auto replace : {focus::Replacing::nobody, focus::Replacing::anyone}) {
    auto policy = VirtualWorld::default_policy();
    policy.conference.replace = replace;
    VirtualWorld world(policy);
    auto& alice = world.join("alice");
    auto& bob = world.join("bob");
    auto& desk = world.endpoint("desk", {.user = "alice"});
    desk.replace(alice);
    auto& eve = world.endpoint("eve");
    eve.replace(bob);
    world.advance(3s);
    const int expected = replace == focus::Replacing::nobody ? 403 : 200;
    EXPECT_THAT(desk.responses(), ElementsAre(expected));
    EXPECT_THAT(eve.responses(), ElementsAre(expected));
    EXPECT_EQ(alice.is_over(), replace == focus::Replacing::anyone);
    EXPECT_EQ(bob.is_over(), replace == focus::Replacing::anyone);
    EXPECT_THAT(world.violations(), IsEmpty());
  }
}

}  // namespace
}  // namespace clued::testing
