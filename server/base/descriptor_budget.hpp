#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>
#include <utility>

namespace clued::base {

/// Who may still take file descriptors, so that the last ones are left for what must not fail: the log, the
/// configuration, libraries that end the process when they get none (GLib). Nothing is counted and nothing given back:
/// the kernel always gives the lowest number that is free, so whether descriptors may be taken is whether the next ones
/// would be below a number. Pure; who makes it says how to find that out.
class DescriptorBudget {
 public:
  enum class Use {
    connection,  ///< of somebody who may never say anything
    call,        ///< of somebody who was let in
  };
  /// Whether so many descriptors can be had now that are all below `end`.
  using Probe = std::function<bool(std::size_t count, std::size_t end)>;

  /// What is kept free, whatever comes, where there is enough: a reload reads a few files at once.
  static constexpr std::size_t least_reserve = 8;
  static constexpr std::size_t largest_reserve = 256;

  /// Without limit: everything is allowed.
  DescriptorBudget() = default;
  DescriptorBudget(std::size_t limit, Probe probe) : limit_(limit), probe_(std::move(probe)) {}

  bool allows(std::size_t count, Use use) const { return !probe_ || probe_(count, end_of(use)); }

  std::size_t limit() const { return limit_; }
  std::size_t reserve() const { return std::clamp(limit_ / 16, least_reserve, largest_reserve); }

 private:
  /// Connections leave a quarter to the calls that they are opened for.
  std::size_t end_of(Use use) const {
    const std::size_t kept = use == Use::call ? reserve() : std::max(2 * reserve(), limit_ / 4);
    return limit_ - std::min(limit_, kept);
  }

  std::size_t limit_ = 0;
  Probe probe_;
};

}  // namespace clued::base
