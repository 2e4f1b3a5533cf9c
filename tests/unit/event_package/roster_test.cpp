// The roster: generations, differences, and the two steps of a departure.
#include "event_package/roster.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "roster_support.hpp"

namespace clued::event_package {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr Roster::Key alice{1}, bob{2}, bobs_other{3};

class RosterTest : public ::testing::Test {
 protected:
  Roster roster{description()};
};

TEST_F(RosterTest, TheSameAgainIsNoChange) {
  EXPECT_TRUE(roster.put(alice, member("alice")));
  const auto before = roster.generation();
  EXPECT_FALSE(roster.put(alice, member("alice")));
  EXPECT_EQ(roster.generation(), before);
  EXPECT_TRUE(roster.put(alice, member("alice", EndpointStatus::on_hold)));
}

TEST_F(RosterTest, ADifferenceHasOnlyWhatChanged) {
  roster.put(alice, member("alice"));
  const auto told = roster.newest();
  EXPECT_FALSE(roster.has_news(told));
  roster.put(bob, member("bob"));
  EXPECT_TRUE(roster.has_news(told));
  EXPECT_THAT(roster.difference(told), HasSubstr("sip:bob@example.net"));
  EXPECT_THAT(roster.difference(told), Not(HasSubstr("alice")));
  EXPECT_THAT(roster.difference(told), HasSubstr("<user-count>2</user-count>"));
  // A hold changes no count, so the state of the conference is not repeated.
  const auto later = roster.after_difference(told);
  roster.put(bob, member("bob", EndpointStatus::on_hold));
  EXPECT_THAT(roster.difference(later), Not(HasSubstr("user-count")));
}

// EVT-06, EVT-07
TEST_F(RosterTest, WhoLeavesIsDisconnectedFirstAndDeletedThen) {
  roster.put(alice, member("alice"));
  roster.put(bob, member("bob"));
  auto position = roster.newest();
  EXPECT_TRUE(roster.depart(bob, DisconnectionMethod::booted, {std::nullopt, "enough", "sip:alice@example.net"}));
  EXPECT_THAT(roster.difference(position), HasSubstr("<status>disconnected</status>"));
  EXPECT_THAT(roster.difference(position), HasSubstr("<disconnection-method>booted</disconnection-method>"));
  EXPECT_THAT(roster.difference(position), HasSubstr("<reason>enough</reason><by>sip:alice@example.net</by>"));
  EXPECT_THAT(roster.difference(position), HasSubstr("<user-count>1</user-count>"));
  EXPECT_THAT(roster.difference(position), Not(HasSubstr("<media")));
  EXPECT_THAT(roster.full(conference_uri), Not(HasSubstr("bob"))) << "nobody new needs to hear of him";

  position = roster.after_difference(position);
  EXPECT_TRUE(roster.has_news(position));
  EXPECT_EQ(roster.difference(position),
            "<users state=\"partial\"><user entity=\"sip:bob@example.net\" state=\"deleted\"/></users>");
  position = roster.after_difference(position);
  EXPECT_FALSE(roster.has_news(position));
  roster.forget_departed(position.settled);
  EXPECT_FALSE(roster.depart(bob, DisconnectionMethod::departed, {}));
}

TEST_F(RosterTest, WhoComesBackBeforeItIsDeletedIsNotDeleted) {
  roster.put(bob, member("bob"));
  auto position = roster.newest();
  roster.depart(bob, DisconnectionMethod::departed, {});
  position = roster.after_difference(position);
  roster.put(bobs_other, member("bob"));
  EXPECT_THAT(roster.difference(position), HasSubstr("<status>connected</status>"));
  EXPECT_THAT(roster.difference(position), Not(HasSubstr("disconnected"))) << "it is the same endpoint again";
  position = roster.after_difference(position);
  EXPECT_FALSE(roster.has_news(position));
}

// EVT-05
TEST_F(RosterTest, SeveralLegsOfAnIdentityAreOneUserWithSeveralEndpoints) {
  roster.put(bob, member("bob"));
  auto second = member("bob");
  second.endpoint.entity = "sip:bob@192.0.2.9";
  second.roles = {"moderator", "participant"};
  roster.put(bobs_other, second);
  EXPECT_EQ(roster.state().user_count, 1U);
  EXPECT_THAT(roster.full(conference_uri), HasSubstr("<entry>participant</entry><entry>moderator</entry>"));

  auto position = roster.newest();
  roster.depart(bob, DisconnectionMethod::departed, {});
  EXPECT_EQ(roster.state().user_count, 1U);
  EXPECT_THAT(roster.difference(position), HasSubstr("entity=\"sip:bob@192.0.2.1:5062\""));
  position = roster.after_difference(position);
  EXPECT_THAT(roster.difference(position), Not(HasSubstr("192.0.2.1:5062"))) << "the endpoint that left is gone";
  EXPECT_THAT(roster.difference(position), HasSubstr("entity=\"sip:bob@192.0.2.9\""));
}

TEST_F(RosterTest, TwoCallsFromOneDeviceAreTwoEndpoints) {
  roster.put(bob, member("bob"));
  roster.put(bobs_other, member("bob"));
  EXPECT_THAT(roster.full(conference_uri), HasSubstr("entity=\"sip:bob@192.0.2.1:5062;leg=3\""));
  EXPECT_FALSE(roster.put(bobs_other, member("bob"))) << "its name stays";
  roster.depart(bob, DisconnectionMethod::departed, {});
  EXPECT_FALSE(roster.put(bobs_other, member("bob"))) << "its name stays also when it is alone";
}

TEST_F(RosterTest, AnEndpointStaysWithTheUserThatItCameWith) {
  roster.put(bob, member("bob", EndpointStatus::alerting));
  auto answered = member("bobs-other-name");
  EXPECT_TRUE(roster.put(bob, answered));
  EXPECT_THAT(roster.full(conference_uri), HasSubstr("user entity=\"sip:bob@example.net\""));
  EXPECT_THAT(roster.full(conference_uri), Not(HasSubstr("user entity=\"sip:bobs-other-name@example.net\"")));
}

TEST_F(RosterTest, WhoIsOnlyBeingCalledIsNotCounted) {
  roster.put(bob, member("bob", EndpointStatus::dialing_out));
  EXPECT_EQ(roster.state().user_count, 0U);
  roster.put(bob, member("bob", EndpointStatus::alerting));
  roster.put(bob, member("bob"));
  EXPECT_EQ(roster.state().user_count, 1U);
  roster.depart(bob, DisconnectionMethod::failed, {});
  EXPECT_EQ(roster.state().user_count, 0U);
}

TEST_F(RosterTest, ALockIsAChangeOfTheConferenceAlone) {
  roster.put(bob, member("bob"));
  const auto position = roster.newest();
  EXPECT_FALSE(roster.set_locked(false));
  EXPECT_TRUE(roster.set_locked(true));
  EXPECT_EQ(
      roster.difference(position),
      "<conference-state><user-count>1</user-count><active>true</active><locked>true</locked></conference-state>");
}

TEST_F(RosterTest, AFullDocumentHasTheDescriptionAndTheUsers) {
  EXPECT_EQ(roster.full(conference_uri),
            "<conference-description><conf-uris><entry><uri>" + conference_uri +
                "</uri><purpose>participation</purpose></entry></conf-uris><maximum-user-count>16</maximum-user-count>"
                "</conference-description><conference-state><user-count>0</user-count><active>true</active>"
                "<locked>false</locked></conference-state><users state=\"full\"></users>");
}

TEST_F(RosterTest, AUserWhoComesAndGoesDoesNotGrow) {
  const auto position = roster.newest();
  for (std::uint64_t i = 1; i <= 100; ++i) {
    auto one = member("bob");
    one.endpoint.entity += ";n=" + std::to_string(i);
    roster.put(Roster::Key{i}, one);
    roster.depart(Roster::Key{i}, DisconnectionMethod::departed, {});
  }
  EXPECT_LT(roster.difference(position).size(), 4000U);
  EXPECT_EQ(roster.size(), 0U);
  EXPECT_EQ(roster.state().user_count, 0U);
}

}  // namespace
}  // namespace clued::event_package
