#pragma once

#include <algorithm>
#include <chrono>
#include <optional>

#include "base/time.hpp"

namespace clued::focus {

/// How long to wait before something is tried again: a peer may ask for more time than `least` (Retry-After, RFC 3261
/// section 20.33), but neither to be asked again and again without a pause nor never again.
inline base::Duration retry_wait(const std::optional<std::chrono::seconds>& retry_after, base::Duration least) {
  constexpr std::chrono::seconds longest = std::chrono::hours(1);
  return retry_after ? std::max<base::Duration>(least, std::min(*retry_after, longest)) : least;
}

}  // namespace clued::focus
