#include "channel/sctp_association.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "component/channel/sctp_pair.hpp"

namespace clued::channel::test {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using namespace std::chrono_literals;
using Sent = SctpAssociation::Sent;

constexpr std::uint8_t kAbortChunk = 6;
constexpr std::uint8_t kShutdownChunk = 7;
constexpr std::uint8_t kReconfigChunk = 130;

std::string text(std::size_t size) {
  std::string result(size, ' ');
  for (std::size_t i = 0; i < size; ++i) result[i] = static_cast<char>('!' + i * 31 % 90);
  return result;
}

TEST(SctpAssociation, IsSetUpWhenBothEndsBegin) {
  SctpPair pair;
  ASSERT_TRUE(pair.connect());
  EXPECT_THAT(pair.a_end.chunks, Contains(1)) << "INIT from one end";
  EXPECT_THAT(pair.b_end.chunks, Contains(1)) << "and from the other";
  EXPECT_EQ(pair.stack->associations(), 2U);
}

TEST(SctpAssociation, IsSetUpBetweenDifferentPorts) {
  SctpPair pair;
  pair.a_parameters.local_port = pair.b_parameters.remote_port = 5003;
  pair.a_parameters.remote_port = pair.b_parameters.local_port = 64999;
  ASSERT_TRUE(pair.connect());
  EXPECT_EQ(pair.a->send("x"), Sent::sent);
  EXPECT_TRUE(pair.until([&] { return pair.b_end.messages.size() == 1; }));
}

TEST(SctpAssociation, IsSetUpWhenOneEndIsLate) {
  SctpPair pair;
  pair.make();
  ASSERT_TRUE(pair.a->connect());
  pair.deliver();
  pair.pass(200ms);
  ASSERT_TRUE(pair.b->connect());
  EXPECT_TRUE(pair.until([&] { return pair.a_end.established == 1 && pair.b_end.established == 1; }, 3s));
}

TEST(SctpAssociation, CarriesMessagesOfEverySize) {
  SctpPair pair;
  pair.a_parameters.max_outbound_message = pair.b_parameters.max_outbound_message = 262144;
  ASSERT_TRUE(pair.connect());
  for (const std::size_t size : {1UL, 2UL, 1000UL, 1100UL, 1200UL, 16384UL, 65536UL, 65537UL, 200000UL, 262144UL}) {
    const std::string message = text(size);
    EXPECT_EQ(pair.a->send(message), Sent::sent) << size;
    ASSERT_TRUE(pair.until([&] { return !pair.b_end.messages.empty(); })) << size;
    EXPECT_THAT(pair.b_end.messages, ElementsAre(message)) << size;
    pair.b_end.messages.clear();
    EXPECT_EQ(pair.b->send(message), Sent::sent) << size;
    ASSERT_TRUE(pair.until([&] { return !pair.a_end.messages.empty(); })) << size;
    EXPECT_THAT(pair.a_end.messages, ElementsAre(message)) << size;
    pair.a_end.messages.clear();
  }
  EXPECT_LE(pair.a_end.largest, 1163U) << "with DTLS around it, it must fit into 1200 octets";
}

TEST(SctpAssociation, KeepsMessagesInOrderThroughLossAndReordering) {
  for (std::uint32_t seed = 1; seed <= 10; ++seed) {
    SctpPair pair(10, 20, seed);
    ASSERT_TRUE(pair.connect()) << "seed " << seed;
    std::vector<std::string> sent;
    for (std::size_t i = 0; i < 30; ++i) {
      sent.push_back(std::to_string(i) + text(i * 331));
      ASSERT_NE(pair.a->send(sent.back()), Sent::not_up);
    }
    ASSERT_TRUE(pair.until([&] { return pair.b_end.messages.size() == sent.size(); })) << "seed " << seed;
    EXPECT_EQ(pair.b_end.messages, sent);
    EXPECT_GT(pair.to_b.lost(), 0U);
  }
}

TEST(SctpAssociation, InputThatIsHeldStopsThePeer) {
  SctpPair pair;
  ASSERT_TRUE(pair.connect());
  pair.stack->hold_input();
  std::vector<std::string> sent;
  for (int i = 0; i < 20; ++i) {
    sent.push_back(std::to_string(i) + text(60'000));
    EXPECT_NE(pair.a->send(sent.back()), Sent::overflow);
  }
  pair.pass(10s);
  EXPECT_THAT(pair.b_end.messages, IsEmpty());
  const auto packets = pair.to_b.sent();
  EXPECT_LT(packets, 500U) << "a receive buffer's worth, and probes";
  pair.stack->release_input();
  ASSERT_TRUE(pair.until([&] { return pair.b_end.messages.size() == sent.size(); }));
  EXPECT_EQ(pair.b_end.messages, sent);
  EXPECT_THAT(pair.a_end.failures, IsEmpty());
}

TEST(SctpAssociation, UsesHighStreamIds) {
  SctpPair pair;
  pair.a_parameters.stream_id = pair.b_parameters.stream_id = 1000;
  ASSERT_TRUE(pair.connect());
  pair.a->send("on 1000");
  EXPECT_TRUE(pair.until([&] { return pair.b_end.messages.size() == 1; }));
}

TEST(SctpAssociation, FailsWhenThePeerHasTooFewStreams) {
  SctpPair pair;
  pair.a_parameters.stream_id = 100;
  pair.make();
  ASSERT_TRUE(pair.a->connect());
  ASSERT_TRUE(pair.b->connect());
  EXPECT_TRUE(pair.until([&] { return !pair.a_end.failures.empty(); }));
  EXPECT_THAT(pair.a_end.failures, ElementsAre(SctpFailure::sctp));
}

TEST(SctpAssociation, NeverSendsMoreThanThePeerAllows) {
  SctpPair pair;
  pair.a_parameters.max_outbound_message = 4096;
  ASSERT_TRUE(pair.connect());
  EXPECT_EQ(pair.a->send(text(4097)), Sent::too_large);
  EXPECT_EQ(pair.a->send(text(4096)), Sent::sent);
  ASSERT_TRUE(pair.until([&] { return pair.b_end.messages.size() == 1; }));
  EXPECT_EQ(pair.b_end.messages[0].size(), 4096U);
  EXPECT_THAT(pair.a_end.failures, IsEmpty());
}

TEST(SctpAssociation, TakesAnySizeFromAPeerWithoutLimitUpToItsOwn) {
  SctpPair pair;
  pair.a_parameters.max_outbound_message = 0;
  pair.b_parameters.max_inbound_message = 100000;
  ASSERT_TRUE(pair.connect());
  EXPECT_EQ(pair.a->send(text(100000)), Sent::sent);
  ASSERT_TRUE(pair.until([&] { return pair.b_end.messages.size() == 1; }));
  EXPECT_EQ(pair.a->send(text(100001)), Sent::sent);
  ASSERT_TRUE(pair.until([&] { return !pair.b_end.failures.empty(); }));
  EXPECT_THAT(pair.b_end.failures, ElementsAre(SctpFailure::protocol));
  EXPECT_EQ(pair.b_end.messages.size(), 1U);
}

// RFC 8841 section 6.1: 0 is "any size"; the send buffer has to be as large as what is said to fit.
TEST(SctpAssociation, SendsAPeerWithoutLimitAsMuchAsItSendsAnybody) {
  SctpPair pair;
  pair.a_parameters.max_outbound_message = 0;
  pair.b_parameters.max_inbound_message = std::size_t{8} * 1024 * 1024;
  ASSERT_TRUE(pair.connect());
  for (const std::size_t size : {100'000UL, 262'144UL, 300'000UL, 1'000'000UL, kOwnLargestMessage}) {
    EXPECT_EQ(pair.a->send(text(size)), Sent::sent) << size;
    ASSERT_TRUE(pair.until([&] { return pair.b_end.messages.size() == 1; })) << size;
    EXPECT_EQ(pair.b_end.messages[0].size(), size);
    pair.b_end.messages.clear();
  }
  EXPECT_EQ(pair.a->send(text(kOwnLargestMessage + 1)), Sent::too_large);
}

TEST(SctpAssociation, SendsNoMoreThanItsOwnLargestWhateverThePeerAllows) {
  SctpPair pair;
  pair.a_parameters.max_outbound_message = std::size_t{1} << 40U;
  ASSERT_TRUE(pair.connect());
  EXPECT_EQ(pair.a->send(text(kOwnLargestMessage + 1)), Sent::too_large);
  EXPECT_EQ(pair.a->send(text(1000)), Sent::sent);
}

TEST(SctpAssociation, QueuesWhatDoesNotFitAndSendsItLater) {
  SctpPair pair;
  pair.a_parameters.max_outbound_message = 262144;
  ASSERT_TRUE(pair.connect());
  const std::string message = text(200000);
  EXPECT_EQ(pair.a->send(message), Sent::sent);
  EXPECT_EQ(pair.a->send(message + "2"), Sent::queued);
  EXPECT_EQ(pair.a->send("3"), Sent::queued) << "it must not overtake";
  ASSERT_TRUE(pair.until([&] { return pair.b_end.messages.size() == 3; }));
  EXPECT_THAT(pair.b_end.messages, ElementsAre(message, message + "2", "3"));
}

TEST(SctpAssociation, FailsWhenTooMuchWaits) {
  SctpPair pair;
  pair.a_parameters.max_outbound_message = 262144;
  ASSERT_TRUE(pair.connect());
  Sent sent = Sent::sent;
  int count = 0;
  while (sent == Sent::sent || sent == Sent::queued) {
    ASSERT_LT(++count, 100);
    sent = pair.a->send(text(100000));
  }
  EXPECT_EQ(sent, Sent::overflow);
  EXPECT_THAT(pair.a_end.failures, ElementsAre(SctpFailure::sctp));
}

TEST(SctpAssociation, IsShutDownByResetThenShutdown) {
  SctpPair pair;
  ASSERT_TRUE(pair.connect());
  pair.a_end.chunks.clear();
  pair.b_end.chunks.clear();
  pair.a->shutdown();
  ASSERT_TRUE(pair.until([&] { return !pair.a_end.closed.empty(); }, 2s));
  EXPECT_THAT(pair.a_end.closed, ElementsAre(true));
  const auto reset = std::ranges::find(pair.a_end.chunks, kReconfigChunk);
  const auto shutdown = std::ranges::find(pair.a_end.chunks, kShutdownChunk);
  ASSERT_NE(reset, pair.a_end.chunks.end());
  ASSERT_NE(shutdown, pair.a_end.chunks.end());
  EXPECT_LT(reset - pair.a_end.chunks.begin(), shutdown - pair.a_end.chunks.begin());
  EXPECT_THAT(pair.b_end.failures, ElementsAre(SctpFailure::peer_reset));
  EXPECT_THAT(pair.b_end.chunks, Contains(kReconfigChunk)) << "RFC 8831 section 6.7: its own stream, too";
  EXPECT_THAT(pair.a_end.failures, IsEmpty());
  EXPECT_TRUE(pair.a->is_gone());
  pair.deliver();
  EXPECT_TRUE(pair.b->is_gone());
  EXPECT_EQ(pair.stack->associations(), 0U);
}

TEST(SctpAssociation, IsShutDownThroughLoss) {
  for (std::uint32_t seed = 1; seed <= 20; ++seed) {
    SctpPair pair(20, 20, seed);
    ASSERT_TRUE(pair.connect()) << "seed " << seed;
    pair.a->send("the last word");
    pair.a->shutdown();
    EXPECT_TRUE(pair.until([&] { return !pair.a_end.closed.empty(); })) << "seed " << seed;
    EXPECT_THAT(pair.a_end.closed, ElementsAre(true)) << "seed " << seed;
    EXPECT_THAT(pair.b_end.messages, ElementsAre("the last word")) << "seed " << seed;
  }
}

TEST(SctpAssociation, IsShutDownByBothAtOnce) {
  SctpPair pair;
  ASSERT_TRUE(pair.connect());
  pair.a->shutdown();
  pair.b->shutdown();
  ASSERT_TRUE(pair.until([&] { return !pair.a_end.closed.empty() && !pair.b_end.closed.empty(); }, 2s));
  EXPECT_THAT(pair.a_end.closed, ElementsAre(true));
  EXPECT_THAT(pair.b_end.closed, ElementsAre(true));
  EXPECT_THAT(pair.a_end.failures, IsEmpty());
  EXPECT_THAT(pair.b_end.failures, IsEmpty());
}

TEST(SctpAssociation, IsShutDownByTheAnswerToTheReset) {
  SctpPair pair;
  ASSERT_TRUE(pair.connect());
  pair.a->shutdown();
  // What the core does when it hears of the removal: it closes its end, too.
  ASSERT_TRUE(pair.until([&] { return !pair.b_end.failures.empty(); }, 2s));
  pair.b->shutdown();
  ASSERT_TRUE(pair.until([&] { return !pair.a_end.closed.empty() && !pair.b_end.closed.empty(); }, 2s));
  EXPECT_THAT(pair.b_end.closed, ElementsAre(true));
}

TEST(SctpAssociation, DoesNotComeToAnEndWithASilentPeer) {
  SctpPair pair;
  ASSERT_TRUE(pair.connect());
  pair.b.reset();  // its ABORT gets lost
  while (pair.to_a.take()) {
  }
  pair.a->shutdown();
  EXPECT_FALSE(pair.until([&] { return !pair.a_end.closed.empty(); }, 2s));
  pair.a_end.chunks.clear();
  pair.a->abort();
  EXPECT_THAT(pair.a_end.chunks, ElementsAre(kAbortChunk));
  EXPECT_EQ(pair.stack->associations(), 0U);
}

TEST(SctpAssociation, TellsOfThePeersAbort) {
  SctpPair pair;
  ASSERT_TRUE(pair.connect());
  pair.b->abort();
  pair.deliver();
  EXPECT_THAT(pair.a_end.failures, ElementsAre(SctpFailure::peer_abort));
  EXPECT_TRUE(pair.a->is_gone());
  EXPECT_EQ(pair.a->send("too late"), Sent::not_up);
}

TEST(SctpAssociation, FailsWithoutAnAnswer) {
  SctpPair pair(100, 0);
  pair.make();
  ASSERT_TRUE(pair.a->connect());
  EXPECT_TRUE(pair.until([&] { return !pair.a_end.failures.empty(); }, 10min));
  EXPECT_THAT(pair.a_end.failures, ElementsAre(SctpFailure::sctp));
}

TEST(SctpAssociation, CanBeAbortedWhileConnecting) {
  SctpPair pair;
  pair.make();
  ASSERT_TRUE(pair.a->connect());
  pair.a->shutdown();
  EXPECT_THAT(pair.a_end.closed, ElementsAre(false));
  EXPECT_EQ(pair.stack->associations(), 0U);
}

TEST(SctpStack, WantsNoTimeWithoutAssociations) {
  SctpPair pair;
  EXPECT_EQ(pair.stack->next_deadline(pair.now), std::nullopt);
  ASSERT_TRUE(pair.connect());
  EXPECT_EQ(pair.stack->next_deadline(pair.now), pair.now + 10ms);
  pair.pass(3s);
  EXPECT_EQ(pair.stack->next_deadline(pair.now), pair.now + 200ms) << "when all is quiet";
  pair.a->send("x");
  EXPECT_EQ(pair.stack->next_deadline(pair.now), pair.now + 10ms);
  pair.a.reset();
  pair.b.reset();
  EXPECT_EQ(pair.stack->next_deadline(pair.now), std::nullopt);
}

TEST(SctpStack, IsSharedAndComesAgain) {
  for (int i = 0; i < 3; ++i) {
    const auto stack = SctpStack::acquire();
    EXPECT_EQ(stack, SctpStack::acquire());
    SctpPair pair;
    ASSERT_TRUE(pair.connect());
  }
}

TEST(SctpStack, HoldsManyAssociations) {
  std::vector<std::unique_ptr<SctpPair>> pairs;
  for (int i = 0; i < 300; ++i) {
    pairs.push_back(std::make_unique<SctpPair>());
    pairs.back()->now = base::TimePoint(std::chrono::hours(1));
    ASSERT_TRUE(pairs.back()->connect()) << i;
  }
  EXPECT_EQ(pairs.front()->stack->associations(), 600U);
  pairs.front()->a->send("to the first");
  EXPECT_TRUE(pairs.front()->until([&] { return !pairs.front()->b_end.messages.empty(); }));
  pairs.clear();
  EXPECT_EQ(SctpStack::acquire()->associations(), 0U);
}

}  // namespace
}  // namespace clued::channel::test
