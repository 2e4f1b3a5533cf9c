#pragma once

#include <chrono>
#include <deque>
#include <string>
#include <unordered_map>

#include "base/time.hpp"

namespace clued::focus {

/// The URIs of conferences that ended not long ago: who calls one of them hears 410 Gone and not 404 (FOC-05, END-08).
/// Bounded in number and in time; what is forgotten is as if it had never been.
class EndedConferences {
 public:
  static constexpr std::size_t max_remembered = 1000;
  static constexpr base::Duration remembered_for = std::chrono::minutes(10);

  void add(const std::string& user, base::TimePoint now);
  bool contains(const std::string& user, base::TimePoint now) const;
  /// The URI is in use again.
  void remove(const std::string& user) { ended_.erase(user); }
  std::size_t size() const noexcept { return ended_.size(); }

 private:
  std::unordered_map<std::string, base::TimePoint> ended_;
  std::deque<std::pair<base::TimePoint, std::string>> order_;  ///< the oldest first
};

}  // namespace clued::focus
