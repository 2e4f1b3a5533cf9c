// Where requests and responses of ours go, by values alone.
#include "sip/next_hop.hpp"

#include <gtest/gtest.h>

#include "sip/addresses.hpp"
#include "sip/parse.hpp"

namespace clued::sip::test {
namespace {

RouteUri uri(const std::string& text) { return {text, parse_uri(text).value_or(focus::SipUri{})}; }

RouteSet route_set(const std::vector<std::string>& routes, const std::string& target = "sip:bob@192.0.2.9:5070") {
  RouteSet set;
  set.set_target(uri(target));
  std::vector<RouteUri> uris;
  for (const std::string& one : routes) uris.push_back(uri(one));
  set.set_routes(std::move(uris));
  return set;
}

PeerWay by_udp() { return {{"198.51.100.7", 40000, "udp"}, "phone.example.net", 0, false, false, false}; }
PeerWay by_tcp(bool alive) { return {{"198.51.100.7", 40000, "tcp"}, "proxy.example.net", 5060, true, alive, false}; }
PeerWay by_tls(bool alive) { return {{"198.51.100.7", 40000, "tls"}, "proxy.example.net", 5061, true, alive, false}; }
/// We called `proxy.example.net`, which was found at 198.51.100.7.
PeerWay called() {
  PeerWay way{{"198.51.100.7", 5060, "udp"}, "proxy.example.net", 5060, false, false, true};
  way.source.domain = "proxy.example.net";
  return way;
}

std::string shown(const NextHop& hop) {
  switch (hop.by) {
    case NextHop::By::connection:
      return "connection";
    case NextHop::By::address:
      return hop.to.address + " " + std::to_string(hop.to.port) + " " + hop.to.transport;
    case NextHop::By::name:
      return "name " + hop.to.domain + " " + std::to_string(hop.to.port) + " " + hop.to.transport +
             (hop.otherwise ? " or " + hop.otherwise->address : "");
    case NextHop::By::nothing:
      break;
  }
  return "nothing";
}

std::string hop_of(const RouteSet& set, const PeerWay& way, bool secure = false) {
  return shown(next_hop(set.path(), way, secure));
}

// RFC 3261 section 12.2.1.1
TEST(RouteSet, EmptyIsTheTargetAlone) {
  const auto path = route_set({}).path();
  EXPECT_EQ(path.request_uri, "sip:bob@192.0.2.9:5070");
  EXPECT_EQ(path.route, "");
  EXPECT_EQ(path.first.host, "192.0.2.9");
  EXPECT_FALSE(path.has_route);
}

TEST(RouteSet, LooseRoutersStandInRouteAndTheTargetInTheRequestUri) {
  const auto path = route_set({"sip:p1.example.net;lr", "sip:p2.example.net"}).path();
  EXPECT_EQ(path.request_uri, "sip:bob@192.0.2.9:5070");
  EXPECT_EQ(path.route, "<sip:p1.example.net;lr>, <sip:p2.example.net>");
  EXPECT_EQ(path.first.host, "p1.example.net");
}

TEST(RouteSet, AStrictRouterIsTheRequestUriAndTheTargetTheLastRoute) {
  const auto path = route_set({"sip:p1@192.0.2.1:5090", "sip:p2@192.0.2.2:5091;lr"}).path();
  EXPECT_EQ(path.request_uri, "sip:p1@192.0.2.1:5090");
  EXPECT_EQ(path.route, "<sip:p2@192.0.2.2:5091;lr>, <sip:bob@192.0.2.9:5070>");
  EXPECT_EQ(path.first.host, "192.0.2.1") << "it is sent to the strict router";
  EXPECT_EQ(route_set({"sip:p1@192.0.2.1"}).path().route, "<sip:bob@192.0.2.9:5070>");
}

TEST(NextHop, IsTheFirstOfTheRouteSetThatIsANumber) {
  EXPECT_EQ(hop_of(route_set({}), by_udp()), "192.0.2.9 5070 ");
  EXPECT_EQ(hop_of(route_set({"sip:192.0.2.1;lr"}), by_udp()), "192.0.2.1 5060 ");
  EXPECT_EQ(hop_of(route_set({"sip:p1@192.0.2.1:5090", "sip:p2@192.0.2.2;lr"}), by_udp()), "192.0.2.1 5090 ");
  EXPECT_EQ(hop_of(route_set({"sip:192.0.2.1;transport=TCP;lr"}), by_udp()), "192.0.2.1 5060 tcp");
  EXPECT_EQ(hop_of(route_set({"sip:[2001:DB8:0::1]:5062;lr"}), by_udp()), "2001:db8::1 5062 ");
  EXPECT_EQ(hop_of(route_set({"sip:proxy.example.net;maddr=192.0.2.3;lr"}), by_udp()), "192.0.2.3 5060 ");
  EXPECT_EQ(hop_of(route_set({"sip:[::ffff:192.0.2.4];lr"}), by_udp()), "192.0.2.4 5060 ");
}

TEST(NextHop, ByUdpANameIsWhereThePeersRequestsComeFrom) {
  const std::string back = "198.51.100.7 40000 udp";
  EXPECT_EQ(hop_of(route_set({}, "sip:bob@phone.example.net"), by_udp()), back);
  EXPECT_EQ(hop_of(route_set({"sip:p1.example.net", "sip:192.0.2.1;lr"}), by_udp()), back);
  EXPECT_EQ(hop_of(route_set({"sip:192.0.2.1;maddr=slow.example.net;lr"}), by_udp()), back);
  EXPECT_EQ(hop_of(route_set({}, "sip:bob@df7jal23ls0d.invalid;transport=ws"), by_udp()), back);
}

TEST(NextHop, AConnectionIsUsedWhereItLeadsThere) {
  EXPECT_EQ(hop_of(route_set({}), by_tcp(true)), "connection") << "there may be an address translator";
  EXPECT_EQ(hop_of(route_set({"sip:elsewhere.example.net;lr"}), by_tcp(true)), "connection");
  EXPECT_EQ(hop_of(route_set({"sip:198.51.100.7;transport=tcp;lr"}), by_tcp(true)), "connection");
  EXPECT_EQ(hop_of(route_set({"sip:198.51.100.7:40000;transport=tcp;lr"}), by_tcp(true)), "connection");
  EXPECT_EQ(hop_of(route_set({"sip:198.51.100.7:5099;transport=tcp;lr"}), by_tcp(true)), "198.51.100.7 5099 tcp");
  EXPECT_EQ(hop_of(route_set({"sip:192.0.2.1;transport=tcp", "sip:198.51.100.7;lr"}), by_tcp(true)),
            "192.0.2.1 5060 tcp");
  EXPECT_EQ(hop_of(route_set({"sip:192.0.2.1:5061;lr"}), by_tls(true)), "connection") << "that has proved who it is";
  EXPECT_EQ(hop_of(route_set({}, "sips:bob@192.0.2.9"), by_tcp(true)), "192.0.2.9 5061 tls");
  EXPECT_EQ(hop_of(route_set({}), by_tcp(true), true), "192.0.2.9 5070 tls");
}

TEST(NextHop, WhenTheConnectionIsLostANameIsLookedUp) {
  EXPECT_EQ(hop_of(route_set({}), by_tcp(false)), "192.0.2.9 5070 ");
  EXPECT_EQ(hop_of(route_set({}, "sip:bob@phone.example.net;transport=tcp"), by_tcp(false)),
            "name phone.example.net 5060 tcp");
  EXPECT_EQ(hop_of(route_set({"sip:proxy.example.net;lr"}), by_tls(false)), "name proxy.example.net 5061 tls");
  // RFC 7118 section 5, RFC 6761 section 6.4: nobody can have that name.
  EXPECT_EQ(hop_of(route_set({}, "sip:bob@df7jal23ls0d.invalid;transport=ws"), by_tcp(false)), "nothing");
  EXPECT_EQ(hop_of(route_set({"sip:edge.example.net;transport=tcp;lr"}, "sip:bob@df7jal23ls0d.invalid;transport=ws"),
                   by_tcp(false)),
            "name edge.example.net 5060 tcp");
}

TEST(NextHop, WhoWasCalledIsWhereItWasFound) {
  EXPECT_EQ(hop_of(route_set({"sip:proxy.example.net;lr"}), called()), "198.51.100.7 5060 udp");
  EXPECT_EQ(hop_of(route_set({}, "sip:bob@pc.example.net:5080"), called()),
            "name pc.example.net 5080  or 198.51.100.7");
  EXPECT_EQ(hop_of(route_set({}, "sip:bob@192.0.2.9"), called()), "192.0.2.9 5060 ");
  EXPECT_EQ(hop_of(route_set({}, "sip:bob@pc.invalid"), called()), "198.51.100.7 5060 udp");
}

TEST(NextHop, WhatCannotBeReachedIsNot) {
  RouteSet set;
  set.set_target(uri("sip:bob@192.0.2.9"));
  set.set_routes({RouteUri{"tel:+1201", {"tel", "+1201"}, "", false}});
  EXPECT_EQ(hop_of(set, by_udp()), "nothing");
  EXPECT_EQ(hop_of(route_set({}, "sip:bob@192.0.2.9;transport=sctp"), by_udp()), "nothing");
  // What was escaped does not become a parameter of its own.
  EXPECT_EQ(hop_of(route_set({}, "sip:bob@192.0.2.9;transport=udp%3Bmaddr%3Dslow.example.net"), by_udp()), "nothing");
}

TEST(FirstHop, IsTheTargetOrWhoItsMaddrNames) {
  const auto first = [](const std::string& text) { return shown(first_hop(*parse_uri(text))); };
  EXPECT_EQ(first("sip:bob@192.0.2.9"), "192.0.2.9 5060 udp");
  EXPECT_EQ(first("sips:bob@192.0.2.9"), "192.0.2.9 5061 tls");
  EXPECT_EQ(first("sip:bob@Example.NET;transport=TCP"), "name example.net 5060 tcp");
  EXPECT_EQ(first("sip:bob@example.net;maddr=192.0.2.3"), "192.0.2.3 5060 udp");
  EXPECT_EQ(first("sip:bob@192.0.2.9;transport=sctp"), "nothing");
}

// RFC 3261 section 18.2.2, RFC 3581
TEST(ResponseHop, IsWhereTheRequestCameFrom) {
  EXPECT_FALSE(response_hop("192.0.2.1", "192.0.2.1").tells_received);
  EXPECT_FALSE(response_hop("[2001:DB8::1]", "2001:db8::1").tells_received);
  EXPECT_TRUE(response_hop("phone.example.net", "192.0.2.1").tells_received);
  EXPECT_TRUE(response_hop("192.0.2.2", "192.0.2.1").tells_received);
  EXPECT_TRUE(response_hop("192.0.2.1", "192.0.2.1", true, true).to_source_port);
  EXPECT_FALSE(response_hop("192.0.2.1", "192.0.2.1", true, false).to_source_port);
  EXPECT_FALSE(response_hop("192.0.2.1", "192.0.2.1", false, true).to_source_port)
      << "a new connection cannot be opened to it";
}

TEST(Addresses, HaveOneTextAndNamesAreNone) {
  EXPECT_EQ(number_of("[::1]"), "::1");
  EXPECT_EQ(number_of("2001:DB8:0:0::1"), "2001:db8::1");
  EXPECT_EQ(number_of("::ffff:127.0.0.1"), "127.0.0.1");
  for (const char* text :
       {"127.1", "0x7f000001", "2130706433", "127.0.0.1.", "localhost", "", "1.2.3.4.5", "[::1", "fe80::1%eth0"}) {
    EXPECT_EQ(number_of(text), std::nullopt) << text;
  }
}

TEST(Addresses, TellNamesThatCanBeAskedFor) {
  for (const char* text : {"localhost", "example.net", "example.net.", "a-b.c_d.example", "3com.example"}) {
    EXPECT_TRUE(is_host_name(text)) << text;
  }
  for (const char* text :
       {"", ".", "a..b", "127.1", "0x7f000001", "example.net;maddr=x", "a b", "x.invalid", "X.INVALID.", "[::1]"}) {
    EXPECT_FALSE(is_host_name(text)) << text;
  }
  EXPECT_FALSE(is_host_name(std::string(64, 'a') + ".example"));
  EXPECT_FALSE(is_host_name(std::string("exa\0mple", 8)));
}

}  // namespace
}  // namespace clued::sip::test
