// The queue of the one thread: an event is handled to its end and its commands are carried out in order before the next
// one is looked at, so that nothing in the core or in an adapter is ever entered twice.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstddef>
#include <deque>
#include <functional>
#include <utility>

#include "base/time.hpp"
#include "focus/commands.hpp"
#include "focus/events.hpp"
#include "focus/focus.hpp"

namespace clued::app {

class EventPump {
 public:
  /// All must outlive the pump. `execute` may post.
  EventPump(boost::asio::io_context& io, focus::Focus& focus, std::function<void(focus::Command)> execute);

  /// Only queues.
  void post(focus::Event event);

 private:
  void schedule();
  void turn();
  /// Puts the next event's commands, or those of what is due, into commands_. False: there is nothing to do.
  bool think(base::TimePoint now);
  void arm();

  boost::asio::io_context& io_;
  boost::asio::steady_timer timer_;
  focus::Focus& focus_;
  std::function<void(focus::Command)> execute_;
  std::deque<focus::Event> events_;
  focus::Commands commands_;
  std::size_t next_command_ = 0;
  base::Deadline armed_;
  bool scheduled_ = false;
  bool had_timeout_ = false;
};

}  // namespace clued::app
