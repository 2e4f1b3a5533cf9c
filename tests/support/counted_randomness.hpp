#pragma once

#include <cstdint>

#include "base/randomness.hpp"

namespace clued::testing {

/// Repeatable numbers: splitmix64 from a seed that the test knows.
class CountedRandomness final : public base::Randomness {
 public:
  explicit CountedRandomness(std::uint64_t seed = 1) : state_(seed) {}

  std::uint64_t next() override {
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15ULL);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
  }

 private:
  std::uint64_t state_;
};

}  // namespace clued::testing
