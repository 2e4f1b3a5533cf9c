#include "sip/heap_trimmer.hpp"

#include <malloc.h>

#include <algorithm>

namespace clued::sip {
namespace {

/// How soon it is looked again when there are too many transactions still.
constexpr std::chrono::milliseconds longest_pause = std::chrono::seconds(5);
/// Of the requests that came, what may be left of them: then most is free.
constexpr std::size_t share = 10;

}  // namespace

HeapTrimmer::HeapTrimmer(boost::asio::io_context& io, std::chrono::milliseconds lifetime,
                         std::function<std::size_t()> transactions, std::function<void()> trim)
    : lifetime_(lifetime), transactions_(std::move(transactions)), trim_(std::move(trim)), timer_(io) {}

void HeapTrimmer::give_back_free_memory() { malloc_trim(0); }

void HeapTrimmer::wait(std::chrono::milliseconds time) {
  timer_.expires_after(time);
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error) look();
  });
}

void HeapTrimmer::look() {
  if (transactions_() > seen_ / share) return wait(std::min(longest_pause, lifetime_));
  seen_ = 0;
  ++trims_;
  trim_();
}

}  // namespace clued::sip
