// Abuse is cheap: what one source may send.
#include "component/sip/harness.hpp"
#include "sip/source_buckets.hpp"

namespace clued::sip::test {
namespace {

using namespace std::chrono_literals;
namespace event = focus::event;
namespace command = focus::command;
using Verdict = SourceBuckets::Verdict;

TEST(SourceBuckets, LetABurstPassAndThenTheRate) {
  SourceBuckets buckets(10, 3);
  SourceBuckets::Time now{1h};
  for (int i = 0; i < 3; ++i) EXPECT_EQ(buckets.take("192.0.2.1", now), Verdict::pass);
  EXPECT_EQ(buckets.take("192.0.2.1", now), Verdict::drop_first);
  EXPECT_EQ(buckets.take("192.0.2.1", now), Verdict::drop);
  EXPECT_EQ(buckets.take("192.0.2.2", now), Verdict::pass) << "others are not concerned";
  now += 100ms;
  EXPECT_EQ(buckets.take("192.0.2.1", now), Verdict::pass);
  EXPECT_EQ(buckets.take("192.0.2.1", now), Verdict::drop) << "not logged again before it was quiet";
  now += 10s;
  for (int i = 0; i < 3; ++i) EXPECT_EQ(buckets.take("192.0.2.1", now), Verdict::pass);
  EXPECT_EQ(buckets.take("192.0.2.1", now), Verdict::drop_first);
}

TEST(SourceBuckets, CountAnIpv6NetworkAsOne) {
  SourceBuckets buckets(1, 1);
  const SourceBuckets::Time now{1h};
  EXPECT_EQ(buckets.take("2001:db8::1", now), Verdict::pass);
  EXPECT_EQ(buckets.take("2001:db8::2", now), Verdict::drop_first);
  EXPECT_EQ(buckets.take("2001:db8:0:1::1", now), Verdict::pass);
}

TEST(SourceBuckets, AreBoundedInNumber) {
  SourceBuckets buckets(1, 1);
  const SourceBuckets::Time now{1h};
  for (std::size_t i = 0; i < SourceBuckets::max_sources + 500; ++i) {
    EXPECT_EQ(buckets.take(std::to_string(i), now), Verdict::pass);
  }
  EXPECT_EQ(buckets.size(), SourceBuckets::max_sources);
  EXPECT_EQ(buckets.take(std::to_string(SourceBuckets::max_sources), now), Verdict::drop_first);
  SourceBuckets off(0, 1);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(off.take("192.0.2.1", now), Verdict::pass);
  EXPECT_EQ(off.size(), 0U);
}

class Flood : public testing::TestWithParam<Wire> {
 protected:
  static Settings limited(bool trusted) {
    Settings settings = Harness::quick();
    settings.max_rate_per_source = 1;
    settings.max_burst_per_source = 10;
    if (!trusted) settings.trusted_peers.clear();
    return settings;
  }
};

INSTANTIATE_TEST_SUITE_P(Sip, Flood, testing::Values(Wire::udp, Wire::tcp),
                         [](const auto& one) { return one.param == Wire::udp ? "Udp" : "Tcp"; });

TEST_P(Flood, IsDroppedAndKeepsNothing) {
  Harness harness("127.0.0.1", limited(false));
  Peer peer(harness.io, GetParam(), harness.uri(GetParam()));
  for (int i = 0; i < 300; ++i) {
    peer.send(peer.request("SUBSCRIBE", "sip:c@h", "flood-" + std::to_string(i), 1, "", "Event: nothing\r\n"));
  }
  EXPECT_TRUE(harness.until([&harness] { return harness.logged("sip.source_limited"); }));
  harness.pass(100ms);
  EXPECT_LE(peer.inbox.size(), 12U);
  EXPECT_GE(peer.inbox.size(), 10U);
  EXPECT_LE(harness.agent->census().lingering, 12U) << "no transaction for what is dropped";
  EXPECT_EQ(std::count_if(harness.records.begin(), harness.records.end(),
                          [](const std::string& line) { return line.find("sip.source_limited") == 0; }),
            1);
  EXPECT_FALSE(harness.logged("cannot be read")) << "it is not even looked at";
}

TEST_P(Flood, OfATrustedPeerIsServed) {
  Harness harness("127.0.0.1", limited(true));
  Peer peer(harness.io, GetParam(), harness.uri(GetParam()));
  for (int i = 0; i < 50; ++i) {
    peer.send(peer.request("SUBSCRIBE", "sip:c@h", "busy-" + std::to_string(i), 1, "", "Event: nothing\r\n"));
  }
  EXPECT_TRUE(harness.until([&peer] { return peer.inbox.size() == 50; }));
}

class Connections : public testing::TestWithParam<const char*> {
 protected:
  static Settings limited(bool trusted) {
    Settings settings = Harness::quick();
    settings.max_connections_per_source = 3;
    if (!trusted) settings.trusted_peers.clear();
    return settings;
  }
  static std::size_t closed(const std::vector<std::unique_ptr<Peer>>& peers) {
    return static_cast<std::size_t>(
        std::count_if(peers.begin(), peers.end(), [](const auto& one) { return one->connection_closed(); }));
  }
};

INSTANTIATE_TEST_SUITE_P(Sip, Connections, testing::Values("127.0.0.1", "::1"),
                         [](const auto& one) { return one.param[0] == ':' ? "V6" : "V4"; });

TEST_P(Connections, TheNewestOfASourceAreClosed) {
  Harness harness(GetParam(), limited(false));
  std::vector<std::unique_ptr<Peer>> peers;
  for (int i = 0; i < 3; ++i) peers.push_back(std::make_unique<Peer>(harness.io, Wire::tcp, harness.uri(Wire::tcp)));
  const Call call = establish(harness, *peers.front(), "older");
  for (int i = 0; i < 20; ++i) peers.push_back(std::make_unique<Peer>(harness.io, Wire::tcp, harness.uri(Wire::tcp)));
  EXPECT_TRUE(harness.until([&peers] { return closed(peers) == 20; }));
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(peers[static_cast<std::size_t>(i)]->connection_closed()) << i;
  EXPECT_TRUE(harness.logged("sip.connection_refused"));
  harness.agent->execute(command::SendBye{call.dialog, {}, ""});
  const Message bye = harness.answer(*peers.front());
  peers.front()->send(Peer::response(bye, 200));
  EXPECT_EQ(harness.next<event::DialogTerminated>().status, 200);
  // Who leaves makes room.
  peers.front()->drop_connection();
  harness.pass(200ms);
  Peer fresh(harness.io, Wire::tcp, harness.uri(Wire::tcp));
  fresh.send(fresh.request("OPTIONS", "sip:c@h", "fresh", 1));
  harness.next<event::OptionsReceived>();
  harness.pass(200ms);
  EXPECT_FALSE(fresh.connection_closed());
}

TEST_P(Connections, OfATrustedPeerAreNotCounted) {
  Harness harness(GetParam(), limited(true));
  std::vector<std::unique_ptr<Peer>> peers;
  for (int i = 0; i < 20; ++i) peers.push_back(std::make_unique<Peer>(harness.io, Wire::tcp, harness.uri(Wire::tcp)));
  harness.pass(300ms);
  EXPECT_EQ(closed(peers), 0U);
}

}  // namespace
}  // namespace clued::sip::test
