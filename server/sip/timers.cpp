#include "sip/timers.hpp"

#include <utility>
// Boost 1.74 uses std::exchange without including it under C++20.
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

namespace clued::sip {

Timers::Ticket Timers::after(std::chrono::milliseconds time, std::function<void()> what) {
  auto timer = std::make_shared<boost::asio::steady_timer>(io_, time);
  timer->async_wait([weak = std::weak_ptr<boost::asio::steady_timer>(timer),
                     run = std::move(what)](const boost::system::error_code& error) {
    // Moved out of the handler's reach first: what runs may drop the ticket.
    if (const auto alive = weak.lock(); alive && !error) run();
  });
  return timer;
}

}  // namespace clued::sip
