#pragma once

#include <algorithm>
#include <optional>

#include "base/time.hpp"

namespace clued::base {

/// When to pass on what somebody changes again and again. What changes now and then goes at once; each change that
/// follows soon doubles the pause that has to lie between two, and quiet times halve it again. However often there are
/// changes, the last of them is passed on. Pure.
class Damping {
 public:
  struct Pause {
    Duration least;
    Duration most;
  };

  /// Something changed: when it is passed on, `lead` after now at the earliest. Until then all changes are one.
  TimePoint plan(TimePoint now, Duration lead, const Pause& limits) {
    if (!planned_) {
      pause_ = limits.least;
      planned_ = now + lead;
      return *planned_;
    }
    if (now < *planned_) return *planned_;
    auto quiet = now - *planned_;
    if (quiet < soon * pause_) {
      pause_ = std::min(2 * pause_, limits.most);
    } else {
      for (; quiet >= soon * pause_ && pause_ > limits.least; quiet -= soon * pause_) pause_ /= 2;
      pause_ = std::max(pause_, limits.least);
    }
    planned_ = std::max(now + lead, *planned_ + pause_);
    return *planned_;
  }

 private:
  /// A change within so many pauses after the one before follows soon.
  static constexpr int soon = 8;

  Duration pause_{};
  std::optional<TimePoint> planned_;  ///< of the last change
};

}  // namespace clued::base
