// Hostile input, limits of the machine, start and end.
#include <dirent.h>
#include <gmock/gmock.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "component/sip/harness.hpp"
#include "support/paths.hpp"

namespace clued::sip::test {
namespace {

using namespace std::chrono_literals;
namespace event = focus::event;
namespace command = focus::command;

/// What the core would do with everything: refuse it.
void refuse_all(Harness& harness) {
  while (!harness.events.empty()) {
    const focus::Event one = harness.events.front();
    harness.events.pop_front();
    std::visit(
        [&harness](const auto& what) {
          if constexpr (requires { what.request; }) {
            harness.agent->execute(command::Respond{what.request, 404, "", {}, {}, false, {}, {}});
          }
        },
        one);
  }
}

/// Whether the agent still answers, on a socket of its own.
bool alive(Harness& harness, Wire wire) {
  Peer peer(harness.io, wire, harness.uri(wire));
  static unsigned number = 0;
  const std::string id = "alive-" + std::to_string(++number);
  peer.send(peer.request("OPTIONS", "sip:c@h", id, 1));
  return harness.until([&] {
    refuse_all(harness);
    return std::any_of(peer.inbox.begin(), peer.inbox.end(),
                       [&id](const Message& one) { return one.header("Call-ID") == id && one.status() == 404; });
  });
}

std::size_t descriptors() {
  const auto entries = std::filesystem::directory_iterator("/proc/self/fd");
  return static_cast<std::size_t>(std::distance(begin(entries), end(entries)));
}

TEST(Torture, EveryMessageIsAnsweredOrDroppedAndNothingStays) {
  const std::filesystem::path folder = std::filesystem::path(clued::testing::spec_dir()) / "torture";
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << "the torture messages of RFC 4475 and RFC 5118 are not here";
  Harness harness;
  std::size_t count = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.path().extension() != ".dat") continue;
    SCOPED_TRACE(entry.path().filename().string());
    std::ifstream file(entry.path(), std::ios::binary);
    const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    for (const Wire wire : {Wire::udp, Wire::tcp}) {
      Peer peer(harness.io, wire, harness.uri(wire));
      peer.send(text);
      ASSERT_TRUE(alive(harness, wire));
      refuse_all(harness);
    }
    ++count;
  }
  EXPECT_GE(count, 60U);
  EXPECT_TRUE(harness.until([&harness] {
    refuse_all(harness);
    return harness.idle() && harness.agent->census().lingering == 0;
  }));
}

/// A named input; the name is all that is printed of it.
struct Hostile {
  const char* name;
  std::string text;
  friend void PrintTo(const Hostile& one, std::ostream* out) { *out << one.name; }
};

/// A datagram is answered as a connection is (StreamFramer), and the library never sees it.
TEST(HostileDatagram, WhoseHeadersWouldTakeLongIsAnswered513) {
  Harness harness;
  Peer peer(harness.io, Wire::udp, harness.uri(Wire::udp));
  std::string request = peer.request("OPTIONS", "sip:c@h", "long", 1);
  const std::size_t end = request.find("\r\n\r\n") + 2;
  for (int i = 0; i < 4000; ++i) request.insert(end, "X: y\r\n");
  peer.send(request);
  ASSERT_TRUE(harness.until([&peer] { return !peer.inbox.empty(); }));
  EXPECT_EQ(peer.inbox.front().status(), 513);
  EXPECT_EQ(peer.inbox.front().header("Call-ID"), "long");
  EXPECT_TRUE(harness.logged("sip.datagram_refused"));
  EXPECT_TRUE(alive(harness, Wire::udp));
}

class HostileStream : public ::testing::TestWithParam<Hostile> {};

INSTANTIATE_TEST_SUITE_P(
    Sip, HostileStream,
    ::testing::Values(
        Hostile{"NegativeLength", std::string("INVITE sip:a@b SIP/2.0\r\nContent-Length: -1\r\n\r\n")},
        Hostile{"AbsurdLength", std::string("INVITE sip:a@b SIP/2.0\r\nContent-Length: 4294967295\r\n\r\nx")},
        Hostile{"OverflowingLength",
                std::string("INVITE sip:a@b SIP/2.0\r\nContent-Length: 18446744073709551617\r\n\r\nx")},
        Hostile{"TwoLengths",
                std::string("INVITE sip:a@b SIP/2.0\r\nContent-Length: 1\r\nContent-Length: 999999999\r\n\r\nx")},
        Hostile{"LengthIsNoNumber", std::string("INVITE sip:a@b SIP/2.0\r\nContent-Length: many\r\n\r\nx")},
        Hostile{"EndlessHeader", "INVITE sip:a@b SIP/2.0\r\nX: " + std::string(2'000'000, 'x')},
        Hostile{"EndlessFirstLine", std::string(1'000'000, 'a')},
        Hostile{"ManyHeaders",
                [] {
                  std::string text = "OPTIONS sip:a@b SIP/2.0\r\n";
                  for (int i = 0; i < 20'000; ++i) text += "Via: SIP/2.0/TCP h" + std::to_string(i) + "\r\n";
                  return text + "\r\n";
                }()},
        Hostile{"Binary", std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11) + std::string(500, '\xff')},
        Hostile{"OnlyLines", std::string(100'000, '\n')}, Hostile{"Nuls", std::string(10'000, '\0')}),
    [](const auto& one) { return one.param.name; });

TEST_P(HostileStream, HarmsNobodyElse) {
  Settings settings = Harness::quick();
  settings.t1x64 = 200ms;
  Harness harness("127.0.0.1", settings);
  for (const Wire wire : {Wire::tcp, Wire::udp}) {
    Peer peer(harness.io, wire, harness.uri(wire));
    peer.send(GetParam().text.substr(0, wire == Wire::udp ? 60'000 : 4'000'000));
    EXPECT_TRUE(alive(harness, Wire::tcp));
    EXPECT_TRUE(alive(harness, Wire::udp));
  }
  EXPECT_TRUE(harness.until([&harness] { return harness.agent->census().lingering == 0; }));
  EXPECT_TRUE(harness.idle());
}

// The library reads no more after some of these and would not see that the peer has closed.
TEST_P(HostileStream, DoesNotKeepItsConnectionWhenItsSenderHasClosed) {
  Harness harness;
  ASSERT_TRUE(alive(harness, Wire::tcp));
  harness.pass(100ms);
  const std::size_t before = descriptors();
  {
    Peer peer(harness.io, Wire::tcp, harness.uri(Wire::tcp));
    peer.send(GetParam().text.substr(0, 10'000));
    harness.pass(50ms);
  }
  EXPECT_TRUE(harness.until([before] { return descriptors() <= before; }, 10s));
}

TEST(HalfAMessage, DoesNotKeepItsConnection) {
  Settings settings = Harness::quick();
  settings.t1x64 = 300ms;
  Harness harness("127.0.0.1", settings);
  Peer peer(harness.io, Wire::tcp, harness.uri(Wire::tcp));
  peer.send("OPTIONS sip:c@h SIP/2.0\r\nContent-Length: 100\r\n\r\nhalf");
  EXPECT_TRUE(harness.until([&peer] { return peer.connection_closed(); }));
}

class HostileVia : public ::testing::TestWithParam<Hostile> {};

INSTANTIATE_TEST_SUITE_P(Sip, HostileVia,
                         ::testing::Values(Hostile{"Broadcast", "127.0.0.1;maddr=255.255.255.255;branch=z9hG4bKv"},
                                           Hostile{"BroadcastRport",
                                                   "127.0.0.1;rport;maddr=255.255.255.255;branch=z9hG4bKv"},
                                           Hostile{"Name", "127.0.0.1;maddr=slow.example.invalid;branch=z9hG4bKv"},
                                           Hostile{"Nobody", "127.0.0.1;maddr=240.0.0.1;branch=z9hG4bKv"},
                                           Hostile{"OtherFamily", "127.0.0.1;maddr=[::1];branch=z9hG4bKv"},
                                           Hostile{"Unroutable", "127.0.0.1;maddr=0.0.0.0;branch=z9hG4bKv"}),
                         [](const auto& one) { return one.param.name; });

TEST_P(HostileVia, CannotStopTheAgentWithAnswersThatCannotBeSent) {
  Harness harness;
  Peer peer(harness.io, Wire::udp, harness.uri(Wire::udp));
  for (const int status : {200, 404}) {
    const std::string call = "via-" + std::to_string(status);
    const std::string via = "Via: SIP/2.0/UDP " + GetParam().text + std::to_string(status) + "\r\n";
    const auto begun = std::chrono::steady_clock::now();
    peer.send(peer.request("INVITE", "sip:c@h", call, 1, "", via + "Contact: <" + peer.contact() + ">\r\n"));
    const auto invite = harness.next<event::InviteReceived>();
    harness.agent->execute(command::Respond{invite.request, status, "", conference, {}, false, {}, {}});
    EXPECT_LT(std::chrono::steady_clock::now() - begun, 1s) << "no name is looked up";
    // The ACK comes although nothing can have been received.
    peer.send(peer.request("ACK", "sip:c@h", call, 1, "", via));
    ASSERT_TRUE(alive(harness, Wire::udp));
  }
}

TEST(HostileViaPort, IsNotAnswered) {
  Harness harness;
  Peer peer(harness.io, Wire::udp, harness.uri(Wire::udp));
  for (const char* port : {"0", "65536", "99999999999999999999"}) {
    const std::string via = "Via: SIP/2.0/UDP 127.0.0.1:" + std::string(port) + ";branch=z9hG4bKport" + port + "\r\n";
    for (const char* method : {"INVITE", "ACK", "OPTIONS"}) {
      peer.send(peer.request(method, "sip:c@h", std::string("port-") + port, 1, "", via));
    }
    ASSERT_TRUE(alive(harness, Wire::udp)) << port;
  }
  EXPECT_TRUE(peer.inbox.empty());
  EXPECT_TRUE(harness.idle());
}

TEST(Via, OfOtherHopsAreReturnedAsTheyCame) {
  Harness harness;
  Peer peer(harness.io, Wire::udp, harness.uri(Wire::udp));
  const std::string own = "SIP/2.0/UDP " + peer.host() + ";branch=z9hG4bK1;maddr=224.0.1.75;x=y";
  const std::string second = "SIP/2.0/UDP proxy.example.net:5070;branch=z9hG4bK2;maddr=192.0.2.1";
  const std::string third = "SIP/2.0/TCP ue.example.net;branch=z9hG4bK3;maddr=192.0.2.2";
  peer.send(peer.request("OPTIONS", "sip:c@h", "via-order", 1, "",
                         "Via: " + own + ", " + second + "\r\nv: " + third + "\r\n"));
  const auto options = harness.next<event::OptionsReceived>();
  harness.agent->execute(command::Respond{options.request, 200, "", {}, {}, false, {}, {}});
  const Message ok = harness.answer(peer);
  EXPECT_EQ(ok.status(), 200);
  const std::string vias = ok.all("Via") + ok.all("v");
  for (const std::string& one : {own, second, third}) EXPECT_THAT(vias, ::testing::HasSubstr(one));
  EXPECT_LT(vias.find("z9hG4bK2"), vias.find("z9hG4bK3"));

  // RFC 3581 and RFC 3261 section 18.2.1: what the server adds to the topmost one.
  peer.send(peer.request("OPTIONS", "sip:c@h", "via-rport", 1, "",
                         "Via: SIP/2.0/UDP ue.example.net:9;rport;branch=z9hG4bK4\r\n"));
  const auto second_options = harness.next<event::OptionsReceived>();
  harness.agent->execute(command::Respond{second_options.request, 200, "", {}, {}, false, {}, {}});
  const std::string added = harness.answer(peer).header("Via");
  EXPECT_THAT(added, ::testing::HasSubstr(";received=127.0.0.1"));
  EXPECT_THAT(added, ::testing::HasSubstr(";rport=" + peer.host().substr(peer.host().find(':') + 1)));
}

class HostileTarget : public ::testing::TestWithParam<Hostile> {};

INSTANTIATE_TEST_SUITE_P(
    Sip, HostileTarget,
    ::testing::Values(Hostile{"PortZero", std::string("Contact: <sip:a@127.0.0.1:0>\r\n")},
                      Hostile{"PortTooLarge", std::string("Contact: <sip:a@127.0.0.1:99999>\r\n")},
                      Hostile{"Broadcast", std::string("Contact: <sip:a@255.255.255.255>\r\n")},
                      Hostile{"OtherFamily", std::string("Contact: <sip:a@[::1]:9>\r\n")},
                      Hostile{"NoTransport", std::string("Contact: <sip:a@127.0.0.1:9;transport=>\r\n")},
                      Hostile{"UnknownTransport", std::string("Contact: <sip:a@127.0.0.1:9;transport=xyz>\r\n")},
                      Hostile{"Tls", std::string("Contact: <sip:a@127.0.0.1:9;transport=tls>\r\n")},
                      Hostile{"Sctp", std::string("Contact: <sip:a@127.0.0.1:9;transport=sctp>\r\n")},
                      Hostile{"SigComp", std::string("Contact: <sip:a@127.0.0.1:9;comp=sigcomp>\r\n")},
                      Hostile{"Maddr", std::string("Contact: <sip:a@127.0.0.1:9;maddr=slow.example.invalid>\r\n")},
                      Hostile{"Headers", std::string("Contact: <sip:a@127.0.0.1:9;method=INVITE?Via=x&Route=y>\r\n")},
                      Hostile{"RouteTel", std::string("Record-Route: <tel:+1201>\r\n")},
                      Hostile{"RouteSips", std::string("Record-Route: <sips:127.0.0.1;lr>\r\n")},
                      Hostile{"RouteHttp", std::string("Record-Route: <http://127.0.0.1/>\r\n")},
                      Hostile{"RouteStrict", std::string("Record-Route: <sip:127.0.0.1:9>, <sip:127.0.0.1:9>\r\n")}),
    [](const auto& one) { return one.param.name; });

TEST_P(HostileTarget, EndsOnlyItsOwnDialog) {
  for (const Wire wire : {Wire::udp, Wire::tcp}) {
    Harness harness;
    Peer peer(harness.io, wire, harness.uri(wire));
    const Call call = establish(harness, peer, "target", GetParam().text);
    harness.agent->execute(command::SendReinvite{call.dialog, conference, some_sdp});
    if (wire == Wire::tcp) peer.drop_connection();
    EXPECT_GE(harness.next<event::ReinviteAnswered>().status, 400);
    harness.agent->execute(command::SendBye{call.dialog, {}, ""});
    EXPECT_GE(harness.next<event::DialogTerminated>().status, 400);
    EXPECT_TRUE(alive(harness, wire));
    EXPECT_TRUE(harness.idle());
  }
}

TEST(HostileAnswer, IsNoReasonToStop) {
  Harness harness;
  Peer peer(harness.io, Wire::udp, harness.uri(Wire::udp));
  const Call call = establish(harness, peer, "hostile-1");
  harness.agent->execute(command::SendReinvite{call.dialog, conference, some_sdp});
  const Message invite = harness.answer(peer);
  std::string wrong = Peer::response(invite, 200, sdp_type, some_sdp);
  wrong.replace(wrong.find("CSeq: "), 6, "CSeq: x");
  peer.send(wrong);
  peer.send("SIP/2.0 999 What\r\n\r\n");
  peer.send("SIP/2.0 200 OK\r\n" + invite.all("Via") + "\r\n");
  // A reliable provisional response that nobody asked for, then the answer without Contact and with a body of no use.
  peer.send(Peer::response(invite, 183, "Require: 100rel\r\nRSeq: 1\r\n"));
  peer.send(Peer::response(invite, 200, "Content-Type: text/html\r\n", "<html>"));
  const auto answered = harness.next<event::ReinviteAnswered>();
  EXPECT_EQ(answered.status, 200);
  EXPECT_FALSE(answered.sdp.has_value());
  EXPECT_EQ(harness.answer(peer).method(), "ACK");
}

TEST(Start, SaysWhichAddressCannotBeHad) {
  Harness harness;
  const std::string uri = harness.uri(Wire::tcp);
  const auto port = static_cast<std::uint16_t>(std::atoi(uri.c_str() + uri.rfind(':') + 1));
  for (const bool udp : {true, false}) {
    Settings settings;
    settings.listen = {{"127.0.0.1", port, udp, !udp}};
    Agent second(
        harness.io, settings, [](const focus::Event&) {}, [](const base::Record&) {});
    const auto started = second.start();
    ASSERT_FALSE(started.has_value());
    EXPECT_EQ(started.error(), std::string("cannot listen on ") + (udp ? "udp" : "tcp") + " 127.0.0.1 port " +
                                   std::to_string(port) + ": Address already in use");
  }
  Settings settings;
  settings.listen = {{"192.0.2.77", 0, true, true}};
  Agent third(
      harness.io, settings, [](const focus::Event&) {}, [](const base::Record&) {});
  EXPECT_FALSE(third.start().has_value());
  settings.listen = {{"127.0.0.1", 0, true, true}};
  settings.trusted_peers = {"everybody"};
  Agent fourth(
      harness.io, settings, [](const focus::Event&) {}, [](const base::Record&) {});
  EXPECT_THAT(fourth.start().error(), ::testing::HasSubstr("'everybody'"));
}

TEST(Start, BindsSeveralAddressesWithOnePortForBothTransports) {
  boost::asio::io_context io;
  Settings settings;
  settings.listen = {{"127.0.0.1", 0, true, true}, {"::1", 0, true, true}, {"127.0.0.2", 0, true, false}};
  Agent agent(
      io, settings, [](const focus::Event&) {}, [](const base::Record&) {});
  ASSERT_TRUE(agent.start().has_value());
  const std::vector<std::string> bound = agent.bound();
  ASSERT_EQ(bound.size(), 5U);
  const auto without_transport = [](const std::string& uri) { return uri.substr(0, uri.find(';')); };
  EXPECT_EQ(without_transport(bound[0]), without_transport(bound[1]));
  EXPECT_EQ(without_transport(bound[2]), without_transport(bound[3]));
  EXPECT_EQ(bound[2].substr(0, 10), "sip:[::1]:");
  EXPECT_EQ(bound[4].substr(0, 14), "sip:127.0.0.2:");
}

TEST(Start, ListensOnAllAddressesAndNamesTheRightOne) {
  Harness harness;
  Settings settings = Harness::quick();
  settings.listen = {{"0.0.0.0", 0, true, true}};
  const auto post = [&harness](focus::Event one) { harness.events.push_back(std::move(one)); };
  harness.agent = std::make_unique<Agent>(harness.io, settings, post, [](const base::Record&) {});
  ASSERT_TRUE(harness.agent->start().has_value());
  // The same port can be had for IPv6 (which must not take the IPv4 one too).
  const std::string uri = harness.uri(Wire::udp);
  const std::string port = uri.substr(uri.rfind(':') + 1, uri.find(';') - uri.rfind(':') - 1);
  settings.listen = {{"::", static_cast<std::uint16_t>(std::stoi(port)), true, false}};
  Agent second(harness.io, settings, post, [](const base::Record&) {});
  const auto started = second.start();
  EXPECT_TRUE(started.has_value()) << started.error();
  for (const std::string& host : {std::string("127.0.0.1"), std::string("[::1]")}) {
    Peer peer(harness.io, Wire::udp, "sip:" + host + ":" + port + ";transport=udp");
    peer.send(peer.request("OPTIONS", "sip:c@h", "any-" + host, 1));
    const auto options = harness.next<event::OptionsReceived>();
    Agent& agent = host == "127.0.0.1" ? *harness.agent : second;
    agent.execute(command::Respond{options.request, 200, "", conference, {}, false, {}, {}});
    EXPECT_EQ(harness.answer(peer).header("Contact"), "<sip:conf-1@" + host + ":" + port + ">;isfocus");
  }
}

TEST(Start, RequestsLeaveFromTheAddressThatThePeerKnows) {
  boost::asio::io_context unused;
  Settings settings = Harness::quick();
  Harness harness("127.0.0.1", settings);
  // A second agent with two IPv4 addresses: the dialog on the second is answered from the second.
  settings.listen = {{"127.0.0.1", 0, true, true}, {"127.0.0.2", 0, true, true}};
  harness.agent = std::make_unique<Agent>(
      harness.io, settings, [&harness](focus::Event one) { harness.events.push_back(std::move(one)); },
      [](const base::Record&) {});
  ASSERT_TRUE(harness.agent->start().has_value());
  std::string uri;
  for (const std::string& one : harness.agent->bound()) {
    if (one.find("127.0.0.2") != std::string::npos && one.find("udp") != std::string::npos) uri = one;
  }
  Peer peer(harness.io, Wire::udp, uri);
  const Call call = establish(harness, peer, "second-address");
  EXPECT_THAT(call.target, ::testing::HasSubstr("@127.0.0.2:"));
  harness.agent->execute(command::SendBye{call.dialog, {}, ""});
  const Message bye = harness.answer(peer);
  EXPECT_THAT(bye.header("Via"), ::testing::HasSubstr("127.0.0.2:"));
  peer.send(Peer::response(bye, 200));
  EXPECT_EQ(harness.next<event::DialogTerminated>().status, 200);
}

TEST(Idle, WakesNobodyUp) {
  Harness harness;
  Peer peer(harness.io, Wire::udp, harness.uri(Wire::udp));
  establish(harness, peer, "idle-1");
  harness.pass(2500ms);  // the transactions of the set-up are over
  harness.io.restart();
  EXPECT_LE(harness.io.run_for(2s), 4U) << "at most two wake-ups a second";
}

TEST(End, LeavesNoDescriptorAndAnswersWhatIsOpen) {
  { Harness warm_up; }
  const std::size_t before = descriptors();
  {
    Harness harness;
    Peer peer(harness.io, Wire::tcp, harness.uri(Wire::tcp));
    establish(harness, peer, "end-1");
    peer.send(peer.request("INVITE", "sip:conf-1@example.net", "end-2", 1));
    const auto open = harness.next<event::InviteReceived>();
    peer.send(peer.request("REFER", "sip:conf-1@example.net", "end-3", 1, "", "Refer-To: <sip:b@h>\r\n"));
    const auto refer = harness.next<event::ReferReceived>();
    harness.agent->execute(command::AcceptRefer{refer.request, 200, conference, true});
    harness.agent->execute(command::NotifyRefer{refer.subscription, 100, "", false});
    EXPECT_EQ(harness.answer(peer).status(), 200);
    harness.agent.reset();
    const auto refused = [&peer] {
      return std::any_of(peer.inbox.begin(), peer.inbox.end(),
                         [](const Message& one) { return one.header("Call-ID") == "end-2" && one.status() == 503; });
    };
    EXPECT_TRUE(harness.until(refused));
    EXPECT_TRUE(harness.events.empty());
    EXPECT_TRUE(open.request);
  }
  EXPECT_EQ(descriptors(), before);
}

}  // namespace
}  // namespace clued::sip::test
