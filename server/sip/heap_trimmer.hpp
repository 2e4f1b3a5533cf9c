// Memory that a flood has left behind. Private to server/sip.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
// Boost 1.74 uses std::exchange without including it under C++20.
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <utility>

namespace clued::sip {

/// The library keeps each transaction for up to half a minute, and the allocator keeps what they leave: between it lies
/// what lives longer. So when many have come, and have run out, what is free is given back to the system: once for all
/// of them, when nothing is left to do, and never oftener than transactions run out.
class HeapTrimmer {
 public:
  /// Requests that are worth the work.
  static constexpr std::size_t many = 2000;

  /// `lifetime`: of a transaction. `transactions`: how many there are now. `trim` gives back what is free.
  HeapTrimmer(boost::asio::io_context& io, std::chrono::milliseconds lifetime,
              std::function<std::size_t()> transactions, std::function<void()> trim = give_back_free_memory);

  /// A request came.
  void note() {
    if (++seen_ == many) wait(lifetime_);
  }
  std::size_t trims() const { return trims_; }

 private:
  static void give_back_free_memory();
  void wait(std::chrono::milliseconds time);
  void look();

  std::chrono::milliseconds lifetime_;
  std::function<std::size_t()> transactions_;
  std::function<void()> trim_;
  boost::asio::steady_timer timer_;
  std::size_t seen_ = 0;
  std::size_t trims_ = 0;
};

}  // namespace clued::sip
