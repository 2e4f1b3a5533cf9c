#include "app/log.hpp"

#include <fcntl.h>
#include <spdlog/pattern_formatter.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <string_view>
#include <system_error>
#include <utility>

#include "app/log_format.hpp"
#include "app/records.hpp"

namespace clued::app {

namespace {

/// At trace, whole SIP messages and CLUE documents are values; the adapters bound what they accept, and the writer what
/// it can hold.
constexpr std::size_t trace_value_bytes = LogWriter::max_waiting_bytes / 2;
/// While lines are lost, how often it is looked whether there is room again.
constexpr std::chrono::seconds room_interval{1};

spdlog::level::level_enum level_of(base::Severity severity) { return static_cast<spdlog::level::level_enum>(severity); }
static_assert(static_cast<int>(base::Severity::trace) == SPDLOG_LEVEL_TRACE);
static_assert(static_cast<int>(base::Severity::critical) == SPDLOG_LEVEL_CRITICAL);

/// A descriptor for LogWriter, or -1 with errno.
int open_output(const std::string& file) {
  if (file.empty()) return fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
  // A FIFO that nobody reads is not waited for here; writing to it may wait, on its own thread.
  const int descriptor = open(file.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0644);
  if (descriptor >= 0) fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) & ~O_NONBLOCK);
  return descriptor;
}

int open_output_or_throw(const std::string& file) {
  const int descriptor = open_output(file);
  if (descriptor < 0) throw std::system_error(errno, std::generic_category(), file.empty() ? "stderr" : file);
  return descriptor;
}

/// sd-daemon(3): the journal takes a severity in front of a line.
std::string_view priority_of(base::Severity severity) {
  constexpr std::array<std::string_view, 6> priorities = {"<7>", "<7>", "<6>", "<4>", "<3>", "<2>"};
  return priorities[static_cast<std::size_t>(severity)];
}

std::string pattern_of(LogFormat format, bool journal) {
  // The journal notes the time of each line itself.
  const std::string time = "%Y-%m-%dT%H:%M:%S.%e%z";
  if (format == LogFormat::text) return journal ? "%l %v" : time + " %l %v";
  return journal ? R"({"level":"%l",%v})" : R"({"time":")" + time + R"(","level":"%l",%v})";
}

}  // namespace

std::string name_of(base::Severity severity) {
  const auto name = spdlog::level::to_string_view(level_of(severity));
  return {name.data(), name.size()};
}

bool is_journal(int descriptor, const char* journal_stream) {
  struct stat status {};
  if (journal_stream == nullptr || fstat(descriptor, &status) != 0) return false;
  return std::to_string(status.st_dev) + ':' + std::to_string(status.st_ino) == journal_stream;
}

class Log::Formatter {
 public:
  explicit Formatter(const LogSettings& settings)
      : is_journal_(settings.file.empty() && is_journal(STDERR_FILENO, std::getenv("JOURNAL_STREAM"))),
        pattern_(pattern_of(settings.format, is_journal_)) {}

  std::string format(base::Severity severity, const std::string& text) {
    spdlog::memory_buf_t line;
    if (is_journal_) {
      const auto priority = priority_of(severity);
      line.append(priority.data(), priority.data() + priority.size());
    }
    pattern_.format({spdlog::source_loc{}, "clued", level_of(severity), text}, line);
    return {line.data(), line.size()};
  }

 private:
  bool is_journal_;
  spdlog::pattern_formatter pattern_;
};

Log::Log(const LogSettings& settings)
    : level_(settings.level),
      settings_(settings),
      formatter_(std::make_unique<Formatter>(settings)),
      writer_(open_output_or_throw(settings.file)) {}

Log::~Log() {
  // Whoever reads again may learn of it still.
  if (lost_ > 0) tell_losses(base::Clock::now());
}

void Log::write(const base::Record& record, base::TimePoint now) {
  if (record.kind == nullptr || record.kind->severity < level_) return;
  tell_sums(now);
  if (gate_.may_pass(record, now)) put(record);
}

void Log::put(const base::Record& record) {
  if (lost_ > 0) tell_losses(base::Clock::now());
  if (lost_ == 0 && writer_.write(line_of(record))) return;
  if (lost_++ == 0) room_asked_at_ = base::Clock::now();
}

std::string Log::line_of(const base::Record& record) const {
  FormatOptions options;
  options.full_identities = level_ <= base::Severity::debug;
  if (record.kind->severity == base::Severity::trace) options.value_bytes = trace_value_bytes;
  return formatter_->format(record.kind->severity, settings_.format == LogFormat::json
                                                       ? format_json_members(record, options)
                                                       : format_text(record, options));
}

void Log::tell_sums(base::TimePoint now) {
  for (const FloodGate::Sum& sum : gate_.take_sums(now)) {
    base::Record record{&record::log_summed_up, {{"kind", sum.kind->name}, {"count", sum.count}}};
    if (!sum.story.empty()) record.fields.push_back({"about", sum.story});
    if (record.kind->severity >= level_) put(record);
  }
}

// Half of the room is to be there, or each line that is written would be followed by one that tells of a loss.
void Log::tell_losses(base::TimePoint now) {
  room_asked_at_ = now;
  if (writer_.waiting() > LogWriter::max_waiting_bytes / 2) return;
  if (writer_.write(line_of({&record::log_lost, {{"count", lost_}}}))) lost_ = 0;
}

base::Deadline Log::next_deadline() const {
  const base::Deadline room = lost_ > 0 ? base::Deadline(room_asked_at_ + room_interval) : std::nullopt;
  return base::earlier(gate_.next_deadline(), room);
}

void Log::handle_timeout(base::TimePoint now) {
  tell_sums(now);
  if (lost_ > 0 && room_asked_at_ + room_interval <= now) tell_losses(now);
}

bool Log::reopen() {
  if (settings_.file.empty()) return true;
  const int descriptor = open_output(settings_.file);
  if (descriptor < 0) return false;
  writer_.change(descriptor);
  return true;
}

}  // namespace clued::app
