#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/randomness.hpp"

namespace clued::app {

/// Unguessable numbers from the kernel, fetched 64 at a time.
class KernelRandomness : public base::Randomness {
 public:
  /// Ends the process when the kernel has none: going on with guessable conference URIs would be worse.
  std::uint64_t next() override;

 private:
  std::array<std::uint64_t, 64> numbers_{};
  std::size_t left_ = 0;
};

}  // namespace clued::app
