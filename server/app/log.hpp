// Where records become lines. The only user of spdlog.
#pragma once

#include <memory>
#include <string>

#include "base/record.hpp"

namespace clued::app {

/// As in `log.level` and in the lines.
std::string name_of(base::Severity severity);

enum class LogFormat { text, json };

struct LogSettings {
  base::Severity level = base::Severity::info;
  LogFormat format = LogFormat::text;
  std::string file = "";  ///< appended to; empty: stderr
};

class Log {
 public:
  /// Throws std::system_error when the file cannot be opened.
  explicit Log(const LogSettings& settings);
  ~Log();

  /// Writes the record if its severity is at least the level; else returns at once.
  void write(const base::Record& record);
  /// From now on; other settings than the level need a restart. At debug and below identities are shown in full.
  void set_level(base::Severity level) noexcept { level_ = level; }
  base::Severity level() const noexcept { return level_; }
  /// Opens the file anew under its name, for log rotation. False: it cannot be opened, and the old one stays.
  bool reopen();

 private:
  class Output;

  base::Severity level_;
  LogSettings settings_;
  std::unique_ptr<Output> output_;
};

}  // namespace clued::app
