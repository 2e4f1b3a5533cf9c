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

template <class... Request>
std::string name_of(const Request&... request) {
  return account_of(request...).name;
}

TEST(Account, OfWhoProvesNothingIsItsAddressWhateverItCallsItself) {
  const auto account = name_of(ProvenIdentities(), false, name("ann"), "udp:192.0.2.1:5060");
  EXPECT_EQ(name_of(ProvenIdentities(), false, name("bob"), "tcp:192.0.2.1:40000"), account);
  EXPECT_NE(name_of(ProvenIdentities(), false, name("ann"), "udp:192.0.2.2:5060"), account);
}

TEST(Account, OfIpv6IsTheNetwork) {
  const auto account = name_of(ProvenIdentities(), false, name("ann"), "udp:[2001:db8:0:7::1]:5060");
  EXPECT_EQ(name_of(ProvenIdentities(), false, name("ann"), "udp:[2001:db8:0:7:1:2:3:4]:5062"), account);
  EXPECT_NE(name_of(ProvenIdentities(), false, name("ann"), "udp:[2001:db8:0:8::1]:5060"), account);
  EXPECT_EQ(host_of("udp:[2001:db8::1]:5060"), "2001:db8::1");
  EXPECT_EQ(host_of("udp:192.0.2.1:5060"), "192.0.2.1");
}

TEST(Account, OfAProvenIdentityIsTheUserWhereverItIs) {
  const auto account = name_of(ProvenIdentities(name("ann")), true, name("x"), "udp:192.0.2.1:5060");
  EXPECT_EQ(name_of(ProvenIdentities(name("ann")), true, name("y"), "udp:192.0.2.9:5060"), account);
  EXPECT_NE(name_of(ProvenIdentities(name("bob")), true, name("x"), "udp:192.0.2.1:5060"), account);
}

TEST(Account, BehindATrustedPeerThatNamesNobodyIsTheName) {
  const auto account = name_of(ProvenIdentities(), true, name("ann"), "udp:192.0.2.1:5060");
  EXPECT_NE(name_of(ProvenIdentities(), true, name("bob"), "udp:192.0.2.1:5060"), account);
}

TEST(Account, HasAllNamesThatWereProven) {
  ProvenIdentities proven({"", {"tel", "+15551", "", 0, {}}});
  proven.add(name("ann"));
  const auto account = account_of(proven, true, name("x"), "udp:192.0.2.1:5060");
  EXPECT_EQ(account.name, account_name_of(name("ann")));
  EXPECT_EQ(account.others, std::vector{account_name_of({"", {"tel", "+15551", "", 0, {}}})});
}

TEST(Account, NoNameIsAnAddress) {
  NameAddress liar = name("x");
  liar.uri.host = "192.0.2.1";
  EXPECT_NE(name_of(ProvenIdentities(liar), true, liar, ""),
            name_of(ProvenIdentities(), false, liar, "udp:192.0.2.1:5060"));
}

}  // namespace
}  // namespace clued::focus
