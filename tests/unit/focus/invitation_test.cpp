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

// RFC 3261 section 8.1.3.4, RFC 5630 section 5.1.1
TEST(Invitation, WhoIsCalledBySipsIsNotCalledWithoutIt) {
  const DialOut settings;
  Invitation call(settings, false, {{"", uri("sips", "bob")}, "", {}});
  EXPECT_TRUE(call.tries_again(moved({uri("sip", "plain"), uri("sips", "secure"), uri("tel", "1")})));
  EXPECT_EQ(call.target().to_string(), "sips:secure@example.net");
  EXPECT_FALSE(call.tries_again(moved({uri("sip", "plain")})));
}

TEST(Invitation, WhoIsCalledBySipMayMoveToSips) {
  const DialOut settings;
  Invitation call(settings, false, {{"", uri("sip", "bob")}, "", {}});
  EXPECT_TRUE(call.tries_again(moved({uri("tel", "1"), uri("sips", "secure")})));
  EXPECT_EQ(call.target().scheme, "sips");
}

}  // namespace
}  // namespace clued::focus
