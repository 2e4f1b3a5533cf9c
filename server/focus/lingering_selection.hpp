#pragma once

#include <unordered_map>
#include <vector>

#include "base/damping.hpp"
#include "base/deadline_queue.hpp"
#include "base/ids.hpp"
#include "clue/model.hpp"

namespace clued::focus {

using base::ParticipantId;

/// What a consumer wants counts at once; what it does not want any more counts on for a moment. So one that cannot make
/// up its mind does not have every source of the conference configured to and fro (MCU-09).
class LingeringSelection {
 public:
  using Selection = std::vector<clue::CaptureEncoding>;

  /// The consumer wants this now. What counts: this, and what it wanted a moment ago.
  const Selection& select(ParticipantId consumer, const Selection& selection, base::TimePoint now);
  /// It is gone, and with it what it wanted.
  void forget(ParticipantId consumer);

  base::Deadline next_deadline() const { return due_.next(); }
  /// A consumer for which less counts from now on, or the null id.
  ParticipantId take_due(base::TimePoint now);
  /// What counts for it.
  const Selection& counted(ParticipantId consumer) const { return consumers_.at(consumer).counted; }

 private:
  struct Consumer {
    Selection wanted;
    Selection counted;
    base::Damping damping;
  };

  std::unordered_map<ParticipantId, Consumer> consumers_;
  base::DeadlineQueue<ParticipantId> due_;
};

}  // namespace clued::focus
