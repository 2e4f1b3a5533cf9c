#include "channel/turns.hpp"

#include <utility>
// Boost 1.74 uses std::exchange without including it under C++20.
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

namespace clued::channel {
namespace {

/// Some ten messages of 32 KB, or a hundred acknowledgements: what waits for it does not notice.
constexpr std::chrono::milliseconds kTurn{3};

}  // namespace

class Turns::Impl : public std::enable_shared_from_this<Impl> {
 public:
  explicit Impl(boost::asio::io_context& io) : io_(io) {}

  void add(std::deque<Job>& to, Job job) {
    to.push_back(std::move(job));
    schedule();
  }

  void stop() {
    reads.clear();
    sends.clear();
  }

  std::deque<Job> reads;
  std::deque<Job> sends;

 private:
  void schedule() {
    if (std::exchange(scheduled_, true)) return;
    boost::asio::post(io_, [weak = weak_from_this()] {
      if (const auto self = weak.lock()) self->turn();
    });
  }

  void turn() {
    scheduled_ = false;
    const base::TimePoint end = base::Clock::now() + kTurn;
    if (!sends.empty()) run(sends);
    while (!(reads.empty() && sends.empty()) && base::Clock::now() < end) run(reads.empty() ? sends : reads);
    if (!(reads.empty() && sends.empty())) schedule();
  }

  static void run(std::deque<Job>& from) {
    const Job job = std::move(from.front());
    from.pop_front();
    job();
  }

  boost::asio::io_context& io_;
  bool scheduled_ = false;
};

Turns::Turns(boost::asio::io_context& io) : impl_(std::make_shared<Impl>(io)) {}

Turns::~Turns() { impl_->stop(); }

void Turns::read(Job job) { impl_->add(impl_->reads, std::move(job)); }

void Turns::send(Job job) { impl_->add(impl_->sends, std::move(job)); }

std::size_t Turns::sends_waiting() const noexcept { return impl_->sends.size(); }

}  // namespace clued::channel
