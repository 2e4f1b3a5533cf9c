// Spreads a fan-out of requests over turns of the loop and bounds how many of them are unanswered. Private to
// server/sip.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <unordered_set>

namespace boost::asio {
class io_context;
}

namespace clued::sip {

class Pacer {
 public:
  struct Limits {
    std::size_t unanswered;          ///< jobs wait while so many tickets are out
    std::size_t per_turn;            ///< jobs begun in one turn of the loop
    std::chrono::milliseconds hold;  ///< a ticket older than this counts no more
  };
  using Job = std::function<void()>;
  using Ticket = std::uint64_t;

  Pacer(boost::asio::io_context& io, Limits limits);
  Pacer(const Pacer&) = delete;
  Pacer& operator=(const Pacer&) = delete;
  ~Pacer();

  /// Runs the job, at once if the limits allow, else later. Urgent ones (BYE, NOTIFY) go before the others; among
  /// equals the order is kept.
  void enqueue(bool urgent, Job job);

  /// From now on, for what waits as well.
  void set_limits(Limits limits) noexcept { limits_ = limits; }

  /// A request is on its way / was answered.
  Ticket take();
  void release(Ticket ticket);

  std::size_t queued() const { return urgent_.size() + ordinary_.size(); }

 private:
  struct Timer;
  using Clock = std::chrono::steady_clock;

  void run();
  void expire();
  void begin_turn();
  void await_expiry();

  boost::asio::io_context& io_;
  Limits limits_;
  std::deque<Job> urgent_;
  std::deque<Job> ordinary_;
  std::unordered_set<Ticket> out_;
  std::deque<std::pair<Ticket, Clock::time_point>> ages_;
  Ticket last_ = 0;
  std::size_t begun_ = 0;     // in this turn
  bool turn_ending_ = false;  // the handler that begins the next turn is queued
  bool running_ = false;
  std::unique_ptr<Timer> timer_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace clued::sip
