#pragma once

#include <set>
#include <unordered_map>
#include <utility>

#include "base/time.hpp"

namespace clued::base {

/// The deadlines of many children, one each, so that a parent finds the earliest without walking them all.
template <class Key>
class DeadlineQueue {
 public:
  /// The child's deadline is now this one (or none). O(log n), O(1) when unchanged.
  void set(Key key, Deadline deadline) {
    const auto found = by_key_.find(key);
    if (found != by_key_.end()) {
      if (deadline && found->second == *deadline) return;
      ordered_.erase({found->second, key});
      if (deadline) {
        found->second = *deadline;
        ordered_.emplace(*deadline, key);
      } else {
        by_key_.erase(found);
      }
    } else if (deadline) {
      by_key_.emplace(key, *deadline);
      ordered_.emplace(*deadline, key);
    }
  }

  Deadline next() const {
    if (ordered_.empty()) return std::nullopt;
    return ordered_.begin()->first;
  }

  /// Takes one child whose deadline has come, or the null key.
  Key take_due(TimePoint now) {
    if (ordered_.empty() || ordered_.begin()->first > now) return Key{};
    const Key key = ordered_.begin()->second;
    by_key_.erase(key);
    ordered_.erase(ordered_.begin());
    return key;
  }

  bool empty() const noexcept { return ordered_.empty(); }

 private:
  std::set<std::pair<TimePoint, Key>> ordered_;
  std::unordered_map<Key, TimePoint> by_key_;
};

}  // namespace clued::base
