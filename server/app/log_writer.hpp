// Writes lines to a descriptor on a thread of its own: a pipe that nobody reads, a full disk or a slow file holds up
// that thread and nobody else.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string_view>
#include <thread>

namespace clued::app {

/// The loop and the thread share nothing but a ring of bytes with one producer and one consumer. What does not fit is
/// refused, a whole line at a time.
class LogWriter {
 public:
  /// What waits to be written, at most: about 5000 lines.
  static constexpr std::size_t max_waiting_bytes = 1024 * 1024;

  /// Takes over the descriptor.
  explicit LogWriter(int descriptor);
  LogWriter(const LogWriter&) = delete;
  LogWriter& operator=(const LogWriter&) = delete;
  /// Gives what waits a moment to be written. What is not by then is lost, and so is a thread that hangs in a write.
  ~LogWriter();

  /// Never blocks. False: there is no room, and nothing of the line will be written.
  bool write(std::string_view line);
  std::size_t waiting() const noexcept;
  /// From the next line that the thread begins. Takes over the descriptor; the one before is closed.
  void change(int descriptor);
  /// True once everything is written; false after `patience`.
  bool flush(std::chrono::milliseconds patience);

 private:
  struct Shared;

  std::shared_ptr<Shared> shared_;  ///< the thread's as well
  std::thread thread_;
};

/// From now on, when the process is about to die of a signal (SIGSEGV, SIGABRT and the like), what was logged last is
/// written first, as far as that takes a moment only. One writer of the process can have this.
void write_out_at_a_crash(const LogWriter& writer);

}  // namespace clued::app
