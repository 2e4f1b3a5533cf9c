// How much one source may send: a token bucket each, in a table that does not grow with the number of those who knock.
// Private to server/sip; pure but for the time, which is told.
#pragma once

#include <chrono>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>

namespace clued::sip {

/// The source that an address without brackets belongs to. An IPv6 network of 64 bits is one: its owner has all of its
/// addresses.
std::string network_key(std::string_view address);

class SourceBuckets {
 public:
  using Time = std::chrono::steady_clock::time_point;
  enum class Verdict {
    pass,
    drop,        ///< too many
    drop_first,  ///< the same, for the first time since the source was quiet: to be logged
  };

  /// Sources that are remembered; more push out the one that was silent for longest.
  static constexpr std::size_t max_sources = 10'000;

  /// `rate` messages in a second, and `burst` at once. With rate 0 everything passes.
  SourceBuckets(double rate, double burst) : rate_(rate), burst_(burst) {}

  /// From now on. Buckets that are there go on with what they have, as far as it fits.
  void set_limits(double rate, double burst) noexcept {
    rate_ = rate;
    burst_ = burst;
  }

  /// `address` without brackets.
  Verdict take(std::string_view address, Time now);
  std::size_t size() const { return buckets_.size(); }

 private:
  struct Bucket {
    std::string source;
    double tokens = 0;
    Time filled;
    bool limited = false;
  };

  double rate_;
  double burst_;
  std::list<Bucket> buckets_;  ///< the one that was silent for longest first
  std::unordered_map<std::string, std::list<Bucket>::iterator> by_source_;
};

}  // namespace clued::sip
