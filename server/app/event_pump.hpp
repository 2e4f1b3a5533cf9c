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
  /// What the pump has to know of the adapters, and they of it, so that no queue between them grows.
  struct Flow {
    /// More is to be sent than can be: what is due in the core waits, as it would only make more of it.
    std::function<bool()> is_congested = [] { return false; };
    /// True: the events of the adapters are more than the core gets done; they read no more until it is false again.
    /// Called from within post(), too.
    std::function<void(bool hold)> hold_input = [](bool) {};
  };

  /// All must outlive the pump. `execute` may post.
  EventPump(boost::asio::io_context& io, focus::Focus& focus, std::function<void(focus::Command)> execute, Flow flow);

  /// Only queues.
  void post(focus::Event event);

  std::size_t events_waiting() const noexcept { return events_.size(); }
  std::size_t commands_waiting() const noexcept { return commands_.size() - next_command_; }
  /// The largest number of events that have waited so far.
  std::size_t most_events_waiting() const noexcept { return most_events_waiting_; }

 private:
  void schedule();
  void turn();
  /// Puts the next event's commands, or those of what is due, into commands_. False: there is nothing to do.
  bool think(base::TimePoint now);
  void take_event(base::TimePoint now);
  void regulate();
  void arm();

  boost::asio::io_context& io_;
  boost::asio::steady_timer timer_;
  focus::Focus& focus_;
  std::function<void(focus::Command)> execute_;
  Flow flow_;
  std::deque<focus::Event> events_;
  std::size_t octets_waiting_ = 0;  ///< of messages in events_
  std::size_t most_events_waiting_ = 0;
  bool holds_input_ = false;
  focus::Commands commands_;
  std::size_t next_command_ = 0;
  base::Deadline armed_;
  bool scheduled_ = false;
  bool had_timeout_ = false;
};

}  // namespace clued::app
