// Whom a conference may call, in all the spellings of who it may not.
#include "focus/callees.hpp"

#include <gtest/gtest.h>

namespace clued::focus {
namespace {

struct Target {
  const char* name;
  std::string scheme = "sip";
  std::string user = "bob";
  std::string host = "example.net";
  std::uint16_t port = 0;
  std::vector<std::pair<std::string, std::string>> params{};
};

SipUri uri_of(const Target& target) { return {target.scheme, target.user, target.host, target.port, target.params}; }

DialOut dial_out() {
  DialOut settings;
  settings.own_places = {{"192.0.2.1", 5060}, {"192.0.2.1", 5061}, {"2001:db8::1", 5060}, {"edge.example.org", 5080}};
  settings.own_domains = {"conf.example.org"};
  return settings;
}

ConferencePolicy policy() {
  ConferencePolicy made;
  made.permanent.emplace("weekly", PermanentConference{});
  return made;
}

int status_of(const Target& target, const DialOut& settings = dial_out(), const ConferencePolicy& rules = policy()) {
  const auto refusal = callee_refusal(uri_of(target), settings, rules, "conf-1");
  return refusal ? refusal->status : 0;
}

class OwnTarget : public testing::TestWithParam<Target> {};

INSTANTIATE_TEST_SUITE_P(
    Callees, OwnTarget,
    testing::Values(Target{"ConferenceAnywhere", "sip", "conf-1", "whatever.example.com"},
                    Target{"Factory", "sip", "factory", "whatever.example.com"},
                    Target{"FactoryBySips", "sips", "factory", "whatever.example.com"},
                    Target{"Permanent", "sip", "weekly", "conf.example.org"},
                    Target{"PermanentInCapitals", "sip", "weekly", "CONF.Example.ORG"},
                    Target{"PermanentWithRootDot", "sip", "weekly", "conf.example.org."},
                    Target{"NobodyAtOurDomain", "sip", "", "conf.example.org"},
                    Target{"Listener", "sip", "bob", "192.0.2.1"},
                    Target{"ListenerWithDefaultPort", "sip", "bob", "192.0.2.1", 5060},
                    Target{"ListenerOverTcp", "sip", "bob", "192.0.2.1", 0, {{"transport", "tcp"}}},
                    Target{"ListenerOverTls", "sip", "bob", "192.0.2.1", 0, {{"transport", "TLS"}}},
                    Target{"ListenerBySips", "sips", "bob", "192.0.2.1"},
                    Target{"ListenerAsIpv6", "sip", "bob", "::ffff:192.0.2.1"},
                    Target{"Ipv6Listener", "sip", "bob", "2001:db8::1"},
                    Target{"Ipv6ListenerInBrackets", "sip", "bob", "[2001:DB8::1]", 5060},
                    Target{"Advertised", "sip", "bob", "edge.example.org", 5080},
                    Target{"AdvertisedInCapitals", "sip", "bob", "EDGE.example.org.", 5080},
                    Target{"ByMaddr", "sip", "bob", "example.net", 0, {{"maddr", "192.0.2.1"}}}),
    [](const auto& one) { return std::string(one.param.name); });

TEST_P(OwnTarget, IsNotCalled) { EXPECT_EQ(status_of(GetParam()), 403); }

class OtherTarget : public testing::TestWithParam<Target> {};

INSTANTIATE_TEST_SUITE_P(Callees, OtherTarget,
                         testing::Values(Target{"Bob"}, Target{"PhoneBesideUs", "sip", "bob", "192.0.2.1", 5070},
                                         Target{"PhoneBehindTheAdvertised", "sip", "bob", "edge.example.org"},
                                         Target{"UserOfOurDomain", "sip", "bob", "conf.example.org"},
                                         Target{"NamesakeOfAPermanentOne", "sip", "weekly", "example.net"},
                                         Target{"Sips", "sips", "bob", "example.net"}),
                         [](const auto& one) { return std::string(one.param.name); });

TEST_P(OtherTarget, IsCalled) { EXPECT_EQ(status_of(GetParam()), 0); }

TEST(Callees, OfDomainsThatAreNotAllowedAreNotCalled) {
  DialOut settings = dial_out();
  settings.domains = {"Example.net.", "127.0.0.1", "2001:db8::9"};
  EXPECT_EQ(status_of({"Allowed"}, settings), 0);
  EXPECT_EQ(status_of({"Allowed", "sip", "bob", "EXAMPLE.NET."}, settings), 0);
  EXPECT_EQ(status_of({"Allowed", "sip", "bob", "127.0.0.1", 5090}, settings), 0);
  EXPECT_EQ(status_of({"Allowed", "sip", "bob", "[2001:DB8::9]"}, settings), 0);
  EXPECT_EQ(status_of({"Allowed", "sip", "bob", "::ffff:127.0.0.1"}, settings), 0);
  EXPECT_EQ(status_of({"Other", "sip", "bob", "127.0.0.2"}, settings), 403);
  EXPECT_EQ(status_of({"Below", "sip", "bob", "sub.example.net"}, settings), 403);
  EXPECT_EQ(status_of({"Suffix", "sip", "bob", "badexample.net"}, settings), 403);
  EXPECT_EQ(status_of({"Maddr", "sip", "bob", "example.net", 0, {{"maddr", "127.0.0.2"}}}, settings), 403);
}

TEST(Callees, NeedASchemeThatCanBeCalled) {
  EXPECT_EQ(status_of({"Http", "http", "bob"}), 416);
  EXPECT_EQ(status_of({"NoHost", "sip", "bob", ""}), 400);
  DialOut settings = dial_out();
  EXPECT_EQ(status_of({"Tel", "tel", "+4912345", ""}, settings), 416);
  settings.has_outbound_proxy = true;
  EXPECT_EQ(status_of({"Tel", "tel", "+4912345", ""}, settings), 0);
  EXPECT_EQ(status_of({"TelOfUs", "tel", "conf-1", ""}, settings), 403);
}

TEST(Callees, WithDomainsOfOurOwnOthersMayHaveNamesakes) {
  ConferencePolicy rules = policy();
  rules.domains = {"conf.example.org"};
  EXPECT_EQ(status_of({"Ours", "sip", "factory", "conf.example.org"}, dial_out(), rules), 403);
  EXPECT_EQ(status_of({"Theirs", "sip", "factory", "example.net"}, dial_out(), rules), 0);
  EXPECT_EQ(status_of({"OurAddress", "sip", "factory", "192.0.2.1"}, dial_out(), rules), 403);
}

}  // namespace
}  // namespace clued::focus
