// What a list of recipients comes to.
#include "focus/call_plan.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace clued::focus {
namespace {

using resource_lists::CopyControl;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

Recipient recipient(const std::string& user, CopyControl control = CopyControl::none, bool anonymize = false) {
  Recipient one;
  one.target.uri.user = user;
  one.target.uri.host = "example.net";
  one.copy_control = control;
  one.anonymize = anonymize;
  return one;
}

CallPlan plan(std::vector<Recipient> entries) {
  return plan_calls({std::move(entries), 0}, [](const CallRequest& request) -> std::optional<NotAdmitted> {
    if (request.target.uri.user == "barred") return NotAdmitted{403, "barred"};
    return std::nullopt;
  });
}

std::vector<std::string> users(const CallPlan& plan) {
  std::vector<std::string> all;
  for (const auto& call : plan.calls) all.push_back(call.target.uri.user);
  return all;
}

TEST(CallPlan, CallsInTheOrderOfTheListAndNobodyTwice) {
  auto capital = recipient("bob");
  capital.target.uri.params = {{"unknown", "x"}};
  auto other_port = recipient("bob");
  other_port.target.uri.port = 5070;
  const auto made = plan({recipient("carol"), recipient("bob"), capital, recipient("carol"), other_port});
  EXPECT_THAT(users(made), ElementsAre("carol", "bob", "bob"));
  EXPECT_EQ(made.collapsed, 2U);
  EXPECT_THAT(made.skipped, IsEmpty());
  EXPECT_EQ(made.calls[0].recipient_history, nullptr) << "nobody said who may be shown";
}

TEST(CallPlan, SkipsWhoMayNotBeCalledAndWhatIsNoInvitation) {
  auto removal = recipient("dave");
  removal.target.method = "BYE";
  const auto made = plan({recipient("barred"), removal, recipient("bob"), recipient("barred")});
  EXPECT_THAT(users(made), ElementsAre("bob"));
  ASSERT_THAT(made.skipped, SizeIs(2));
  EXPECT_STREQ(made.skipped[0].why.why, "barred");
  EXPECT_STREQ(made.skipped[1].why.why, "not an invitation");
}

// REF-07
TEST(CallPlan, CarriesTheAllowedHeadersOfAUri) {
  auto bob = recipient("bob");
  bob.target.headers = {{"subject", "Weekly"}, {"From", "<sip:boss@h>"}, {"Priority", "urgent\r\nX: y"}};
  auto moves = recipient("bob");
  moves.target.headers = {{"Replaces", "1;to-tag=a;from-tag=b"}};
  const auto made = plan({bob, moves, moves});
  ASSERT_THAT(made.calls, SizeIs(3)) << "who moves a dialog is another device each time";
  EXPECT_THAT(made.calls[0].headers, ElementsAre(std::pair<std::string, std::string>("Subject", "Weekly")));
}

// RFC 5364
TEST(CallPlan, TellsEachOfThoseWhoMayBeShown) {
  const auto made = plan({recipient("barred", CopyControl::to), recipient("bob", CopyControl::to),
                          recipient("carol", CopyControl::cc, true), recipient("dave", CopyControl::bcc)});
  ASSERT_THAT(made.calls, SizeIs(3));
  for (const auto& call : made.calls) {
    ASSERT_NE(call.recipient_history, nullptr);
    EXPECT_THAT(*call.recipient_history, HasSubstr("sip:bob@example.net"));
    EXPECT_THAT(*call.recipient_history, HasSubstr("count=\"1\""));
    for (const char* hidden : {"barred", "carol", "dave"}) EXPECT_THAT(*call.recipient_history, Not(HasSubstr(hidden)));
  }
  EXPECT_FALSE(made.calls[0].is_anonymous);
  EXPECT_TRUE(made.calls[1].is_anonymous);
  EXPECT_FALSE(made.calls[1].is_unseen_until_in);
  EXPECT_TRUE(made.calls[2].is_anonymous);
  EXPECT_TRUE(made.calls[2].is_unseen_until_in);
}

}  // namespace
}  // namespace clued::focus
