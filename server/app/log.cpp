#include "app/log.hpp"

#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <cerrno>
#include <limits>
#include <system_error>
#include <utility>

#include "app/log_format.hpp"

namespace clued::app {

namespace {

/// At trace, whole SIP messages and CLUE documents are values; the adapters bound what they accept.
constexpr std::size_t trace_value_bytes = std::numeric_limits<std::size_t>::max();

spdlog::level::level_enum level_of(base::Severity severity) { return static_cast<spdlog::level::level_enum>(severity); }
static_assert(static_cast<int>(base::Severity::trace) == SPDLOG_LEVEL_TRACE);
static_assert(static_cast<int>(base::Severity::critical) == SPDLOG_LEVEL_CRITICAL);

spdlog::sink_ptr make_sink(const LogSettings& settings) {
  if (settings.file.empty()) return std::make_shared<spdlog::sinks::stderr_sink_st>();
  try {
    return std::make_shared<spdlog::sinks::basic_file_sink_st>(settings.file);
  } catch (const spdlog::spdlog_ex& error) {
    throw std::system_error(errno, std::generic_category(), error.what());
  }
}

}  // namespace

std::string name_of(base::Severity severity) {
  const auto name = spdlog::level::to_string_view(level_of(severity));
  return {name.data(), name.size()};
}

class Log::Output {
 public:
  explicit Output(const LogSettings& settings) : logger_("clued", make_sink(settings)) {
    logger_.set_level(spdlog::level::trace);
    // A record that is still in a buffer when the process ends badly is the one that would have told why.
    logger_.flush_on(spdlog::level::trace);
    logger_.set_pattern(settings.format == LogFormat::json ? R"({"time":"%Y-%m-%dT%H:%M:%S.%e%z","level":"%l",%v})"
                                                           : "%Y-%m-%dT%H:%M:%S.%e%z %l %v");
    logger_.set_error_handler([](const std::string&) {});  // a full disk must not end the conferences
  }

  spdlog::logger logger_;
};

Log::Log(const LogSettings& settings)
    : level_(settings.level), settings_(settings), output_(std::make_unique<Output>(settings)) {}

Log::~Log() = default;

void Log::write(const base::Record& record) {
  if (record.kind == nullptr || record.kind->severity < level_) return;
  FormatOptions options;
  options.full_identities = level_ <= base::Severity::debug;
  if (record.kind->severity == base::Severity::trace) options.value_bytes = trace_value_bytes;
  const std::string line =
      settings_.format == LogFormat::json ? format_json_members(record, options) : format_text(record, options);
  output_->logger_.log(level_of(record.kind->severity), spdlog::string_view_t(line));
}

bool Log::reopen() {
  if (settings_.file.empty()) return true;
  try {
    output_ = std::make_unique<Output>(settings_);
    return true;
  } catch (const std::system_error&) {
    return false;
  }
}

}  // namespace clued::app
