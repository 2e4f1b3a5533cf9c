#include "media/socket_watch.hpp"

#include <sys/epoll.h>

#include <array>
#include <boost/asio/io_context.hpp>
#include <cerrno>
#include <system_error>
#include <utility>

namespace clued::media {

namespace {

/// Sockets served before the loop looks after others.
constexpr int sockets_per_turn = 16;

int make_epoll_set() {
  const int descriptor = ::epoll_create1(EPOLL_CLOEXEC);
  if (descriptor < 0) throw std::system_error(errno, std::generic_category(), "epoll_create1");
  return descriptor;
}

}  // namespace

class SocketWatch::Impl : public std::enable_shared_from_this<Impl> {
 public:
  Impl(boost::asio::io_context& io, std::function<void(std::uint64_t)> readable)
      : set_(io, make_epoll_set()), readable_(std::move(readable)) {}

  base::expected<void, boost::system::error_code> add(int descriptor, std::uint64_t number) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u64 = number;
    if (::epoll_ctl(set_.native_handle(), EPOLL_CTL_ADD, descriptor, &event) != 0) {
      return base::unexpected(boost::system::error_code(errno, boost::system::system_category()));
    }
    resting_ = false;
    wait();
    return {};
  }

  void rest() {
    resting_ = true;
    boost::system::error_code ignored;  // of a descriptor that is open it never fails
    set_.cancel(ignored);
  }

  void stop() {
    readable_ = nullptr;
    rest();
  }

 private:
  void wait() {
    if (std::exchange(waiting_, true)) return;
    set_.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                    [weak = weak_from_this()](const boost::system::error_code& error) {
                      const auto self = weak.lock();
                      if (!self) return;
                      self->waiting_ = false;
                      if (!error) return self->turn();
                      // A socket was added between the cancellation and its completion.
                      if (!self->resting_) self->wait();
                    });
  }

  void turn() {
    std::array<epoll_event, sockets_per_turn> events;
    const int count = ::epoll_wait(set_.native_handle(), events.data(), sockets_per_turn, 0);
    for (int n = 0; n < count && readable_; ++n) readable_(events[static_cast<std::size_t>(n)].data.u64);
    if (!resting_) wait();
  }

  boost::asio::posix::stream_descriptor set_;
  std::function<void(std::uint64_t)> readable_;
  bool waiting_ = false;
  bool resting_ = true;  ///< nobody is to be watched
};

SocketWatch::SocketWatch(boost::asio::io_context& io, std::function<void(std::uint64_t)> readable)
    : impl_(std::make_shared<Impl>(io, std::move(readable))) {}

SocketWatch::~SocketWatch() { impl_->stop(); }

base::expected<void, boost::system::error_code> SocketWatch::add(int descriptor, std::uint64_t number) {
  return impl_->add(descriptor, number);
}

void SocketWatch::rest() { impl_->rest(); }

}  // namespace clued::media
