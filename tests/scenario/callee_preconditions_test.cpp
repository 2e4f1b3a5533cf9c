// Callees whose access network has to reserve something before the session may begin (RFC 3312; OA-09).
#include "support/scenario.hpp"

namespace clued::testing {
namespace {

using Resources = EndpointTraits::Resources;

class CalleePreconditions : public ::testing::Test {
 protected:
  explicit CalleePreconditions(focus::Policy policy = VirtualWorld::default_policy()) : world(std::move(policy)) {}

  void TearDown() override {
    EXPECT_THAT(world.violations(), IsEmpty());
    alice.bye();
    world.advance(120s);
    EXPECT_EQ(world.focus().census().participants, 0U);
    EXPECT_EQ(world.open_ports(), 0U);
    EXPECT_EQ(world.open_channels(), 0U);
    if (HasFailure()) std::cout << world.story();
  }

  VirtualWorld world;
  VirtualEndpoint& alice = world.join("alice", {.cameras = 1});
};

TEST_F(CalleePreconditions, AreNotOfferedToCalleesUnlessConfigured) {
  auto& carol = world.endpoint("carol", {.telepresence = false});
  alice.refer_invite("carol");
  world.advance(1s);
  ASSERT_THAT(carol.invites(), SizeIs(1));
  EXPECT_FALSE(carol.invites().front().preconditions);
  EXPECT_THAT(carol.invites().front().sdp, Not(HasSubstr("a=curr")));
}

TEST_F(CalleePreconditions, ThatACalleeRequiresAreOfferedInASecondInvite) {
  auto& carol = world.endpoint("carol", {.telepresence = false, .requires_preconditions = true});
  alice.refer_invite("carol");
  world.advance(1s);
  ASSERT_THAT(carol.invites(), SizeIs(2));
  EXPECT_TRUE(carol.invites().back().preconditions);
  EXPECT_THAT(carol.invites().back().sdp, HasSubstr("a=curr:qos local sendrecv\r\na=curr:qos remote none\r\n"));
  EXPECT_TRUE(carol.is_confirmed());
}

TEST_F(CalleePreconditions, OfACalleeThatAsksForConfirmationAreConfirmedInTheEarlyDialog) {
  auto& carol = world.endpoint(
      "carol", {.called = EndpointTraits::Called::rings, .early_answer = true, .resources = Resources::missing});
  alice.refer_invite("carol");
  world.advance(1s);
  ASSERT_THAT(carol.offers(), SizeIs(1));
  EXPECT_THAT(carol.history(), Contains("update"));
  EXPECT_THAT(carol.offers().back(), HasSubstr("a=curr:qos local sendrecv\r\n"));
  carol.answer_call();
  world.advance(1s);
  EXPECT_TRUE(carol.has_clue());
  EXPECT_THAT(world.records("participant.joined"), Contains(HasSubstr("sip:carol@")));
}

TEST_F(CalleePreconditions, AConfirmationThatIsRefusedChangesNothing) {
  auto& carol = world.endpoint("carol", {.telepresence = false,
                                         .called = EndpointTraits::Called::rings,
                                         .early_answer = true,
                                         .refuses_reinvite = 481,
                                         .resources = Resources::missing});
  alice.refer_invite("carol");
  world.advance(1s);
  EXPECT_FALSE(carol.was_cancelled());
  carol.traits.refuses_reinvite.reset();
  carol.answer_call();
  world.advance(1s);
  EXPECT_THAT(world.records("participant.joined"), Contains(HasSubstr("sip:carol@")));
}

TEST_F(CalleePreconditions, AnotherDeviceMayAnswerWhileAConfirmationIsOpen) {
  auto& carol = world.endpoint("carol", {.telepresence = false,
                                         .called = EndpointTraits::Called::rings,
                                         .early_answer = true,
                                         .sip_frozen = true,
                                         .resources = Resources::missing});
  alice.refer_invite("carol");
  world.advance(1s);
  ASSERT_THAT(carol.offers(), SizeIs(1));
  carol.answer_call("b");
  world.settle();
  carol.answer_reinvite();  // of the first one, too late
  carol.traits.sip_frozen = false;
  world.advance(1s);
  EXPECT_THAT(world.records("participant.joined"), Contains(HasSubstr("sip:carol@")));
  carol.reinvite();
  world.advance(1s);
  EXPECT_FALSE(carol.bye_received());
}

TEST_F(CalleePreconditions, ACalleeWhoseResourcesFailIsReported) {
  world.endpoint("carol", {.telepresence = false, .refuses_call = 580});  // with the description of what failed
  alice.refer_invite("carol");
  world.advance(1s);
  ASSERT_FALSE(world.notifies().empty());
  EXPECT_EQ(world.notifies().back().status, 580);
  EXPECT_THAT(world.records("call.refused"),
              ElementsAre(HasSubstr("(m-line 1: qos failure local sendrecv) tries_again=no")));
}

class OfferedPreconditions : public CalleePreconditions {
 protected:
  static focus::Policy policy() {
    auto policy = VirtualWorld::default_policy();
    policy.dial_out.preconditions = true;
    return policy;
  }
  OfferedPreconditions() : CalleePreconditions(policy()) {}
};

TEST_F(OfferedPreconditions, SayThatOurSideIsThere) {
  auto& carol = world.endpoint("carol", {.resources = Resources::there});
  auto& dave = world.endpoint("dave", {.telepresence = false});
  alice.refer_invite("carol");
  alice.refer_invite("dave");
  world.advance(1s);
  for (const auto* one : {&carol, &dave}) {
    ASSERT_THAT(one->invites(), SizeIs(1));
    EXPECT_TRUE(one->invites().front().preconditions);
    EXPECT_THAT(one->invites().front().sdp, HasSubstr("a=curr:qos local sendrecv\r\na=curr:qos remote none\r\n"
                                                      "a=des:qos optional local sendrecv\r\n"));
    EXPECT_TRUE(one->is_confirmed());
  }
  EXPECT_TRUE(carol.has_clue());
  dave.reinvite();
  world.advance(1s);
  EXPECT_THAT(dave.answer_sdp(), Not(HasSubstr("a=curr"))) << "who did not answer any does not use them";
}

}  // namespace
}  // namespace clued::testing
