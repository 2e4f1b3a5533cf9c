#include "sip/loop.hpp"

#include <dirent.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <optional>
#include <unordered_map>
#include <utility>
// Boost 1.74 uses std::exchange without including it under C++20.
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

namespace clued::sip {
namespace {

/// One step handles about one datagram; after this many, other handlers of the loop have a turn.
constexpr int steps_per_turn = 32;

/// The descriptors that an epoll descriptor's fdinfo lists: "tfd:       12 events: ...". None for other descriptors.
std::vector<int> watched_by(const std::string& epoll) {
  std::vector<int> watched;
  std::ifstream info("/proc/self/fdinfo/" + epoll);
  for (std::string line; std::getline(info, line);) {
    if (line.rfind("tfd:", 0) != 0) continue;
    const std::size_t start = line.find_first_not_of(" \t", 4);
    int fd = -1;
    if (start == std::string::npos) continue;
    if (std::from_chars(line.data() + start, line.data() + line.size(), fd).ec == std::errc{}) watched.push_back(fd);
  }
  return watched;
}

/// What the library has asked the kernel to tell of a descriptor, and with which data, in the kernel's own words: "tfd:
/// 12 events: 19 data: 3". Whatever the data mean, they can be given back to the kernel as they were.
std::optional<epoll_event> registration_of(int epoll, int descriptor) {
  std::ifstream info("/proc/self/fdinfo/" + std::to_string(epoll));
  for (std::string line; std::getline(info, line);) {
    int fd = -1;
    unsigned events = 0;
    unsigned long long data = 0;
    if (std::sscanf(line.c_str(), "tfd: %d events: %x data: %llx", &fd, &events, &data) != 3) continue;
    if (fd != descriptor) continue;
    epoll_event registered{};
    registered.events = events;
    registered.data.u64 = data;
    return registered;
  }
  return std::nullopt;
}

bool modify(int epoll, int descriptor, epoll_event event) {
  return epoll_ctl(epoll, EPOLL_CTL_MOD, descriptor, &event) == 0;
}

/// The epoll descriptor that watches `wanted`, or -1. The library does not publish its own.
int epoll_that_watches(int wanted) {
  int found = -1;
  DIR* directory = opendir("/proc/self/fdinfo");
  if (directory == nullptr) return -1;
  while (const dirent* entry = readdir(directory)) {
    int fd = -1;
    const std::string_view name = entry->d_name;
    if (std::from_chars(name.data(), name.data() + name.size(), fd).ec != std::errc{}) continue;
    const std::vector<int> watched = watched_by(entry->d_name);
    if (std::find(watched.begin(), watched.end(), wanted) != watched.end()) {
      found = fd;
      break;
    }
  }
  closedir(directory);
  return found;
}

extern "C" int ignore_wakeup(su_root_magic_t*, su_wait_t*, su_wakeup_arg_t*) noexcept { return 0; }

int find_epoll(su_root_t* root) {
  const int marker = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (marker < 0) return -1;
  int found = -1;
  su_wait_t wait[1] = {SU_WAIT_INIT};
  if (su_wait_create(wait, marker, SU_WAIT_IN) == 0) {
    const int index = su_root_register(root, wait, ignore_wakeup, nullptr, 0);
    if (index > 0) {
      found = epoll_that_watches(marker);
      su_root_deregister(root, index);
    }
  }
  close(marker);
  return found;
}

}  // namespace

struct Loop::Watch {
  Watch(boost::asio::io_context& io, int epoll) : descriptor(io, epoll), timer(io) {}
  boost::asio::posix::stream_descriptor descriptor;
  boost::asio::steady_timer timer;
  std::unordered_map<int, epoll_event> masked;  ///< what the library had asked for
};

Loop::Loop(boost::asio::io_context& io) : io_(io) {}

Loop::~Loop() {
  *alive_ = false;
  // The descriptor belongs to the library's root, which closes it.
  if (watch_) watch_->descriptor.release();
}

base::expected<void, std::string> Loop::start(std::function<void()> before_step) {
  before_step_ = std::move(before_step);
  root_.reset(su_root_create(nullptr));
  if (!root_) return base::unexpected(std::string("Sofia-SIP cannot create its event loop"));
  su_root_threading(root_.get(), 0);
  const int epoll = find_epoll(root_.get());
  if (epoll < 0) return base::unexpected(std::string("the epoll descriptor of Sofia-SIP is not to be found"));
  watch_ = std::make_unique<Watch>(io_, epoll);
  await_readable();
  return {};
}

std::vector<int> Loop::descriptors() const {
  if (!watch_) return {};
  std::vector<int> watched = watched_by(std::to_string(watch_->descriptor.native_handle()));
  std::sort(watched.begin(), watched.end());
  return watched;
}

bool Loop::mask(int descriptor) {
  const int epoll = watch_->descriptor.native_handle();
  const auto registered = registration_of(epoll, descriptor);
  if (!registered) return false;
  epoll_event nothing = *registered;
  nothing.events = 0;
  if (!modify(epoll, descriptor, nothing)) return false;
  watch_->masked.insert_or_assign(descriptor, *registered);
  return true;
}

void Loop::serve(int masked, const std::function<bool()>& may_go_on, int most) {
  const auto found = watch_->masked.find(masked);
  if (found == watch_->masked.end() || held_) return;
  const int epoll = watch_->descriptor.native_handle();
  epoll_event nothing = found->second;
  nothing.events = 0;
  if (!modify(epoll, masked, found->second)) return;
  before_step_();
  for (int i = 0; i < most && !held_ && may_go_on(); ++i) {
    if (su_root_step(root_.get(), 0) != 0) break;
  }
  modify(epoll, masked, nothing);
  schedule();
}

void Loop::schedule() {
  if (scheduled_ || !watch_) return;
  scheduled_ = true;
  boost::asio::post(io_, [this, alive = alive_] {
    if (!*alive) return;
    scheduled_ = false;
    step();
  });
}

void Loop::await_readable() {
  watch_->descriptor.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                                [this, alive = alive_](const boost::system::error_code& error) {
                                  if (error || !*alive) return;
                                  step();
                                  await_readable();
                                });
}

void Loop::hold(bool hold) {
  if (std::exchange(held_, hold) && !hold) schedule();
}

void Loop::step() {
  if (held_) return;  // the end of the hold makes a step
  before_step_();
  su_duration_t next = 0;
  for (int i = 0; i < steps_per_turn && next == 0 && !held_; ++i) next = su_root_step(root_.get(), 0);
  if (held_) return;
  if (next == 0) {
    schedule();
  } else if (next > 0) {
    // The library truncates to milliseconds: without the extra one it would be stepped just too early, again and again.
    watch_->timer.expires_after(std::chrono::milliseconds(next + 1));
    watch_->timer.async_wait([this, alive = alive_](const boost::system::error_code& error) {
      if (!error && *alive) step();
    });
  } else {
    watch_->timer.cancel();
  }
}

}  // namespace clued::sip
