// A re-INVITE that asks for another CLUE channel, or for none: what it is answered decides which one there is.
#include "support/scenario.hpp"

namespace clued::testing {
namespace {

using Gathering = AdapterFaults::Gathering;

class ChannelReplacement : public ::testing::Test {
 protected:
  void SetUp() override {
    alice = &world.join("alice");
    bob = &world.join("bob");
    ASSERT_TRUE(bob->has_clue());
    configured = bob->configured();
    ASSERT_THAT(configured, Not(IsEmpty()));
    alice_was_told = alice->advertisements();
  }

  void TearDown() override {
    for (auto* one : {alice, bob}) {
      if (!one->is_over()) one->bye();
    }
    world.advance(2min);
    EXPECT_EQ(world.focus().census().participants, 0U);
    EXPECT_EQ(world.focus().census().routes, 0U);
    EXPECT_EQ(world.open_ports(), 0U);
    EXPECT_EQ(world.open_channels(), 0U);
    EXPECT_EQ(world.open_requests(), 0U);
    EXPECT_THAT(world.violations(), IsEmpty());
    if (HasFailure()) std::cout << world.story();
  }

  void ask_for_another_channel() {
    bob->traits.ice_pwd = "another-password-of-its-channel";
    bob->reinvite_with_another_line();
  }

  /// RFC 3261 section 14.2: as if the re-INVITE had never been.
  void expect_as_it_was() {
    bob->traits.ice_pwd = EndpointTraits().ice_pwd;
    EXPECT_TRUE(bob->has_clue());
    EXPECT_EQ(world.open_channels(), 2U);
    EXPECT_EQ(bob->configured(), configured);
    EXPECT_EQ(alice->advertisements(), alice_was_told) << "nothing has changed for the others";
    EXPECT_THAT(bob->history(), Not(Contains("channel closed")));
    bob->advertise(3);
    world.advance(5s);
    EXPECT_THAT(bob->configured(), SizeIs(4)) << "the channel works";
    const auto told = bob->advertisements();
    alice->advertise(4);
    world.advance(5s);
    EXPECT_GT(bob->advertisements(), told) << "in both directions";
  }

  VirtualWorld world;
  VirtualEndpoint* alice = nullptr;
  VirtualEndpoint* bob = nullptr;
  std::vector<std::string> configured;
  std::size_t alice_was_told = 0;
};

TEST_F(ChannelReplacement, AnAcceptedOneTakesThePlaceOfTheOld) {
  ask_for_another_channel();
  world.advance(5s);
  EXPECT_EQ(bob->responses().back(), 200);
  EXPECT_THAT(bob->history(), Contains("channel closed"));
  EXPECT_TRUE(bob->has_clue());
  EXPECT_EQ(world.open_channels(), 2U);
  EXPECT_EQ(bob->configured(), configured);
}

TEST_F(ChannelReplacement, TheOldOneWorksUntilTheAnswer) {
  world.hold_ports(true);
  ask_for_another_channel();
  world.advance(1s);
  EXPECT_EQ(world.open_channels(), 3U);
  EXPECT_TRUE(bob->has_clue());
  const auto told = bob->advertisements();
  alice->advertise(4);
  world.advance(2s);
  EXPECT_GT(bob->advertisements(), told) << "by the old channel";
  world.hold_ports(false);
  world.advance(5s);
  EXPECT_EQ(bob->responses().back(), 200);
  EXPECT_TRUE(bob->has_clue());
  EXPECT_EQ(world.open_channels(), 2U);
}

TEST_F(ChannelReplacement, WithoutPortsTheSessionStaysAsItWas) {
  world.faults.ports = true;
  ask_for_another_channel();
  world.advance(1s);
  EXPECT_EQ(bob->responses().back(), 503);
  world.faults.ports = false;
  expect_as_it_was();
}

TEST_F(ChannelReplacement, PortsThatDoNotComeLeaveItAsItWas) {
  world.hold_ports(true);
  ask_for_another_channel();
  world.advance(6s);
  EXPECT_EQ(bob->responses().back(), 503) << "session.resource_wait";
  world.hold_ports(false);
  expect_as_it_was();
}

TEST_F(ChannelReplacement, ACancelledOneLeavesItAsItWas) {
  world.hold_ports(true);
  ask_for_another_channel();
  world.settle();
  bob->cancel();
  world.settle();
  EXPECT_EQ(bob->responses().back(), 487);
  world.hold_ports(false);
  expect_as_it_was();
}

TEST_F(ChannelReplacement, OneThatIsRefusedAtOnceLeavesItAsItWas) {
  bob->reinvite_with(
      "v=0\r\no=bob 1 9 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 6000 RTP/AVP 0\r\n");
  world.settle();
  EXPECT_EQ(bob->responses().back(), 400) << "lines cannot vanish (RFC 3264 section 8)";
  expect_as_it_was();
}

// The peer asks for it again, with luck before it has moved for good.
class FailsToGather : public ChannelReplacement, public ::testing::WithParamInterface<Gathering> {};

TEST_P(FailsToGather, AChannelOfOursThatDoesNotComeAboutLeavesItAsItWas) {
  world.faults.gathering = GetParam();
  ask_for_another_channel();
  world.advance(6s);
  EXPECT_EQ(bob->responses().back(), 503);
  EXPECT_TRUE(bob->last_response().retry_after.has_value());
  world.faults.gathering = Gathering::works;
  expect_as_it_was();
  ask_for_another_channel();
  world.advance(5s);
  EXPECT_EQ(bob->responses().back(), 200);
  EXPECT_TRUE(bob->has_clue());
}

TEST_P(FailsToGather, WhoseOldChannelBreaksMeanwhileIsAnsweredWithoutOne) {
  world.faults.gathering = GetParam();
  world.faults.delay = 1s;
  ask_for_another_channel();
  world.settle();
  bob->lose_channel();
  world.advance(10s);
  EXPECT_EQ(bob->responses().back(), 200);
  EXPECT_FALSE(bob->has_clue());
  EXPECT_FALSE(bob->is_over());
}

INSTANTIATE_TEST_SUITE_P(All, FailsToGather, ::testing::Values(Gathering::fails, Gathering::is_silent));

TEST_F(ChannelReplacement, ThatFailsOnceItIsGatheredLeavesItAsItWas) {
  world.faults.gathering = Gathering::fails_later;
  world.hold_ports(true);
  ask_for_another_channel();
  world.advance(1s);
  EXPECT_EQ(bob->responses().back(), 503);
  world.faults.gathering = Gathering::works;
  world.hold_ports(false);
  expect_as_it_was();
}

// DC-17: an offer without the channel takes it away, once it is accepted.
TEST_F(ChannelReplacement, ARefusedRemovalLeavesItAsItWas) {
  world.faults.ports = true;
  bob->reinvite_without_channel();
  world.advance(1s);
  EXPECT_EQ(bob->responses().back(), 503);
  world.faults.ports = false;
  expect_as_it_was();
}

TEST_F(ChannelReplacement, AnAcceptedRemovalTakesItAway) {
  bob->reinvite_without_channel();
  world.advance(1s);
  EXPECT_EQ(bob->responses().back(), 200);
  EXPECT_FALSE(bob->has_clue());
  EXPECT_EQ(world.open_channels(), 1U);
}

TEST_F(ChannelReplacement, WhoLeavesMeanwhileLeavesNothing) {
  world.hold_ports(true);
  world.faults.gathering = Gathering::is_silent;
  ask_for_another_channel();
  world.advance(1s);
  bob->bye();
  world.advance(5s);
  EXPECT_EQ(world.open_channels(), 1U);
}

// One that was begun for a request that is refused is never offered by us.
TEST_F(ChannelReplacement, AFirstOneThatIsRefusedIsClosed) {
  auto& carl = world.join("carl", {.telepresence = false});
  carl.traits.telepresence = true;
  world.faults.ports = true;
  carl.reinvite_with_another_line();
  world.advance(1s);
  EXPECT_EQ(carl.responses().back(), 503);
  EXPECT_EQ(world.open_channels(), 2U);
  world.faults.ports = false;
  carl.reinvite();
  world.advance(5s);
  EXPECT_EQ(carl.responses().back(), 200);
  EXPECT_TRUE(carl.has_clue());
  carl.bye();
}

}  // namespace
}  // namespace clued::testing
