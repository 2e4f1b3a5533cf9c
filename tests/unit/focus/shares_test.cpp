#include "focus/shares.hpp"

#include <gtest/gtest.h>

#include "base/ids.hpp"

namespace clued::focus {
namespace {

using Id = base::ConferenceId;

class SharesTest : public ::testing::Test {
 protected:
  void add(std::uint64_t id, const std::string& account, bool is_confirmed = false) {
    shares.add(Id{id}, {account}, is_confirmed);
  }
  Shares<Id> shares;
};

TEST_F(SharesTest, CountsWhatEachHolds) {
  add(1, "ann");
  add(2, "ann", true);
  add(3, "bob");
  EXPECT_EQ(shares.size(), 3U);
  EXPECT_EQ(shares.held_by({"ann"}), 2U);
  EXPECT_EQ(shares.held_by({"bob"}), 1U);
  EXPECT_EQ(shares.held_by({"carl"}), 0U);
  shares.remove(Id{1});
  shares.remove(Id{1});
  shares.remove(Id{9});
  EXPECT_EQ(shares.held_by({"ann"}), 1U);
  add(3, "carl");
  EXPECT_EQ(shares.held_by({"carl"}), 0U) << "it is bob's";
}

TEST_F(SharesTest, TheOldestOfWhoHoldsMostGivesWay) {
  add(1, "bob");
  add(2, "flooder");
  add(3, "flooder");
  add(4, "flooder");
  EXPECT_EQ(shares.gives_way_to({"carl"}), Id{2});
  EXPECT_EQ(shares.gives_way_to({"bob"}), Id{2});
  EXPECT_EQ(shares.gives_way_to({"flooder"}), Id{}) << "who has most makes no room for itself";
  shares.remove(Id{2});
  EXPECT_EQ(shares.gives_way_to({"carl"}), Id{3});
}

TEST_F(SharesTest, WhatIsConfirmedStays) {
  add(1, "ann", true);
  add(2, "bob");
  EXPECT_EQ(shares.gives_way_to({"carl"}), Id{2});
  shares.confirm(Id{2});
  shares.confirm(Id{2});
  EXPECT_EQ(shares.gives_way_to({"carl"}), Id{});
  shares.remove(Id{2});
  EXPECT_EQ(shares.size(), 1U);
}

TEST_F(SharesTest, AmongEqualsTheNewcomerHasItsTurn) {
  for (std::uint64_t id = 1; id <= 5; ++id) add(id, "user " + std::to_string(id));
  EXPECT_TRUE(shares.gives_way_to({"new"}));
  EXPECT_FALSE(shares.gives_way_to({"user 3"}));
}

// A request names the user by a SIP URI and a number, or by one of them.
TEST_F(SharesTest, AUserOfTwoNamesHasOneShare) {
  const Account both{"ann", {"+1"}}, number{"+1"}, name{"ann"};
  const std::vector<std::vector<Account>> orders{
      {both, number, name}, {number, both, name}, {name, number, both}, {number, name, both}, {both, name, number}};
  for (const auto& order : orders) {
    shares = {};
    std::uint64_t id = 0;
    for (const auto& account : order) shares.add(Id{++id}, account, false);
    for (const auto& account : order) EXPECT_EQ(shares.held_by(account), 3U);
    shares.add(Id{4}, number, false);
    EXPECT_EQ(shares.held_by(name), 4U);
    while (id > 0) shares.remove(Id{id--});
    shares.remove(Id{4});
    for (const auto& account : order) EXPECT_EQ(shares.held_by(account), 0U);
    EXPECT_EQ(shares.size(), 0U);
  }
}

TEST_F(SharesTest, WhoseNamesComeInAnotherOrderIsTheSame) {
  shares.add(Id{1}, {"a", {"b", "c"}}, false);
  shares.add(Id{2}, {"b", {"a"}}, false);
  shares.add(Id{3}, {"c"}, false);
  for (const auto* name : {"a", "b", "c"}) EXPECT_EQ(shares.held_by({name}), 3U) << name;
  EXPECT_EQ(shares.gives_way_to({"c"}), Id{}) << "it holds most by whichever name";
}

TEST_F(SharesTest, AMainNumberMakesNoTwoUsersOne) {
  shares.add(Id{1}, {"ann", {"main"}}, false);
  shares.add(Id{2}, {"bob", {"main"}}, false);
  shares.add(Id{3}, {"main"}, false);
  EXPECT_EQ(shares.held_by({"ann", {"main"}}), 1U);
  EXPECT_EQ(shares.held_by({"bob", {"main"}}), 1U);
  EXPECT_EQ(shares.held_by({"carl", {"main"}}), 0U);
  EXPECT_EQ(shares.held_by({"main"}), 1U);
}

TEST_F(SharesTest, NumbersBehindOneMainNameStayTheirOwn) {
  shares.add(Id{1}, {"main", {"+1"}}, false);
  shares.add(Id{2}, {"main", {"+2"}}, false);
  shares.add(Id{3}, {"+1"}, false);
  EXPECT_EQ(shares.held_by({"main", {"+3"}}), 2U) << "as one who is called that";
  EXPECT_EQ(shares.held_by({"+1"}), 1U);
  EXPECT_EQ(shares.held_by({"+2"}), 0U);
}

}  // namespace
}  // namespace clued::focus
