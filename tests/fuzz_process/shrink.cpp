#include "fuzz_process/shrink.hpp"

#include <algorithm>

namespace clued::fuzz {

namespace {

using Steps = std::vector<std::uint64_t>;

Steps without(const Steps& steps, std::size_t begin, std::size_t end) {
  Steps rest(steps.begin(), steps.begin() + static_cast<std::ptrdiff_t>(begin));
  rest.insert(rest.end(), steps.begin() + static_cast<std::ptrdiff_t>(end), steps.end());
  return rest;
}

}  // namespace

Steps shrunk(Steps steps, const std::function<bool(const Steps&)>& breaks, const std::function<bool()>& may_go_on) {
  // What broke it came last, mostly.
  while (steps.size() > 1 && may_go_on()) {
    auto tail = without(steps, 0, (steps.size() + 1) / 2);
    if (!breaks(tail)) break;
    steps = std::move(tail);
  }
  std::size_t parts = 2;
  while (steps.size() > 1 && may_go_on()) {
    const std::size_t size = (steps.size() + parts - 1) / parts;
    bool smaller = false;
    for (std::size_t begin = 0; begin < steps.size() && may_go_on(); begin += size) {
      auto rest = without(steps, begin, std::min(begin + size, steps.size()));
      if (rest.empty() || !breaks(rest)) continue;
      steps = std::move(rest);
      smaller = true;
      break;
    }
    if (smaller) {
      parts = std::max<std::size_t>(2, parts - 1);
    } else if (size == 1) {
      break;
    } else {
      parts = std::min(parts * 2, steps.size());
    }
  }
  return steps;
}

}  // namespace clued::fuzz
