// Creating, joining, and who is not let in.
#include "support/scenario.hpp"

namespace clued::testing {
namespace {

std::vector<std::string> capture_ids(const VirtualEndpoint& endpoint) {
  std::vector<std::string> ids;
  for (const auto& capture : endpoint.last_advertisement().captures) ids.push_back(capture.id);
  return ids;
}

TEST(Joining, TheFactoryMakesANewConferenceForEachCaller) {
  VirtualWorld world;
  auto& alice = world.endpoint("alice");
  auto& bob = world.endpoint("bob");
  alice.invite("factory");
  bob.invite("factory");
  world.advance(1s);
  EXPECT_THAT(alice.contact_user(), StartsWith("conf-"));
  EXPECT_NE(alice.contact_user(), bob.contact_user());
  EXPECT_EQ(world.focus().census().conferences, 2U);
}

TEST(Joining, AnUnknownConferenceIs404) {
  VirtualWorld world;
  auto& alice = world.endpoint("alice");
  alice.invite("conf-guessed");
  world.settle();
  EXPECT_THAT(alice.responses(), ElementsAre(404));
  EXPECT_THAT(world.records("invite.refused"), SizeIs(1));
}

TEST(Joining, AFullConferenceIs486AndAFullFocus503) {
  auto policy = VirtualWorld::default_policy();
  policy.conference.max_participants_per_conference = 2;
  policy.conference.max_participants = 3;
  VirtualWorld world(policy);
  world.join("alice");
  world.join("bob");
  EXPECT_THAT(world.join("carol").responses(), ElementsAre(486));
  auto& dave = world.endpoint("dave");
  dave.invite("factory");
  world.settle();
  auto& erin = world.endpoint("erin");
  erin.invite("factory");
  world.settle();
  EXPECT_THAT(dave.responses(), ElementsAre(200));
  EXPECT_THAT(erin.responses(), ElementsAre(503));
}

TEST(Joining, APlainPhoneSeesNoChannelAndIsSeenByTheOthers) {
  VirtualWorld world;
  auto& alice = world.join("alice");
  auto& phone = world.join("phone", {.telepresence = false});
  EXPECT_THAT(phone.responses(), ElementsAre(200));
  EXPECT_THAT(phone.answer_sdp(), Not(HasSubstr("m=application")));
  EXPECT_THAT(phone.answer_sdp(), Not(HasSubstr("CLUE")));
  EXPECT_THAT(capture_ids(alice), ElementsAre("p2-v1", "p2-a1", "mcc-v0", "mcc-a0"));
  EXPECT_THAT(phone.offers(), IsEmpty());
  phone.bye();
  world.advance(1s);
  EXPECT_THAT(capture_ids(alice), ElementsAre("mcc-v0", "mcc-a0"));
  EXPECT_THAT(world.violations(), IsEmpty());
}

TEST(Joining, AnOfferlessInviteGetsAnOffer) {
  VirtualWorld world;
  auto& alice = world.join("alice", {.offerless = true});
  EXPECT_THAT(alice.responses(), ElementsAre(200));
  EXPECT_THAT(alice.answer_sdp(), HasSubstr("m=application"));
  EXPECT_THAT(world.records("clue.activated"), SizeIs(1));
  auto& phone = world.join("phone", {.telepresence = false, .offerless = true});
  EXPECT_THAT(phone.answer_sdp(), HasSubstr("m=audio"));
  EXPECT_THAT(phone.answer_sdp(), Not(HasSubstr("m=application")));
  EXPECT_THAT(world.violations(), IsEmpty());
}

TEST(Joining, SdpThatCannotBeReadIs400AndLeavesNothing) {
  VirtualWorld world;
  auto& alice = world.join("alice");
  focus::event::InviteReceived invite;
  auto& bad = world.endpoint("bad");
  bad.invite_with("this is no session description", world.conference());
  world.advance(1s);
  EXPECT_THAT(bad.responses(), ElementsAre(400));
  EXPECT_EQ(world.focus().census().participants, 1U);
  EXPECT_FALSE(alice.is_over());
  EXPECT_THAT(world.violations(), IsEmpty());
}

// SIG-08, SIG-09: an advertisement is about to change what the offer would say, so both wait for it, but not for ever.
TEST(Joining, SeveralWhoJoinTogetherGetOneAdvertisementAndOneOfferEach) {
  VirtualWorld world;
  auto& alice = world.endpoint("alice");
  alice.invite("factory");
  world.settle();
  auto& bob = world.endpoint("bob");
  auto& carol = world.endpoint("carol");
  bob.invite(alice.contact_user());
  carol.invite(alice.contact_user());
  world.advance(1s);
  for (const auto* one : {&bob, &carol}) {
    EXPECT_EQ(one->advertisements(), 1U) << one->name() << "\n" << world.story();
    EXPECT_THAT(one->offers(), SizeIs(1)) << one->name();
  }
  EXPECT_THAT(capture_ids(bob), Contains(StartsWith("p3-")));
  EXPECT_THAT(capture_ids(carol), Contains(StartsWith("p2-")));
  EXPECT_THAT(world.violations(), IsEmpty());
}

TEST(Joining, AStreamOfChangesDoesNotHoldUpTheOffers) {
  auto policy = VirtualWorld::default_policy();
  policy.reinvite_spread = 50ms;  // there is a next change before an offer is sent
  VirtualWorld world(policy);
  auto& alice = world.join("alice");
  auto& bob = world.join("bob");
  world.advance(1s);
  const auto offers = alice.offers().size(), advertisements = alice.advertisements();
  for (unsigned n = 0; n < 100; ++n) {
    bob.advertise(1 + n % 3);
    world.advance(30ms);
  }
  EXPECT_GE(alice.advertisements(), advertisements + 3) << "fewer and fewer, as it changes so often";
  EXPECT_GE(alice.offers().size(), offers + 2) << "with offers, where the number of captures is another one";
  EXPECT_THAT(world.violations(), IsEmpty());
}

TEST(Joining, AJoinCostsTheOthersAtMostOneAdvertisementAndOneOffer) {
  VirtualWorld world;
  auto& alice = world.join("alice");
  auto& bob = world.join("bob");
  const auto advertisements = alice.advertisements();
  const auto offers = alice.offers().size();
  for (const char* name : {"carol", "dave", "erin"}) world.endpoint(name, {.cameras = 1}).invite(world.conference());
  world.advance(2s);
  EXPECT_EQ(alice.advertisements(), advertisements + 1);
  EXPECT_EQ(alice.offers().size(), offers + 1);
  EXPECT_THAT(bob.last_advertisement().captures, SizeIs(3 + 3 * 2 + 2));
  EXPECT_THAT(world.violations(), IsEmpty());
}

TEST(Joining, WhatIsSelectedIsConfiguredAtItsSource) {
  VirtualWorld world;
  world.join("alice", {.cameras = 2});
  world.join("bob", {.cameras = 1});
  EXPECT_THAT(world.configured("alice"), ElementsAre("VC0", "VC1", "AC0"));
  EXPECT_THAT(world.configured("bob"), ElementsAre("VC0", "AC0"));
}

TEST(Joining, WhatNobodySelectsAnyMoreIsReleasedAtItsSource) {
  VirtualWorld world;
  world.join("alice", {.cameras = 2});
  auto& bob = world.join("bob", {.cameras = 1});
  bob.bye();
  world.advance(1s);
  EXPECT_THAT(world.configured("alice"), IsEmpty());
}

TEST(Joining, AnAnswerThatLeavesOutTheChannelsFingerprintKeepsTheChannel) {
  VirtualWorld world;
  auto& alice = world.join("alice", {.brief_about_channel = true});
  world.join("bob");
  EXPECT_THAT(alice.offers(), Not(IsEmpty()));
  EXPECT_THAT(alice.history(), Not(Contains("channel closed")));
  EXPECT_THAT(capture_ids(alice), Contains("p2-v1"));
}

TEST(Joining, MoreCapturesThanEncodingsAreToldWithTheSetsThatArePossible) {
  auto policy = VirtualWorld::default_policy();
  policy.max_video_encodings = 3;
  VirtualWorld world(policy);
  auto& alice = world.join("alice", {.cameras = 1});
  for (const char* name : {"bob", "carol", "dave"}) world.join(name, {.cameras = 2});
  const auto advertisement = alice.last_advertisement();
  EXPECT_THAT(advertisement.captures, SizeIs(3 * 3 + 2));
  EXPECT_EQ(advertisement.encoding_groups[0].encoding_ids.size(), 3U);
  EXPECT_THAT(advertisement.simultaneous_sets, SizeIs(3));
  EXPECT_THAT(world.violations(), IsEmpty());
}

TEST(Joining, WhoRefusesFullAdvertisementsIsToldOfTheConferenceSceneAlone) {
  VirtualWorld world;
  world.join("alice");
  auto& bob = world.join("bob", {.refuses_advertisements = true});
  world.advance(60s);
  EXPECT_THAT(capture_ids(bob), ElementsAre("mcc-v0", "mcc-a0"));
  EXPECT_FALSE(bob.bye_received());
}

}  // namespace
}  // namespace clued::testing
