// Single timers of the SIP adapter on the loop. Private to server/sip.
#pragma once

#include <chrono>
#include <functional>
#include <memory>

namespace boost::asio {
class io_context;
}

namespace clued::sip {

class Timers {
 public:
  explicit Timers(boost::asio::io_context& io) : io_(io) {}

  /// The timer runs as long as its ticket lives.
  using Ticket = std::shared_ptr<void>;
  Ticket after(std::chrono::milliseconds time, std::function<void()> what);

 private:
  boost::asio::io_context& io_;
};

}  // namespace clued::sip
