// What is said of who knows of a removal, and of who does not answer.
#include "support/scenario.hpp"

namespace clued::testing {
namespace {

class ConvergenceRecords : public ::testing::Test {
 protected:
  VirtualWorld world;
  VirtualEndpoint& alice = world.join("alice");
  VirtualEndpoint& bob = world.join("bob");
  VirtualEndpoint& carol = world.join("carol");
  VirtualEndpoint& dave = world.join("dave");
};

TEST_F(ConvergenceRecords, SayHowManyWereTold) {
  alice.refer_bye(dave);
  world.advance(1s);
  EXPECT_THAT(world.records("removal.converged"), ElementsAre(HasSubstr("told=3 stalled=0")));
  world.advance(120s);
  EXPECT_THAT(world.records("removal.caught_up"), IsEmpty());
}

TEST_F(ConvergenceRecords, SayWhoIsStalledAndWhenItCatchesUp) {
  bob.traits.clue_frozen = true;
  alice.refer_bye(dave);
  world.advance(29s);
  EXPECT_THAT(world.records("removal.converged"), IsEmpty());
  world.advance(2s);
  EXPECT_THAT(world.records("removal.converged"), ElementsAre(HasSubstr("told=2 stalled=1")));
  EXPECT_THAT(world.records("removal.caught_up"), IsEmpty());
  bob.thaw();
  world.advance(1s);
  for (const auto& capture : bob.last_advertisement().captures) EXPECT_FALSE(capture.id.starts_with("p4-"));
  EXPECT_THAT(world.records("removal.caught_up"), ElementsAre(HasSubstr("told=1 gone=0")));
}

TEST_F(ConvergenceRecords, SayThatAStalledOneIsGone) {
  bob.traits.clue_frozen = true;
  alice.refer_bye(dave);
  world.advance(31s);
  bob.lose_channel();
  world.advance(1s);
  EXPECT_THAT(world.records("removal.caught_up"), ElementsAre(HasSubstr("told=0 gone=1")));
}

}  // namespace
}  // namespace clued::testing
