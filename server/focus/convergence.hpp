#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <optional>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "base/ids.hpp"
#include "base/record.hpp"
#include "base/time.hpp"
#include "focus/refresh_view.hpp"

namespace clued::focus {

using base::OperationId;
using base::ParticipantId;

/// Knows when everybody who stays has been told of a departure, without walking through them all; and then, of those
/// who did not answer, when the last of them knows it too.
class Convergence {
 public:
  struct Removal {
    OperationId operation;
    Generation generation = 0;
    base::TimePoint started;
    base::SharedSubject departed{};  ///< who left
  };

  /// Everybody knows of the removal but the stalled.
  struct Converged {
    Removal removal;
    std::size_t told = 0;
    std::size_t stalled = 0;
  };

  /// Nobody is left of those who were stalled then.
  struct CaughtUp {
    Removal removal;
    std::size_t told = 0;
    std::size_t gone = 0;  ///< they left, or lost their channels
  };

  /// How far a participant is; nullopt for who needs no telling. O(log n).
  void update(ParticipantId participant, const std::optional<Knowledge>& knowledge);

  void watch(const Removal& removal) { removals_.push_back(removal); }

  /// Each removal is returned once.
  std::vector<Converged> take_converged();
  std::vector<CaughtUp> take_caught_up();

 private:
  struct Late {
    CaughtUp progress;
    std::unordered_set<ParticipantId> waiting;  ///< who was stalled and does not know yet
  };

  std::unordered_set<ParticipantId> ignorant_of(Generation generation) const;
  void forget(ParticipantId participant);

  std::unordered_map<ParticipantId, Knowledge> known_;
  std::map<Generation, std::size_t> answering_;  ///< how many of those who answer know so much
  std::vector<Removal> removals_;
  std::deque<Late> late_;
};

}  // namespace clued::focus
