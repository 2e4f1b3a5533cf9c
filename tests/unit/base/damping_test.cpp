#include "base/damping.hpp"

#include <gtest/gtest.h>

namespace clued::base {
namespace {

using namespace std::chrono_literals;

const TimePoint start{1h};
constexpr Damping::Pause pause{200ms, 5s};

TEST(Damping, LetsAChangeNowAndThenPassAtOnce) {
  Damping damping;
  for (auto now = start; now < start + 1min; now += 2s) {
    EXPECT_EQ(damping.plan(now, 0ms, pause), now);
  }
  EXPECT_EQ(damping.plan(start + 1h, 200ms, pause), start + 1h + 200ms) << "or after what it has to wait anyway";
}

TEST(Damping, MakesOneOfAllChangesUntilThen) {
  Damping damping;
  EXPECT_EQ(damping.plan(start, 200ms, pause), start + 200ms);
  EXPECT_EQ(damping.plan(start + 50ms, 200ms, pause), start + 200ms);
  EXPECT_EQ(damping.plan(start + 199ms, 200ms, pause), start + 200ms);
}

TEST(Damping, GrowsUpToItsLimitAndPassesTheLastChange) {
  Damping damping;
  int passed = 0;
  auto planned = damping.plan(start, 0ms, pause);
  for (auto now = start; now < start + 60s; now += 20ms) {
    const auto next = damping.plan(now, 0ms, pause);
    EXPECT_GE(next, now) << "a change is never forgotten";
    if (next != planned) ++passed;
    if (next != planned && passed > 6) {
      EXPECT_EQ(next - planned, 5s);
    }
    planned = next;
  }
  EXPECT_LE(passed, 5 + 60 / 5);
}

TEST(Damping, ShrinksAgainWhenItIsQuiet) {
  Damping damping;
  for (auto now = start; now < start + 60s; now += 20ms) damping.plan(now, 0ms, pause);
  EXPECT_EQ(damping.plan(start + 10min, 0ms, pause), start + 10min);
  EXPECT_EQ(damping.plan(start + 10min + 10ms, 0ms, pause), start + 10min + 400ms) << "as at the beginning";
}

}  // namespace
}  // namespace clued::base
