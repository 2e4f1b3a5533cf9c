#pragma once

#include "base/calendar.hpp"

namespace clued::app {

/// The system's clock, seen from now: when it was set in between, older moments move with it.
class SystemCalendar final : public base::Calendar {
 public:
  std::chrono::system_clock::time_point at(base::TimePoint moment) const override {
    const auto since = std::chrono::duration_cast<std::chrono::system_clock::duration>(base::Clock::now() - moment);
    return std::chrono::system_clock::now() - since;
  }
};

}  // namespace clued::app
