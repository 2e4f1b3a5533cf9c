// Chance that is the same for the same seed, on every machine.
#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>

namespace clued::fuzz {

/// A number that depends on both (splitmix64's finaliser).
constexpr std::uint64_t mixed(std::uint64_t a, std::uint64_t b) noexcept {
  std::uint64_t z = a + 0x9e3779b97f4a7c15U * (b + 1);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
  return z ^ (z >> 31);
}

class Random {
 public:
  explicit Random(std::uint64_t seed) noexcept : state_(seed) {}

  std::uint64_t next() noexcept { return mixed(state_, ++drawn_); }
  /// Less than `limit`; 0 when that is 0.
  std::size_t below(std::size_t limit) noexcept { return limit == 0 ? 0 : static_cast<std::size_t>(next() % limit); }
  bool chance(unsigned percent) noexcept { return below(100) < percent; }
  std::uint8_t octet() noexcept { return static_cast<std::uint8_t>(next()); }

  template <class Container>
  const auto& pick(const Container& from) noexcept {
    return *std::next(std::begin(from), static_cast<std::ptrdiff_t>(below(std::size(from))));
  }

 private:
  std::uint64_t state_;
  std::uint64_t drawn_ = 0;
};

}  // namespace clued::fuzz
