// The daemon that is fuzzed, watched from outside.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "fuzz_process/reactor.hpp"

namespace clued::fuzz {

/// What SIGUSR1 makes it say: state.census and state.counters, by key.
using Counts = std::map<std::string, std::uint64_t>;

class DaemonProcess {
 public:
  /// Starts `command` (the program, with a wrapper in front of it if there is one) with this configuration. Its output
  /// is read as long as the reactor runs.
  DaemonProcess(Reactor& reactor, const std::vector<std::string>& command, const std::string& folder,
                const std::string& config_file);
  /// SIGKILL, if it is still there.
  ~DaemonProcess();
  DaemonProcess(const DaemonProcess&) = delete;
  DaemonProcess& operator=(const DaemonProcess&) = delete;

  pid_t pid() const noexcept { return pid_; }
  bool is_running();
  /// How it ended, in words.
  std::string ending() const;
  bool ended_well() const noexcept { return !running_ && status_ == 0; }

  // --- where it listens, as its log says ---
  bool is_ready() const noexcept { return ready_; }
  std::uint16_t udp_port() const noexcept { return udp_port_; }
  std::uint16_t tls_port() const noexcept { return tls_port_; }    ///< 0: none
  std::uint16_t lite_port() const noexcept { return lite_port_; }  ///< 0: none

  void signal(int number) noexcept;
  /// The counts that were told last, and how often they were told.
  const Counts& counts() const noexcept { return counts_; }
  std::size_t counts_told() const noexcept { return counts_told_; }

  /// CPU time of all its threads so far.
  std::chrono::milliseconds cpu_time() const;
  std::uint64_t resident_kb() const;

  /// The last lines of its output.
  const std::deque<std::string>& last_lines() const noexcept { return last_lines_; }
  /// Lines that are none of its records or that no daemon should write: of libraries, of sanitizers, bug.*.
  const std::vector<std::string>& complaints() const noexcept { return complaints_; }
  /// Reports of sanitizers in its folder.
  std::string sanitizer_report() const;

 private:
  void spawn(const std::vector<std::string>& command, const std::string& config_file);
  void read_output();
  void take_line(const std::string& line);

  Reactor& reactor_;
  std::string folder_;
  pid_t pid_ = -1;
  bool running_ = false;
  int status_ = 0;
  Descriptor output_;
  std::string rest_;
  std::deque<std::string> last_lines_;
  std::vector<std::string> complaints_;
  bool ready_ = false;
  std::uint16_t udp_port_ = 0, tls_port_ = 0, lite_port_ = 0;
  Counts counts_;
  std::size_t counts_told_ = 0;
};

}  // namespace clued::fuzz
