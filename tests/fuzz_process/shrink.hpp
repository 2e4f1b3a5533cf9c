#pragma once

#include <cstdint>
#include <functional>
#include <vector>

namespace clued::fuzz {

/// The steps that are needed for `breaks` to be true, which it is for all of them: parts are left out, first large
/// ones, as long as `may_go_on` says so (delta debugging).
std::vector<std::uint64_t> shrunk(std::vector<std::uint64_t> steps,
                                  const std::function<bool(const std::vector<std::uint64_t>&)>& breaks,
                                  const std::function<bool()>& may_go_on);

}  // namespace clued::fuzz
