#include "app/flood_gate.hpp"

#include <chrono>
#include <string>

#include "gmock/gmock.h"

namespace clued::app {
namespace {

using namespace std::chrono_literals;
using base::RecordKind;
using base::Severity;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr RecordKind refused{"invite.refused", Severity::warning};
constexpr RecordKind left{"participant.gone", Severity::info};
constexpr RecordKind removing{"removal.started", Severity::info};
constexpr RecordKind configured{"configure.refused", Severity::warning};
constexpr RecordKind detailed{"thing.detailed", Severity::debug};
constexpr RecordKind impossible{"bug.impossible", Severity::critical};

class FloodGateTest : public ::testing::Test {
 protected:
  base::Record from_stranger(int n) const {
    return {&refused, {{"call_id", "call-" + std::to_string(n)}, {"source", "udp:192.0.2.1:5060"}}};
  }
  /// How many of these pass.
  template <class Make>
  std::size_t pass(int count, Make make) {
    std::size_t passed = 0;
    for (int n = 0; n < count; ++n) passed += gate.may_pass(make(n), now) ? 1 : 0;
    return passed;
  }

  FloodGate gate;
  base::TimePoint now{1h};
};

TEST_F(FloodGateTest, SumsUpWhatAStrangerDoesAThousandTimes) {
  EXPECT_EQ(pass(1000, [&](int n) { return from_stranger(n); }), FloodGate::max_per_second);
  EXPECT_THAT(gate.take_sums(now + 500ms), IsEmpty());
  ASSERT_EQ(gate.next_deadline(), base::Deadline(now + 1s));
  now += 1s;
  const auto sums = gate.take_sums(now);
  ASSERT_THAT(sums, SizeIs(1));
  EXPECT_EQ(sums[0].kind, &refused);
  EXPECT_EQ(sums[0].count, 980U);
  EXPECT_EQ(gate.next_deadline(), std::nullopt);
  EXPECT_TRUE(gate.may_pass(from_stranger(1), now)) << "a new second";
}

TEST_F(FloodGateTest, WhatIsRareIsNeverLeftOut) {
  for (int second = 0; second < 100; ++second) {
    EXPECT_EQ(pass(20, [&](int n) { return from_stranger(n); }), 20U);
    now += 1s;
    EXPECT_THAT(gate.take_sums(now), IsEmpty());
  }
}

TEST_F(FloodGateTest, KeepsTheStoriesOfAThousandWhoLeaveAtOnce) {
  pass(1000, [&](int n) { return from_stranger(n); });
  EXPECT_EQ(pass(1000,
                 [](int n) {
                   return base::Record{
                       &left, {{"conference", "c"}, {"participant", "p" + std::to_string(n)}, {"call_id", "x"}}};
                 }),
            1000U);
  EXPECT_EQ(pass(1000,
                 [](int n) {
                   return base::Record{&removing, {{"conference", "c"}, {"op", n}, {"source", "udp:192.0.2.1:5060"}}};
                 }),
            1000U)
      << "removals by one moderator";
}

TEST_F(FloodGateTest, SumsUpWhatOneParticipantDoesAThousandTimes) {
  const auto one = [](int n) {
    return base::Record{&configured, {{"participant", "p1"}, {"conference", "c"}, {"call_id", std::to_string(n)}}};
  };
  EXPECT_EQ(pass(1000, one), FloodGate::max_per_second);
  EXPECT_TRUE(gate.may_pass({&configured, {{"participant", "p2"}, {"conference", "c"}}}, now));
  EXPECT_TRUE(gate.may_pass({&configured, {{"participant", "p1"}, {"conference", "d"}}}, now));
  now += 1s;
  const auto sums = gate.take_sums(now);
  ASSERT_THAT(sums, SizeIs(1));
  EXPECT_EQ(sums[0].story, "participant=p1 conference=c");
}

TEST_F(FloodGateTest, WhatTheOperatorAsksForAndWhatMustNotHappenPasses) {
  EXPECT_EQ(pass(1000, [](int) { return base::Record{&detailed, {}}; }), 1000U);
  EXPECT_EQ(pass(1000, [](int) { return base::Record{&impossible, {}}; }), 1000U);
  EXPECT_EQ(gate.next_deadline(), std::nullopt);
}

TEST_F(FloodGateTest, RemembersABoundedNumberOfStories) {
  const auto passed = pass(100'000, [](int n) { return base::Record{&left, {{"participant", n}}}; });
  EXPECT_EQ(passed, FloodGate::max_stories + FloodGate::max_per_second);
  now += 1s;
  EXPECT_EQ(gate.take_sums(now)[0].count, 100'000 - passed);
}

}  // namespace
}  // namespace clued::app
