#pragma once

#include <chrono>

#include "base/time.hpp"

namespace clued::clue {

/// RFC 8847 gives no values; these are the operator's.
struct Timers {
  base::Duration options = std::chrono::seconds(30);      ///< CP-08: the network may have to repeat what gets lost
  base::Duration guard = std::chrono::seconds(30);        ///< CP-21
  base::Duration nack_backoff = std::chrono::seconds(1);  ///< CP-19: doubled at each NACK of the same content
  unsigned nack_retries = 3;                              ///< CP-19
  unsigned sequence_errors = 3;  ///< CP-11: consecutive 402 before the channel counts as broken
};

}  // namespace clued::clue
