// One thread that waits for many descriptors.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace clued::fuzz {

/// Closes what it owns.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int number) noexcept : number_(number) {}
  ~Descriptor() { reset(); }
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    if (this != &other) {
      reset();
      number_ = std::exchange(other.number_, -1);
    }
    return *this;
  }

  int get() const noexcept { return number_; }
  explicit operator bool() const noexcept { return number_ >= 0; }
  void reset() noexcept;

 private:
  int number_ = -1;
};

class Reactor {
 public:
  /// What epoll says: EPOLLIN, EPOLLOUT and so on.
  using Handler = std::function<void(std::uint32_t events)>;

  /// Sees what is sent and received, to show a replay.
  using Trace = std::function<void(std::string_view direction, std::uint16_t port, std::string_view octets)>;

  Reactor();

  void watch(int descriptor, std::uint32_t events, Handler handler);
  void change(int descriptor, std::uint32_t events);
  void forget(int descriptor) noexcept;

  void set_trace(Trace trace) { trace_ = std::move(trace); }
  void trace(std::string_view direction, std::uint16_t port, std::string_view octets) const {
    if (trace_) trace_(direction, port, octets);
  }

  /// Waits so long for something to happen at most, then handles everything that has.
  void run_once(std::chrono::milliseconds longest);

 private:
  Descriptor epoll_;
  Trace trace_;
  // Shared, so that a handler may forget itself.
  std::unordered_map<int, std::shared_ptr<Handler>> handlers_;
};

}  // namespace clued::fuzz
