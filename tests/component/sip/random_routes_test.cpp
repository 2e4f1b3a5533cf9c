// Random route sets and targets: strict and loose, names and numbers, IPv6, maddr, ports, transports, sips. By values
// alone as often as CLUED_ROUTE_CASES says, and some with the library and real sockets. Each case is its seed; what is
// expected is worked out from the texts alone.
#include <cstdlib>
#include <random>

#include "component/sip/harness.hpp"
#include "sip/next_hop.hpp"
#include "sip/parse.hpp"

namespace clued::sip::test {
namespace {

namespace event = focus::event;
namespace command = focus::command;

constexpr unsigned default_cases = 1000;

unsigned cases() {
  const char* asked = std::getenv("CLUED_ROUTE_CASES");
  return asked == nullptr ? default_cases : static_cast<unsigned>(std::strtoul(asked, nullptr, 10));
}

class Dice {
 public:
  explicit Dice(unsigned seed) : random_(seed) {}
  bool one_in(unsigned n) { return random_() % n == 0; }
  unsigned below(unsigned n) { return static_cast<unsigned>(random_() % n); }
  template <class T>
  const T& of(const std::vector<T>& values) {
    return values[below(static_cast<unsigned>(values.size()))];
  }

 private:
  std::mt19937 random_;
};

/// A URI with what it says, as it was put together.
struct Made {
  std::string text;
  std::string host;  ///< that counts: maddr, if there is one
  bool is_number = false;
  bool is_invalid = false;
  unsigned port = 0;
  std::string transport;
  bool sips = false;
  bool lr = false;

  bool asks_for_tls() const { return sips || transport == "tls"; }
  bool is_foreign() const { return !sips && (transport == "ws" || transport == "sctp"); }
};

const std::vector<std::string> numbers = {"192.0.2.1", "198.51.100.7", "2001:db8::1", "127.0.0.1"};
const std::vector<std::string> names = {"p1.example.com", "phone.example.net", "x.y.example.org", "ue.invalid",
                                        "localhost"};

std::string in_uri(const std::string& host) { return host.find(':') == std::string::npos ? host : "[" + host + "]"; }

Made make_uri(Dice& dice, bool route) {
  Made made;
  made.is_number = dice.one_in(2);
  made.host = made.is_number ? dice.of(numbers) : dice.of(names);
  made.sips = dice.one_in(8);
  made.text = (made.sips ? "sips:" : "sip:") + std::string(dice.one_in(2) ? "u%40x@" : "") + in_uri(made.host);
  if (dice.one_in(2)) made.port = dice.of(std::vector<unsigned>{5060, 5061, 40000, 9});
  if (made.port != 0) made.text += ':' + std::to_string(made.port);
  if (dice.one_in(3)) {
    made.transport = dice.of(std::vector<std::string>{"udp", "tcp", "tls", "ws", "sctp"});
    made.text += (dice.one_in(4) ? ";Transport=" : ";transport=") + made.transport;
  }
  if (dice.one_in(6)) {
    made.is_number = dice.one_in(2);
    made.host = made.is_number ? dice.of(numbers) : dice.of(names);
    made.text += ";maddr=" + in_uri(made.host);
  }
  made.lr = route && !dice.one_in(3);
  if (made.lr) made.text += dice.of(std::vector<std::string>{";lr", ";LR", ";lr=on"});
  made.is_invalid = made.host == "ue.invalid";
  return made;
}

struct Case {
  std::vector<Made> routes;
  Made target;
  PeerWay way;
  bool secure = false;

  const Made& first() const { return routes.empty() ? target : routes.front(); }
};

Case make_case(unsigned seed) {
  Dice dice(seed);
  Case made;
  for (unsigned left = dice.below(4); left > 0; --left) made.routes.push_back(make_uri(dice, true));
  made.target = make_uri(dice, false);
  made.secure = dice.one_in(10);
  PeerWay& way = made.way;
  way.source = {dice.of(numbers), static_cast<std::uint16_t>(dice.of(std::vector<unsigned>{5060, 40000})),
                dice.of(std::vector<std::string>{"udp", "tcp", "tls"})};
  way.connection = way.source.transport != "udp";
  way.alive = way.connection && dice.one_in(2);
  way.called = dice.one_in(3);
  way.sent_by = dice.one_in(2) ? dice.of(names) : way.source.address;
  way.sent_by_port = static_cast<std::uint16_t>(dice.of(std::vector<unsigned>{0, 5060, 40000}));
  if (way.called && dice.one_in(2)) way.source.domain = way.sent_by;
  return made;
}

RouteSet route_set_of(const Case& one) {
  const auto uri = [](const std::string& text) { return RouteUri{text, *parse_uri(text)}; };
  RouteSet set;
  set.set_target(uri(one.target.text));
  std::vector<RouteUri> routes;
  for (const Made& route : one.routes) routes.push_back(uri(route.text));
  set.set_routes(std::move(routes));
  return set;
}

void expect_path(const Case& one, const RouteSet::Path& path) {
  std::vector<std::string> rest;
  for (const Made& route : one.routes) rest.push_back(route.text);
  std::string request_uri = one.target.text;
  if (!one.routes.empty() && !one.routes.front().lr) {
    request_uri = rest.front();
    rest.erase(rest.begin());
    rest.push_back(one.target.text);
  }
  std::string route;
  for (const std::string& text : rest) route += (route.empty() ? "<" : ", <") + text + ">";
  EXPECT_EQ(path.request_uri, request_uri);
  EXPECT_EQ(path.route, route);
}

void expect_hop(const Case& one, const NextHop& hop) {
  const Made& first = one.first();
  const bool by_tls = one.way.source.transport == "tls";
  const bool tls = one.secure || by_tls || first.asks_for_tls();
  const auto check_address = [&](const Source& to) {
    EXPECT_TRUE(to.address.find_first_not_of("0123456789abcdef:.") == std::string::npos && !to.address.empty())
        << "a name would reach the library: " << to.address;
    EXPECT_NE(to.port, 0);
    EXPECT_TRUE(to.transport.empty() || to.transport == "udp" || to.transport == "tcp" || to.transport == "tls");
    EXPECT_TRUE(!tls || to.transport == "tls") << "TLS is not given up";
  };
  switch (hop.by) {
    case NextHop::By::connection:
      EXPECT_TRUE(one.way.connection && one.way.alive);
      EXPECT_TRUE(!tls || by_tls);
      if (!one.routes.empty() && first.is_number && !by_tls && !first.is_foreign()) {
        EXPECT_TRUE(first.host == one.way.source.address || first.host == one.way.sent_by);
      }
      return;
    case NextHop::By::address:
      check_address(hop.to);
      if (first.is_number) {
        EXPECT_EQ(hop.to.address, first.host);
        EXPECT_EQ(hop.to.port, first.port != 0 ? first.port : tls ? 5061U : 5060U);
        EXPECT_EQ(hop.to.transport, tls ? "tls" : first.transport);
      } else {
        EXPECT_EQ(hop.to.address, one.way.source.address) << "back to where the peer is";
        EXPECT_EQ(hop.to.port, one.way.source.port);
        EXPECT_TRUE(one.way.called || !one.way.connection) << "the far end of a lost connection takes none";
      }
      return;
    case NextHop::By::name:
      EXPECT_FALSE(first.is_number);
      EXPECT_FALSE(first.is_invalid) << "RFC 7118: never looked up";
      EXPECT_EQ(hop.to.domain, first.host);
      if (hop.otherwise) check_address(*hop.otherwise);
      return;
    case NextHop::By::nothing:
      EXPECT_TRUE(first.is_foreign() || first.is_invalid) << "there would have been a way";
      return;
  }
}

TEST(RandomRoutes, LeadWhereRfc3261SaysAndNeverToANameInTheLibrary) {
  for (unsigned seed = 1; seed <= cases(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const Case one = make_case(seed);
    const RouteSet::Path path = route_set_of(one).path();
    expect_path(one, path);
    expect_hop(one, next_hop(path, one.way, one.secure));
    if (testing::Test::HasFailure()) return;
  }
}

/// One of the requests that the agent sends in a dialog of a peer.
struct Sent {
  const char* method;
  void (*send)(Agent& agent, const Call& call);
};

const std::vector<Sent> requests = {{"BYE",
                                     [](Agent& agent, const Call& call) {
                                       agent.execute(command::SendBye{call.dialog, {}, ""});
                                     }},
                                    {"UPDATE",
                                     [](Agent& agent, const Call& call) {
                                       agent.execute(command::SendUpdate{call.dialog, conference, {}});
                                     }},
                                    {"INVITE", [](Agent& agent, const Call& call) {
                                       agent.execute(command::SendReinvite{call.dialog, conference, some_sdp});
                                     }}};

/// Routers and phones that are there, under numbers; and names that nobody has.
class Neighbours {
 public:
  Neighbours(Harness& harness, Wire wire) : wire_(wire) {
    for (auto& one : peers_) one = std::make_unique<Peer>(harness.io, wire, harness.uri(wire));
  }
  Peer& caller() { return *peers_[0]; }

  /// With the number of the neighbour, or -1 for a name.
  std::pair<std::string, int> uri(Dice& dice, bool may_be_strict) {
    const int who = dice.one_in(2) ? static_cast<int>(dice.below(3)) : -1;
    const std::string tcp = wire_ == Wire::tcp ? ";transport=tcp" : "";
    std::string text = "sip:u@" + (who < 0 ? dice.of(names) : peers_[static_cast<std::size_t>(who)]->host()) + tcp;
    if (may_be_strict && !dice.one_in(3)) text += ";lr";
    return {text, who};
  }
  Peer& at(int who) { return *peers_[static_cast<std::size_t>(who)]; }
  void clear() {
    for (auto& one : peers_) one->inbox.clear();
  }

 private:
  Wire wire_;
  std::array<std::unique_ptr<Peer>, 3> peers_;
};

class RandomRoutesOnTheWire : public testing::TestWithParam<Wire> {};

INSTANTIATE_TEST_SUITE_P(Sip, RandomRoutesOnTheWire, testing::Values(Wire::udp, Wire::tcp),
                         [](const auto& one) { return one.param == Wire::udp ? "Udp" : "Tcp"; });

TEST_P(RandomRoutesOnTheWire, AreFollowed) {
  for (unsigned seed = 1; seed <= 40; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Dice dice(seed);
    Harness harness;
    Neighbours neighbours(harness, GetParam());
    std::vector<std::pair<std::string, int>> routes;
    for (unsigned left = dice.below(4); left > 0; --left) routes.push_back(neighbours.uri(dice, true));
    const auto target = neighbours.uri(dice, false);
    std::string extra = "Contact: <" + target.first + ">\r\n";
    for (const auto& route : routes) extra += "Record-Route: <" + route.first + ">\r\n";
    const Call call = establish(harness, neighbours.caller(), "random-" + std::to_string(seed), extra);
    neighbours.clear();

    const Sent& sent = dice.of(requests);
    sent.send(*harness.agent, call);
    // By TCP the caller's connection is used, unless a route leads elsewhere.
    const auto& first = routes.empty() ? target : routes.front();
    const bool goes_back = first.second < 0 || (routes.empty() && GetParam() == Wire::tcp);
    const Message request = harness.answer(goes_back ? neighbours.caller() : neighbours.at(first.second));
    const bool strict = !routes.empty() && routes.front().first.find(";lr") == std::string::npos;
    EXPECT_EQ(request.start, std::string(sent.method) + ' ' + (strict ? first.first : target.first) + " SIP/2.0");
    std::string expected;
    for (std::size_t i = strict ? 1 : 0; i < routes.size(); ++i) expected += "Route: <" + routes[i].first + ">\r\n";
    if (strict) expected += "Route: <" + target.first + ">\r\n";
    EXPECT_EQ(request.all("Route"), expected);
    if (request.method() == "INVITE") {
      Peer& hop = goes_back ? neighbours.caller() : neighbours.at(first.second);
      hop.send(Peer::response(request, 200, "Contact: <" + target.first + ">\r\n" + sdp_type, some_sdp));
      const Message ack = harness.answer(hop);
      EXPECT_EQ(ack.start, "ACK " + request.start.substr(7));
      EXPECT_EQ(ack.all("Route"), expected);
    }
    if (testing::Test::HasFailure()) return;
  }
}

}  // namespace
}  // namespace clued::sip::test
