// Whom a call goes to next.
#include "focus/invitation.hpp"

#include <gtest/gtest.h>

namespace clued::focus {
namespace {

SipUri uri(const std::string& scheme, const std::string& user) {
  SipUri made;
  made.scheme = scheme;
  made.user = user;
  made.host = "example.net";
  return made;
}

event::InviteAnswered moved(std::vector<SipUri> to) {
  event::InviteAnswered answered;
  answered.status = 302;
  answered.alternatives = std::move(to);
  return answered;
}

const CalleeCheck anybody = [](const SipUri&) { return std::nullopt; };

// RFC 3261 section 8.1.3.4, RFC 5630 section 5.1.1
TEST(Invitation, WhoIsCalledBySipsIsNotCalledWithoutIt) {
  const CurrentPolicy policy{Policy{}};
  Invitation call(policy, false, {{"", uri("sips", "bob")}, "", {}});
  EXPECT_TRUE(call.tries_again(moved({uri("sip", "plain"), uri("sips", "secure"), uri("tel", "1")}), anybody));
  EXPECT_EQ(call.target().to_string(), "sips:secure@example.net");
  EXPECT_FALSE(call.tries_again(moved({uri("sip", "plain")}), anybody));
}

TEST(Invitation, WhoIsCalledBySipMayMoveToSips) {
  const CurrentPolicy policy{Policy{}};
  Invitation call(policy, false, {{"", uri("sip", "bob")}, "", {}});
  EXPECT_TRUE(call.tries_again(moved({uri("tel", "1"), uri("sips", "secure")}), anybody));
  EXPECT_EQ(call.target().scheme, "sips");
}

// Every target passes the same checks, the first and those that a redirection names.
TEST(Invitation, WhoMayNotBeCalledIsNotFollowedAndIsTold) {
  const CurrentPolicy policy{Policy{}};
  Invitation call(policy, false, {{"", uri("sip", "bob")}, "", {}});
  const CalleeCheck check = [](const SipUri& target) -> std::optional<NotAdmitted> {
    if (target.user == "us") return NotAdmitted{403, "the target is this focus"};
    return std::nullopt;
  };
  EXPECT_TRUE(call.tries_again(moved({uri("sip", "us"), uri("sip", "carol")}), check));
  EXPECT_EQ(call.target().user, "carol");
  const auto forbidden = call.take_forbidden();
  ASSERT_EQ(forbidden.size(), 1U);
  EXPECT_EQ(forbidden[0].target.user, "us");
  EXPECT_EQ(forbidden[0].why.status, 403);
  EXPECT_FALSE(call.tries_again(moved({uri("sip", "us")}), check));
  EXPECT_EQ(call.take_forbidden().size(), 1U);
  EXPECT_TRUE(call.take_forbidden().empty());
}

}  // namespace
}  // namespace clued::focus
