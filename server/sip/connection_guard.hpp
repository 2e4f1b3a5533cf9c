// How many plain TCP connections one source may keep open. Private to server/sip.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>
// Boost 1.74 uses std::exchange without including it under C++20.
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>

#include "base/descriptor_budget.hpp"
#include "base/expected.hpp"
#include "base/record.hpp"
#include "sip/loop.hpp"
#include "sip/values.hpp"

namespace clued::sip {

/// The library would accept connections itself, without an end when there are no file descriptors left, so it may only
/// when this has asked for one. It tells nobody of those that it has, and keeps one that brought nonsense without
/// reading from it any more, so that it does not see its end either. This looks at the sockets of the library: soon
/// after somebody has connected, and now and then while there are connections. However many come, looking takes a small
/// share of the time. Connections above the limit, the newest first, and those whose other end is gone are shut down;
/// the library sees that and closes them.
class ConnectionGuard {
 public:
  /// `limit`: connections of one address (of IPv6: one /64 network), those aside that `is_trusted`.
  /// `descriptors`: no connection is accepted when they run short.
  ConnectionGuard(Loop& loop, std::size_t limit, std::function<bool(const Source&)> is_trusted, base::RecordSink log,
                  base::DescriptorBudget descriptors);
  ConnectionGuard(const ConnectionGuard&) = delete;
  ConnectionGuard& operator=(const ConnectionGuard&) = delete;
  ~ConnectionGuard();

  /// Guards the sockets of the library that listen on these ports. Error: a sentence.
  base::expected<void, std::string> start(std::vector<std::uint16_t> ports);
  /// From the next look on.
  void set_limit(std::size_t limit) noexcept { limit_ = limit; }

 private:
  /// What a descriptor was found to be.
  struct Socket {
    std::uint64_t cookie = 0;  ///< the kernel's name for it: descriptors are used again
    bool accepted = false;     ///< a connection that somebody opened to a guarded port
    bool half_closed = false;  ///< the other end had already closed at the last look
    Source source{};
  };
  struct Listener {
    boost::asio::posix::stream_descriptor descriptor;
    int original = -1;  ///< the library's descriptor
    bool waiting = false;
    bool paused = false;
    boost::asio::steady_timer retry;
  };
  struct Look;

  void await_knock(Listener& listener);
  void let_in(Listener& listener);
  void let_in_after(Listener& listener, std::chrono::milliseconds time);
  void look_after(std::chrono::milliseconds time);
  void look();
  void look_at(int descriptor, Look& seen);
  bool is_guarded(std::uint16_t port) const;
  void close_newest(std::vector<std::pair<int, bool>>& connections);

  Loop& loop_;
  std::size_t limit_;
  std::function<bool(const Source&)> is_trusted_;
  base::RecordSink log_;
  base::DescriptorBudget descriptors_;
  std::vector<std::uint16_t> ports_;
  std::vector<std::unique_ptr<Listener>> listeners_;
  boost::asio::steady_timer timer_;
  std::chrono::steady_clock::time_point due_ = std::chrono::steady_clock::time_point::max();
  std::chrono::steady_clock::duration last_look_{};
  std::unordered_map<int, Socket> sockets_;
};

}  // namespace clued::sip
