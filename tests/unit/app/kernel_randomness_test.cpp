#include "app/kernel_randomness.hpp"

#include <unordered_set>

#include "gtest/gtest.h"

namespace clued::app {
namespace {

TEST(KernelRandomness, DoesNotRepeatWithinOrBetweenSources) {
  KernelRandomness one;
  KernelRandomness other;
  std::unordered_set<std::uint64_t> seen;
  for (int n = 0; n < 1000; ++n) {
    EXPECT_TRUE(seen.insert(one.next()).second);
    EXPECT_TRUE(seen.insert(other.next()).second);
  }
}

TEST(KernelRandomness, UsesAllBits) {
  KernelRandomness source;
  std::uint64_t ones = 0;
  std::uint64_t zeros = 0;
  for (int n = 0; n < 100; ++n) {
    const std::uint64_t number = source.next();
    ones |= number;
    zeros |= ~number;
  }
  EXPECT_EQ(ones, ~std::uint64_t{0});
  EXPECT_EQ(zeros, ~std::uint64_t{0});
}

}  // namespace
}  // namespace clued::app
