// Time as the core sees it: always an argument, never read from a clock there.
#pragma once

#include <chrono>
#include <optional>

namespace clued::base {

using Clock = std::chrono::steady_clock;
using TimePoint = Clock::time_point;
using Duration = Clock::duration;

/// A moment at which somebody wants to be called, or none.
using Deadline = std::optional<TimePoint>;

/// The earlier of two deadlines; "none" is later than everything.
constexpr Deadline earlier(Deadline a, Deadline b) {
  if (!a) return b;
  if (!b) return a;
  return *a < *b ? a : b;
}

}  // namespace clued::base
