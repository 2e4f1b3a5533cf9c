#include "base/descriptor_budget.hpp"

#include <gtest/gtest.h>

#include <set>

namespace clued::base {
namespace {

using Use = DescriptorBudget::Use;

/// A table of descriptors, where the lowest free one is given.
struct Table {
  std::set<std::size_t> open;
  DescriptorBudget::Probe probe() {
    return [this](std::size_t count, std::size_t end) {
      std::size_t free = 0;
      for (std::size_t number = 0; number < end && free < count; ++number) free += open.contains(number) ? 0 : 1;
      return free >= count;
    };
  }
  void fill(std::size_t end) {
    for (std::size_t number = 0; number < end; ++number) open.insert(number);
  }
};

TEST(DescriptorBudget, KeepsAReserveFromCallsAndMoreFromConnections) {
  Table table;
  const DescriptorBudget budget(60, table.probe());
  EXPECT_EQ(budget.reserve(), 8U);
  table.fill(43);
  EXPECT_TRUE(budget.allows(1, Use::connection));
  EXPECT_FALSE(budget.allows(2, Use::connection));
  table.fill(50);
  EXPECT_FALSE(budget.allows(1, Use::connection));
  EXPECT_TRUE(budget.allows(2, Use::call));
  EXPECT_FALSE(budget.allows(3, Use::call));
}

TEST(DescriptorBudget, SeesWhatOthersTakeAndGiveBack) {
  Table table;
  const DescriptorBudget budget(60, table.probe());
  table.fill(60);
  EXPECT_FALSE(budget.allows(1, Use::call));
  table.open.erase(7);
  EXPECT_TRUE(budget.allows(1, Use::call));
  EXPECT_TRUE(budget.allows(1, Use::connection));
  EXPECT_FALSE(budget.allows(2, Use::call));
}

TEST(DescriptorBudget, GrowsWithTheLimitAndIsNoneWithoutOne) {
  EXPECT_EQ(DescriptorBudget(1024, {}).reserve(), 64U);
  EXPECT_EQ(DescriptorBudget(500'000, {}).reserve(), 256U);
  EXPECT_TRUE(DescriptorBudget().allows(1000, Use::connection));
}

}  // namespace
}  // namespace clued::base
