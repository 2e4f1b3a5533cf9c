// Keeps a flood of equal records out of the log: whoever sends a thousand wrong requests in a second is told of in a
// few lines and a number. Pure but for the time, which is told.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/record.hpp"
#include "base/time.hpp"

namespace clued::app {

/// Counts by kind and by what a record is about: a participant, an operation, a channel, a call, a conference. So a
/// thousand participants who leave at once keep their stories, each line of them, and one of them who does the same a
/// thousand times is summed up. Records about none of these, and those about a message that came from somewhere and
/// belongs to nobody (`source`), can be caused by anybody and are counted by their kind alone. Debug and trace are
/// asked for by the operator and critical happens once: they always pass.
class FloodGate {
 public:
  /// Of one kind about the same thing, in a second.
  static constexpr std::uint64_t max_per_second = 20;
  /// Things that are told apart in a second; those beyond share their kind's count.
  static constexpr std::size_t max_stories = 4096;

  /// What was left out in the second that is over.
  struct Sum {
    const base::RecordKind* kind = nullptr;
    std::string story;  ///< what the records were about; "" when they were counted by their kind alone
    std::uint64_t count = 0;
  };

  /// Whether the record is written; else it is counted.
  bool may_pass(const base::Record& record, base::TimePoint now);
  /// What has to be told once its second is over.
  std::vector<Sum> take_sums(base::TimePoint now);
  /// When take_sums() wants to be called. None: nothing was left out.
  base::Deadline next_deadline() const;

 private:
  struct Count {
    const base::RecordKind* kind = nullptr;
    std::string story;
    std::uint64_t seen = 0;
  };

  std::unordered_map<std::string, Count> counts_;  ///< of the second that began at began_
  base::TimePoint began_{};
  bool has_left_out_ = false;
};

}  // namespace clued::app
