// How the focus notices who is not there any more (END-12, END-13): session timers and lost channels.
#include "support/scenario.hpp"

namespace clued::testing {
namespace {

using focus::SessionRefresher;

focus::Policy with(void (*change)(focus::Policy&)) {
  auto policy = VirtualWorld::default_policy();
  change(policy);
  return policy;
}

class Liveness : public ::testing::Test {
 protected:
  explicit Liveness(focus::Policy policy = VirtualWorld::default_policy()) : world(std::move(policy)) {}
  void TearDown() override {
    EXPECT_THAT(world.violations(), IsEmpty());
    if (HasFailure()) std::cout << world.story();
  }

  VirtualWorld world;
};

// END-12
TEST_F(Liveness, TheFocusRefreshesByUpdateAndNothingElseHappens) {
  auto& alice = world.join("alice");
  ASSERT_THAT(alice.session_timers(), SizeIs(1));
  EXPECT_EQ(alice.session_timers()[0].expires, 30min);
  EXPECT_EQ(alice.session_timers()[0].refresher, SessionRefresher::uas);
  const auto offers = alice.offers().size();
  world.advance(3h);
  EXPECT_GE(alice.updates().size(), 11U);
  EXPECT_LE(alice.updates().size(), 14U);
  EXPECT_THAT(alice.offers(), SizeIs(offers));
  EXPECT_EQ(world.focus().census().participants, 1U);
}

TEST_F(Liveness, WhoDoesNotKnowUpdateIsRefreshedByAReinviteThatChangesNothing) {
  auto& alice = world.join("alice", {.allows_update = false});
  auto& phone = world.join("phone", {.telepresence = false, .allows_update = false});
  world.advance(1min);
  const auto version = [](const std::string& sdp) { return sdp.substr(0, sdp.find("s=")); };
  const auto told = alice.offers().back();
  const auto phone_offers = phone.offers().size();
  world.advance(16min);
  EXPECT_EQ(phone.offers().size(), phone_offers + 1);
  EXPECT_EQ(version(alice.offers().back()), version(told)) << "the same o= line";
  world.advance(2h);
  EXPECT_EQ(world.focus().census().participants, 2U);
  EXPECT_EQ(version(phone.offers().back()), version(phone.offers().front()));
}

TEST_F(Liveness, UpdateRefusedWith501IsReplacedByReinvite) {
  auto& alice = world.join("alice", {.refuses_update = 501});
  const auto offers = alice.offers().size();
  world.advance(16min);
  EXPECT_THAT(alice.updates(), SizeIs(1));
  EXPECT_GT(alice.offers().size(), offers);
  world.advance(2h);
  EXPECT_THAT(alice.updates(), SizeIs(1));
  EXPECT_EQ(world.focus().census().participants, 1U);
}

TEST_F(Liveness, TheDeadParticipantLeavesAndTheOthersAreTold) {
  auto& alice = world.join("alice");
  auto& bob = world.join("bob", {.bye_unanswered = true});
  world.advance(1min);
  const auto told = alice.advertisements();
  bob.traits.sip_frozen = true;  // and its channel stays silent too
  bob.traits.clue_frozen = true;
  world.advance(31min);
  EXPECT_THAT(world.records("participant.leaving"), ElementsAre(HasSubstr("cause=session_expired")));
  ASSERT_TRUE(bob.bye_received().has_value());
  EXPECT_EQ(bob.bye_received()->reason.cause, 408);
  EXPECT_GT(alice.advertisements(), told);
  for (const auto& capture : alice.last_advertisement().captures) EXPECT_THAT(capture.id, Not(HasSubstr("p2-")));
  EXPECT_THAT(world.records("removal.converged"), SizeIs(1));
  EXPECT_EQ(world.focus().census().participants, 1U);
}

TEST_F(Liveness, ARefreshAnsweredWith481EndsTheParticipantAtOnce) {
  world.join("alice");
  auto& bob = world.join("bob", {.refuses_update = 481});
  world.advance(16min);
  EXPECT_THAT(world.records("participant.leaving"), ElementsAre(HasSubstr("cause=unreachable")));
  EXPECT_TRUE(bob.is_over());
}

TEST_F(Liveness, A422MakesTheIntervalLonger) {
  auto& alice = world.join("alice", {.min_expires = 2h});
  world.advance(16min);
  ASSERT_THAT(alice.updates(), SizeIs(2));
  EXPECT_EQ(alice.updates()[1].expires, 2h);
  EXPECT_EQ(alice.updates()[1].min_expires, 2h);
  world.advance(45min);
  EXPECT_THAT(alice.updates(), SizeIs(2)) << "half of two hours is not over";
}

TEST_F(Liveness, APeerThatRefreshesIsNotRefreshed) {
  auto& alice = world.join("alice", {.session_timer = {true, 600s, SessionRefresher::uac, {}}});
  EXPECT_EQ(alice.session_timers().back().expires, 600s);
  EXPECT_EQ(alice.session_timers().back().refresher, SessionRefresher::uac);
  for (int i = 0; i < 5; ++i) {
    world.advance(300s);
    alice.update({true, 600s, SessionRefresher::uac, {}});
    world.settle();
  }
  EXPECT_THAT(alice.updates(), IsEmpty());
  EXPECT_EQ(world.focus().census().participants, 1U);
  EXPECT_THAT(alice.session_timers(), SizeIs(6));
  // And then it does not any more.
  world.advance(567s);
  EXPECT_EQ(world.focus().census().participants, 1U);
  world.advance(2s);
  EXPECT_TRUE(alice.bye_received().has_value()) << "32 s before the interval is over";
}

TEST_F(Liveness, AnyReinviteIsARefresh) {
  auto& alice = world.join("alice", {.session_timer = {true, 600s, SessionRefresher::uac, {}}});
  world.advance(500s);
  alice.traits.session_timer = {};
  alice.reinvite();
  world.advance(100s);
  EXPECT_FALSE(alice.bye_received().has_value());
}

// RFC 4028 section 4: whoever asks for less than session.min_expires, and in whatever message.
TEST_F(Liveness, WhoAsksForASecondIsNotRefreshedEverySecond) {
  const focus::SessionTimerFields brief{false, 1s, {}, {}};
  auto& alice = world.join("alice", {.session_timer = brief});
  auto& phone = world.join("phone", {.telepresence = false, .allows_update = false, .session_timer = brief});
  auto& bob = world.join("bob");
  bob.traits.says_of_timer = focus::SessionTimerFields{true, 1s, SessionRefresher::uac, {}};
  world.endpoint("callee", {.says_of_timer = focus::SessionTimerFields{true, 1s, SessionRefresher::uac, {}}});
  alice.refer_invite("callee");
  world.settle();
  alice.update(brief);
  phone.reinvite();
  world.advance(1h);
  for (const auto* one : {&alice, &phone}) EXPECT_LT(one->updates().size() + one->offers().size(), 12U);
  EXPECT_LT(bob.updates().size(), 90U) << "half of 90 s at most";
  EXPECT_EQ(world.focus().census().participants, 4U);
}

TEST_F(Liveness, A422ThatGrowsWithEachAnswerIsNoReasonToHurry) {
  auto& alice = world.join("alice");
  alice.traits.refuses_update = 422;
  alice.traits.says_of_timer = focus::SessionTimerFields{true, {}, {}, std::chrono::seconds::max()};
  world.advance(16min);
  EXPECT_LT(alice.updates().size(), 60U);
  for (int i = 0; i < 100; ++i) {
    alice.traits.says_of_timer->min_expires = 2h + std::chrono::seconds(i);
    world.advance(1s);
  }
  EXPECT_LT(alice.updates().size(), 90U);
}

// Who has gone without a word is told of at the start, and at the end.
TEST_F(Liveness, ADeadPhoneIsAHandfulOfLines) {
  world.join("alice");
  auto& bob = world.join("bob");
  auto& phone = world.join("phone", {.telepresence = false, .allows_update = false});
  world.advance(1min);
  bob.traits.refuses_update = 477;
  bob.traits.refuses_reinvite = phone.traits.refuses_reinvite = 477;
  world.advance(25min);
  EXPECT_LE(bob.updates().size(), 12U);
  EXPECT_GE(bob.updates().size(), 5U);
  world.advance(10min);
  EXPECT_THAT(world.records("session.refresh_refused"), SizeIs(2));
  EXPECT_THAT(world.records("offer.refused"), SizeIs(::testing::Le(1U))) << "what the other's departure changed";
  EXPECT_THAT(world.records("participant.leaving"), Each(HasSubstr("cause=session_expired")));
  EXPECT_EQ(world.focus().census().participants, 1U);
}

TEST_F(Liveness, APhoneThatComesBackIsFoundBeforeItsSessionIsOver) {
  world.join("alice");
  auto& bob = world.join("bob");
  bob.traits.refuses_update = 477;
  world.advance(28min);
  bob.traits.refuses_update.reset();
  world.advance(10min);
  EXPECT_FALSE(bob.is_over());
  bob.traits.refuses_update = 477;
  world.advance(16min);
  EXPECT_THAT(world.records("session.refresh_refused"), SizeIs(2)) << "what was overcome is news again";
}

TEST_F(Liveness, ARetryAfterOfNothingOrForEverChangesLittle) {
  auto& alice = world.join("alice", {.refuses_update = 503, .retry_after = 0s});
  auto& bob = world.join("bob", {.refuses_update = 503, .retry_after = std::chrono::seconds::max()});
  world.advance(20min);
  EXPECT_LT(alice.updates().size(), 80U);
  EXPECT_GE(bob.updates().size(), 1U);
  world.advance(40min);
  EXPECT_TRUE(alice.is_over() && bob.is_over()) << "they were never refreshed";
}

// TP-10: the loss of the channel is not leaving, unless the operator says so.
TEST_F(Liveness, WhoLosesTheChannelStays) {
  world.join("alice");
  auto& bob = world.join("bob");
  bob.lose_channel();
  world.advance(1min);
  EXPECT_FALSE(bob.bye_received().has_value());
  EXPECT_EQ(world.focus().census().participants, 2U);
}

// DC-23
TEST_F(Liveness, WhoFloodsItsChannelLosesItAndNothingElse) {
  auto& alice = world.join("alice");
  auto& bob = world.join("bob");
  const auto change_its_mind = [&](unsigned times) {
    for (unsigned i = 0; i < times && bob.has_clue(); ++i) {
      bob.advertise(1 + i % 2);
      world.settle();
    }
  };
  change_its_mind(30);
  world.advance(10s);
  EXPECT_THAT(world.records("channel.failed"), IsEmpty()) << "a burst";
  change_its_mind(300);
  EXPECT_THAT(world.records("channel.failed"), ElementsAre(HasSubstr("cause=flood")));
  EXPECT_THAT(bob.history(), Contains("channel closed"));
  EXPECT_FALSE(bob.bye_received().has_value());
  EXPECT_TRUE(alice.has_clue());
}

class LivenessStrict : public Liveness {
 protected:
  LivenessStrict() : Liveness(with([](auto& policy) { policy.on_consent_loss = focus::OnLoss::remove; })) {}
};

// END-13
TEST_F(LivenessStrict, WhoLosesIceConsentIsRemovedIfPolicySaysSo) {
  auto& alice = world.join("alice");
  auto& bob = world.join("bob");
  const auto told = alice.advertisements();
  bob.lose_channel();
  world.advance(1s);
  EXPECT_THAT(world.records("participant.leaving"), ElementsAre(HasSubstr("cause=consent_lost")));
  EXPECT_TRUE(bob.is_over());
  EXPECT_GT(alice.advertisements(), told);
}

}  // namespace
}  // namespace clued::testing
