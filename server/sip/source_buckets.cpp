#include "sip/source_buckets.hpp"

#include <arpa/inet.h>

#include <algorithm>

namespace clued::sip {

std::string network_key(std::string_view address) {
  std::string key(address);
  in6_addr bytes{};
  if (inet_pton(AF_INET6, key.c_str(), &bytes) != 1) return key;
  return {reinterpret_cast<const char*>(&bytes), 8};
}

SourceBuckets::Verdict SourceBuckets::take(std::string_view address, Time now) {
  if (rate_ <= 0) return Verdict::pass;
  std::string key = network_key(address);
  auto found = by_source_.find(key);
  if (found == by_source_.end()) {
    if (buckets_.size() >= max_sources) {
      by_source_.erase(buckets_.front().source);
      buckets_.pop_front();
    }
    buckets_.push_back({key, burst_, now, false});
    found = by_source_.emplace(std::move(key), std::prev(buckets_.end())).first;
  } else {
    buckets_.splice(buckets_.end(), buckets_, found->second);
  }
  Bucket& bucket = *found->second;
  const std::chrono::duration<double> passed = now - bucket.filled;
  bucket.tokens = std::min(burst_, bucket.tokens + passed.count() * rate_);
  bucket.filled = now;
  if (bucket.tokens >= burst_) bucket.limited = false;
  if (bucket.tokens >= 1) {
    bucket.tokens -= 1;
    return Verdict::pass;
  }
  const bool first = !bucket.limited;
  bucket.limited = true;
  return first ? Verdict::drop_first : Verdict::drop;
}

}  // namespace clued::sip
