// Connections: whatever comes in whatever segments is understood or ends them, and none stays open and deaf.
#include <algorithm>
#include <filesystem>
#include <functional>
#include <memory>
#include <random>

#include "component/sip/tls_fixture.hpp"

namespace clued::sip::test {
namespace {

using namespace std::chrono_literals;
namespace event = focus::event;
namespace command = focus::command;

/// One end of a connection of either kind, as these tests need it.
struct Connection {
  explicit Connection(const std::shared_ptr<Peer>& peer)
      : send([peer](const std::string& text) { peer->send(text); }),
        closed([peer] { return peer->connection_closed(); }),
        inbox(peer->inbox),
        kept(peer) {}
  explicit Connection(const std::shared_ptr<TlsPeer>& peer)
      : send([peer](const std::string& text) { peer->send(text); }),
        closed([peer] { return peer->closed(); }),
        inbox(peer->inbox),
        kept(peer) {}

  std::function<void(const std::string&)> send;
  std::function<bool()> closed;
  std::deque<Message>& inbox;
  std::shared_ptr<void> kept;
};

class Streams : public Tls, public ::testing::WithParamInterface<bool> {
 protected:
  Streams() { settings.idle_connection = 10min; }

  bool over_tls() const { return GetParam(); }

  Connection connect() {
    if (!over_tls()) return Connection(std::make_shared<Peer>(harness.io, Wire::tcp, harness.uri(Wire::tcp)));
    const auto peer = std::make_shared<TlsPeer>(harness);
    EXPECT_TRUE(peer->connect());
    return Connection(peer);
  }

  std::string request(const std::string& call, const std::string& method = "OPTIONS", const std::string& extra = "",
                      const std::string& body = "") const {
    return method + " sip:c@tp.example.net SIP/2.0\r\nVia: SIP/2.0/" + (over_tls() ? "TLS" : "TCP") +
           " ue.example.net;branch=z9hG4bK" + call +
           "\r\nMax-Forwards: 70\r\nFrom: <sip:a@h>;tag=f\r\nTo: <sip:c@h>\r\n" + "Call-ID: " + call + "\r\nCSeq: 1 " +
           method + "\r\n" + extra + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
  }

  /// Has the core answer what came, and runs the loop until the condition holds.
  template <class Condition>
  bool serve_until(Condition condition) {
    return harness.until([&] {
      while (!harness.events.empty()) {
        const focus::Event one = harness.events.front();
        harness.events.pop_front();
        if (const auto* options = std::get_if<event::OptionsReceived>(&one)) {
          harness.agent->execute(command::Respond{options->request, 200, "", {}, {}, false, {}, {}});
        }
      }
      return condition();
    });
  }
  static bool has_answer(const Connection& connection, const std::string& call, int status) {
    return std::any_of(connection.inbox.begin(), connection.inbox.end(),
                       [&](const Message& one) { return one.header("Call-ID") == call && one.status() == status; });
  }
  bool is_answered(Connection& connection, const std::string& call, int status = 200) {
    return serve_until([&] { return has_answer(connection, call, status); });
  }
  bool ends(Connection& connection) {
    return serve_until([&] { return connection.closed(); });
  }
};

INSTANTIATE_TEST_SUITE_P(Sip, Streams, ::testing::Values(false, true),
                         [](const auto& one) { return one.param ? "Tls" : "Tcp"; });

TEST_P(Streams, LineEndsInTheSegmentOfAMessageAreIgnored) {
  start();
  Connection connection = connect();
  for (const char* before : {"\r\n\r\n", "\r\n", "\n", "\r", "\n\r\n\n"}) {
    const std::string call = "before-" + std::to_string(std::string(before).size()) + (before[0] == '\n' ? "n" : "r");
    connection.send(before + request(call));
    ASSERT_TRUE(is_answered(connection, call));
  }
  connection.send(request("first") + "\r\n\r\n" + request("second") + "\n" + request("third") + "\r\n");
  EXPECT_TRUE(is_answered(connection, "first"));
  EXPECT_TRUE(is_answered(connection, "second"));
  EXPECT_TRUE(is_answered(connection, "third"));
}

TEST_P(Streams, LineEndsBeforeAResponseAreIgnored) {
  start();
  Call call;
  std::string bye_tag;
  Connection connection = connect();
  connection.send(request("dialog", "INVITE", "Contact: <sip:a@ue.example.net>\r\n" + sdp_type, some_sdp));
  const auto invite = harness.next<event::InviteReceived>();
  harness.agent->execute(command::Respond{invite.request, 200, "", conference, some_sdp, false, {}, {}});
  ASSERT_TRUE(is_answered(connection, "dialog"));
  const std::string tag = tag_of(connection.inbox.back().header("To"));
  std::string ack = request("dialog", "ACK");
  ack.replace(ack.find("To: <sip:c@h>"), 13, "To: <sip:c@h>;tag=" + tag);
  connection.send("\r\n" + ack);
  harness.next<event::AckReceived>();
  connection.inbox.clear();
  harness.agent->execute(command::SendBye{invite.dialog, {}, ""});
  ASSERT_TRUE(harness.until([&] { return !connection.inbox.empty(); }));
  connection.send("\r\n\r\n" + Peer::response(connection.inbox.back(), 200));
  EXPECT_EQ(harness.next<event::DialogTerminated>().status, 200);
}

struct Broken {
  const char* name;
  std::string text;
  int status;          ///< of the answer to Call-ID "broken", 0: none
  bool is_cut = true;  ///< what came before in the same segment is answered
};

std::string changed(std::string text, const std::string& from, const std::string& to) {
  return text.replace(text.find(from), from.size(), to);
}

std::vector<Broken> broken_streams(const std::string& good) {
  const std::string line = "Content-Length: 0\r\n";
  return {{"garbage", "hello, are you there?\r\n\r\n", 0},
          {"nuls", std::string(300, '\0'), 0},
          {"bad status line", "SIP/2.0 2x0 OK\r\nContent-Length: 0\r\n\r\n", 0},
          {"bad R-URI", changed(good, "sip:c@tp.example.net", "sip:c@[::"), 400},
          {"two R-URIs", changed(good, "sip:c@tp.example.net", "sip:c@h sip:d@h"), 400},
          {"no length", changed(good, line, ""), 400},
          {"negative length", changed(good, ": 0\r\n", ": -1\r\n"), 400},
          {"two lengths", changed(good, line, line + line), 400},
          {"absurd length", changed(good, ": 0\r\n", ": 99999999999\r\n"), 413},
          {"header too long", changed(good, line, "X: " + std::string(300'000, 'x')), 413, false},
          {"broken CSeq", changed(good, "CSeq: 1", "CSeq: x"), 400, false},
          {"broken Via", changed(good, "Via: SIP/2.0/", "Via: "), 0, false}};
}

TEST_P(Streams, WhatCannotBeUnderstoodIsAnsweredWhereItCanBeAndEndsTheConnection) {
  start();
  Connection bystander = connect();
  for (const Broken& broken : broken_streams(request("broken"))) {
    SCOPED_TRACE(broken.name);
    harness.records.clear();
    Connection connection = connect();
    connection.send(request("good-before") + broken.text);
    EXPECT_TRUE(ends(connection));
    EXPECT_TRUE(!broken.is_cut || has_answer(connection, "good-before", 200));
    EXPECT_TRUE(broken.status == 0 || has_answer(connection, "broken", broken.status));
    EXPECT_TRUE(harness.until([this] { return harness.logged("sip.stream_refused"); }));
  }
  bystander.send(request("bystander"));
  EXPECT_TRUE(is_answered(bystander, "bystander")) << "nobody else is concerned";
}

TEST_P(Streams, InRandomSegmentsAreUnderstoodOrEnd) {
  settings.max_burst_per_source = 100'000;
  start();
  for (unsigned seed = 1; seed <= 30; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    const auto below = [&random](std::size_t limit) { return static_cast<std::size_t>(random()) % limit; };
    const std::vector<std::string> ends_of_line{"", "\r\n", "\r\n\r\n", "\n", "\r", "\r\n\r\n\r\n"};
    std::string text;
    std::vector<std::string> calls;
    for (std::size_t i = 0, count = 1 + below(6); i < count; ++i) {
      calls.push_back("cut-" + std::to_string(seed) + "-" + std::to_string(i));
      text += ends_of_line[below(ends_of_line.size())] +
              request(calls.back(), "OPTIONS", "", std::string(below(3000), '\n'));
    }
    const auto broken = broken_streams(request("broken"));
    const bool breaks = below(2) == 0;
    if (breaks) text += broken[below(broken.size())].text;
    Connection connection = connect();
    while (!text.empty()) {
      const std::size_t size =
          std::min<std::size_t>(text.size(), below(4) == 0 ? 1 + below(3) : 1 + below(text.size()));
      connection.send(text.substr(0, size));
      text.erase(0, size);
      // Some pieces are read before the next one is there.
      if (below(2) == 0) harness.pass(std::chrono::milliseconds(below(4)));
    }
    EXPECT_TRUE(!breaks || ends(connection));
    for (const std::string& call : calls) ASSERT_TRUE(breaks || is_answered(connection, call)) << call;
    ASSERT_EQ(connection.closed(), breaks);
  }
}

TEST_P(Streams, HalfAMessageIsAnsweredWhenItsRestDoesNotCome) {
  settings.t1x64 = 300ms;
  start();
  Connection connection = connect();
  const std::string half = request("half", "OPTIONS", "", "a body");
  connection.send(half.substr(0, half.size() - 1));
  EXPECT_TRUE(ends(connection));
  EXPECT_TRUE(has_answer(connection, "half", 408));
}

std::size_t open_descriptors() {
  const auto all = std::filesystem::directory_iterator("/proc/self/fd");
  return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

// The library has closed its own end of it only.
TEST(BrokenStream, IsClosedSoonWhetherOrNotTheOtherEndCloses) {
  Harness harness;
  const std::string uri = harness.uri(Wire::tcp);
  const auto port = static_cast<std::uint16_t>(std::atoi(uri.c_str() + uri.rfind(':') + 1));
  const std::string good =
      "OPTIONS sip:c@h SIP/2.0\r\nVia: SIP/2.0/TCP a;branch=z9hG4bKbroken\r\nFrom: <sip:a@h>;tag=1\r\nTo: <sip:c@h>\r\n"
      "Call-ID: broken\r\nCSeq: 1 OPTIONS\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n";
  for (const std::string& text : {changed(good, "CSeq: 1", "CSeq: x"), changed(good, "Via: SIP/2.0/", "Via: "),
                                  changed(good, "Content-Length: 0\r\n", "")}) {
    SCOPED_TRACE(text);
    boost::asio::ip::tcp::socket silent(harness.io);
    silent.connect({boost::asio::ip::make_address("127.0.0.1"), port});
    const std::size_t without = open_descriptors();
    silent.send(boost::asio::buffer(text));
    harness.records.clear();
    EXPECT_TRUE(harness.until([&] { return harness.logged("sip.stream_refused"); }));
    EXPECT_TRUE(harness.until([&] { return open_descriptors() <= without; }, 2s)) << "half of it stays";
  }
}

/// RFC 5626 section 4.4.1, seen on the wire.
TEST(KeepAlive, IsAnsweredAloneAndBesideMessages) {
  Harness harness;
  const std::string uri = harness.uri(Wire::tcp);
  boost::asio::ip::tcp::socket socket(harness.io);
  socket.connect({boost::asio::ip::make_address("127.0.0.1"),
                  static_cast<std::uint16_t>(std::atoi(uri.c_str() + uri.rfind(':') + 1))});
  std::string got;
  std::array<char, 4096> bytes{};
  std::function<void()> read = [&] {
    socket.async_read_some(boost::asio::buffer(bytes), [&](const boost::system::error_code& error, std::size_t size) {
      if (error) return;
      got.append(bytes.data(), size);
      read();
    });
  };
  read();
  const auto send = [&socket](const std::string& text) { socket.send(boost::asio::buffer(text)); };
  send("\r\n\r\n");
  ASSERT_TRUE(harness.until([&] { return got == "\r\n"; }));
  send("\r\n");
  harness.pass(20ms);
  send("\r\n");
  ASSERT_TRUE(harness.until([&] { return got == "\r\n\r\n"; }));
  const std::string options =
      "OPTIONS sip:c@h SIP/2.0\r\nVia: SIP/2.0/TCP a;branch=z9hG4bKping\r\nFrom: <sip:a@h>;tag=1\r\nTo: <sip:c@h>\r\n"
      "Call-ID: ping\r\nCSeq: 1 OPTIONS\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n";
  send("\r\n\r\n" + options);
  harness.next<event::OptionsReceived>();
  EXPECT_TRUE(harness.until([&] { return got == "\r\n\r\n\r\n"; }));
  socket.close();
}

TEST(LeadingLineEnds, OfADatagramAreIgnoredToo) {
  Harness harness;
  Peer peer(harness.io, Wire::udp, harness.uri(Wire::udp));
  peer.send("\r\n\r\n" + peer.request("OPTIONS", "sip:c@h", "datagram", 1));
  harness.next<event::OptionsReceived>();
}

}  // namespace
}  // namespace clued::sip::test
