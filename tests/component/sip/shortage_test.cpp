// Without file descriptors nobody is let in, nothing spins, and afterwards all is as before.
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>

#include "component/sip/tls_fixture.hpp"

namespace clued::sip::test {
namespace {

using namespace std::chrono_literals;
namespace event = focus::event;
namespace command = focus::command;

/// A kernel that has descriptors or none, and counts how often it was asked.
struct Table {
  bool has_some = true;
  std::size_t asked = 0;
  base::DescriptorBudget budget() {
    return {1000, [this](std::size_t, std::size_t) {
              ++asked;
              return has_some;
            }};
  }
};

std::vector<std::unique_ptr<Peer>> connect(Harness& harness, std::size_t count) {
  std::vector<std::unique_ptr<Peer>> peers;
  while (peers.size() < count) {
    peers.push_back(std::make_unique<Peer>(harness.io, Wire::tcp, harness.uri(Wire::tcp)));
    Peer& peer = *peers.back();
    peer.send(
        peer.request("SUBSCRIBE", "sip:c@h", "knock-" + std::to_string(peers.size()), 1, "", "Event: nothing\r\n"));
  }
  return peers;
}

std::size_t answered(const std::vector<std::unique_ptr<Peer>>& peers) {
  return static_cast<std::size_t>(
      std::count_if(peers.begin(), peers.end(), [](const auto& one) { return !one->inbox.empty(); }));
}

/// The process may open no more files while this lives.
class NoneLeft {
 public:
  NoneLeft() {
    getrlimit(RLIMIT_NOFILE, &before_);
    const int lowest = dup(0);
    close(lowest);
    rlimit none = before_;
    none.rlim_cur = static_cast<rlim_t>(lowest);
    setrlimit(RLIMIT_NOFILE, &none);
  }
  NoneLeft(const NoneLeft&) = delete;
  NoneLeft& operator=(const NoneLeft&) = delete;
  ~NoneLeft() { setrlimit(RLIMIT_NOFILE, &before_); }

 private:
  rlimit before_{};
};

TEST(Shortage, ConnectionsWaitUntilThereAreDescriptors) {
  Table table;
  Harness harness("127.0.0.1", Harness::quick(), table.budget());
  table.has_some = false;
  const auto peers = connect(harness, 30);
  EXPECT_TRUE(harness.until([&harness] { return harness.logged("sip.accepting_paused"); }));
  table.asked = 0;
  harness.pass(1s);
  EXPECT_EQ(answered(peers), 0U);
  EXPECT_LE(table.asked, 5U) << "asked again now and then";
  EXPECT_EQ(std::count(harness.records.begin(), harness.records.end(), "sip.accepting_paused transport=tcp"), 1);
  table.has_some = true;
  EXPECT_TRUE(harness.until([&peers] { return answered(peers) == 30; })) << answered(peers);
  Peer later(harness.io, Wire::tcp, harness.uri(Wire::tcp));
  later.send(later.request("OPTIONS", "sip:c@h", "later", 1));
  harness.next<event::OptionsReceived>();
}

TEST(Shortage, AnAcceptThatFailsAllTheSameIsTriedAgainAndNotAtOnce) {
  Table table;
  Harness harness("127.0.0.1", Harness::quick(), table.budget());
  const auto peers = connect(harness, 10);
  {
    const NoneLeft none;
    harness.pass(100ms);
    table.asked = 0;
    harness.pass(500ms);
    EXPECT_EQ(answered(peers), 0U);
    EXPECT_GT(table.asked, 0U);
    EXPECT_LE(table.asked, 600U) << "it spins";
  }
  EXPECT_TRUE(harness.until([&peers] { return answered(peers) == 10; })) << answered(peers);
}

TEST(Shortage, CallsAreRefusedAndWhatNeedsNoneIsServed) {
  Table table;
  Harness harness("127.0.0.1", Harness::quick(), table.budget());
  Peer peer(harness.io, Wire::udp, harness.uri(Wire::udp));
  table.has_some = false;
  peer.send(peer.request("INVITE", "sip:c@h", "short", 1, "", "Contact: <" + peer.contact() + ">\r\n"));
  const Message refusal = harness.answer(peer);
  EXPECT_EQ(refusal.status(), 503);
  EXPECT_NE(refusal.header("Retry-After"), "");
  peer.send(peer.request("OPTIONS", "sip:c@h", "alive", 1));
  harness.next<event::OptionsReceived>();
  table.has_some = true;
  peer.send(peer.request("INVITE", "sip:c@h", "again", 1, "", "Contact: <" + peer.contact() + ">\r\n"));
  harness.next<event::InviteReceived>();
}

TEST(Shortage, AConnectionOfOursIsNotOpenedAndOneThatIsThereIsUsed) {
  Table table;
  Harness harness("127.0.0.1", Harness::quick(), table.budget());
  Peer peer(harness.io, Wire::tcp, harness.uri(Wire::tcp));
  const Call alive = establish(harness, peer, "alive");
  const Call lost = establish(harness, peer, "lost");
  const Call again = establish(harness, peer, "again");
  table.has_some = false;
  harness.agent->execute(command::SendBye{alive.dialog, {}, ""});
  peer.send(Peer::response(harness.answer(peer), 200));
  EXPECT_EQ(harness.next<event::DialogTerminated>().status, 200) << "by its connection";
  peer.drop_connection();
  harness.pass(50ms);
  harness.agent->execute(command::SendBye{lost.dialog, {}, ""});
  EXPECT_EQ(harness.next<event::DialogTerminated>().status, 503);
  EXPECT_EQ(peer.accepted, 0U);
  EXPECT_TRUE(
      harness.logged("sip.request_failed conference=conf-1 call_id=lost method=BYE why=no file descriptors are left"));
  table.has_some = true;
  harness.agent->execute(command::SendReinvite{again.dialog, conference, some_sdp});
  peer.send(Peer::response(harness.answer(peer), 488));
  EXPECT_EQ(harness.next<event::ReinviteAnswered>().status, 488);
  EXPECT_EQ(harness.answer(peer).method(), "ACK");
  EXPECT_EQ(peer.accepted, 1U);
  const Call other = [&] {
    Peer datagrams(harness.io, Wire::udp, harness.uri(Wire::udp));
    return establish(harness, datagrams, "other", "Contact: <" + peer.contact() + ">\r\n");
  }();
  table.has_some = false;
  harness.agent->execute(command::SendBye{other.dialog, {}, ""});
  EXPECT_EQ(harness.answer(peer).method(), "BYE") << "by the connection of another call";
  EXPECT_EQ(peer.accepted, 1U);
}

// RFC 3261 section 18.1.1: what is large goes by TCP, which the library opens by itself.
TEST(Shortage, ALargeRequestGoesAsADatagram) {
  Table table;
  Harness harness("127.0.0.1", Harness::quick(), table.budget());
  Peer peer(harness.io, Wire::udp, harness.uri(Wire::udp));
  const auto port = static_cast<std::uint16_t>(std::stoi(peer.host().substr(peer.host().find(':') + 1)));
  const boost::asio::ip::tcp::endpoint same_port{boost::asio::ip::make_address("127.0.0.1"), port};
  boost::asio::ip::tcp::acceptor listener(harness.io, same_port);
  unsigned connected = 0;
  listener.async_accept([&connected](const auto& error, const auto&) { connected += error ? 0 : 1; });
  const Call call = establish(harness, peer, "large");
  std::string sdp = some_sdp;
  for (int i = 0; i < 200; ++i) sdp += "a=label:encoding-" + std::to_string(i) + "\r\n";
  table.has_some = false;
  harness.agent->execute(command::SendReinvite{call.dialog, conference, sdp});
  const Message invite = harness.answer(peer);
  EXPECT_EQ(invite.body, sdp);
  peer.send(Peer::response(invite, 488));
  EXPECT_EQ(harness.next<event::ReinviteAnswered>().status, 488);
  EXPECT_EQ(connected, 0U);
  table.has_some = true;
  harness.agent->execute(command::SendReinvite{call.dialog, conference, sdp});
  EXPECT_TRUE(harness.until([&connected] { return connected == 1; }));
}

TEST(Shortage, NobodyIsAskedForTheNameOfACallee) {
  Table table;
  Settings settings = Harness::quick();
  std::atomic<unsigned> asked = 0;
  settings.lookup.ask = [&asked](const std::string&) {
    ++asked;
    return Lookup{Lookup::Outcome::unknown, {}};
  };
  Harness harness("127.0.0.1", settings, table.budget());
  command::SendInvite invite;
  invite.dialog = base::DialogId{focus::first_called_dialog};
  invite.call_id = "called";
  invite.target = {"sip", "bob", "some.example.net", 0, {}};
  invite.contact = conference;
  invite.sdp = some_sdp;
  table.has_some = false;
  harness.agent->execute(invite);
  const auto answered = harness.next<event::InviteAnswered>();
  EXPECT_EQ(answered.status, 503);
  EXPECT_EQ(answered.phrase, "No File Descriptors");
  EXPECT_TRUE(
      harness.logged("sip.lookup_failed conference=conf-1 call_id=called host=some.example.net why=no descript"));
  harness.next<event::DialogTerminated>();
  EXPECT_EQ(asked, 0U);
  table.has_some = true;
  harness.agent->execute(invite);
  EXPECT_EQ(harness.next<event::InviteAnswered>().status, 404) << "it is looked up at once";
  EXPECT_EQ(asked, 1U);
}

class TlsShortage : public Tls {
 protected:
  TlsShortage() { descriptors = table.budget(); }
  Table table;
};

TEST_F(TlsShortage, ConnectionsWaitUntilThereAreDescriptors) {
  start();
  table.has_some = false;
  const std::string uri = harness.agent->bound().back();
  const auto port = static_cast<std::uint16_t>(std::atoi(uri.c_str() + 14));
  std::vector<boost::asio::ip::tcp::socket> silent;
  for (int i = 0; i < 10; ++i) {
    silent.emplace_back(harness.io).connect({boost::asio::ip::make_address("127.0.0.1"), port});
  }
  EXPECT_TRUE(harness.until([this] { return harness.logged("sip.accepting_paused"); }));
  table.asked = 0;
  harness.pass(1s);
  EXPECT_LE(table.asked, 8U) << "asked again now and then";
  EXPECT_EQ(harness.agent->census().tls_connections, 0U);
  table.has_some = true;
  TlsPeer later(harness);
  EXPECT_TRUE(later.connect());
  join(later, "later");
}

}  // namespace
}  // namespace clued::sip::test
