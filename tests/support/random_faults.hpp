// Adapters that fail by chance, for random histories.
#pragma once

#include "adapter_faults.hpp"
#include "counted_randomness.hpp"

namespace clued::testing {

/// Mostly everything works; else one thing or another does not, answers come late, or there is no descriptor left.
inline AdapterFaults random_faults(CountedRandomness& chance) {
  AdapterFaults faults;
  const auto one_in = [&](std::uint64_t many) { return chance.below(many) == 0; };
  if (one_in(2)) return faults;
  if (one_in(8)) faults = AdapterFaults::no_descriptors();
  if (one_in(4)) faults.ports = true;
  if (one_in(3)) faults.gathering = static_cast<AdapterFaults::Gathering>(chance.below(4));
  faults.connecting = one_in(6);
  faults.calls = faults.calls || one_in(6);
  static constexpr int answers[] = {200, 481, 408, 500};
  faults.notify = answers[chance.below(4)];
  if (one_in(3)) faults.delay = std::chrono::milliseconds(chance.below(10'000));
  return faults;
}

/// How a request within a dialog may fail, if it does.
inline std::optional<int> random_failure(CountedRandomness& chance) {
  static constexpr int statuses[] = {408, 481, 503, 500, 491, 422};
  if (chance.below(2) == 0) return std::nullopt;
  return statuses[chance.below(6)];
}

}  // namespace clued::testing
