#include "focus/address.hpp"

#include <gtest/gtest.h>

namespace clued::focus {
namespace {

SipUri sip(std::string user, std::string host, std::uint16_t port = 0,
           std::vector<std::pair<std::string, std::string>> params = {}) {
  return {"sip", std::move(user), std::move(host), port, std::move(params)};
}

SipUri tel(std::string number, std::vector<std::pair<std::string, std::string>> params = {}) {
  return {"tel", std::move(number), "", 0, std::move(params)};
}

TEST(SipUriText, WritesEveryPart) {
  EXPECT_EQ(sip("bob", "example.net").to_string(), "sip:bob@example.net");
  EXPECT_EQ(sip("", "example.net", 5070).to_string(), "sip:example.net:5070");
  EXPECT_EQ(sip("bob", "2001:db8::1", 5060, {{"transport", "tcp"}, {"lr", ""}}).to_string(),
            "sip:bob@[2001:db8::1]:5060;transport=tcp;lr");
  EXPECT_EQ(tel("+1-201-555-0123", {{"ext", "7"}}).to_string(), "tel:+1-201-555-0123;ext=7");
}

TEST(SipUriText, EscapesWhatTheGrammarDoesNotAllow) {
  EXPECT_EQ(sip("a@b c>\r\n", "h").to_string(), "sip:a%40b%20c%3E%0D%0A@h");
  EXPECT_EQ(sip("b", "h>\r\nX", 5060).to_string(), "sip:b@h%3E%0D%0AX:5060");
  EXPECT_EQ(sip("b", "h", 0, {{"gr", "urn:uuid:1;2=3"}}).to_string(), "sip:b@h;gr=urn:uuid:1%3B2%3D3");
}

TEST(SipUriParam, IsFoundByLowerCaseName) {
  const SipUri uri = sip("bob", "h", 0, {{"gr", "x"}, {"lr", ""}});
  ASSERT_NE(uri.param("gr"), nullptr);
  EXPECT_EQ(*uri.param("gr"), "x");
  ASSERT_NE(uri.param("lr"), nullptr);
  EXPECT_EQ(*uri.param("lr"), "");
  EXPECT_EQ(uri.param("method"), nullptr);
}

struct Pair {
  SipUri a;
  SipUri b;
  bool equal;
  const char* why;
};

TEST(SipUriEquivalence, FollowsRfc3261Section19_1_4) {
  const Pair pairs[] = {
      {sip("bob", "h"), sip("bob", "h"), true, "identical"},
      {sip("bob", "h"), sip("Bob", "h"), false, "the user is case-sensitive"},
      {sip("bob", "H.net"), sip("bob", "h.net"), true, "the host is not"},
      {sip("bob", "h"), sip("bob", "h", 5060), false, "a default port is not the same as none"},
      {sip("bob", "h", 5070), sip("bob", "h", 5071), false, "ports differ"},
      {sip("bob", "h"), {"sips", "bob", "h", 0, {}}, false, "schemes differ"},
      {sip("bob", "h", 0, {{"method", "BYE"}}), sip("bob", "h"), true, "method is left out of account"},
      {sip("bob", "h", 0, {{"method", "BYE"}}), sip("bob", "h", 0, {{"method", "INVITE"}}), true,
       "also when it differs"},
      {sip("bob", "h", 0, {{"transport", "tcp"}}), sip("bob", "h"), false, "transport in one only"},
      {sip("bob", "h", 0, {{"transport", "tcp"}}), sip("bob", "h", 0, {{"transport", "TCP"}}), true,
       "values ignore case"},
      {sip("bob", "h", 0, {{"lr", ""}}), sip("bob", "h"), true, "other parameters may be in one only"},
      {sip("bob", "h", 0, {{"gr", "1"}}), sip("bob", "h", 0, {{"gr", "2"}}), false, "but must match in both"},
      {sip("bob", "h", 0, {{"a", "1"}, {"b", "2"}}), sip("bob", "h", 0, {{"b", "2"}, {"a", "1"}}), true, "any order"},
      {sip("+1201", "h", 0, {{"user", "phone"}}), sip("+1201", "h"), false, "user in one only"},
      {sip("bob", "h", 0, {{"a", "1"}, {"a", "2"}}), sip("bob", "h", 0, {{"a", "1"}, {"a", "2"}}), true,
       "a name twice"},
      {sip("+1201", "h", 0, {{"user", "ip"}}), tel("+1201"), false, "not a telephone number"},
  };
  for (const Pair& pair : pairs) {
    EXPECT_EQ(equivalent(pair.a, pair.b), pair.equal) << pair.why;
    EXPECT_EQ(equivalent(pair.b, pair.a), pair.equal) << pair.why;
    if (pair.equal) {
      EXPECT_EQ(lookup_key(pair.a), lookup_key(pair.b)) << pair.why;
    }
  }
}

TEST(SipUriEquivalence, ComparesTelephoneNumbersByNumber) {
  const Pair pairs[] = {
      {tel("+1-201-555-0123"), tel("+12015550123"), true, "visual separators"},
      {tel("+1(201)555.0123"), sip("+12015550123", "h", 0, {{"user", "phone"}}), true, "tel and sip;user=phone"},
      {sip("+1201", "a", 0, {{"user", "phone"}}), sip("+1201", "b", 0, {{"user", "PHONE"}}), true, "a global number"},
      {tel("+1201"), tel("+1202"), false, "numbers differ"},
      {tel("7042", {{"phone-context", "Example.com"}}), tel("7042", {{"phone-context", "example.com"}}), true,
       "context"},
      {tel("7042", {{"phone-context", "a"}}), tel("7042", {{"phone-context", "b"}}), false, "contexts differ"},
      {tel("7042", {{"phone-context", "a"}}), sip("7042;phone-context=a", "h", 0, {{"user", "phone"}}), true,
       "embedded"},
      {tel("7042", {{"phone-context", "h"}}), sip("7042", "h", 0, {{"user", "phone"}}), true, "local to the domain"},
      {tel("7042", {{"phone-context", "+49-30"}}), tel("7042", {{"phone-context", "+4930"}}), true,
       "separators in a context that is a number"},
      {tel("7042", {{"phone-context", "a-b"}}), tel("7042", {{"phone-context", "ab"}}), false, "but not in a domain"},
      {tel("+1201", {{"ext", "1"}}), tel("+1201", {{"ext", "2"}}), false, "extensions differ"},
      {tel("+1201", {{"ext", "1-2"}}), tel("+1201", {{"ext", "12"}}), true, "separators in an extension"},
      {tel("+1201"), tel("1201"), false, "global and local"},
  };
  for (const Pair& pair : pairs) {
    EXPECT_EQ(equivalent(pair.a, pair.b), pair.equal) << pair.why;
    EXPECT_EQ(equivalent(pair.b, pair.a), pair.equal) << pair.why;
    if (pair.equal) {
      EXPECT_EQ(lookup_key(pair.a), lookup_key(pair.b)) << pair.why;
    }
  }
}

TEST(LookupKey, LeavesOutParameters) {
  EXPECT_EQ(lookup_key(sip("bob", "H", 5070, {{"transport", "tcp"}})), lookup_key(sip("bob", "h", 5070)));
  EXPECT_NE(lookup_key(sip("bob", "h", 5070)), lookup_key(sip("bob", "h", 5071)));
  EXPECT_NE(lookup_key(sip("bob", "h")), lookup_key(sip("rob", "h")));
}

}  // namespace
}  // namespace clued::focus
