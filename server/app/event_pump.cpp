#include "app/event_pump.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <variant>

namespace clued::app {

namespace {

/// Work done before the sockets are served again. 32 because that many requests leave Sofia in 3 ms, and because the
/// answers to more at once would not fit into the default receive buffer.
constexpr std::size_t commands_per_turn = 32;
constexpr std::size_t events_per_turn = 32;

/// As many as the core gets done within some 20 ms; what comes then waits in the kernel, or with who sends it. A step
/// of the SIP library may still bring 32 more.
constexpr std::size_t many_events = 256;
constexpr std::size_t few_events = 64;
/// CLUE messages are the only events of any size: 32 of the largest.
constexpr std::size_t many_octets = std::size_t{8} * 1024 * 1024;

std::size_t octets_of(const focus::Event& event) noexcept {
  const auto* const message = std::get_if<focus::event::ChannelMessageReceived>(&event);
  return message != nullptr ? message->message.size() : 0;
}

}  // namespace

EventPump::EventPump(boost::asio::io_context& io, focus::Focus& focus, std::function<void(focus::Command)> execute,
                     Flow flow)
    : io_(io), timer_(io), focus_(focus), execute_(std::move(execute)), flow_(std::move(flow)) {}

void EventPump::post(focus::Event event) {
  octets_waiting_ += octets_of(event);
  events_.push_back(std::move(event));
  most_events_waiting_ = std::max(most_events_waiting_, events_.size());
  regulate();
  schedule();
}

void EventPump::regulate() {
  const bool is_much = events_.size() >= many_events || octets_waiting_ >= many_octets;
  const bool is_little = events_.size() <= few_events && octets_waiting_ <= many_octets / 4;
  if (holds_input_ ? !is_little : !is_much) return;
  holds_input_ = !holds_input_;
  flow_.hold_input(holds_input_);
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
  bool is_due = deadline && *deadline <= now;
  if (!is_due && events_.empty()) return false;
  // Never for long: what is to be sent is handed over to the stacks whether peers take it or not.
  if (is_due && flow_.is_congested()) {
    if (events_.empty()) return true;
    is_due = false;
  }
  // In turns, so that neither a flood of events nor a long departure holds up the other.
  had_timeout_ = is_due && (events_.empty() || !had_timeout_);
  if (had_timeout_) {
    focus_.handle_timeout(now, commands_);
  } else {
    take_event(now);
  }
  return true;
}

void EventPump::take_event(base::TimePoint now) {
  focus::Event event = std::move(events_.front());
  events_.pop_front();
  octets_waiting_ -= octets_of(event);
  regulate();
  focus_.handle(std::move(event), now, commands_);
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
