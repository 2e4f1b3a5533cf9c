#include "sip/pacer.hpp"

#include <utility>
// Boost 1.74 uses std::exchange without including it under C++20.
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

namespace clued::sip {

struct Pacer::Timer {
  explicit Timer(boost::asio::io_context& io) : timer(io) {}
  boost::asio::steady_timer timer;
  bool armed = false;
};

Pacer::Pacer(boost::asio::io_context& io, Limits limits)
    : io_(io), limits_(limits), timer_(std::make_unique<Timer>(io)) {}

Pacer::~Pacer() { *alive_ = false; }

void Pacer::enqueue(bool urgent, Job job) {
  (urgent ? urgent_ : ordinary_).push_back(std::move(job));
  run();
}

Pacer::Ticket Pacer::take() {
  const Ticket ticket = ++last_;
  out_.insert(ticket);
  ages_.emplace_back(ticket, Clock::now());
  return ticket;
}

void Pacer::release(Ticket ticket) {
  if (out_.erase(ticket) > 0 && queued() > 0) run();
  while (!ages_.empty() && !out_.contains(ages_.front().first)) ages_.pop_front();
}

void Pacer::run() {
  if (running_) return;  // a job that fails at once releases its ticket inside run()
  running_ = true;
  expire();
  while (queued() > 0 && begun_ < limits_.per_turn && out_.size() < limits_.unanswered) {
    std::deque<Job>& queue = urgent_.empty() ? ordinary_ : urgent_;
    const Job job = std::move(queue.front());
    queue.pop_front();
    ++begun_;
    job();
  }
  running_ = false;
  if (begun_ > 0) begin_turn();
  if (queued() > 0 && out_.size() >= limits_.unanswered) await_expiry();
}

void Pacer::expire() {
  const Clock::time_point now = Clock::now();
  while (!ages_.empty() && (now - ages_.front().second >= limits_.hold || !out_.contains(ages_.front().first))) {
    out_.erase(ages_.front().first);
    ages_.pop_front();
  }
}

void Pacer::begin_turn() {
  if (turn_ending_) return;
  turn_ending_ = true;
  boost::asio::post(io_, [this, alive = alive_] {
    if (!*alive) return;
    turn_ending_ = false;
    begun_ = 0;
    if (queued() > 0) run();
  });
}

void Pacer::await_expiry() {
  if (timer_->armed || ages_.empty()) return;
  timer_->armed = true;
  timer_->timer.expires_at(ages_.front().second + limits_.hold);
  timer_->timer.async_wait([this, alive = alive_](const boost::system::error_code& error) {
    if (error || !*alive) return;
    timer_->armed = false;
    run();
  });
}

}  // namespace clued::sip
