#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <unordered_map>
#include <vector>

#include "base/ids.hpp"
#include "base/record.hpp"
#include "base/time.hpp"
#include "focus/refresh_view.hpp"

namespace clued::focus {

using base::OperationId;
using base::ParticipantId;

/// Knows when everybody who stays has been told of a departure, without walking through them all.
class Convergence {
 public:
  struct Removal {
    OperationId operation;
    Generation generation = 0;
    base::TimePoint started;
    base::SharedSubject departed{};  ///< who left
  };

  /// How far a participant was told; nullopt for who needs no telling. O(log n).
  void update(ParticipantId participant, std::optional<Generation> told) {
    if (const auto found = told_.find(participant); found != told_.end()) {
      if (told && found->second == *told) return;
      if (--counts_[found->second] == 0) counts_.erase(found->second);
      told_.erase(found);
    }
    if (!told) return;
    told_.emplace(participant, *told);
    ++counts_[*told];
  }

  void watch(const Removal& removal) { removals_.push_back(removal); }

  /// The removals that everybody knows of now; each is returned once.
  std::vector<Removal> take_converged() {
    std::vector<Removal> done;
    if (removals_.empty()) return done;
    std::erase_if(removals_, [&](const Removal& removal) {
      const bool known = counts_.empty() || counts_.begin()->first >= removal.generation;
      if (known) done.push_back(removal);
      return known;
    });
    return done;
  }

 private:
  std::unordered_map<ParticipantId, Generation> told_;
  std::map<Generation, std::size_t> counts_;
  std::vector<Removal> removals_;
};

}  // namespace clued::focus
