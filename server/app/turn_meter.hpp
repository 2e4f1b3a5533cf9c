// How long the one thread is busy with one thing, while everything else waits.
#pragma once

#include <boost/asio/io_context.hpp>
#include <chrono>

namespace clued::app {

class TurnMeter {
 public:
  struct Turn {
    std::chrono::microseconds cpu{0};
    std::chrono::microseconds wall{0};  ///< more than `cpu` when the machine or a disk kept us waiting
  };

  /// Runs the loop like io_context::run(), and notes how long its handlers take.
  void run(boost::asio::io_context& io);

  /// The longest since this was asked before. Cpu and wall may be of different handlers.
  Turn take_longest();
  /// The longest since the start.
  const Turn& longest_ever() const noexcept { return ever_; }

 private:
  void note(const Turn& turn);

  Turn recent_;
  Turn ever_;
};

}  // namespace clued::app
