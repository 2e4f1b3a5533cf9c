// What the operator decides (RFC 4353: conference policy): who may do what, permanent conferences, locks, limits, whose
// the moderator's role is, and a change of all that while conferences are running.
#include "support/scenario.hpp"

namespace clued::testing {
namespace {

using focus::ConferencePolicy;
using focus::Permission;

using Ring = Permission::Ring;

focus::SipUri uri(const std::string& user, const std::string& host = "ims.example.net") {
  focus::SipUri made;
  made.user = user;
  made.host = host;
  return made;
}

focus::Policy with(const std::function<void(ConferencePolicy&)>& change) {
  auto policy = VirtualWorld::default_policy();
  change(policy.conference);
  return policy;
}

void expect_sound(const VirtualWorld& world) {
  EXPECT_THAT(world.violations(), IsEmpty());
  if (::testing::Test::HasFailure()) std::cout << world.story();
}

VirtualEndpoint& call(VirtualWorld& world, const std::string& name, const std::string& user,
                      EndpointTraits traits = {}) {
  auto& caller = world.endpoint(name, std::move(traits));
  caller.invite(user);
  world.advance(2s);
  return caller;
}

// --- who may do what ---

TEST(PolicyRights, WhoMayNotCreateGets403) {  // FOC-01, FOC-17
  VirtualWorld world(with([](auto& policy) {
    policy.rights.create = {Ring::nobody, {uri("alice")}, {"example.org"}};
  }));
  EXPECT_THAT(call(world, "alice", "factory").responses(), ElementsAre(403)) << "anybody can write her name into From";
  EXPECT_THAT(call(world, "bob", "factory", {.asserted = true}).responses(), ElementsAre(403));
  EXPECT_THAT(call(world, "alice", "factory", {.asserted = true}).responses(), ElementsAre(200));
  EXPECT_THAT(call(world, "eve", "factory", {.host = "example.org", .asserted = true}).responses(), ElementsAre(200));
  EXPECT_THAT(world.records("invite.refused"), SizeIs(2));
  EXPECT_THAT(world.records("invite.refused")[0], HasSubstr("reason=not allowed to create"));
  expect_sound(world);
}

TEST(PolicyRights, WhoMayNotJoinGets403) {  // FOC-05
  VirtualWorld world(with([](auto& policy) { policy.rights.join = {Ring::identified, {}, {}}; }));
  world.join("alice");
  EXPECT_THAT(world.join("bob").responses(), ElementsAre(403));
  EXPECT_THAT(world.join("carol", {.asserted = true}).responses(), ElementsAre(200));
  expect_sound(world);
}

TEST(PolicyRights, RemovingMayBeOpenToAllParticipantsOrToNobody) {  // REF-05
  for (const auto ring : {Ring::nobody, Ring::moderators, Ring::participants}) {
    VirtualWorld world(with([&](auto& policy) { policy.rights.remove = {ring, {}, {}}; }));
    auto& alice = world.join("alice");
    auto& bob = world.join("bob");
    auto& carol = world.join("carol");
    bob.refer_bye(carol);
    world.advance(1s);
    EXPECT_EQ(carol.is_over(), ring == Ring::participants);
    if (ring == Ring::participants) continue;
    alice.refer_bye(carol, false);
    world.advance(1s);
    EXPECT_EQ(carol.is_over(), ring == Ring::moderators);
    bob.refer_bye(bob);
    world.advance(1s);
    EXPECT_TRUE(bob.is_over()) << "everybody may remove himself, whatever is configured";
    expect_sound(world);
  }
}

TEST(PolicyRights, EndingIsARightOfItsOwn) {  // REF-06
  VirtualWorld world(with([&](auto& policy) { policy.rights.end = {Ring::nobody, {uri("boss")}, {}}; }));
  auto& alice = world.join("alice");
  auto& bob = world.join("bob");
  alice.refer(uri(world.conference(), "focus.example.net"), "BYE");
  world.advance(1s);
  EXPECT_FALSE(bob.is_over());
  EXPECT_THAT(world.records("refer.refused"), ElementsAre(HasSubstr("status=403")));
  auto& boss = world.endpoint("boss", {.asserted = true});
  boss.refer(uri(world.conference(), "focus.example.net"), "BYE", false, false);
  world.advance(1s);
  EXPECT_TRUE(alice.is_over());
  EXPECT_TRUE(bob.is_over());
  EXPECT_THAT(world.records("conference.ending"), ElementsAre(HasSubstr("cause=referred")));
  EXPECT_EQ(world.focus().census().conferences, 0U);
  expect_sound(world);
}

// --- succession ---

TEST(PolicySuccession, TheRoleGoesToWhoIsThereLongest) {
  VirtualWorld world(with([](auto& policy) {
    policy.end_when = focus::EndWhen::last_leaves;
    policy.moderator_succession = focus::ModeratorSuccession::longest_present;
  }));
  auto& alice = world.join("alice");
  auto& bob = world.join("bob");
  auto& carol = world.join("carol");
  auto& dave = world.join("dave");
  bob.refer_bye(carol);
  world.advance(1s);
  EXPECT_FALSE(carol.is_over()) << "not while the creator is there";
  alice.bye();
  world.advance(1s);
  EXPECT_THAT(world.records("moderator.appointed"), ElementsAre(HasSubstr("sip:bob@")));
  carol.refer_bye(dave);
  world.advance(1s);
  EXPECT_FALSE(dave.is_over());
  bob.refer_bye(dave);
  world.advance(1s);
  EXPECT_TRUE(dave.is_over());
  bob.bye();
  world.advance(1s);
  EXPECT_THAT(world.records("moderator.appointed"), ElementsAre(HasSubstr("sip:bob@"), HasSubstr("sip:carol@")));
  expect_sound(world);
}

TEST(PolicySuccession, WaitsForSomebodyToBeIn) {
  VirtualWorld world(with([](auto& policy) {
    policy.end_when = focus::EndWhen::last_leaves;
    policy.moderator_succession = focus::ModeratorSuccession::longest_present;
  }));
  auto& alice = world.join("alice");
  auto& bob = call(world, "bob", world.conference(), {.holds_ack = true});
  alice.bye();
  world.advance(1s);
  EXPECT_THAT(world.records("moderator.appointed"), IsEmpty());
  bob.ack();
  world.advance(1s);
  EXPECT_THAT(world.records("moderator.appointed"), SizeIs(1));
  expect_sound(world);
}

TEST(PolicySuccession, NobodyInheritsByDefault) {
  VirtualWorld world(with([](auto& policy) { policy.end_when = focus::EndWhen::last_leaves; }));
  auto& alice = world.join("alice");
  auto& bob = world.join("bob");
  auto& carol = world.join("carol");
  alice.bye();
  world.advance(1s);
  bob.refer_bye(carol);
  world.advance(1s);
  EXPECT_FALSE(carol.is_over());
  EXPECT_THAT(world.records("moderator.appointed"), IsEmpty());
  expect_sound(world);
}

// --- locks and limits ---

TEST(PolicyLock, AConferenceLocksItselfAfterAWhile) {
  VirtualWorld world(with([](auto& policy) {
    policy.lock_after = 10min;
    policy.moderators = {uri("boss")};
  }));
  world.join("alice");
  EXPECT_THAT(world.join("bob").responses(), ElementsAre(200));
  world.advance(10min - 10s);
  EXPECT_THAT(world.records("conference.locked"), IsEmpty());
  world.advance(10s);
  EXPECT_THAT(world.records("conference.locked"), ElementsAre(HasSubstr("by=age"))) << "nobody has to knock for it";
  EXPECT_THAT(world.join("carol").responses(), ElementsAre(403));
  EXPECT_THAT(world.records("invite.refused"), ElementsAre(HasSubstr("conference is locked")));
  EXPECT_THAT(world.join("boss", {.asserted = true}).responses(), ElementsAre(200)) << "a moderator can come back";
  expect_sound(world);
}

TEST(PolicyLimits, RefusalsSayWhenToTryAgainAndWhy) {
  VirtualWorld world(with([](auto& policy) {
    policy.max_participants_per_conference = 1;
    policy.max_conferences = 1;
  }));
  world.join("alice");
  const auto full = world.join("bob").last_response();
  EXPECT_EQ(full.status, 486);
  EXPECT_EQ(full.retry_after, 30s);
  ASSERT_TRUE(full.reason);
  EXPECT_EQ(full.reason->text, "conference is full");
  const auto many = call(world, "carol", "factory").last_response();
  EXPECT_EQ(many.status, 503);
  EXPECT_EQ(many.retry_after, 30s);
  EXPECT_EQ(many.reason->text, "too many conferences");
  expect_sound(world);
}

TEST(PolicyLimits, AnEndedConferenceIs410AndForgottenLater) {  // FOC-05, END-08
  VirtualWorld world;
  auto& alice = world.join("alice");
  alice.bye();
  world.advance(1s);
  EXPECT_THAT(world.join("bob").responses(), ElementsAre(410));
  auto& carol = world.endpoint("carol");
  carol.refer(uri("alice"), "BYE", false, false);
  world.advance(1s);
  EXPECT_THAT(carol.responses(), ElementsAre(410));
  EXPECT_THAT(call(world, "dave", "conf-never").responses(), ElementsAre(404));
  world.advance(10min);
  EXPECT_THAT(world.join("erin").responses(), ElementsAre(404));
  expect_sound(world);
}

TEST(PolicyLimits, OpenRefersAreBounded) {
  auto policy = VirtualWorld::default_policy();
  policy.max_open_refers = 2;
  VirtualWorld world(policy);
  auto& alice = world.join("alice");
  auto& bob = world.join("bob", {.bye_unanswered = true});
  for (const auto* name : {"carol", "dave", "erin"}) world.endpoint(name, {.called = EndpointTraits::Called::rings});
  for (int i = 0; i < 2; ++i) alice.refer_bye(bob);
  alice.refer_invite("carol");
  world.settle();
  EXPECT_THAT(world.refer_answers(), ElementsAre(200, 200));
  EXPECT_EQ(alice.last_response().status, 503);
  EXPECT_EQ(alice.last_response().retry_after, 10s);
  EXPECT_EQ(world.focus().census().open_refers, 2U);
  world.advance(33s);
  EXPECT_EQ(world.focus().census().open_refers, 0U);
  expect_sound(world);
}

// It is what makes room again.
TEST(PolicyLimits, OpenRefersHinderNobodyWhoMayRemove) {
  auto policy = VirtualWorld::default_policy();
  policy.max_open_refers = 2;
  VirtualWorld world(policy);
  auto& alice = world.join("alice");
  auto& bob = world.join("bob");
  for (const auto* name : {"carol", "dave", "erin"}) {
    world.endpoint(name, {.called = EndpointTraits::Called::rings});
    alice.refer_invite(name);
  }
  world.settle();
  EXPECT_THAT(world.refer_answers(), ElementsAre(200, 200));
  EXPECT_EQ(alice.last_response().status, 503);
  alice.refer_bye(bob);
  world.settle();
  EXPECT_THAT(world.refer_answers(), ElementsAre(200, 200, 200));
  EXPECT_TRUE(bob.is_over());
  EXPECT_EQ(world.focus().census().open_refers, 2U) << "what is told at once is not kept open";
  EXPECT_THAT(world.records("refer.concluded"), ElementsAre(HasSubstr("status=100")));
  alice.refer_bye(world.endpoint("carol"));
  world.settle();
  EXPECT_THAT(world.refer_answers(), SizeIs(4));
  world.advance(3min);
  EXPECT_EQ(world.focus().census().open_refers, 0U);
  expect_sound(world);
}

TEST(PolicyLimits, WhileStoppingNothingNewBegins) {
  VirtualWorld world;
  auto& alice = world.join("alice");
  auto& bob = world.join("bob", {.bye_unanswered = true});
  world.post(focus::event::ShutdownRequested{});
  world.settle();
  EXPECT_THAT(call(world, "carol", "factory").last_response().retry_after, 10s);
  auto& dave = world.endpoint("dave");
  dave.refer(uri("erin"), "INVITE", false, false);
  world.settle();
  EXPECT_EQ(dave.last_response().status, 503);
  EXPECT_EQ(dave.last_response().retry_after, 10s);
  EXPECT_TRUE(alice.is_over());
  world.advance(32s);
  EXPECT_TRUE(bob.is_over());
  EXPECT_TRUE(world.has_finished_shutdown());
  expect_sound(world);
}

// --- permanent conferences ---

focus::Policy with_boardroom(const focus::PermanentConference& boardroom = {}) {
  return with([&](auto& policy) { policy.permanent.emplace("boardroom", boardroom); });
}

TEST(PermanentConferences, AreThereBeforeAndAfterEverybody) {
  VirtualWorld world(with_boardroom());
  EXPECT_EQ(world.focus().census().conferences, 1U);
  auto& alice = call(world, "alice", "boardroom");
  auto& bob = call(world, "bob", "boardroom");
  EXPECT_THAT(alice.responses(), ElementsAre(200));
  EXPECT_EQ(alice.contact_user(), "boardroom");
  EXPECT_EQ(bob.last_advertisement().captures.front().id.substr(0, 3), "p1-");
  alice.bye();
  world.advance(1s);
  EXPECT_FALSE(bob.is_over()) << "it has no creator whose leaving would end it";
  bob.bye();
  world.advance(1s);
  EXPECT_EQ(world.focus().census().conferences, 1U);
  EXPECT_EQ(world.focus().census().participants, 0U);
  EXPECT_THAT(call(world, "carol", "boardroom").responses(), ElementsAre(200));
  EXPECT_THAT(world.records("conference.ended"), IsEmpty());
  expect_sound(world);
}

TEST(PermanentConferences, HaveModeratorsLimitsAndRightsOfTheirOwn) {
  VirtualWorld world(with_boardroom({{uri("chair")}, 3, false, Permission{Ring::identified, {}, {}}}));
  EXPECT_THAT(call(world, "nobody", "boardroom").responses(), ElementsAre(403));
  auto& chair = call(world, "chair", "boardroom", {.asserted = true});
  auto& bob = call(world, "bob", "boardroom", {.asserted = true});
  auto& carol = call(world, "carol", "boardroom", {.asserted = true});
  EXPECT_THAT(call(world, "dave", "boardroom", {.asserted = true}).responses(), ElementsAre(486));
  bob.refer_bye(carol);
  world.advance(1s);
  EXPECT_FALSE(carol.is_over());
  chair.refer_bye(carol);
  world.advance(1s);
  EXPECT_TRUE(carol.is_over());
  expect_sound(world);
}

TEST(PermanentConferences, AreClearedWhenTheyAreEnded) {  // REF-06
  VirtualWorld world(with_boardroom({{uri("chair")}, {}, false, {}}));
  auto& chair = call(world, "chair", "boardroom", {.asserted = true});
  auto& bob = call(world, "bob", "boardroom");
  auto& carol = call(world, "carol", "boardroom", {.supports_100rel = true, .holds_prack = true});
  const auto told = bob.advertisements();
  chair.refer(uri("boardroom", "focus.example.net"), "BYE");
  world.advance(1s);
  EXPECT_TRUE(chair.is_over());
  EXPECT_TRUE(bob.is_over());
  EXPECT_THAT(carol.responses(), ElementsAre(183, 480));
  EXPECT_EQ(bob.advertisements(), told) << "nobody is refreshed on the way out";
  EXPECT_THAT(world.records("conference.cleared"), ElementsAre(HasSubstr("participants=3")));
  EXPECT_EQ(world.notifies().back().status, 200);
  EXPECT_TRUE(world.notifies().back().terminated);
  EXPECT_EQ(world.focus().census().participants, 0U);
  EXPECT_THAT(call(world, "dave", "boardroom").responses(), ElementsAre(200));
  expect_sound(world);
}

TEST(PermanentConferences, TheirNameElsewhereIsSomebodyElse) {
  auto policy = with_boardroom();
  policy.conference.domains = {"focus.example.net"};
  VirtualWorld world(policy);
  auto& chair = call(world, "chair", "boardroom");
  auto& user = call(world, "boardroom", "boardroom");
  user.refer(uri("boardroom"), "BYE");
  world.advance(1s);
  EXPECT_TRUE(user.is_over()) << "a user of that name removed itself";
  EXPECT_FALSE(chair.is_over());
  expect_sound(world);
}

// --- SIGHUP ---

void reload(VirtualWorld& world, focus::Policy policy) {
  world.post(focus::event::PolicyChanged{std::make_shared<const focus::Policy>(std::move(policy))});
  world.settle();
}

void reload(VirtualWorld& world, ConferencePolicy conference) {
  auto policy = VirtualWorld::default_policy();
  policy.conference = std::move(conference);
  reload(world, std::move(policy));
}

TEST(PolicyReload, LocksAndUnlocksAPermanentConference) {
  const auto policy = with_boardroom();
  VirtualWorld world(policy);
  auto& alice = call(world, "alice", "boardroom");
  auto locked = policy.conference;
  locked.permanent["boardroom"].locked = true;
  locked.permanent["boardroom"].moderators = {uri("chair")};
  reload(world, locked);
  EXPECT_FALSE(alice.is_over()) << "who is in stays in";
  EXPECT_THAT(call(world, "bob", "boardroom").responses(), ElementsAre(403));
  EXPECT_THAT(call(world, "chair", "boardroom", {.asserted = true}).responses(), ElementsAre(200));
  reload(world, policy.conference);
  EXPECT_THAT(call(world, "bob", "boardroom").responses(), ElementsAre(200));
  EXPECT_THAT(world.records("conference.locked"), SizeIs(1));
  EXPECT_THAT(world.records("conference.unlocked"), SizeIs(1));
  EXPECT_THAT(world.records("policy.changed"), SizeIs(2));
  expect_sound(world);
}

TEST(PolicyReload, OpensNewPermanentConferencesAndLetsOldOnesRunOut) {
  const auto policy = with_boardroom();
  VirtualWorld world(policy);
  auto& alice = call(world, "alice", "boardroom");
  ConferencePolicy other;
  other.permanent.emplace("lounge", focus::PermanentConference{});
  other.permanent.emplace("lobby", focus::PermanentConference{});
  reload(world, other);
  EXPECT_FALSE(alice.is_over());
  EXPECT_THAT(call(world, "bob", "lounge").responses(), ElementsAre(200));
  EXPECT_THAT(call(world, "carol", "boardroom").responses(), ElementsAre(200)) << "as long as somebody is in it";
  EXPECT_EQ(world.focus().census().conferences, 3U);
  ConferencePolicy none;
  reload(world, none);
  EXPECT_EQ(world.focus().census().conferences, 2U) << "the empty lobby is gone at once";
  EXPECT_THAT(call(world, "dave", "lobby").responses(), ElementsAre(410));
  reload(world, policy.conference);
  EXPECT_THAT(call(world, "erin", "boardroom").responses(), ElementsAre(200));
  EXPECT_EQ(world.focus().census().conferences, 2U) << "the same one, permanent again";
  expect_sound(world);
}

// What is taken out of the file while somebody is in it keeps what the file said of it: no right opens by that.
TEST(PolicyReload, WhatIsTakenOutOfTheFileKeepsItsOwnRightsUntilItEnds) {
  auto policy = with_boardroom({{uri("chair")}, 2, false, Permission{Ring::identified, {}, {}}});
  policy.conference.permanent.emplace("locked", focus::PermanentConference{{uri("chair")}, {}, true, {}});
  policy.conference.domains = {"focus.example.net"};
  VirtualWorld world(policy);
  auto& alice = call(world, "alice", "boardroom", {.asserted = true});
  auto& chair = call(world, "chair", "locked", {.asserted = true});
  auto without = policy.conference;
  without.permanent.clear();
  reload(world, without);
  EXPECT_THAT(world.records("conference.withdrawn"),
              ::testing::UnorderedElementsAre(HasSubstr("conference=boardroom"), HasSubstr("conference=locked")));
  EXPECT_THAT(world.records("conference.unlocked"), IsEmpty());
  EXPECT_THAT(call(world, "stranger", "boardroom").responses(), ElementsAre(403)) << "its join list";
  EXPECT_THAT(call(world, "stranger", "locked").responses(), ElementsAre(403)) << "its lock";
  auto& bob = call(world, "bob", "boardroom", {.asserted = true});
  EXPECT_THAT(bob.responses(), ElementsAre(200));
  EXPECT_THAT(call(world, "carol", "boardroom", {.asserted = true}).responses(), ElementsAre(486)) << "its limit";
  auto& user = call(world, "locked", "boardroom", {.asserted = true});
  EXPECT_THAT(user.responses(), ElementsAre(486));
  reload(world, without);
  EXPECT_THAT(world.records("conference.withdrawn"), SizeIs(2)) << "told once";
  chair.bye();
  world.advance(1s);
  EXPECT_THAT(world.records("conference.ended"), ElementsAre(HasSubstr("conference=locked")));
  reload(world, policy.conference);
  EXPECT_FALSE(alice.is_over());
  alice.bye();
  bob.bye();
  world.advance(1s);
  EXPECT_EQ(world.focus().census().conferences, 2U) << "permanent again";
  expect_sound(world);
}

TEST(PolicyReload, ChangesWhoMayDoWhat) {
  VirtualWorld world;
  world.join("alice");
  auto& bob = world.join("bob");
  auto& carol = world.join("carol");
  bob.refer_bye(carol);
  world.advance(1s);
  EXPECT_FALSE(carol.is_over());
  ConferencePolicy open;
  open.rights.remove = {Ring::participants, {}, {}};
  open.max_participants_per_conference = 3;
  reload(world, open);
  EXPECT_THAT(world.join("dave").responses(), ElementsAre(486));
  bob.refer_bye(carol);
  world.advance(1s);
  EXPECT_TRUE(carol.is_over());
  expect_sound(world);
}

TEST(PolicyReload, DecidesWhatIsAskedFromThenOn) {
  VirtualWorld world;
  auto& alice = world.join("alice");
  auto& bob = world.join("bob", {.telepresence = false});
  auto& carol = world.join("carol", {.telepresence = false});
  ASSERT_EQ(alice.session_timers().back().expires, 30min);
  auto policy = VirtualWorld::default_policy();
  policy.session_expires = 10min;
  policy.refer_accept_code = 202;
  policy.clue_enabled = false;
  policy.media.video_codecs.clear();
  reload(world, policy);
  EXPECT_EQ(world.open_channels(), 1U) << "what there is stays";
  alice.refer_bye(bob);
  world.advance(1s);
  EXPECT_THAT(world.refer_answers(), ElementsAre(202));
  auto& dave = world.join("dave");
  EXPECT_EQ(dave.session_timers().back().expires, 10min);
  EXPECT_EQ(world.open_channels(), 1U) << "nobody else is offered a CLUE channel";
  policy.max_open_refers = 0;
  policy.session_expires = 20min;
  reload(world, policy);
  world.endpoint("frank", {.called = EndpointTraits::Called::rings});
  alice.refer_invite("frank");
  world.advance(1s);
  EXPECT_THAT(alice.responses().back(), 503);
  EXPECT_FALSE(carol.is_over());
  EXPECT_EQ(world.join("erin").session_timers().back().expires, 20min);
  world.advance(2h);
  EXPECT_EQ(world.focus().census().participants, 4U) << "sessions that began before a reload go on";
  expect_sound(world);
}

}  // namespace
}  // namespace clued::testing
