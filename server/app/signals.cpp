#include "app/signals.hpp"

#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstring>
#include <system_error>

namespace clued::app {

namespace {

/// A set of signals as the kernel has it.
using Mask = std::uint64_t;

constexpr Mask bit(int number) { return Mask{1} << static_cast<unsigned>(number - 1); }

constexpr int first_real_time = 34;  // the C library keeps 32 and 33 for its threads
constexpr int last_real_time = 64;

constexpr Mask held() {
  Mask mask = 0;
  for (const int number : {SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2, SIGQUIT, SIGALRM, SIGVTALRM, SIGPROF, SIGIO,
                           SIGPWR, SIGSTKFLT, SIGXCPU}) {
    mask |= bit(number);
  }
  for (int number = first_real_time; number <= last_real_time; ++number) mask |= bit(number);
  return mask;
}

void change_mask(int how) noexcept {
  const Mask mask = held();
  syscall(SYS_rt_sigprocmask, how, &mask, nullptr, sizeof mask);
}

int open_descriptor() {
  sigset_t set;
  sigemptyset(&set);
  for (int number = 1; number <= last_real_time; ++number) {
    if ((held() & bit(number)) != 0) sigaddset(&set, number);
  }
  const int descriptor = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
  if (descriptor < 0) throw std::system_error(errno, std::generic_category(), "signalfd");
  return descriptor;
}

std::string name_of(int number) {
  const char* name = sigabbrev_np(number);
  return name == nullptr ? std::to_string(number) : std::string("SIG") + name;
}

}  // namespace

void hold_signals() noexcept { change_mask(SIG_BLOCK); }
void release_signals() noexcept { change_mask(SIG_UNBLOCK); }

SignalSource::SignalSource(boost::asio::io_context& io, std::function<void(const Signal&)> take)
    : descriptor_(io, open_descriptor()), take_(std::move(take)) {
  wait();
}

void SignalSource::wait() {
  descriptor_.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                         [this](const boost::system::error_code& error) {
                           if (error) return;
                           read();
                           wait();
                         });
}

void SignalSource::read() {
  signalfd_siginfo info{};
  while (::read(descriptor_.native_handle(), &info, sizeof info) == sizeof info) {
    const auto number = static_cast<int>(info.ssi_signo);
    take_({number, name_of(number), static_cast<int>(info.ssi_pid)});
  }
}

}  // namespace clued::app
