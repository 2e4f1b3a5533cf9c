#include "fuzz_process/reactor.hpp"

#include <sys/epoll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

namespace clued::fuzz {

namespace {

/// Rounds of one call: who is answered at once and asks again would keep us here for ever.
constexpr int most_rounds = 8;

void control(int epoll, int operation, int descriptor, std::uint32_t events) {
  epoll_event event{};
  event.events = events;
  event.data.fd = descriptor;
  if (epoll_ctl(epoll, operation, descriptor, &event) != 0) {
    throw std::system_error(errno, std::generic_category(), "epoll_ctl");
  }
}

}  // namespace

void Descriptor::reset() noexcept {
  if (number_ >= 0) close(number_);
  number_ = -1;
}

Reactor::Reactor() : epoll_(epoll_create1(EPOLL_CLOEXEC)) {
  if (!epoll_) throw std::system_error(errno, std::generic_category(), "epoll_create1");
}

void Reactor::watch(int descriptor, std::uint32_t events, Handler handler) {
  control(epoll_.get(), EPOLL_CTL_ADD, descriptor, events);
  handlers_[descriptor] = std::make_shared<Handler>(std::move(handler));
}

void Reactor::change(int descriptor, std::uint32_t events) { control(epoll_.get(), EPOLL_CTL_MOD, descriptor, events); }

void Reactor::forget(int descriptor) noexcept {
  if (handlers_.erase(descriptor) != 0) epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, descriptor, nullptr);
}

void Reactor::run_once(std::chrono::milliseconds longest) {
  std::array<epoll_event, 64> events;
  int timeout = static_cast<int>(longest.count());
  for (int round = 0; round < most_rounds; ++round) {
    const int count = epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()), timeout);
    if (count <= 0) return;
    timeout = 0;
    for (int i = 0; i < count; ++i) {
      const auto& event = events.at(static_cast<std::size_t>(i));
      const auto found = handlers_.find(event.data.fd);
      if (found == handlers_.end()) continue;
      const auto handler = found->second;
      (*handler)(event.events);
    }
  }
}

}  // namespace clued::fuzz
