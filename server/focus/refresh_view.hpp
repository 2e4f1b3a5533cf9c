#pragma once

#include <algorithm>
#include <cstdint>
#include <utility>

#include "base/time.hpp"
#include "focus/advertisement_composer.hpp"

namespace clued::focus {

/// Counts the changes of what a conference offers; a participant that has been told generation g knows of all before
/// it.
using Generation = std::uint64_t;

/// What a participant has acknowledged.
struct Knowledge {
  Generation generation = 0;  ///< it knows of all changes up to this one, and has the streams for it
  bool is_stalled = false;    ///< it does not answer in time, or refuses what it is told: nobody waits for it
  bool operator==(const Knowledge&) const = default;
};

/// What one participant is to know of the others and what it was told: the difference between the two is what a refresh
/// sends. However many changes there were in between, the newest state is sent once.
class RefreshView {
 public:
  enum class Urgency {
    summed_up,  ///< others come or change: may wait for more of it within the window
    at_once,    ///< a departure: goes out now, unless one went out within the window
  };

  /// The catalogue changed for this participant.
  void mark_stale(Urgency urgency, base::TimePoint now, base::Duration window) {
    mark_stale(urgency == Urgency::at_once ? now : now + window, window);
  }
  /// The same; it need not be told before `wish`.
  void mark_stale(base::TimePoint wish, base::Duration window) {
    const auto earliest = last_ ? std::max(wish, *last_ + window) : wish;
    due_ = due_ ? std::min(*due_, earliest) : earliest;
  }

  bool is_due(base::TimePoint now) const noexcept { return due_ && *due_ <= now; }
  base::Deadline due() const noexcept { return due_; }
  bool is_stale() const noexcept { return due_.has_value(); }

  /// This is desired now; it was made from the catalogue of that generation.
  void refreshed(Composition composition, Generation generation, base::TimePoint now) {
    composition_ = std::move(composition);
    generation_ = generation;
    last_ = now;
    due_.reset();
  }

  void clear() noexcept { due_.reset(); }

  /// True for the first time that something is left out.
  bool take_first_reduction() noexcept { return !std::exchange(was_reduced_, true); }
  const Composition& desired() const noexcept { return composition_; }
  Generation generation() const noexcept { return generation_; }

 private:
  bool was_reduced_ = false;
  Composition composition_;
  Generation generation_ = 0;
  base::Deadline due_;
  base::Deadline last_;
};

}  // namespace clued::focus
