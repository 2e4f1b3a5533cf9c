// Associations over a network that loses a fifth of all packets in each direction and takes 200 ms for the rest: what
// the others of a conference have to know arrives in time, and nobody is given up.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "channel/sctp_association.hpp"
#include "component/channel/sctp_pair.hpp"

namespace clued::channel::test {
namespace {

using testing::IsEmpty;
using namespace std::chrono_literals;
using std::chrono::milliseconds;

constexpr unsigned kPercentLost = 20;
constexpr auto kDelay = 200ms;
constexpr std::uint32_t kPairs = 100;

/// How long it takes until the condition comes true.
milliseconds time_until(SctpPair& pair, const std::function<bool()>& condition) {
  const auto begin = pair.now;
  EXPECT_TRUE(pair.until(condition, 300s));
  return std::chrono::duration_cast<milliseconds>(pair.now - begin);
}

struct Times {
  std::vector<milliseconds> up, told, known;
};

/// So many pairs, one after the other: an advertisement of that size and its acknowledgement.
Times advertise(std::size_t size) {
  const std::string advertisement(size, 'a');
  Times times;
  for (std::uint32_t seed = 1; seed <= kPairs; ++seed) {
    SctpPair pair(kPercentLost, 0, seed, kDelay);
    pair.make();
    EXPECT_TRUE(pair.a->connect());
    EXPECT_TRUE(pair.b->connect());
    times.up.push_back(time_until(pair, [&] { return pair.a_end.established == 1 && pair.b_end.established == 1; }));
    pair.a->send(advertisement);
    const auto told = time_until(pair, [&] { return pair.b_end.messages.size() == 1; });
    pair.b->send("ack");
    times.told.push_back(told);
    times.known.push_back(told + time_until(pair, [&] { return pair.a_end.messages.size() == 1; }));
    EXPECT_THAT(pair.a_end.failures, IsEmpty()) << seed;
    EXPECT_THAT(pair.b_end.failures, IsEmpty()) << seed;
  }
  for (auto* const each : {&times.up, &times.told, &times.known}) std::sort(each->begin(), each->end());
  return times;
}

TEST(SctpLoss, EverybodyKnowsOfARemovalWithinThirtySeconds) {
  const auto times = advertise(32 * 1024);
  EXPECT_LT(times.known[kPairs / 2], 10s);
  EXPECT_LT(times.known.back(), 30s);
}

// The time of the options exchange (CP-08) runs from the moment at which this end is up.
TEST(SctpLoss, TheOptionsExchangeIsNotGivenUp) {
  const auto times = advertise(500);
  EXPECT_LT(times.up.back(), 20s);
  EXPECT_LT(times.known.back(), 20s);
}

TEST(SctpLoss, AnOutageOfHalfAMinuteIsSurvived) {
  SctpPair pair(0, 0, 1, kDelay);
  ASSERT_TRUE(pair.connect());
  pair.to_b.lose_everything(true);
  pair.a->send(std::string(32 * 1024, 'a'));
  pair.pass(35s);
  EXPECT_THAT(pair.a_end.failures, IsEmpty());
  pair.to_b.lose_everything(false);
  EXPECT_LT(time_until(pair, [&] { return pair.b_end.messages.size() == 1; }), 10s);
}

}  // namespace
}  // namespace clued::channel::test
