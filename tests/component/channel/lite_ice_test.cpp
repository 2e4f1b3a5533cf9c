// Lite agents on their shared port, with peers made by hand and with two lite ends (RFC 8445 sections 7.3.2 and 8.2).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/ip/udp.hpp>
#include <string>
#include <vector>

#include "channel/lite_ice_agent.hpp"
#include "channel/stun_message.hpp"
#include "component/channel/channels_fixture.hpp"
#include "component/channel/stun_request.hpp"

namespace clued::channel::test {
namespace {

using boost::asio::ip::make_address;
using boost::asio::ip::udp;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// What a lite agent says, in order.
struct Story final : IceAgent::Listener {
  void ice_gathered() noexcept override { order.emplace_back("gathered"); }
  void ice_connected() noexcept override { order.emplace_back("connected"); }
  void ice_suspected() noexcept override { order.emplace_back("suspected"); }
  void ice_recovered() noexcept override { order.emplace_back("recovered"); }
  void ice_received(Bytes datagram) noexcept override { order.emplace_back(text_of(datagram)); }

  std::vector<std::string> order;
};

/// An agent at a real port; its peer is some UDP sockets.
class LiteAgent : public testing::Test {
 protected:
  LiteAgent() : ports{LitePort::open(io, turns, "127.0.0.1", 0).value(), nullptr}, agent(ports, story) {
    EXPECT_TRUE(agent.gather(sdp::IpFamily::v4, false));
    local = agent.description().value();
  }

  /// The peer's credentials matter to nobody; its first socket is its candidate.
  bool connect() {
    Candidate candidate;
    candidate.priority = 1;
    candidate.address = "127.0.0.1";
    candidate.port = first.local_endpoint().port();
    return agent.connect({"peer", "the password of the peer", {candidate}, false}).has_value();
  }
  std::string check(bool nominating) const {
    StunRequest request{.username = local.ufrag + ":peer", .use_candidate = nominating};
    request.password = local.password;
    return request.to_bytes();
  }
  void send(udp::socket& from, const std::string& datagram) {
    from.send_to(boost::asio::buffer(datagram), ports.v4->endpoint());
  }
  bool until(const std::function<bool()>& condition) {
    const auto deadline = std::chrono::steady_clock::now() + 10s;
    while (!condition()) {
      if (std::chrono::steady_clock::now() >= deadline) return false;
      io.run_one_for(10ms);
    }
    return true;
  }
  /// The next datagram that the agent sent to this socket; the kernel delivers on loopback at once.
  static std::string received(udp::socket& socket) {
    std::string datagram(2000, '\0');
    boost::system::error_code error;
    socket.non_blocking(true);
    datagram.resize(socket.receive(boost::asio::buffer(datagram), 0, error));
    return error ? "nothing" : datagram;
  }
  bool is_answered(udp::socket& socket) {
    std::string answer;
    return until([&] { return (answer = received(socket)) != "nothing"; }) &&
           parse_stun(bytes_of(answer))->message_class == StunClass::success_response;
  }

  boost::asio::io_context io;
  Turns turns{io};
  LitePorts ports;
  Story story;
  LiteIceAgent agent;
  IceAgent::Description local;
  udp::socket first{io, udp::endpoint(make_address("127.0.0.1"), 0)};
  udp::socket second{io, udp::endpoint(make_address("127.0.0.1"), 0)};
};

TEST_F(LiteAgent, DescribesItselfAsLite) {
  EXPECT_TRUE(local.lite);
  EXPECT_EQ(local.address, "127.0.0.1");
  EXPECT_EQ(local.port, ports.v4->endpoint().port());
  ASSERT_EQ(local.candidates.size(), 1U);
  EXPECT_TRUE(read_candidate(local.candidates[0]));
  EXPECT_FALSE(LiteIceAgent(ports, story).gather(sdp::IpFamily::v6, false)) << "there is no such port";
}

TEST_F(LiteAgent, SendsOnlyToANominatedPair) {
  ASSERT_TRUE(connect());
  EXPECT_FALSE(agent.send(bytes_of("data")));
  send(first, check(false));
  ASSERT_TRUE(is_answered(first));
  EXPECT_FALSE(agent.send(bytes_of("data")));
  EXPECT_THAT(story.order, ElementsAre("gathered"));
  send(first, check(true));
  ASSERT_TRUE(is_answered(first));
  EXPECT_THAT(story.order, ElementsAre("gathered", "connected"));
  EXPECT_TRUE(agent.send(bytes_of("data")));
  EXPECT_EQ(received(first), "data");
  EXPECT_THAT(agent.selected_pair(), HasSubstr(" - host 127.0.0.1:" + std::to_string(first.local_endpoint().port())));
}

TEST_F(LiteAgent, TakesDataOfAValidPairBeforeItsNomination) {
  ASSERT_TRUE(connect());
  send(first, "\x16 too early");
  send(first, check(false));
  send(first, "\x16 data");
  ASSERT_TRUE(until([this] { return story.order.size() == 2; }));
  EXPECT_THAT(story.order, ElementsAre("gathered", "\x16 data"));
}

TEST_F(LiteAgent, IsConnectedAtOnceWhenThePeerWasFaster) {
  send(first, check(true));
  ASSERT_TRUE(is_answered(first)) << "the answer needs nothing of the peer's description";
  EXPECT_THAT(story.order, ElementsAre("gathered"));
  ASSERT_TRUE(connect());
  EXPECT_THAT(story.order, ElementsAre("gathered", "connected"));
}

TEST_F(LiteAgent, FollowsThePeerToAnotherAddress) {
  ASSERT_TRUE(connect());
  send(first, check(true));
  ASSERT_TRUE(is_answered(first));
  send(second, check(false));
  ASSERT_TRUE(is_answered(second));
  EXPECT_TRUE(agent.send(bytes_of("still here")));
  EXPECT_EQ(received(first), "still here");
  send(second, check(true));
  ASSERT_TRUE(is_answered(second));
  EXPECT_TRUE(agent.send(bytes_of("there now")));
  EXPECT_EQ(received(second), "there now");
  EXPECT_THAT(agent.selected_pair(), HasSubstr(" - prflx 127.0.0.1:" + std::to_string(second.local_endpoint().port())));
  send(first, "\x16 on its way");
  send(second, "\x16 new");
  ASSERT_TRUE(until([this] { return story.order.size() == 4; }));
  EXPECT_THAT(story.order, ElementsAre("gathered", "connected", "\x16 on its way", "\x16 new"));
}

TEST_F(LiteAgent, DoubtsAPeerThatStopsCheckingAndTrustsItAgain) {
  EXPECT_FALSE(agent.next_deadline());
  ASSERT_TRUE(connect());
  EXPECT_FALSE(agent.next_deadline()) << "a lite agent does not find that ICE failed";
  send(first, check(true));
  ASSERT_TRUE(is_answered(first));
  const auto due = agent.next_deadline();
  ASSERT_TRUE(due);
  EXPECT_GE(*due, base::Clock::now() + 14s);
  EXPECT_LE(*due, base::Clock::now() + 16s);
  const udp::endpoint peer = first.local_endpoint();
  // The next check comes, and moves the deadline without anybody being called.
  ports.v4->server().receive(bytes_of(check(false)), peer, *due - 1s);
  agent.handle_timeout(*due);
  EXPECT_THAT(story.order, ElementsAre("gathered", "connected"));
  const auto later = agent.next_deadline();
  ASSERT_TRUE(later);
  EXPECT_EQ(*later, *due + 14s);
  // A check elsewhere says nothing of the selected pair.
  ports.v4->server().receive(bytes_of(check(false)), second.local_endpoint(), *later - 1s);
  agent.handle_timeout(*later);
  agent.handle_timeout(*later + 1h);
  EXPECT_THAT(story.order, ElementsAre("gathered", "connected", "suspected"));
  EXPECT_FALSE(agent.next_deadline()) << "the doubt is the channel's matter";
  StunRequest forged{.username = local.ufrag + ":peer", .password = "guessed"};
  ports.v4->server().receive(bytes_of(forged.to_bytes()), peer, *later + 1h);
  EXPECT_EQ(story.order.size(), 3U);
  ports.v4->server().receive(bytes_of(check(false)), peer, *later + 1h);
  EXPECT_THAT(story.order, ElementsAre("gathered", "connected", "suspected", "recovered"));
  EXPECT_EQ(agent.next_deadline(), *later + 1h + 15s);
}

TEST(LitePort, ThatIsTakenIsSaid) {
  boost::asio::io_context io;
  Turns turns(io);
  const auto one = LitePort::open(io, turns, "127.0.0.1", 0).value();
  const std::uint16_t port = one->endpoint().port();
  const auto other = LitePort::open(io, turns, "127.0.0.1", port);
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error(), "ICE on 127.0.0.1 port " + std::to_string(port) + ": Address already in use");
}

TEST(LitePort, ThatGoesLeavesNothingInTheLoop) {
  boost::asio::io_context io;
  Turns turns(io);
  udp::socket stranger(io, udp::endpoint(make_address("127.0.0.1"), 0));
  {
    const auto port = LitePort::open(io, turns, "127.0.0.1", 0).value();
    stranger.send_to(boost::asio::buffer("\x16 nobody's"), port->endpoint());
    for (int i = 0; i < 2; ++i) io.run_one_for(1s);  // readable, and then its turn
    EXPECT_EQ(port->server().counters().dropped, 1U);
    // This one is found to be readable, but nobody is there any more who would read it.
    stranger.send_to(boost::asio::buffer("\x16 nobody's"), port->endpoint());
  }
  io.run_for(1s);
  EXPECT_TRUE(io.stopped());
}

class BothLite : public ChannelsFixture {
 protected:
  BothLite() : ChannelsFixture({IceMode::lite, IceMode::lite}) {}
};

TEST_F(BothLite, NeedNoChecks) {
  ASSERT_TRUE(pair->establish(kChannel));
  exchange("without", "any");
  ASSERT_TRUE(pair->close_both(kChannel));
  ASSERT_TRUE(pair->establish(base::ChannelId{2})) << "the addresses are free again";
}

TEST_F(BothLite, CarryOneChannelBetweenTheSamePorts) {
  ASSERT_TRUE(pair->establish(kChannel));
  const base::ChannelId another{2};
  ASSERT_TRUE(pair->gather(another));
  pair->connect(another);
  EXPECT_THAT(pair->offerer.story(another).failures, ElementsAre("ice"));
  EXPECT_THAT(pair->offerer.story(another).failure_detail, HasSubstr("is the peer of another channel"));
  exchange("undisturbed", "undisturbed");
}

TEST_F(BothLite, NeedACandidateOfTheFamily) {
  ASSERT_TRUE(pair->gather(kChannel));
  pair->connect(kChannel, Answer::active,
                [](sdp::DataChannel& remote) { remote.candidates = {"1 1 UDP 2130706431 ::1 5000 typ host"}; });
  EXPECT_THAT(offered().failures, ElementsAre("ice"));
}

class OneLite : public ChannelsFixture {
 protected:
  OneLite() : ChannelsFixture({IceMode::lite, IceMode::full}) {}
};

TEST_F(OneLite, UsesOnePortForAllChannelsOfAFamily) {
  const std::size_t before = open_descriptors();
  for (std::uint64_t i = 1; i <= 10; ++i) pair->offerer.channels.open({base::ChannelId{i}, sdp::IpFamily::v4});
  EXPECT_EQ(open_descriptors(), before);
  for (std::uint64_t i = 1; i <= 10; ++i) {
    EXPECT_EQ(pair->offerer.story(base::ChannelId{i}).local->port, offered().local->port);
  }
  EXPECT_EQ(pair->offerer.channels.census(), (Census{10, 0, 0, 10}));
}

TEST_F(OneLite, CountsWhatIsNobodys) {
  ASSERT_TRUE(pair->establish(kChannel));
  udp::socket stranger(pair->loop.offerer, udp::v4());
  const udp::endpoint port(make_address("127.0.0.1"), offered().local->port);
  const std::uint64_t refused = pair->offerer.channels.counters().refused_checks;
  stranger.send_to(boost::asio::buffer("\x16 data"), port);
  StunRequest guess{.username = offered().local->ice_ufrag + ":peer", .use_candidate = true};
  guess.password = "a password that was guessed";
  stranger.send_to(boost::asio::buffer(guess.to_bytes()), port);
  ASSERT_TRUE(pair->loop.until([&] { return pair->offerer.channels.counters().refused_checks == refused + 1; }));
  EXPECT_EQ(pair->offerer.channels.counters().dropped_datagrams, 1U);
  exchange("undisturbed", "undisturbed");
}

TEST_F(OneLite, ChecksOfARemovedChannelAreRefused) {
  ASSERT_TRUE(pair->establish(kChannel));
  pair->offerer.channels.close({kChannel});
  ASSERT_TRUE(pair->loop.until([&] { return offered().released.has_value(); }));
  EXPECT_EQ(pair->offerer.channels.census(), Census{});
  udp::socket late(pair->loop.offerer, udp::v4());
  StunRequest check{.username = offered().local->ice_ufrag + ":peer"};
  check.password = offered().local->ice_pwd;
  const std::uint64_t refused = pair->offerer.channels.counters().refused_checks;
  late.send_to(boost::asio::buffer(check.to_bytes()), udp::endpoint(make_address("127.0.0.1"), offered().local->port));
  ASSERT_TRUE(pair->loop.until([&] { return pair->offerer.channels.counters().refused_checks > refused; }));
}

TEST_F(OneLite, SaysWhereItListens) { EXPECT_EQ(pair->offerer.records_of("channel.listening"), 2U); }

}  // namespace
}  // namespace clued::channel::test
