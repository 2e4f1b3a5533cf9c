#include "focus/returning_sources.hpp"

#include <gtest/gtest.h>

namespace clued::focus {
namespace {

using namespace std::chrono_literals;

constexpr base::Damping::Pause limits{200ms, 5s};

TEST(ReturningSources, WhoComesBackGoesOnWhereItWas) {
  ReturningSources sources;
  base::TimePoint now{};
  auto damping = sources.came(ParticipantId{1}, "user sip:a@h");
  EXPECT_EQ(damping.plan(now, 0ms, limits), now);
  sources.left(ParticipantId{1}, damping, now);
  EXPECT_EQ(sources.came(ParticipantId{2}, "user sip:b@h").plan(now + 100ms, 0ms, limits), now + 100ms);
  EXPECT_EQ(sources.came(ParticipantId{3}, "user sip:a@h").plan(now + 100ms, 0ms, limits), now + 400ms);
}

TEST(ReturningSources, OfManyTheFirstWhoLeftIsForgotten) {
  ReturningSources sources;
  base::TimePoint now{};
  for (std::uint64_t i = 1; i <= ReturningSources::max_remembered + 1; ++i, now += 1ms) {
    auto damping = sources.came(ParticipantId{i}, "host " + std::to_string(i));
    damping.plan(now, 0ms, limits);
    sources.left(ParticipantId{i}, damping, now);
  }
  EXPECT_EQ(sources.came(ParticipantId{1000}, "host 1").plan(now, 0ms, limits), now);
  EXPECT_GT(sources.came(ParticipantId{1001}, "host 2").plan(now, 0ms, limits), now);
}

TEST(ReturningSources, WhoNeverCameDoesNotLeave) {
  ReturningSources sources;
  sources.left(ParticipantId{1}, {}, {});
  EXPECT_EQ(sources.came(ParticipantId{2}, "").plan({}, 0ms, limits), base::TimePoint{});
}

}  // namespace
}  // namespace clued::focus
