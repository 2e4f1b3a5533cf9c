#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>

#include "base/time.hpp"

namespace boost::asio {
class io_context;
}

namespace clued::channel {

/// The channels' share of the loop. What a thousand of them have to read and to send at once is done in turns of a few
/// milliseconds, so that SIP, which shares the loop, waits for one turn and not for all of it. What is read goes before
/// what is sent: that finishes what has begun before more is begun. But each turn sends something.
class Turns {
 public:
  using Job = std::function<void()>;

  /// `io` must outlive the object; jobs that are left when it goes are dropped.
  explicit Turns(boost::asio::io_context& io);
  ~Turns();

  Turns(const Turns&) = delete;
  Turns& operator=(const Turns&) = delete;

  /// Both only queue.
  void read(Job job);
  void send(Job job);

  std::size_t sends_waiting() const noexcept;

 private:
  class Impl;
  /// Shared with the handler that Asio keeps.
  std::shared_ptr<Impl> impl_;
};

}  // namespace clued::channel
