#pragma once

#include <cstdint>

namespace clued::base {

/// Where the core gets unguessable tokens and random delays from. The daemon's source is the kernel's; a test's is
/// a counted sequence, so that the core stays repeatable.
class Randomness {
 public:
  virtual ~Randomness() = default;
  virtual std::uint64_t next() = 0;

  /// A number in [0, bound), bound > 0. The modulo bias does not matter for delays and sequence number starts.
  std::uint64_t below(std::uint64_t bound) { return next() % bound; }
};

}  // namespace clued::base
