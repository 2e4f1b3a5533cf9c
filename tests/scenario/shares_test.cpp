// Who fills the tables costs only himself: shares of one source or identity, and what is not confirmed gives way.
#include "support/scenario.hpp"

namespace clued::testing {
namespace {

focus::Policy small() {
  auto policy = VirtualWorld::default_policy();
  policy.conference.max_conferences = 6;
  policy.conference.max_conferences_per_source = 4;
  policy.conference.max_participants = 12;
  policy.conference.max_participants_per_source = 8;
  policy.conference.max_participants_per_conference = 5;
  return policy;
}

class SharesOfSources : public ::testing::Test {
 protected:
  explicit SharesOfSources(focus::Policy policy = small()) : world(std::move(policy)) {}
  void TearDown() override {
    EXPECT_THAT(world.violations(), IsEmpty());
    if (HasFailure()) std::cout << world.story();
  }

  /// INVITEs to the factory, or into a conference, from one address; the answers.
  std::vector<VirtualEndpoint*> call(unsigned times, const std::string& source, EndpointTraits traits = {},
                                     const std::string& user = "factory") {
    traits.telepresence = false;
    traits.source = "udp:" + source + ":5060";
    std::vector<VirtualEndpoint*> callers;
    for (unsigned i = 0; i < times; ++i) {
      callers.push_back(&world.endpoint("ue" + std::to_string(++last_), traits));
      callers.back()->invite(user);
      world.settle();
    }
    return callers;
  }
  static std::vector<int> answers(const std::vector<VirtualEndpoint*>& callers) {
    std::vector<int> all;
    for (const auto* one : callers) all.push_back(one->responses().empty() ? 0 : one->responses().back());
    return all;
  }

  VirtualWorld world;
  unsigned last_ = 0;
};

TEST_F(SharesOfSources, OneAddressHasAShareOfTheConferences) {
  const auto flood = call(10, "192.0.2.66");
  EXPECT_THAT(answers(flood), ElementsAre(200, 200, 200, 200, 486, 486, 486, 486, 486, 486));
  EXPECT_TRUE(flood.back()->last_response().retry_after.has_value());
  EXPECT_THAT(answers(call(2, "192.0.2.1")), Each(200));
  flood[0]->bye();
  world.settle();
  EXPECT_THAT(answers(call(1, "192.0.2.66")), Each(200));
  EXPECT_THAT(answers(call(1, "192.0.2.3")), Each(503)) << "all are taken, and confirmed";
}

class SharesOfPorts : public SharesOfSources {
 protected:
  static focus::Policy few_ports() {
    auto policy = small();
    policy.conference.max_conferences_per_source = 6;
    policy.max_port_pairs_per_account = 6;  // sound and pictures of three
    return policy;
  }
  SharesOfPorts() : SharesOfSources(few_ports()) {}
};

TEST_F(SharesOfPorts, OneAddressHasAShareOfThem) {
  const auto flood = call(4, "192.0.2.66");
  EXPECT_THAT(answers(flood), ElementsAre(200, 200, 200, 486));
  EXPECT_THAT(answers(call(1, "192.0.2.1")), Each(200));
  flood[0]->bye();
  world.settle();
  EXPECT_THAT(answers(call(2, "192.0.2.66")), ElementsAre(200, 486));
}

TEST_F(SharesOfSources, WhatIsNotAcknowledgedGivesWayToOthersOldestFirst) {
  EndpointTraits silent{.holds_ack = true};
  const auto first = call(4, "192.0.2.66", silent);
  const auto second = call(4, "192.0.2.67", silent);
  EXPECT_THAT(answers(second), ElementsAre(200, 200, 200, 503)) << "the third had fewer, the fourth not";
  EXPECT_THAT(world.records("conference.ending"), SizeIs(1));
  const auto good = call(1, "192.0.2.1");
  EXPECT_THAT(answers(good), Each(200));
  EXPECT_THAT(world.records("conference.ending"), Each(HasSubstr("cause=gave_way")));
  world.advance(1h);
  EXPECT_FALSE(good[0]->is_over());
  for (auto* one : {first[0], second[0]}) {
    one->ack();
    world.settle();
    EXPECT_TRUE(one->is_over());
  }
}

// Thirteen hundred INVITEs that nobody acknowledges, at the limits that are shipped.
TEST(SharesAsShipped, AFloodFromOneAddressLeavesRoomForAll) {
  VirtualWorld world;
  for (int i = 0; i < 1300; ++i) {
    auto& one = world.endpoint("flood" + std::to_string(i),
                               {.telepresence = false, .source = "udp:192.0.2.66:5060", .holds_ack = true});
    one.invite("factory");
    world.settle();
  }
  auto& alice = world.join("alice");
  EXPECT_EQ(alice.responses().back(), 200);
  EXPECT_LE(world.focus().census().conferences, 501U);
}

TEST(SharesAsShipped, AFloodFromManyAddressesLeavesRoomForWhoAnswers) {
  VirtualWorld world;
  for (int i = 0; i < 1300; ++i) {
    auto& one = world.endpoint("flood" + std::to_string(i), {.telepresence = false,
                                                             .source = "udp:198.51." + std::to_string(i / 250) + "." +
                                                                       std::to_string(i % 250) + ":5060",
                                                             .holds_ack = true});
    one.invite("factory");
    world.settle();
  }
  auto& alice = world.join("alice");
  EXPECT_EQ(alice.responses().back(), 200);
  EXPECT_TRUE(alice.is_confirmed());
}

TEST_F(SharesOfSources, AUserWhomATrustedPeerNamesHasHisOwnWhereverHeComesFrom) {
  EndpointTraits named{.asserted = true, .holds_ack = true};
  named.user = "flooder";
  EXPECT_THAT(answers(call(5, "192.0.2.10", named)), ElementsAre(200, 200, 200, 200, 486));
  EXPECT_THAT(answers(call(1, "192.0.2.11", named)), Each(486)) << "by another proxy";
  named.user = "ann";
  named.holds_ack = false;
  EXPECT_THAT(answers(call(3, "192.0.2.10", named)), Each(200)) << "by the same proxy";
}

TEST_F(SharesOfSources, AFullConferenceMakesRoomForWhoIsNotThereYet) {
  const auto creator = call(1, "192.0.2.1");
  const auto user = creator[0]->contact_user();
  const auto flood = call(7, "192.0.2.66", {.holds_ack = true}, user);
  EXPECT_THAT(answers(flood), ElementsAre(200, 200, 200, 200, 486, 486, 486));
  const auto good = call(2, "192.0.2.2", {}, user);
  EXPECT_THAT(answers(good), Each(200));
  for (auto* one : flood) {
    if (!one->is_over()) one->ack();
  }
  world.settle();
  EXPECT_THAT(answers(call(1, "192.0.2.3", {}, user)), Each(486)) << "now all are there";
  EXPECT_FALSE(creator[0]->is_over());
  EXPECT_FALSE(good[0]->is_over());
  EXPECT_EQ(world.records("participant.leaving").size(), 2U);
}

// Whoever else is in it, the conference is its creator's from the start.
TEST_F(SharesOfSources, ACreatorGivesNotWayInItsOwnConference) {
  const auto creator = call(1, "192.0.2.1", {.holds_ack = true});
  const auto user = creator[0]->contact_user();
  EXPECT_THAT(answers(call(5, "192.0.2.66", {}, user)), ElementsAre(200, 200, 200, 200, 486));
  EXPECT_THAT(answers(call(1, "192.0.2.2", {}, user)), Each(486));
  creator[0]->ack();
  world.settle();
  EXPECT_FALSE(creator[0]->is_over());
}

TEST_F(SharesOfSources, OneAddressHasAShareOfTheParticipants) {
  const auto creator = call(1, "192.0.2.1")[0];
  const auto other = call(1, "192.0.2.2")[0];
  call(4, "192.0.2.66", {}, creator->contact_user());
  EXPECT_THAT(answers(call(4, "192.0.2.66", {}, other->contact_user())), Each(200));
  EXPECT_THAT(answers(call(1, "192.0.2.66")), Each(486)) << "eight are its share";
  EXPECT_THAT(answers(call(1, "192.0.2.3")), Each(200));
}

// Who makes room may be the last one in the conference that is called.
TEST_F(SharesOfSources, WhoGivesWayMayEndTheConferenceThatIsJoined) {
  const auto victim = call(4, "192.0.2.66", {.holds_ack = true});
  call(4, "192.0.2.66", {.holds_ack = true}, victim[0]->contact_user());
  const auto keeper = call(1, "192.0.2.1")[0];
  call(3, "192.0.2.1", {}, keeper->contact_user());
  EXPECT_THAT(answers(call(1, "192.0.2.2", {}, victim[1]->contact_user())), ElementsAre(::testing::AnyOf(200, 410)));
  EXPECT_THAT(answers(call(1, "192.0.2.3", {}, victim[0]->contact_user())), ElementsAre(::testing::AnyOf(410, 486)));
  world.advance(2min);
  EXPECT_FALSE(keeper->is_over());
}

TEST_F(SharesOfSources, CallsCountForWhoAsksForThem) {
  const auto creator = call(1, "192.0.2.1")[0];
  for (int i = 0; i < 9; ++i) {
    world.endpoint("callee" + std::to_string(i), {.telepresence = false, .called = EndpointTraits::Called::rings});
    creator->refer_invite("callee" + std::to_string(i));
    world.settle();
  }
  EXPECT_THAT(world.refer_answers(), ElementsAre(200, 200, 200, 200)) << "the conference has five seats";
  EXPECT_EQ(creator->responses().back(), 486);
  const auto second = call(1, "192.0.2.1")[0];
  for (int i = 4; i < 9; ++i) {
    second->refer_invite("callee" + std::to_string(i));
    world.settle();
  }
  EXPECT_THAT(world.refer_answers(), SizeIs(6)) << "eight are its share";
  EXPECT_THAT(answers(call(1, "192.0.2.9")), Each(200));
}

// A trusted peer names a user by a SIP URI, by a number or by both (RFC 3325 section 9.1).
TEST_F(SharesOfSources, AUserOfTwoNamesHasOneShareWhicheverItComesWith) {
  EndpointTraits by_both{.asserted = true, .number = "+15551"}, by_number{.number = "+15551"};
  by_both.user = "ann";
  EXPECT_THAT(answers(call(2, "192.0.2.10", by_number)), Each(200));
  EXPECT_THAT(answers(call(1, "192.0.2.10", by_both)), Each(200));
  EXPECT_THAT(answers(call(1, "192.0.2.10", by_number)), Each(200));
  EXPECT_THAT(answers(call(1, "192.0.2.10", by_both)), Each(486));
  EXPECT_THAT(answers(call(1, "192.0.2.10", by_number)), Each(486));
}

TEST_F(SharesOfSources, TheUsersOfATrunkHaveAShareEach) {
  for (const auto* user : {"ann", "bob"}) {
    EndpointTraits traits{.asserted = true, .number = "+15550"};
    traits.user = user;
    EXPECT_THAT(answers(call(3, "192.0.2.10", traits)), Each(200)) << user;
  }
}

class FullFocus : public SharesOfSources {
 protected:
  /// Twelve seats, eight of them of somebody who is not there.
  void SetUp() override {
    creator = call(1, "192.0.2.1")[0];
    for (const auto* source : {"192.0.2.2", "192.0.2.3"}) {
      const auto user = call(1, source)[0]->contact_user();
      call(4, "192.0.2.66", {.holds_ack = true}, user);
    }
    call(1, "192.0.2.4", {}, creator->contact_user());
    ASSERT_EQ(world.focus().census().participants, 12U);
  }

  VirtualEndpoint* creator = nullptr;
};

// Who is called takes what somebody who calls would take.
TEST_F(FullFocus, MakesRoomForWhoIsCalledByRefer) {
  auto& callee = world.endpoint("callee", {.telepresence = false});
  creator->refer_invite("callee");
  world.advance(1s);
  EXPECT_THAT(world.refer_answers(), ElementsAre(200));
  EXPECT_TRUE(callee.is_confirmed());
  EXPECT_THAT(world.records("participant.leaving"), ElementsAre(HasSubstr("cause=gave_way")));
}

TEST_F(FullFocus, MakesRoomForWhoIsCalledByAList) {
  focus::RecipientList list;
  auto& entry = list.entries.emplace_back();
  entry.target.uri.user = "callee";
  entry.target.uri.host = "ims.example.net";
  auto& callee = world.endpoint("callee", {.telepresence = false});
  EndpointTraits traits{.asserted = true, .recipient_list = list};
  traits.user = "ann";
  EXPECT_THAT(answers(call(1, "192.0.2.5", traits)), Each(200));
  world.advance(1s);
  EXPECT_TRUE(callee.is_confirmed());
  EXPECT_THAT(world.records("participant.leaving"), SizeIs(2)) << "one for the creator, one for who is called";
  EXPECT_THAT(world.records("participant.leaving"), Each(HasSubstr("cause=gave_way")));
}

TEST_F(FullFocus, OfThoseWhoAreThereRefusesCalls) {
  for (const auto* name : {"ue3", "ue4", "ue5", "ue6", "ue8", "ue9", "ue10", "ue11"}) {
    if (auto* one = world.find_endpoint(name); !one->is_confirmed()) one->ack();
  }
  world.settle();
  creator->refer_invite("callee");
  world.settle();
  EXPECT_THAT(world.refer_answers(), IsEmpty());
  EXPECT_EQ(creator->responses().back(), 503);
  EXPECT_THAT(world.records("participant.leaving"), IsEmpty());
}

TEST(SharesOfRefers, OneUserHasAShareInAllConferences) {
  auto policy = VirtualWorld::default_policy();
  policy.max_open_refers = 2;
  VirtualWorld world(policy);
  std::vector<VirtualEndpoint*> creators;
  for (const auto* name : {"ann", "bob", "carl"}) {
    EndpointTraits traits{.telepresence = false};
    traits.source = std::string("udp:") + (*name == 'c' ? "192.0.2.1" : "192.0.2.66") + ":5060";
    creators.push_back(&world.endpoint(name, traits));
    creators.back()->invite("factory");
    world.settle();
    world.endpoint(std::string("callee of ") + name, {.called = EndpointTraits::Called::rings});
    world.endpoint(std::string("another of ") + name, {.called = EndpointTraits::Called::rings});
  }
  for (auto* creator : creators) {
    creator->refer_invite("callee of " + creator->name());
    creator->refer_invite("another of " + creator->name());
    world.settle();
  }
  EXPECT_THAT(world.refer_answers(), SizeIs(4)) << "two of 192.0.2.66, two of carl";
  EXPECT_EQ(creators[1]->responses().back(), 486);
  world.advance(2min);
  creators[1]->refer_bye(*creators[1]);
  world.settle();
  EXPECT_THAT(world.refer_answers(), SizeIs(5)) << "what is concluded counts no more";
  EXPECT_THAT(world.violations(), IsEmpty());
}

TEST(SharesOfWatchers, OneAddressHasAShareWhateverItCallsItself) {
  auto policy = VirtualWorld::default_policy();
  policy.conference.rights.subscribe.ring = focus::Permission::Ring::anyone;
  policy.max_subscriptions_per_source = 3;
  VirtualWorld world(policy);
  std::vector<VirtualEndpoint*> legs;
  for (int i = 0; i < 5; ++i) legs.push_back(&world.join("leg" + std::to_string(i), {.telepresence = false}));
  std::size_t accepted = 0;
  for (auto* leg : legs) {
    auto& watcher = world.watcher(leg->name());
    watcher.in_dialog_of = leg;
    watcher.subscribe();
    world.settle();
    accepted += watcher.is_subscribed() ? 1 : 0;
  }
  EXPECT_EQ(accepted, 3U);
  auto& other = world.watcher("other");
  other.source = "udp:192.0.2.9:5060";
  other.subscribe();
  world.settle();
  EXPECT_TRUE(other.is_subscribed());
  EXPECT_THAT(world.violations(), IsEmpty());
}

}  // namespace
}  // namespace clued::testing
