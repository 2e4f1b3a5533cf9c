// Two CLUE Participants against each other, in virtual time.
#include <gtest/gtest.h>

#include <chrono>
#include <random>

#include "participant_pair.hpp"

namespace clued::clue {
namespace {

using namespace std::chrono_literals;
using testing::Answer;
using testing::composed;
using testing::End;
using testing::Pair;
using State = ClueParticipant::State;

class EitherRole : public ::testing::TestWithParam<ChannelRole> {};
INSTANTIATE_TEST_SUITE_P(Channel, EitherRole, ::testing::Values(ChannelRole::initiator, ChannelRole::receiver),
                         [](const auto& role) {
                           return role.param == ChannelRole::initiator ? "Initiator" : "Receiver";
                         });

TEST_P(EitherRole, ReachesEstablishedInBothDirectionsAtOnce) {
  Pair pair;
  pair.a.wanted = composed("a", 3);
  pair.b.wanted = composed("b");
  pair.connect(GetParam());
  pair.run();
  pair.expect_converged();
  for (const End* end : {&pair.a, &pair.b}) {
    EXPECT_EQ(end->sent("advertisement"), 1U);
    EXPECT_EQ(end->sent("configure"), 1U);
    EXPECT_EQ(end->sent("ack"), 0U);
    EXPECT_EQ(end->count<action::Ignored>(), 0U);
    EXPECT_FALSE(end->participant.next_deadline()) << "an idle participant does not tick";
  }
}

TEST_P(EitherRole, AnAckBeforeTheConfigureIsAsGood) {
  Pair pair;
  pair.a.wanted = composed("a");
  pair.b.answer = [] { return Answer{Answer::Kind::ack_then_configure, 5s}; };
  pair.connect(GetParam());
  pair.run();
  pair.expect_converged();
  EXPECT_EQ(pair.b.sent("ack"), 1U);
  EXPECT_EQ(pair.b.sent("configure"), 1U);
}

TEST_P(EitherRole, FailsWhenThePeerSaysNothing) {
  Pair pair;
  pair.a.wanted = composed("a");
  for (End* end : {&pair.a, &pair.b}) end->loses = [](const auto&) { return true; };
  pair.connect(GetParam());
  pair.run();
  EXPECT_EQ(pair.now.time_since_epoch(), Timers{}.options);
  EXPECT_EQ(pair.a.count<action::Failed>(), 1U);
  EXPECT_EQ(pair.a.participant.state(), State::idle);
}

TEST(ProviderConsumer, ChangesWhileAnAdvertisementIsUnansweredBecomeOne) {
  Pair pair;
  pair.connect();
  pair.run();
  pair.delay = [] { return 400ms; };
  for (const char* tag : {"a", "b", "c", "d", "e"}) {
    pair.advertise(pair.a, composed(tag));
    pair.run_until(pair.now + 100ms);
  }
  pair.run();
  pair.expect_converged();
  EXPECT_EQ(pair.a.sent("advertisement"), 2U);
}

TEST(ProviderConsumer, TheSameAgainIsNotSent) {
  Pair pair;
  pair.a.wanted = composed("a");
  pair.connect();
  pair.run();
  pair.advertise(pair.a, composed("a"));
  pair.choose(pair.b, 2);
  pair.run();
  EXPECT_EQ(pair.a.sent("advertisement"), 1U);
  EXPECT_EQ(pair.b.sent("configure"), 1U);
  pair.expect_converged();
}

TEST(ProviderConsumer, AConfigureThatCrossesANewAdvertisementHasExpired) {
  Pair pair;
  pair.a.wanted = composed("a", 3);
  pair.connect();
  pair.run();
  pair.choose(pair.b, 1);
  pair.advertise(pair.a, composed("other", 3));
  pair.run();
  pair.expect_converged();
  const auto refusals = testing::all_of<action::ConfigureRefused>(pair.a.history);
  ASSERT_EQ(refusals.size(), 1U);
  EXPECT_EQ(refusals.at(0).code, ResponseCode::advertisement_expired);
}

TEST(ProviderConsumer, WhoeverRefusesEverythingIsAskedFourTimesAndLosesNothingElse) {
  Pair pair;
  pair.a.wanted = composed("a");
  pair.b.wanted = composed("b");
  pair.b.answer = [] { return Answer{Answer::Kind::nack, 0s}; };
  pair.connect();
  pair.run();
  EXPECT_EQ(pair.a.sent("advertisement"), 4U);
  EXPECT_TRUE(testing::all_of<action::AdvertisementRefused>(pair.a.history).back().gave_up);
  EXPECT_EQ(pair.a.participant.state(), State::active);
  pair.expect_converged(pair.b, pair.a);
  EXPECT_GE(pair.now.time_since_epoch(), 7s) << "1 s, 2 s and 4 s of back-off";
}

TEST(ProviderConsumer, WhoeverNeverAnswersIsToldTwiceAndLosesNothingElse) {
  Pair pair;
  pair.a.wanted = composed("a");
  pair.b.wanted = composed("b");
  pair.b.answer = [] { return Answer{Answer::Kind::nothing, 0s}; };
  pair.connect();
  pair.run();
  EXPECT_EQ(pair.a.sent("advertisement"), 2U);
  EXPECT_EQ(pair.a.count<action::GuardExpired>(), 2U);
  EXPECT_EQ(pair.a.participant.state(), State::active);
  pair.expect_converged(pair.b, pair.a);
  pair.b.answer = [] { return Answer{}; };
  pair.advertise(pair.a, composed("new"));
  pair.run();
  pair.expect_converged();
}

TEST(ProviderConsumer, ALostAdvertisementIsNoticedByItsNumberAndToldAgain) {
  Pair pair;
  pair.a.wanted = composed("a");
  pair.connect();
  pair.run();
  int left = 1;
  pair.a.loses = [&](const action::Transmit&) { return left-- > 0; };
  pair.advertise(pair.a, composed("b"));
  pair.run();
  EXPECT_EQ(testing::all_of<action::AdvertisementRefused>(pair.a.history).at(0).code, ResponseCode::invalid_sequencing);
  pair.expect_converged();
}

TEST(ProviderConsumer, ALostAckIsMadeGoodByTheRepetition) {
  Pair pair;
  pair.a.wanted = composed("a");
  pair.connect();
  pair.run();
  int left = 1;
  pair.b.loses = [&](const action::Transmit&) { return left-- > 0; };
  pair.advertise(pair.a, composed("b"));
  pair.run();
  pair.expect_converged();
  EXPECT_EQ(pair.a.sent("advertisement"), 3U);
  EXPECT_EQ(testing::all_of<action::ConfigureRefused>(pair.a.history).size(), 1U) << "the gap that the loss left";
}

TEST(ProviderConsumer, ANewChannelStartsFromTheBeginning) {
  Pair pair;
  pair.a.wanted = composed("a");
  pair.connect();
  pair.run_until(pair.now + 50ms);
  pair.cut();
  pair.a.wanted = composed("b");
  pair.connect(ChannelRole::receiver);
  pair.run();
  pair.expect_converged();
}

/// What two owners and a channel may do in any order. The same seed does the same.
class Soak {
 public:
  explicit Soak(std::uint32_t seed) : random_(seed) {
    pair_.delay = [this] { return std::chrono::milliseconds(below(500)); };
    for (End* end : {&pair_.a, &pair_.b}) {
      end->wanted = something();
      end->answer = [this, end] { return answer(*end); };
    }
  }

  void run() {
    pair_.connect(any_role());
    for (int i = 0; i < 150; ++i) {
      act(below(2) == 0 ? pair_.a : pair_.b);
      pair_.run_until(pair_.now + std::chrono::milliseconds(below(800)));
    }
    pair_.run();
    pair_.expect_converged();
  }

 private:
  std::uint32_t below(std::uint32_t bound) { return static_cast<std::uint32_t>(random_() % bound); }
  ChannelRole any_role() { return below(2) == 0 ? ChannelRole::initiator : ChannelRole::receiver; }
  std::shared_ptr<const ComposedAdvertisement> something() {
    return composed("t" + std::to_string(below(5)), 1 + static_cast<int>(below(4)));
  }

  Answer answer(const End& end) {
    const base::Duration after = std::chrono::milliseconds(below(1500));
    const auto dice = below(10);
    auto& nacks = &end == &pair_.a ? nacks_of_a_ : nacks_of_b_;
    if (dice == 0 && nacks < 2) {  // Who refuses more often than the peer tries may end up knowing something else.
      ++nacks;
      return {Answer::Kind::nack, after};
    }
    nacks = 0;
    return {dice < 5 ? Answer::Kind::ack_then_configure : Answer::Kind::configure_with_ack, after};
  }

  void act(End& end) {
    const auto dice = below(100);
    if (dice < 60) {
      pair_.advertise(end, something());
    } else if (dice < 95) {
      pair_.choose(end, below(4));
    } else {
      pair_.cut();
      pair_.connect(any_role());
    }
  }

  std::mt19937 random_;
  unsigned nacks_of_a_ = 0;
  unsigned nacks_of_b_ = 0;
  Pair pair_;
};

TEST(ProviderConsumer, ConvergeWhateverTheirOwnersDo) {
  for (std::uint32_t seed = 1; seed <= 40; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Soak(seed).run();
    if (::testing::Test::HasFailure()) return;
  }
}

}  // namespace
}  // namespace clued::clue
