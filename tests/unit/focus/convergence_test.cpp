#include "focus/convergence.hpp"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace clued::focus {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr ParticipantId alice{1};
constexpr ParticipantId bob{2};
constexpr ParticipantId carol{3};

class ConvergenceTest : public testing::Test {
 protected:
  void tell(ParticipantId who, Generation generation) { convergence_.update(who, Knowledge{generation, false}); }
  void stall(ParticipantId who, Generation generation) { convergence_.update(who, Knowledge{generation, true}); }
  void lose(ParticipantId who) { convergence_.update(who, std::nullopt); }
  void remove(Generation generation) { convergence_.watch({OperationId{generation}, generation, {}}); }

  /// "generation: told+stalled" of each removal.
  std::vector<std::string> converged() {
    std::vector<std::string> texts;
    for (const auto& [removal, told, stalled] : convergence_.take_converged()) {
      texts.push_back(std::to_string(removal.generation) + ": " + std::to_string(told) + "+" + std::to_string(stalled));
    }
    return texts;
  }
  /// "generation: told+gone" of each removal.
  std::vector<std::string> caught_up() {
    std::vector<std::string> texts;
    for (const auto& [removal, told, gone] : convergence_.take_caught_up()) {
      texts.push_back(std::to_string(removal.generation) + ": " + std::to_string(told) + "+" + std::to_string(gone));
    }
    return texts;
  }

  Convergence convergence_;
};

TEST_F(ConvergenceTest, WaitsForEverybody) {
  for (const auto who : {alice, bob, carol}) tell(who, 1);
  remove(2);
  tell(alice, 2);
  tell(bob, 2);
  EXPECT_THAT(converged(), IsEmpty());
  tell(carol, 2);
  EXPECT_THAT(converged(), ElementsAre("2: 3+0"));
  EXPECT_THAT(converged(), IsEmpty()) << "once";
  EXPECT_THAT(caught_up(), IsEmpty());
}

TEST_F(ConvergenceTest, OneRefreshMayTellOfSeveralRemovals) {
  for (const auto who : {alice, bob}) tell(who, 1);
  remove(2);
  remove(3);
  tell(alice, 3);
  tell(bob, 2);
  EXPECT_THAT(converged(), ElementsAre("2: 2+0"));
  tell(bob, 3);
  EXPECT_THAT(converged(), ElementsAre("3: 2+0"));
}

TEST_F(ConvergenceTest, WhoLeavesIsNotWaitedFor) {
  for (const auto who : {alice, bob}) tell(who, 1);
  remove(2);
  tell(alice, 2);
  lose(bob);
  EXPECT_THAT(converged(), ElementsAre("2: 1+0"));
}

TEST_F(ConvergenceTest, TheStalledAreCountedAndCatchUp) {
  for (const auto who : {alice, bob, carol}) tell(who, 1);
  remove(2);
  tell(alice, 2);
  stall(bob, 1);
  EXPECT_THAT(converged(), IsEmpty());
  stall(carol, 1);
  EXPECT_THAT(converged(), ElementsAre("2: 1+2"));
  tell(bob, 1);
  EXPECT_THAT(caught_up(), IsEmpty()) << "it answers again, but does not know yet";
  tell(bob, 2);
  EXPECT_THAT(caught_up(), IsEmpty());
  lose(carol);
  EXPECT_THAT(caught_up(), ElementsAre("2: 1+1"));
  EXPECT_THAT(caught_up(), IsEmpty()) << "once";
}

TEST_F(ConvergenceTest, WhoIsStalledOverSomethingElseButKnowsIsTold) {
  tell(alice, 1);
  remove(2);
  stall(alice, 2);
  EXPECT_THAT(converged(), ElementsAre("2: 1+0"));
  EXPECT_THAT(caught_up(), IsEmpty());
}

TEST_F(ConvergenceTest, WhoComesLaterHasNothingToCatchUpWith) {
  tell(alice, 1);
  remove(2);
  stall(alice, 1);
  EXPECT_THAT(converged(), ElementsAre("2: 0+1"));
  tell(bob, 0);
  lose(bob);
  tell(alice, 2);
  EXPECT_THAT(caught_up(), ElementsAre("2: 1+0"));
}

TEST_F(ConvergenceTest, SomebodyWhoNeverAnswersDoesNotMakeItGrow) {
  stall(alice, 1);
  for (Generation generation = 2; generation < 1000; ++generation) {
    remove(generation);
    ASSERT_EQ(converged().size(), 1U);
  }
  tell(alice, 999);
  EXPECT_EQ(caught_up().size(), 32U);
}

}  // namespace
}  // namespace clued::focus
