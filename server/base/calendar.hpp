#pragma once

#include <chrono>

#include "base/time.hpp"

namespace clued::base {

/// What the time of day is at a moment, for texts that people read. Decisions use TimePoint alone. The daemon's is the
/// system's clock; a test's stands still where it likes.
class Calendar {
 public:
  virtual ~Calendar() = default;
  virtual std::chrono::system_clock::time_point at(TimePoint moment) const = 0;
};

}  // namespace clued::base
