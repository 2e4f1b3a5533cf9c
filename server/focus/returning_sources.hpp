#pragma once

#include <cstddef>
#include <string>
#include <unordered_map>

#include "base/damping.hpp"
#include "base/ids.hpp"
#include "base/time.hpp"

namespace clued::focus {

using base::ParticipantId;

/// Leaving and joining again is one more way of changing what one offers often: how the changes of somebody who has
/// left were damped goes on when the same account comes back. A departure is still told at once; the next arrival is
/// told later, the more often there was one, and one that is over before it was told is told to nobody. Pure.
class ReturningSources {
 public:
  /// Of a conference; beyond it who left first is forgotten.
  static constexpr std::size_t max_remembered = 256;

  /// How the changes of one that comes now are damped at first.
  base::Damping came(ParticipantId id, std::string account);
  void left(ParticipantId id, const base::Damping& damping, base::TimePoint now);

 private:
  struct Remembered {
    base::Damping damping;
    base::TimePoint left;
  };
  std::unordered_map<ParticipantId, std::string> present_;
  std::unordered_map<std::string, Remembered> remembered_;
};

}  // namespace clued::focus
