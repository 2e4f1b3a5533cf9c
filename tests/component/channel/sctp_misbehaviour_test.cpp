// Peers that do what RFC 8850 forbids, and packets that nobody should send.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "channel/sctp_packet.hpp"
#include "component/channel/sctp_pair.hpp"

namespace clued::channel::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using namespace std::chrono_literals;
using Sent = SctpAssociation::Sent;

TEST(SctpMisbehaviour, IgnoresPacketsThatAreNotItsOwn) {
  SctpPair pair;
  ASSERT_TRUE(pair.connect());
  const std::string abort("\x06\x01\0\x04", 4);
  pair.a->receive(bytes_of(sctp_packet(5000, 5001, 1, abort)));
  pair.a->receive(bytes_of(sctp_packet(4999, 5000, 1, abort)));
  pair.a->receive(bytes_of(std::string("short")));
  pair.a->receive({});
  std::string damaged = sctp_packet(5000, 5000, 1, abort);
  damaged[8] = static_cast<char>(damaged[8] ^ 1);
  pair.a->receive(bytes_of(damaged));
  pair.a->receive(bytes_of(sctp_packet(5000, 5000, 1, std::string("\0\x03\xff\xff", 4))));
  EXPECT_THAT(pair.a_end.failures, IsEmpty());
  pair.b->send("still there");
  EXPECT_TRUE(pair.until([&] { return pair.a_end.messages.size() == 1; }));
}

/// The stack goes by the length of a parameter to the next one, and would stay at one of no length for ever.
TEST(SctpMisbehaviour, OfParametersWithoutALengthIsIgnored) {
  SctpPair pair;
  ASSERT_TRUE(pair.connect());
  for (const int type : {0x0005, 0x000c, 0x8000, 0xc000, 0x4000}) {
    for (char length = 0; length < 4; ++length) {
      std::string init("\x01\0\0\x18\x12\x34\x56\x78\0\x01\0\0\0\x01\0\x01\0\0\0\x01", 20);
      init += {static_cast<char>(type >> 8), static_cast<char>(type), 0, length};
      pair.a->receive(bytes_of(sctp_packet(5000, 5000, 0, init)));
    }
  }
  EXPECT_THAT(pair.a_end.failures, IsEmpty());
  pair.b->send("still there");
  EXPECT_TRUE(pair.until([&] { return pair.a_end.messages.size() == 1; }));
}

TEST(SctpMisbehaviour, EndsWhenThePeerAbandonsMessages) {
  SctpPair pair;
  ASSERT_TRUE(pair.connect());
  // FORWARD-TSN (RFC 3758 section 3.2), from within the DTLS session: whoever sends it is the peer.
  pair.a->receive(bytes_of(sctp_packet(5000, 5000, 1, std::string("\xC0\0\0\x08\0\0\0\x01", 8))));
  EXPECT_THAT(pair.a_end.failures, ElementsAre(SctpFailure::protocol));
}

/// What of the DATA chunk that begins at octet 12 of a packet a misbehaving peer would have different.
struct Falsified {
  std::uint8_t flags = 0;  ///< set in addition
  std::uint16_t stream = 0;
  std::uint8_t protocol = 51;
};

/// Lets b send a message and a receive it falsified.
void deliver_falsified(SctpPair& pair, const std::string& message, const Falsified& change) {
  constexpr std::size_t kChunk = 12;
  pair.deliver();
  ASSERT_EQ(pair.b->send(message), Sent::sent);
  auto packet = pair.to_a.take();
  ASSERT_TRUE(packet.has_value());
  ASSERT_EQ((*packet)[kChunk], 0) << "a packet with a DATA chunk";
  std::vector<std::uint8_t> octets(packet->begin(), packet->end());
  octets[kChunk + 1] = static_cast<std::uint8_t>(octets[kChunk + 1] | change.flags);
  octets[kChunk + 9] = static_cast<std::uint8_t>(change.stream);
  octets[kChunk + 15] = change.protocol;
  stamp_checksum(octets);
  pair.a->receive(octets);
  pair.deliver();
}

TEST(SctpMisbehaviour, EndsWhenThePeerSendsWhatIsNoText) {
  for (const unsigned protocol : {0U, 52U, 53U, 54U, 57U, 60U}) {
    SctpPair pair;
    ASSERT_TRUE(pair.connect());
    deliver_falsified(pair, "binary", {.protocol = static_cast<std::uint8_t>(protocol)});
    EXPECT_THAT(pair.a_end.failures, ElementsAre(SctpFailure::protocol)) << protocol;
    EXPECT_THAT(pair.a_end.messages, IsEmpty());
  }
}

TEST(SctpMisbehaviour, EndsWhenThePeerSendsUnordered) {
  constexpr std::uint8_t kUnordered = 0x04;
  SctpPair pair;
  ASSERT_TRUE(pair.connect());
  deliver_falsified(pair, "unordered", {.flags = kUnordered});
  EXPECT_THAT(pair.a_end.failures, ElementsAre(SctpFailure::protocol));
  EXPECT_THAT(pair.a_end.messages, IsEmpty());
}

TEST(SctpMisbehaviour, OfEmptyMessagesIsIgnored) {
  SctpPair pair;
  ASSERT_TRUE(pair.connect());
  deliver_falsified(pair, "0", {.protocol = 56});
  deliver_falsified(pair, "ours", {});
  EXPECT_THAT(pair.a_end.failures, IsEmpty());
  EXPECT_THAT(pair.a_end.messages, ElementsAre("ours"));
}

TEST(SctpMisbehaviour, OnOtherStreamsIsIgnored) {
  SctpPair pair;
  ASSERT_TRUE(pair.connect());
  deliver_falsified(pair, "of another channel", {.stream = 7, .protocol = 53});
  EXPECT_THAT(pair.a_end.failures, IsEmpty());
  EXPECT_THAT(pair.a_end.messages, IsEmpty());
  EXPECT_EQ(pair.a->send("ours"), Sent::sent);
  EXPECT_TRUE(pair.until([&] { return pair.b_end.messages.size() == 1; }));
}

TEST(SctpMisbehaviour, OfShutdownWithoutResetIsTold) {
  SctpPair pair;
  ASSERT_TRUE(pair.connect());
  pair.deliver();
  // The peer's verification tag and the number to be acknowledged are on the wire.
  pair.b->send("one");
  const auto from_b = pair.to_a.take();
  ASSERT_TRUE(from_b.has_value());
  pair.a->receive(bytes_of(*from_b));
  pair.a->send("two");
  std::string number;
  while (const auto from_a = pair.to_b.take()) {
    if ((*from_a)[12] == 0) number = from_a->substr(16, 4);
    pair.b->receive(bytes_of(*from_a));
  }
  pair.deliver();
  ASSERT_EQ(number.size(), 4U);
  std::vector<std::uint8_t> packet(from_b->begin(), from_b->begin() + 12);
  for (const char octet : std::string("\x07\0\0\x08", 4) + number) packet.push_back(static_cast<std::uint8_t>(octet));
  stamp_checksum(packet);
  pair.a_end.chunks.clear();
  pair.a->receive(packet);
  EXPECT_THAT(pair.a_end.failures, ElementsAre(SctpFailure::peer_shutdown));
  EXPECT_THAT(pair.a_end.chunks, ElementsAre(8)) << "SHUTDOWN ACK";
  EXPECT_EQ(pair.a->send("too late"), Sent::not_up);
}

TEST(SctpMisbehaviour, AcknowledgesTheOpeningByDcep) {
  SctpPair pair;
  ASSERT_TRUE(pair.connect());
  pair.deliver();
  pair.a_end.chunks.clear();
  deliver_falsified(pair, std::string("\x03\0\0\0\0\0\0\0\0\x04\0\x04CLUECLUE", 20), {.protocol = 50});
  EXPECT_TRUE(pair.until([&] { return std::ranges::count(pair.a_end.chunks, 0) > 0; }, 1s)) << "DATA_CHANNEL_ACK";
  EXPECT_THAT(pair.a_end.messages, IsEmpty());
  EXPECT_THAT(pair.b_end.messages, IsEmpty());
  EXPECT_THAT(pair.b_end.failures, IsEmpty());
  pair.b->send("and now CLUE");
  EXPECT_TRUE(pair.until([&] { return pair.a_end.messages.size() == 1; }));
}

TEST(SctpMisbehaviour, SurvivesMutatedPackets) {
  std::mt19937 random(7);
  for (int round = 0; round < 150; ++round) {
    SctpPair pair(0, 0, static_cast<std::uint32_t>(round));
    pair.make();
    ASSERT_TRUE(pair.a->connect() && pair.b->connect());
    for (int step = 0; step < 40; ++step) {
      if (step == 10) pair.b->send(std::string(random() % 5000 + 1, 'm'));
      if (step == 25) pair.b->shutdown();
      if (const auto packet = pair.to_b.take()) pair.b->receive(bytes_of(*packet));
      auto packet = pair.to_a.take();
      if (!packet) {
        pair.pass(100ms);
        continue;
      }
      std::vector<std::uint8_t> octets(packet->begin(), packet->end());
      const std::size_t changes = random() % 4;
      for (std::size_t i = 0; i < changes; ++i) {
        octets[12 + random() % (octets.size() - 12)] = static_cast<std::uint8_t>(random());
      }
      stamp_checksum(octets);
      pair.a->receive(octets);
    }
    EXPECT_LE(pair.a_end.failures.size(), 1U);
    EXPECT_LE(pair.a_end.closed.size(), 1U);
    EXPECT_LE(pair.a_end.messages.size(), 1U);
    pair.a->abort();
    pair.b->abort();
    EXPECT_EQ(pair.stack->associations(), 0U);
  }
}

}  // namespace
}  // namespace clued::channel::test
