// One run of the daemon: so many messages, and everything that is to be true meanwhile and afterwards.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace clued::fuzz {

/// What goes wrong.
enum class FaultKind {
  died,        ///< the process ended, or a sanitizer said something
  silent,      ///< it does not answer any more
  slow,        ///< it took too much time over a few messages
  refused,     ///< a plain call or connection does not work
  complained,  ///< a record or line that no daemon should write
  memory,      ///< too much of it
  left,        ///< something is left when everybody has gone
  ended_badly  ///< SIGTERM did not lead to exit status 0 without leaks
};

const char* name_of(FaultKind kind) noexcept;

struct Fault {
  FaultKind kind;
  std::string detail;
  std::size_t step = 0;       ///< index of the step after which it was noticed
  std::size_t last_good = 0;  ///< index of the step after which all was still well
  std::string evidence;       ///< output of the daemon, reports
};

struct Conditions {
  std::vector<std::string> command;  ///< the daemon, perhaps with a wrapper
  std::string profile;
  std::uint64_t seed = 1;
  bool names = false;
  unsigned patience = 1;                        ///< times as long as usual everything may take
  std::chrono::milliseconds longest_turn{500};  ///< CPU time that one message may cost
  std::uint64_t most_memory_kb = 1'500'000;
  /// How long everything may take to be gone at the end; session timers need a minute. 0: the end is not looked at.
  std::chrono::seconds settle_time{130};
  std::string folder;  ///< for configuration and reports, made if it is not there
  std::function<void(std::string_view direction, std::uint16_t port, std::string_view octets)> trace;
  std::function<void(std::size_t steps)> progress;
};

struct Outcome {
  std::optional<Fault> fault;
  std::size_t messages = 0;
  std::chrono::milliseconds longest_answer{0};            ///< wall time of a probe
  std::optional<std::chrono::milliseconds> longest_turn;  ///< CPU time, if the daemon tells
  std::uint64_t memory_kb = 0;                            ///< at the end
};

/// Makes the steps of these numbers, in this order, against a daemon of its own.
Outcome run_session(const Conditions& conditions, const std::vector<std::uint64_t>& steps);

}  // namespace clued::fuzz
