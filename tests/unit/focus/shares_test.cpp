#include "focus/shares.hpp"

#include <gtest/gtest.h>

#include "base/ids.hpp"

namespace clued::focus {
namespace {

using Id = base::ConferenceId;

class SharesTest : public ::testing::Test {
 protected:
  void add(std::uint64_t id, const std::string& account, bool is_confirmed = false) {
    shares.add(Id{id}, account, is_confirmed);
  }
  Shares<Id> shares;
};

TEST_F(SharesTest, CountsWhatEachHolds) {
  add(1, "ann");
  add(2, "ann", true);
  add(3, "bob");
  EXPECT_EQ(shares.size(), 3U);
  EXPECT_EQ(shares.held_by("ann"), 2U);
  EXPECT_EQ(shares.held_by("bob"), 1U);
  EXPECT_EQ(shares.held_by("carl"), 0U);
  shares.remove(Id{1});
  shares.remove(Id{1});
  shares.remove(Id{9});
  EXPECT_EQ(shares.held_by("ann"), 1U);
  add(3, "carl");
  EXPECT_EQ(shares.held_by("carl"), 0U) << "it is bob's";
}

TEST_F(SharesTest, TheOldestOfWhoHoldsMostGivesWay) {
  add(1, "bob");
  add(2, "flooder");
  add(3, "flooder");
  add(4, "flooder");
  EXPECT_EQ(shares.gives_way_to("carl"), Id{2});
  EXPECT_EQ(shares.gives_way_to("bob"), Id{2});
  EXPECT_EQ(shares.gives_way_to("flooder"), Id{}) << "who has most makes no room for itself";
  shares.remove(Id{2});
  EXPECT_EQ(shares.gives_way_to("carl"), Id{3});
}

TEST_F(SharesTest, WhatIsConfirmedStays) {
  add(1, "ann", true);
  add(2, "bob");
  EXPECT_EQ(shares.gives_way_to("carl"), Id{2});
  shares.confirm(Id{2});
  shares.confirm(Id{2});
  EXPECT_EQ(shares.gives_way_to("carl"), Id{});
  shares.remove(Id{2});
  EXPECT_EQ(shares.size(), 1U);
}

TEST_F(SharesTest, AmongEqualsTheNewcomerHasItsTurn) {
  for (std::uint64_t id = 1; id <= 5; ++id) add(id, "user " + std::to_string(id));
  EXPECT_TRUE(shares.gives_way_to("new"));
  EXPECT_FALSE(shares.gives_way_to("user 3"));
}

}  // namespace
}  // namespace clued::focus
