#include "app/log_writer.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <system_error>
#include <thread>
#include <utility>

namespace clued::app {

namespace {

/// A full disk or a broken pipe is tried again after this time.
constexpr int retry_ms = 1000;
/// How long the end of the process waits for a reader.
constexpr std::chrono::milliseconds patience_at_the_end{1000};
constexpr int patience_at_a_crash_ms = 500;

class Descriptor {
 public:
  explicit Descriptor(int value) : value_(value) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() { reset(-1); }
  int get() const noexcept { return value_; }
  void reset(int value) {
    if (value_ >= 0) close(value_);
    value_ = value;
  }

 private:
  int value_;
};

constexpr std::array<int, 5> crashes = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};

/// A signal handler is told nothing but the signal, so this is not a member of anything.
struct LastWords {
  std::atomic<const LogWriter*> writer{nullptr};
  std::array<struct sigaction, crashes.size()> before{};
  std::array<char, 64 * 1024> stack{};  ///< for a stack that has overflowed
};
LastWords last_words;

int make_eventfd() {
  const int descriptor = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (descriptor < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
  return descriptor;
}

}  // namespace

struct LogWriter::Shared {
  explicit Shared(int descriptor) : output(descriptor) {}

  // The producer's side.
  bool push(std::string_view line) {
    const std::size_t end = head.load(std::memory_order_relaxed);
    if (line.size() > max_waiting_bytes - (end - tail.load(std::memory_order_acquire))) return false;
    const std::size_t at = end % max_waiting_bytes;
    const std::size_t first = std::min(line.size(), max_waiting_bytes - at);
    std::memcpy(bytes.get() + at, line.data(), first);
    std::memcpy(bytes.get(), line.data() + first, line.size() - first);
    head.store(end + line.size());
    if (sleeps.exchange(false)) wake();
    return true;
  }
  void wake() const {
    const std::uint64_t one = 1;
    [[maybe_unused]] const ssize_t done = ::write(wake_up.get(), &one, sizeof one);
  }

  // The consumer's side, on its thread.
  void run() {
    while (true) {
      take_change();
      const std::size_t begin = tail.load(std::memory_order_relaxed);
      const std::size_t end = head.load();
      if (begin == end) {
        if (closing.load()) return;
        sleep_until_pushed(begin);
      } else if (!write_some(begin, end)) {
        if (closing.load()) return;
        sleep(retry_ms);
      }
    }
  }
  /// What was pushed before the change goes to the old descriptor, unless that takes nothing any more.
  void take_change() {
    const bool is_time = is_failing || tail.load(std::memory_order_relaxed) >= change_at.load();
    if (next_output.load() < 0 || !is_time) return;
    output.reset(next_output.exchange(-1));
    is_failing = false;
  }
  bool write_some(std::size_t begin, std::size_t end) {
    const std::size_t at = begin % max_waiting_bytes;
    std::size_t most = std::min(end - begin, max_waiting_bytes - at);
    if (next_output.load() >= 0 && !is_failing) {
      if (change_at.load() <= begin) return true;  // it has come since; what follows is for the new one
      most = std::min(most, change_at.load() - begin);
    }
    const ssize_t written = ::write(output.get(), bytes.get() + at, most);
    if (written < 0 && errno == EINTR) return true;
    if (written < 0 && errno == EAGAIN) {  // somebody else has made a shared terminal or pipe non-blocking
      pollfd writable{output.get(), POLLOUT, 0};
      poll(&writable, 1, retry_ms);
      return !closing.load();
    }
    is_failing = written <= 0;
    if (is_failing) return false;
    tail.store(begin + static_cast<std::size_t>(written));
    return true;
  }
  void sleep_until_pushed(std::size_t seen) {
    sleeps.store(true);
    if (head.load() != seen || closing.load() || next_output.load() >= 0) {
      sleeps.store(false);
      return;
    }
    sleep(-1);
    sleeps.store(false);
  }
  void sleep(int milliseconds) const {
    pollfd woken{wake_up.get(), POLLIN, 0};
    poll(&woken, 1, milliseconds);
    std::uint64_t count = 0;
    [[maybe_unused]] const ssize_t done = ::read(wake_up.get(), &count, sizeof count);
  }

  bool is_empty() const noexcept { return head.load() == tail.load(); }

  std::unique_ptr<char[]> bytes = std::make_unique<char[]>(max_waiting_bytes);
  std::atomic<std::size_t> head{0};  ///< bytes that were pushed, ever; written by the producer
  std::atomic<std::size_t> tail{0};  ///< bytes that were written, ever; written by the consumer
  std::atomic<bool> sleeps{false};
  std::atomic<bool> closing{false};
  std::atomic<int> next_output{-1};
  std::atomic<std::size_t> change_at{0};
  Descriptor wake_up{make_eventfd()};
  Descriptor output;        ///< the consumer's
  bool is_failing = false;  ///< the consumer's
};

LogWriter::LogWriter(int descriptor)
    : shared_(std::make_shared<Shared>(descriptor)), thread_([shared = shared_] { shared->run(); }) {}

LogWriter::~LogWriter() {
  const LogWriter* self = this;
  last_words.writer.compare_exchange_strong(self, nullptr);
  const bool is_written = flush(patience_at_the_end);
  shared_->closing.store(true);
  shared_->wake();
  if (is_written) {
    thread_.join();
  } else {
    thread_.detach();
  }
}

bool LogWriter::write(std::string_view line) { return shared_->push(line); }

std::size_t LogWriter::waiting() const noexcept { return shared_->head.load() - shared_->tail.load(); }

void LogWriter::change(int descriptor) {
  shared_->change_at.store(shared_->head.load());
  const int forgotten = shared_->next_output.exchange(descriptor);
  if (forgotten >= 0) close(forgotten);
  shared_->wake();
}

bool LogWriter::flush(std::chrono::milliseconds patience) {
  const auto end = std::chrono::steady_clock::now() + patience;
  while (!shared_->is_empty()) {
    if (std::chrono::steady_clock::now() >= end) return false;
    poll(nullptr, 0, 1);
  }
  return true;
}

// --- the last words ---

/// Nothing here but what signal-safety(7) allows. The writing thread goes on while this one waits.
extern "C" void clued_app_on_crash(int signal, siginfo_t* info, void*) noexcept {
  if (const LogWriter* writer = last_words.writer.exchange(nullptr)) {
    for (int waited = 0; waited < patience_at_a_crash_ms && writer->waiting() > 0; ++waited) poll(nullptr, 0, 1);
  }
  for (std::size_t n = 0; n < crashes.size(); ++n) sigaction(crashes[n], &last_words.before[n], nullptr);
  // What was sent (abort, the watchdog) is sent again, to whoever was there before; what the processor found it finds
  // again when this returns.
  if (info->si_code <= 0) raise(signal);
}

void write_out_at_a_crash(const LogWriter& writer) {
  if (last_words.writer.exchange(&writer) != nullptr) return;
  stack_t stack{};
  if (sigaltstack(nullptr, &stack) == 0 && (stack.ss_flags & SS_DISABLE) != 0) {
    stack = {};
    stack.ss_sp = last_words.stack.data();
    stack.ss_size = last_words.stack.size();
    sigaltstack(&stack, nullptr);
  }
  struct sigaction action {};
  action.sa_sigaction = clued_app_on_crash;
  action.sa_flags = SA_ONSTACK | SA_SIGINFO;
  for (std::size_t n = 0; n < crashes.size(); ++n) sigaction(crashes[n], &action, &last_words.before[n]);
}

}  // namespace clued::app
