#include "base/ids.hpp"

#include <type_traits>
#include <unordered_set>

#include "gtest/gtest.h"

namespace clued::base {
namespace {

TEST(Id, TheDefaultNamesNothing) {
  EXPECT_FALSE(DialogId{});
  EXPECT_TRUE(DialogId{1});
  EXPECT_EQ(DialogId{}, DialogId{0});
}

TEST(Id, KindsDoNotMix) {
  static_assert(!std::is_convertible_v<DialogId, ChannelId>);
  static_assert(!std::is_constructible_v<DialogId, ChannelId>);
  static_assert(!std::is_convertible_v<int, DialogId>);
  EXPECT_LT(DialogId{1}, DialogId{2});
}

TEST(Id, ASequenceStartsAtOneAndNeverRepeats) {
  IdSequence<PortId> sequence;
  EXPECT_EQ(sequence.next(), PortId{1});
  std::unordered_set<PortId> seen{PortId{1}};
  for (int n = 0; n < 1000; ++n) EXPECT_TRUE(seen.insert(sequence.next()).second);
}

}  // namespace
}  // namespace clued::base
