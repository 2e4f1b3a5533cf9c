// Where records become lines. The only user of spdlog.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "app/flood_gate.hpp"
#include "app/log_writer.hpp"
#include "base/record.hpp"
#include "base/time.hpp"

namespace clued::app {

/// As in `log.level` and in the lines.
std::string name_of(base::Severity severity);

enum class LogFormat { text, json };

struct LogSettings {
  base::Severity level = base::Severity::info;
  LogFormat format = LogFormat::text;
  std::string file = "";  ///< appended to; empty: stderr
};

/// Whether this descriptor leads to the journal of systemd: JOURNAL_STREAM (systemd.exec(5)) names it.
bool is_journal(int descriptor, const char* journal_stream);

/// Writing never blocks, however slow whoever reads is: what there is no room for is counted, and told when there is
/// (`log.lost`). A flood of one kind is summed up (FloodGate).
class Log {
 public:
  /// Throws std::system_error when the file cannot be opened.
  explicit Log(const LogSettings& settings);
  ~Log();

  /// Writes the record if its severity is at least the level; else returns at once.
  void write(const base::Record& record) { write(record, base::Clock::now()); }
  void write(const base::Record& record, base::TimePoint now);
  /// From now on; other settings than the level need a restart. At debug and below identities are shown in full.
  void set_level(base::Severity level) noexcept { level_ = level; }
  base::Severity level() const noexcept { return level_; }
  /// Opens the file anew under its name, for log rotation. False: it cannot be opened, and the old one stays.
  bool reopen();

  /// When there is something to be told of what was left out.
  base::Deadline next_deadline() const;
  void handle_timeout(base::TimePoint now);

  /// True once everything is written; false after `patience`.
  bool flush(std::chrono::milliseconds patience) { return writer_.flush(patience); }
  /// What was logged last is not lost when the process dies of a signal. For one log of the process.
  void survive_crashes() { write_out_at_a_crash(writer_); }

 private:
  class Formatter;

  void tell_sums(base::TimePoint now);
  void tell_losses(base::TimePoint now);
  void put(const base::Record& record);
  std::string line_of(const base::Record& record) const;

  base::Severity level_;
  LogSettings settings_;
  std::unique_ptr<Formatter> formatter_;
  FloodGate gate_;
  LogWriter writer_;
  std::uint64_t lost_ = 0;           ///< lines since the writer last had room
  base::TimePoint room_asked_at_{};  ///< while lines are lost
};

}  // namespace clued::app
