// The daemon as a process that is measured from outside.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <fstream>
#include <string>
#include <vector>

namespace clued::bench {

class Daemon {
 public:
  /// Starts it with a configuration of its own in a folder of its own, on a port that the kernel chooses. Throws
  /// std::runtime_error when it does not become ready.
  Daemon(const std::string& program, const std::string& extra_config);
  /// SIGTERM, after a while SIGKILL, and the folder is removed.
  ~Daemon();
  Daemon(const Daemon&) = delete;
  Daemon& operator=(const Daemon&) = delete;

  std::uint16_t port() const noexcept { return port_; }
  pid_t pid() const noexcept { return pid_; }

  /// CPU time of all its threads so far, user and system.
  std::chrono::nanoseconds cpu_time() const;
  /// Resident memory in KB.
  std::uint64_t resident_kb() const;
  /// How often it went to sleep by itself so far, that is, how often it was woken.
  std::uint64_t wake_ups() const;
  std::size_t threads() const;
  std::size_t descriptors() const;

  /// Reads what it logged since the last call; the values of this key in records of this name.
  std::vector<std::string> new_values(const std::string& record, const std::string& key);
  /// Where its configuration and log are; kept when CLUED_BENCH_KEEP is set.
  const std::string& folder() const noexcept { return folder_; }

 private:
  void spawn(const std::string& program);
  void wait_until_ready();
  void stop();

  std::string folder_;
  pid_t pid_ = -1;
  std::uint16_t port_ = 0;
  std::ifstream log_;
  std::string rest_;  ///< a line that is not complete yet
};

}  // namespace clued::bench
