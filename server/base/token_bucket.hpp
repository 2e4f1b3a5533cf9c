#pragma once

#include <algorithm>
#include <chrono>

#include "base/time.hpp"

namespace clued::base {

/// Bounds how often something may happen: `rate` times a second in the long run, up to `burst` times at once. Pure; a
/// bucket that nobody asks costs nothing.
class TokenBucket {
 public:
  TokenBucket(double rate, double burst) : rate_(rate), burst_(burst), tokens_(burst) {}

  /// True if it (or so much of it) may happen now; then it counts. Time that goes backwards adds nothing.
  bool take(TimePoint now, double amount = 1.0) {
    if (started_ && now > last_) {
      tokens_ = std::min(burst_, tokens_ + rate_ * std::chrono::duration<double>(now - last_).count());
    }
    last_ = started_ ? std::max(last_, now) : now;
    started_ = true;
    if (tokens_ < amount) return false;
    tokens_ -= amount;
    return true;
  }

  /// What was taken last does not count after all.
  void give_back(double amount = 1.0) { tokens_ = std::min(burst_, tokens_ + amount); }

  /// Nothing was taken for so long that it is as good as new: a table of buckets may forget it.
  bool is_full(TimePoint now) const {
    return !started_ || tokens_ + rate_ * std::chrono::duration<double>(now - last_).count() >= burst_;
  }

 private:
  double rate_;
  double burst_;
  double tokens_;
  TimePoint last_{};
  bool started_ = false;
};

}  // namespace clued::base
