#include "sip/library.hpp"

#include <array>
#include <chrono>
#include <cstdarg>
#include <cstdio>
#include <ctime>
#include <string_view>

#include "sip/records.hpp"
#include "sip/sofia.hpp"

/// Exported by the library as a hook into its clock; no public header declares it.
extern "C" void (*_su_time)(su_time_t* time);

namespace clued::sip {
namespace {

constexpr unsigned lines_per_second = 20;

struct LogTarget {
  const void* owner = nullptr;
  base::RecordSink sink;
  std::chrono::steady_clock::time_point second;
  unsigned lines = 0;
};

/// The C log function has no other way to find it than this: the library's log is a global too.
LogTarget& log_target() {
  static LogTarget target;
  return target;
}

/// Set once, before the library reads its clock for the first time.
std::chrono::nanoseconds clock_offset{};

std::chrono::nanoseconds read(clockid_t id) noexcept {
  timespec now{};
  clock_gettime(id, &now);
  return std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
}

/// The library's timers run on its wall clock, so that a step of the system's clock fires or delays all of them.
/// Start time plus CLOCK_MONOTONIC never steps (hosting.md).
extern "C" void steady_time(su_time_t* time) noexcept {
  constexpr unsigned long seconds_from_1900_to_1970 = 2208988800UL;
  if (time == nullptr) return;
  const auto now = clock_offset + read(CLOCK_MONOTONIC);
  const auto seconds = std::chrono::floor<std::chrono::seconds>(now);
  time->tv_sec = static_cast<unsigned long>(seconds.count()) + seconds_from_1900_to_1970;
  time->tv_usec =
      static_cast<unsigned long>(std::chrono::duration_cast<std::chrono::microseconds>(now - seconds).count());
}

extern "C" __attribute__((format(printf, 2, 0))) void log_line(void*, const char* format, va_list arguments) noexcept {
  LogTarget& target = log_target();
  // That it has to wait for the rest of a message (StreamGate) is no news.
  const std::string_view wanted = format;
  const bool is_waiting = wanted.find("su_getmsgsize()") != wanted.npos || wanted.find("recvfrom()") != wanted.npos;
  if (!target.sink || is_waiting) return;
  const auto now = std::chrono::steady_clock::now();
  if (now - target.second >= std::chrono::seconds(1)) {
    target.second = now;
    target.lines = 0;
  }
  // Said of each request whose Via we complete ourselves (message_class.cpp).
  constexpr std::string_view completed = "nta: Via check: extra received";
  if (std::string_view(format).substr(0, completed.size()) == completed) return;
  if (++target.lines > lines_per_second) return;
  std::array<char, 512> line{};
  if (vsnprintf(line.data(), line.size(), format, arguments) <= 0) return;
  std::string_view text = line.data();
  while (!text.empty() && text.back() == '\n') text.remove_suffix(1);
  target.sink({&record::library_said, {{"text", text}}});
}

}  // namespace

std::shared_ptr<Library> Library::acquire() {
  static std::weak_ptr<Library> current;
  std::shared_ptr<Library> library = current.lock();
  if (!library) {
    library.reset(new Library);
    current = library;
  }
  return library;
}

Library::Library() {
  if (clock_offset == std::chrono::nanoseconds{}) clock_offset = read(CLOCK_REALTIME) - read(CLOCK_MONOTONIC);
  _su_time = steady_time;
  su_log_redirect(su_log_default, log_line, nullptr);
  su_init();
}

Library::~Library() {
  log_target() = {};
  su_deinit();
}

void Library::set_log(const void* owner, base::RecordSink log) {
  log_target().owner = owner;
  log_target().sink = std::move(log);
}

void Library::unset_log(const void* owner) {
  if (log_target().owner == owner) log_target() = {};
}

}  // namespace clued::sip
