#include "channel/dtls_session.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "component/channel/lossy_link.hpp"
#include "component/channel/virtual_wall_clock.hpp"

namespace clued::channel {
namespace {

using base::Clock;
using test::advance_wall_clock;
using test::LossyLink;
using testing::ElementsAre;
using namespace std::chrono_literals;

/// One end with all that it said.
struct End final : DtlsSession::Listener {
  explicit End(LossyLink& out) : link(out) {}

  void dtls_output(Bytes datagram) noexcept override {
    largest = std::max(largest, datagram.size());
    link.put(datagram);
  }
  void dtls_connected() noexcept override { ++connected; }
  void dtls_received(Bytes record) noexcept override { records.emplace_back(text_of(record)); }
  void dtls_failed(DtlsFailure failure, const std::string& why) noexcept override {
    failures.push_back(failure);
    detail = why;
  }

  LossyLink& link;
  std::size_t largest = 0;
  int connected = 0;
  std::vector<std::string> records;
  std::vector<DtlsFailure> failures;
  std::string detail;
};

class DtlsSessionTest : public testing::Test {
 protected:
  using Fingerprints = std::vector<sdp::Fingerprint>;

  void make(unsigned lost, unsigned reordered, std::uint32_t seed, const Fingerprints& told_to_client,
            const Fingerprints& told_to_server) {
    to_server = LossyLink(lost, reordered, seed);
    to_client = LossyLink(lost, reordered, seed + 1000);
    const DtlsTimers timers{100ms, 3s};
    client = std::make_unique<DtlsSession>(client_context, DtlsRole::client, told_to_client, timers, client_end);
    server = std::make_unique<DtlsSession>(server_context, DtlsRole::server, told_to_server, timers, server_end);
  }

  void make(unsigned lost = 0, unsigned reordered = 0, std::uint32_t seed = 1) {
    make(lost, reordered, seed, {server_context.certificate().fingerprint()},
         {client_context.certificate().fingerprint()});
  }

  void deliver() {
    while (!to_server.empty() || !to_client.empty()) {
      if (const auto datagram = to_server.take()) server->receive(bytes_of(*datagram));
      if (const auto datagram = to_client.take()) client->receive(bytes_of(*datagram));
    }
  }

  /// Until both are connected or one failed; retransmission timers are served when they are due.
  void handshake() {
    client->start();
    for (int timeouts = 0; timeouts < 100 && client_end.failures.empty() && server_end.failures.empty(); ++timeouts) {
      deliver();
      if (client->is_connected() && server->is_connected()) return;
      advance_wall_clock(100ms);
      client->handle_timeout();
      server->handle_timeout();
    }
    deliver();
  }

  DtlsContext client_context;
  DtlsContext server_context;
  LossyLink to_server{0, 0, 1};
  LossyLink to_client{0, 0, 1};
  End client_end{to_server};
  End server_end{to_client};
  std::unique_ptr<DtlsSession> client;
  std::unique_ptr<DtlsSession> server;
};

TEST_F(DtlsSessionTest, ConnectsAndCarriesRecords) {
  make();
  handshake();
  ASSERT_EQ(client_end.connected, 1) << client_end.detail << server_end.detail;
  ASSERT_EQ(server_end.connected, 1);
  EXPECT_LE(std::max(client_end.largest, server_end.largest), kDatagramSize);
  EXPECT_TRUE(client->send(bytes_of("to the server")));
  EXPECT_TRUE(server->send(bytes_of("to the client")));
  deliver();
  EXPECT_THAT(server_end.records, ElementsAre("to the server"));
  EXPECT_THAT(client_end.records, ElementsAre("to the client"));
  EXPECT_EQ(client->next_deadline(Clock::now()), std::nullopt);
}

TEST_F(DtlsSessionTest, ConnectsThroughLossAndReordering) {
  for (std::uint32_t seed = 1; seed <= 20; ++seed) {
    make(25, 30, seed);
    client_end.connected = server_end.connected = 0;
    handshake();
    EXPECT_EQ(client_end.connected, 1) << "seed " << seed << ' ' << client_end.detail;
    EXPECT_EQ(server_end.connected, 1) << "seed " << seed << ' ' << server_end.detail;
  }
}

TEST_F(DtlsSessionTest, RetransmitsAfterTheFirstTimeout) {
  make(100, 0, 1);
  client->start();
  const std::size_t sent = to_server.sent();
  const auto now = Clock::now();
  const auto due = client->next_deadline(now);
  ASSERT_TRUE(due.has_value());
  EXPECT_LE(*due, now + 100ms);
  EXPECT_GT(*due, now + 20ms);
  client->handle_timeout();
  EXPECT_EQ(to_server.sent(), sent) << "not yet";
  advance_wall_clock(100ms);
  client->handle_timeout();
  EXPECT_EQ(to_server.sent(), sent + 1);
  EXPECT_EQ(server->next_deadline(Clock::now()), std::nullopt) << "a server that heard nothing waits for nothing";
}

TEST_F(DtlsSessionTest, ClientRefusesAnotherCertificate) {
  make(0, 0, 1, {client_context.certificate().fingerprint()}, {client_context.certificate().fingerprint()});
  handshake();
  EXPECT_THAT(client_end.failures, ElementsAre(DtlsFailure::fingerprint));
  EXPECT_EQ(client_end.connected, 0);
  EXPECT_THAT(server_end.failures, ElementsAre(DtlsFailure::alert)) << server_end.detail;
  EXPECT_EQ(server_end.connected, 0);
}

TEST_F(DtlsSessionTest, ServerRefusesAnotherCertificate) {
  make(0, 0, 1, {server_context.certificate().fingerprint()}, {server_context.certificate().fingerprint()});
  handshake();
  EXPECT_THAT(server_end.failures, ElementsAre(DtlsFailure::fingerprint));
  EXPECT_EQ(server_end.connected, 0);
  EXPECT_EQ(client_end.connected, 0);
}

TEST_F(DtlsSessionTest, RefusesEveryCertificateWithoutFingerprints) {
  make(0, 0, 1, {}, {client_context.certificate().fingerprint()});
  handshake();
  EXPECT_THAT(client_end.failures, ElementsAre(DtlsFailure::fingerprint));
}

TEST_F(DtlsSessionTest, ClosesTheOtherEnd) {
  make();
  handshake();
  client->close();
  EXPECT_FALSE(client->send(bytes_of("too late")));
  deliver();
  EXPECT_THAT(server_end.failures, ElementsAre(DtlsFailure::closed));
  EXPECT_TRUE(client_end.failures.empty());
}

TEST_F(DtlsSessionTest, IgnoresGarbageAndRepetition) {
  make();
  client->start();
  const auto hello = to_server.take();
  ASSERT_TRUE(hello.has_value());
  for (std::size_t length = 0; length < hello->size(); length += 7) server->receive(bytes_of(hello->substr(0, length)));
  server->receive(bytes_of(std::string(1500, '\x16')));
  server->receive(bytes_of(std::string(9000, '\x00')));
  to_server.put(bytes_of(*hello));
  to_server.put(bytes_of(*hello));
  handshake();
  ASSERT_EQ(server_end.connected, 1) << server_end.detail;
  client->send(bytes_of("once"));
  const auto record = to_server.take();
  ASSERT_TRUE(record.has_value());
  std::string forged = *record;
  forged.back() = static_cast<char>(forged.back() ^ 1);
  server->receive(bytes_of(forged));
  server->receive(bytes_of(*record));
  server->receive(bytes_of(*record));
  EXPECT_THAT(server_end.records, ElementsAre("once"));
  EXPECT_TRUE(server_end.failures.empty());
}

/// Records that anybody could send who knows the two addresses (RFC 6347 section 4.1.2.7).
TEST_F(DtlsSessionTest, DiscardsRecordsThatNobodyHasSealed) {
  make();
  handshake();
  ASSERT_EQ(server_end.connected, 1);
  std::uint8_t sequence = 100;
  for (const int type : {0, 19, 20, 21, 22, 23, 24, 25, 63, 64, 255}) {
    for (const int epoch : {0, 1, 2, 65535}) {
      for (std::size_t length = 0; length < 64; ++length) {
        for (const char filling : {'\0', '\1', '\2', '\x2a'}) {
          std::string forged{static_cast<char>(type),
                             '\xfe',
                             '\xfd',
                             static_cast<char>(epoch >> 8),
                             static_cast<char>(epoch),
                             0,
                             0,
                             0,
                             0,
                             1,
                             static_cast<char>(++sequence),
                             0,
                             static_cast<char>(length)};
          forged.append(length, filling);
          server->receive(bytes_of(forged));
          client->receive(bytes_of(forged));
          ASSERT_TRUE(server_end.failures.empty() && client_end.failures.empty())
              << "type " << type << " epoch " << epoch << " length " << length << ": " << server_end.detail
              << client_end.detail;
        }
      }
    }
  }
  EXPECT_TRUE(client->send(bytes_of("to the server")));
  EXPECT_TRUE(server->send(bytes_of("to the client")));
  deliver();
  EXPECT_THAT(server_end.records, ElementsAre("to the server"));
  EXPECT_THAT(client_end.records, ElementsAre("to the client"));
}

/// OpenSSL keeps records of the epoch to come, and reads them when the handshake has begun it.
TEST_F(DtlsSessionTest, DiscardsThemDuringTheHandshakeToo) {
  for (int length = 0; length < 24; ++length) {
    make();
    client_end.connected = server_end.connected = 0;
    client->start();
    std::string forged("\x17\xfe\xfd\0\1\0\0\0\0\1\0\0", 12);
    forged += static_cast<char>(length);
    forged.append(static_cast<std::size_t>(length), '\1');
    for (int flight = 0; flight < 4; ++flight) {
      server->receive(bytes_of(forged));
      client->receive(bytes_of(forged));
      if (const auto datagram = to_server.take()) server->receive(bytes_of(*datagram));
      if (const auto datagram = to_client.take()) client->receive(bytes_of(*datagram));
    }
    handshake();
    EXPECT_EQ(client_end.connected, 1) << length << ' ' << client_end.detail;
    EXPECT_EQ(server_end.connected, 1) << length << ' ' << server_end.detail;
  }
}

TEST_F(DtlsSessionTest, RefusesOlderVersionsAndForeignHandshakes) {
  make();
  // A DTLS 1.0 ClientHello, cut after the version: a fatal alert is an answer, a crash is not.
  const std::string hello("\x16\xfe\xff\0\0\0\0\0\0\0\0\0\x0e\x01\0\0\x02\0\0\0\0\0\0\0\x02\xfe\xff", 27);
  server->receive(bytes_of(hello));
  EXPECT_EQ(server_end.connected, 0);
}

}  // namespace
}  // namespace clued::channel
