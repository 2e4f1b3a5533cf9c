#include "focus/account.hpp"

#include <gtest/gtest.h>

namespace clued::focus {
namespace {

NameAddress name(const std::string& user) {
  NameAddress address;
  address.uri.user = user;
  address.uri.host = "example.net";
  return address;
}

TEST(Account, OfWhoProvesNothingIsItsAddressWhateverItCallsItself) {
  const auto account = account_of({}, false, name("ann"), "udp:192.0.2.1:5060");
  EXPECT_EQ(account_of({}, false, name("bob"), "tcp:192.0.2.1:40000"), account);
  EXPECT_NE(account_of({}, false, name("ann"), "udp:192.0.2.2:5060"), account);
}

TEST(Account, OfIpv6IsTheNetwork) {
  const auto account = account_of({}, false, name("ann"), "udp:[2001:db8:0:7::1]:5060");
  EXPECT_EQ(account_of({}, false, name("ann"), "udp:[2001:db8:0:7:1:2:3:4]:5062"), account);
  EXPECT_NE(account_of({}, false, name("ann"), "udp:[2001:db8:0:8::1]:5060"), account);
  EXPECT_EQ(host_of("udp:[2001:db8::1]:5060"), "2001:db8::1");
  EXPECT_EQ(host_of("udp:192.0.2.1:5060"), "192.0.2.1");
}

TEST(Account, OfAProvenIdentityIsTheUserWhereverItIs) {
  const auto account = account_of(ProvenIdentities(name("ann")), true, name("x"), "udp:192.0.2.1:5060");
  EXPECT_EQ(account_of(ProvenIdentities(name("ann")), true, name("y"), "udp:192.0.2.9:5060"), account);
  EXPECT_NE(account_of(ProvenIdentities(name("bob")), true, name("x"), "udp:192.0.2.1:5060"), account);
}

TEST(Account, BehindATrustedPeerThatNamesNobodyIsTheName) {
  const auto account = account_of({}, true, name("ann"), "udp:192.0.2.1:5060");
  EXPECT_NE(account_of({}, true, name("bob"), "udp:192.0.2.1:5060"), account);
}

TEST(Account, NoNameIsAnAddress) {
  NameAddress liar = name("x");
  liar.uri.host = "192.0.2.1";
  EXPECT_NE(account_of(ProvenIdentities(liar), true, liar, ""), account_of({}, false, liar, "udp:192.0.2.1:5060"));
}

}  // namespace
}  // namespace clued::focus
