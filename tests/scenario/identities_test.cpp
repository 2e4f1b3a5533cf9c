// A user has all the names that were proven (RFC 3325: a SIP and a tel URI; a certificate's URIs): whatever asks who
// somebody is asks for any of them. And the Contact by which a leg is known is the one of now.
#include "support/watching.hpp"

namespace clued::testing {
namespace {

using focus::Permission;
using focus::SipUri;
using Ring = Permission::Ring;

constexpr const char* number = "+491711234";

SipUri tel(const std::string& digits) { return {"tel", digits, "", 0, {}}; }

SipUri uri(const std::string& user, const std::string& host = "ims.example.net") { return {"sip", user, host, 0, {}}; }

class Identities : public ::testing::Test {
 protected:
  static focus::Policy policy() {
    auto policy = VirtualWorld::default_policy();
    policy.conference.moderators = {tel("+49-171-1234")};
    policy.max_subscriptions_per_user = 2;
    return policy;
  }
  void TearDown() override {
    EXPECT_THAT(world.violations(), IsEmpty());
    if (HasFailure()) std::cout << world.story();
  }

  VirtualWorld world{policy()};
  VirtualEndpoint& alice = world.join("alice");
};

TEST_F(Identities, AModeratorByNumberMayWhatModeratorsMay) {
  auto& boss = world.join("boss", {.asserted = true, .number = number});
  auto& carol = world.join("carol");
  auto& dave = world.join("dave");
  boss.refer_bye(carol);
  boss.refer(uri("dave"), "BYE", false, false);
  world.advance(1s);
  EXPECT_TRUE(carol.bye_received());
  EXPECT_TRUE(dave.bye_received()) << "out of its dialog";
  EXPECT_THAT(world.records("refer.accepted"), Each(HasSubstr("role=moderator")));
}

// RFC 4538 section 7: tags can be read by whoever is on the way.
TEST_F(Identities, TheTagsOfAnotherUsersDialogMakeNobodyThatUser) {
  auto& boss = world.join("boss", {.asserted = true, .number = number});
  auto& eve = world.join("eve", {.asserted = true});
  auto& carol = world.join("carol");
  eve.refer_in_the_name_of(boss, uri("carol"), "BYE");
  world.advance(1s);
  EXPECT_FALSE(carol.bye_received());
  EXPECT_EQ(eve.responses().back(), 403);
  // On another device the user is still itself, and whom nobody has vouched for is who has the tags.
  auto& other_device = world.join("boss", {.asserted = true, .number = number});
  other_device.refer_in_the_name_of(boss, uri("dave"), "BYE");
  auto& dave = world.join("dave");
  eve.refer_in_the_name_of(alice, uri("dave"), "BYE");
  world.advance(1s);
  EXPECT_EQ(other_device.responses().back(), 404);
  EXPECT_TRUE(dave.bye_received());
}

TEST_F(Identities, AUserIsRemovedByEachOfItsNames) {
  for (const SipUri& name : {tel("+49-30-77"), uri("bob"), SipUri{"sip", "+493077", "gw", 0, {{"user", "phone"}}}}) {
    auto& bob = world.join("bob", {.asserted = true, .number = "+493077"});
    alice.refer(name, "BYE");
    world.advance(1s);
    EXPECT_TRUE(bob.bye_received()) << name.to_string();
  }
  EXPECT_THAT(world.refer_answers(), ElementsAre(200, 200, 200));
}

TEST_F(Identities, AllLegsOfAUserGoWhicheverOfItsNamesTheyCameWith) {
  auto& room = world.join("bob", {.asserted = true, .number = "+493077"});
  auto& by_gateway = world.join("gateway", {.telepresence = false, .user = "+493077", .number = "+49-30-77"});
  alice.refer(tel("+493077"), "BYE");
  world.advance(1s);
  EXPECT_TRUE(room.bye_received());
  EXPECT_TRUE(by_gateway.bye_received());
}

TEST_F(Identities, OneselfIsRemovedByAnyName) {
  auto& bob = world.join("bob", {.asserted = true, .number = "+493077"});
  auto& other = world.join("desk", {.telepresence = false, .user = "x", .number = "+493077"});
  bob.refer(tel("+493077"), "BYE");
  world.advance(1s);
  EXPECT_TRUE(bob.bye_received());
  EXPECT_TRUE(other.bye_received());
}

TEST_F(Identities, AnotherDeviceTakesOverByTheNameThatBothHave) {  // RFC 3891 section 3
  auto& room = world.join("bob", {.asserted = true, .number = "+493077"});
  auto& mobile = world.endpoint("mobile", {.telepresence = false, .user = "mobile", .number = "+49 30 77"});
  mobile.replace(room);
  world.advance(1s);
  EXPECT_THAT(mobile.responses(), ElementsAre(200));
  EXPECT_TRUE(room.bye_received());
  auto& eve = world.endpoint("eve", {.asserted = true, .number = "+493078"});
  eve.replace(mobile);
  world.advance(1s);
  EXPECT_THAT(eve.responses(), ElementsAre(403));
}

TEST_F(Identities, WhoLeavesWithOneLegKeepsItsRoleWithAnother) {
  VirtualWorld own(policy());
  auto& room = own.join("bob", {.asserted = true, .number = "+493077"});
  auto& phone = own.join("phone", {.telepresence = false, .user = "p", .number = "+493077"});
  auto& carol = own.join("carol");
  room.bye();
  own.advance(1s);
  EXPECT_FALSE(carol.bye_received()) << "the creator is still there";
  phone.refer_bye(carol);
  own.advance(1s);
  EXPECT_TRUE(carol.bye_received());
  EXPECT_THAT(own.violations(), IsEmpty());
}

TEST_F(Identities, RightsAreAskedForEachOfThem) {  // FOC-01, FOC-05
  auto strict = policy();
  strict.conference.rights.create = {Ring::nobody, {tel("+493077")}, {}};
  strict.conference.rights.join = {Ring::nobody, {tel("+493077")}, {}};
  VirtualWorld own(strict);
  EXPECT_THAT(own.join("eve", {.asserted = true, .number = "+493078"}).responses(), ElementsAre(403));
  EXPECT_THAT(own.join("bob", {.asserted = true, .number = "+493077"}).responses(), ElementsAre(200));
  EXPECT_THAT(own.join("eve", {.asserted = true, .number = "+493078"}).responses(), ElementsAre(403));
  EXPECT_THAT(own.join("bob", {.asserted = true, .number = "+493077"}).responses(), ElementsAre(200));
  EXPECT_THAT(own.violations(), IsEmpty());
}

// EVT-05: who is shown by one name is not somebody else by another.
TEST_F(Identities, TheRosterShowsOneUserWithAllItsLegs) {
  auto& watcher = world.watcher("alice");
  watcher.in_dialog_of = &alice;
  watcher.subscribe();
  auto& room = world.join("bob", {.asserted = true, .number = "+493077"});
  auto& phone = world.join("phone", {.telepresence = false, .user = "p", .number = "+493077"});
  world.advance(2s);
  EXPECT_EQ(watcher.view().user_count(), 2U);
  EXPECT_THAT(watcher.view().user(entity("bob")).endpoints, SizeIs(2));
  room.bye();
  world.advance(10s);
  EXPECT_THAT(watcher.view().user(entity("bob")).endpoints, SizeIs(1)) << "as it is known, so it stays";
  alice.refer(uri("bob"), "BYE");
  world.advance(1s);
  EXPECT_TRUE(phone.bye_received()) << "by the name that the roster shows";
}

TEST_F(Identities, OfAUserWhoIsPutOutWatchesNoneOfItsNames) {  // END-11
  auto& bob = world.join("bob", {.telepresence = false, .asserted = true, .number = "+493077"});
  auto& watcher = world.watcher("somebody");
  watcher.number = "+49 30 77";
  watcher.subscribe();
  world.settle();
  ASSERT_TRUE(watcher.is_subscribed()) << "a participant by its number";
  alice.refer_bye(bob);
  world.advance(1s);
  EXPECT_EQ(watcher.end_reason(), "rejected");
}

TEST_F(Identities, OneUserHasOneLimitWhicheverNameItComesWith) {  // EVT-10
  world.join("bob", {.telepresence = false, .asserted = true, .number = "+493077"});
  std::vector<VirtualWatcher*> all;
  for (const bool by_number : {false, true, false}) {
    auto& one = world.watcher("bob");
    if (!by_number) one.asserted = "bob";
    if (by_number) one.number = "+493077";
    one.subscribe();
    world.settle();
    all.push_back(&one);
  }
  EXPECT_TRUE(all[0]->is_subscribed());
  EXPECT_TRUE(all[1]->is_subscribed());
  ASSERT_THAT(all[2]->refusals(), SizeIs(1));
  EXPECT_EQ(all[2]->refusals()[0].status, 403);
  all[1]->subscribe(0s);
  world.settle();
  all[2]->subscribe();
  world.settle();
  EXPECT_TRUE(all[2]->is_subscribed()) << "given back under all names";
}

TEST_F(Identities, OfThoseWhoHideAreOneAnonymousUser) {  // EVT-11
  auto& watcher = world.watcher("alice");
  watcher.in_dialog_of = &alice;
  watcher.subscribe();
  world.join("bob", {.telepresence = false, .asserted = true, .number = "+493077", .is_private = true});
  world.join("phone", {.telepresence = false, .user = "p", .number = "+493077", .is_private = true});
  world.advance(2s);
  EXPECT_EQ(watcher.view().user_count(), 2U);
  EXPECT_THAT(watcher.view().user("sip:anonymous1@anonymous.invalid").endpoints, SizeIs(2));
}

// --- the Contact of now (RFC 3261 section 12.2, REF-03 d) ---

TEST_F(Identities, WhoMovedIsFoundByItsNewContactAndNotByTheOld) {
  auto& bob = world.join("bob", {.telepresence = false, .instance = "urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6"});
  focus::PeerContact moved;
  moved.uri = uri("bob", "198.51.100.9");
  moved.uri.port = 5070;
  moved.instance = "urn:uuid:00000000-7dec-11d0-a765-00a0c91e6bf6";
  bob.move_to(moved);
  world.settle();
  auto old_place = uri("bob", "127.0.0.1");
  auto old_device = uri("bob");
  old_device.params.emplace_back("gr", "urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6");
  alice.refer(old_place, "BYE");
  alice.refer(old_device, "BYE");
  world.advance(1s);
  EXPECT_THAT(world.refer_answers(), IsEmpty());
  EXPECT_THAT(world.records("refer.refused"), ElementsAre(HasSubstr("status=404"), HasSubstr("status=404")));
  EXPECT_FALSE(bob.bye_received());
  alice.refer(moved.uri, "BYE");
  world.advance(1s);
  EXPECT_TRUE(bob.bye_received());
}

TEST_F(Identities, WhoMovedIsFoundByItsNewDeviceInAnySpelling) {
  auto& bob = world.join("bob", {.telepresence = false});
  focus::PeerContact moved;
  moved.uri = uri("bob", "198.51.100.9");
  moved.instance = "urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6";
  bob.move_to(moved);
  auto device = uri("bob");
  device.params.emplace_back("gr", "URN:UUID:F81D4FAE-7DEC-11D0-A765-00A0C91E6BF6");
  alice.refer(device, "BYE");
  world.advance(1s);
  EXPECT_TRUE(bob.bye_received());
}

TEST_F(Identities, AMoveIsShownAndChangesNothingElse) {
  auto& watcher = world.watcher("alice");
  watcher.in_dialog_of = &alice;
  watcher.subscribe();
  auto& bob = world.join("bob");
  world.advance(2s);
  const auto advertisements = alice.advertisements();
  focus::PeerContact moved;
  moved.uri = uri("bob", "198.51.100.9");
  for (int i = 0; i < 2; ++i) bob.move_to(moved);
  world.advance(2s);
  EXPECT_THAT(watcher.view().user(entity("bob")).endpoints, ElementsAre(Key("sip:bob@198.51.100.9")));
  EXPECT_THAT(world.records("target.refreshed"), SizeIs(1)) << "the same again is no news";
  EXPECT_EQ(alice.advertisements(), advertisements);
}

}  // namespace
}  // namespace clued::testing
