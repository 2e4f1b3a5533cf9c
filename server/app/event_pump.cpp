#include "app/event_pump.hpp"

#include <boost/asio/post.hpp>

namespace clued::app {

namespace {

/// Work done before the sockets are served again. 32 because that many requests leave Sofia in 3 ms, and because the
/// answers to more at once would not fit into the default receive buffer.
constexpr std::size_t commands_per_turn = 32;
constexpr std::size_t events_per_turn = 32;

}  // namespace

EventPump::EventPump(boost::asio::io_context& io, focus::Focus& focus, std::function<void(focus::Command)> execute)
    : io_(io), timer_(io), focus_(focus), execute_(std::move(execute)) {}

void EventPump::post(focus::Event event) {
  events_.push_back(std::move(event));
  schedule();
}

void EventPump::schedule() {
  if (scheduled_) return;
  scheduled_ = true;
  boost::asio::post(io_, [this] { turn(); });
}

void EventPump::turn() {
  scheduled_ = false;
  const base::TimePoint now = base::Clock::now();
  std::size_t executed = 0;
  std::size_t thoughts = 0;
  bool is_idle = false;
  while (executed < commands_per_turn) {
    if (next_command_ < commands_.size()) {
      execute_(std::move(commands_[next_command_++]));
      ++executed;
      continue;
    }
    commands_.clear();
    next_command_ = 0;
    if (thoughts++ == events_per_turn) break;
    if (!think(now)) {
      is_idle = true;
      break;
    }
  }
  if (is_idle) {
    arm();
  } else {
    schedule();
  }
}

bool EventPump::think(base::TimePoint now) {
  const base::Deadline deadline = focus_.next_deadline();
  const bool is_due = deadline && *deadline <= now;
  if (!is_due && events_.empty()) return false;
  // In turns, so that neither a flood of events nor a long departure holds up the other.
  had_timeout_ = is_due && (events_.empty() || !had_timeout_);
  if (had_timeout_) {
    focus_.handle_timeout(now, commands_);
  } else {
    focus::Event event = std::move(events_.front());
    events_.pop_front();
    focus_.handle(std::move(event), now, commands_);
  }
  return true;
}

void EventPump::arm() {
  const base::Deadline deadline = focus_.next_deadline();
  if (deadline == armed_) return;
  armed_ = deadline;
  // Also ends the wait before, if there is one.
  timer_.expires_at(deadline.value_or(base::TimePoint::max()));
  if (!deadline) return;
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (error) return;
    armed_.reset();
    schedule();
  });
}

}  // namespace clued::app
