#include "channel/glib_pump.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cassert>
#include <cerrno>
#include <chrono>
#include <optional>
#include <utility>
#include <vector>

#include "channel/turns.hpp"

namespace clued::channel {
namespace {

namespace asio = boost::asio;
using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kGrid{10};
/// A context that wants nothing for this long is not given a timer: its descriptors wake it.
constexpr std::chrono::hours kNever{1};

Clock::time_point rounded_up(Clock::time_point when) {
  const auto grid = std::chrono::duration_cast<Clock::duration>(kGrid);
  const auto steps = (when.time_since_epoch() + grid - Clock::duration{1}) / grid;
  return Clock::time_point{grid * steps};
}

/// Which file a descriptor stands for at the moment.
struct FileIdentity {
  dev_t device = 0;
  ino_t inode = 0;
  bool operator==(const FileIdentity&) const = default;
};

FileIdentity identity_of(int descriptor) noexcept {
  struct stat status {};
  if (::fstat(descriptor, &status) != 0) return {};
  return {status.st_dev, status.st_ino};
}

}  // namespace

class GlibPump::Impl : public std::enable_shared_from_this<Impl> {
 public:
  Impl(asio::io_context& io, Turns& turns) : io_(io), turns_(turns), timer_(io), context_(g_main_context_new()) {
    const bool acquired = g_main_context_acquire(context_) != FALSE;
    assert(acquired && "a new context is free");
    static_cast<void>(acquired);
  }

  ~Impl() {
    g_main_context_release(context_);
    g_main_context_unref(context_);
  }

  GMainContext* context() const noexcept { return context_; }

  void kick() {
    if (stopped_ || std::exchange(kicked_, true)) return;
    asio::post(io_, [self = shared_from_this()] {
      self->kicked_ = false;
      self->turn();
    });
  }

  void stop() noexcept {
    stopped_ = true;
    timer_.cancel();
    for (Watch& watch : watches_) watch.descriptor.release();
    watches_.clear();
  }

 private:
  struct Watch {
    FileIdentity file;
    asio::posix::stream_descriptor descriptor;
    bool waits_to_read = false;
    bool waits_to_write = false;
  };

  /// Something is ready: the context has its turn soon, once for all that becomes ready until then.
  void await_turn() {
    if (std::exchange(awaits_turn_, true)) return;
    turns_.read([weak = weak_from_this()] {
      const auto self = weak.lock();
      if (self == nullptr) return;
      self->awaits_turn_ = false;
      self->turn();
    });
  }

  /// Dispatches what is ready, then watches what the context wants next.
  void turn() {
    // A dispatch may end up here through a callback; the outer turn arms again when it is done.
    if (stopped_ || turning_) return;
    turning_ = true;
    query();
    g_poll(polled_.data(), static_cast<guint>(polled_.size()), 0);
    g_main_context_check(context_, priority_, polled_.data(), static_cast<gint>(polled_.size()));
    g_main_context_dispatch(context_);
    turning_ = false;
    if (!stopped_) arm();
  }

  /// Asks the context for its descriptors and its timeout.
  void query() {
    g_main_context_prepare(context_, &priority_);
    if (polled_.empty()) polled_.resize(4);
    while (true) {
      const gint wanted =
          g_main_context_query(context_, priority_, &timeout_, polled_.data(), static_cast<gint>(polled_.size()));
      const bool fits = static_cast<std::size_t>(wanted) <= polled_.size();
      polled_.resize(static_cast<std::size_t>(wanted));
      if (fits) return;
    }
  }

  void arm() {
    query();
    drop_unwanted();
    for (const GPollFD& poll : polled_) watch(poll);
    if (timeout_ == 0) {
      kick();
    } else {
      set_timer();
    }
  }

  void drop_unwanted() {
    std::erase_if(watches_, [this](Watch& watch) {
      const int number = watch.descriptor.native_handle();
      const bool wanted = std::ranges::any_of(polled_, [number](const GPollFD& poll) { return poll.fd == number; });
      if (wanted && watch.file == identity_of(number)) return false;
      watch.descriptor.release();
      return true;
    });
  }

  void watch(const GPollFD& poll) {
    auto found =
        std::ranges::find_if(watches_, [&poll](Watch& watch) { return watch.descriptor.native_handle() == poll.fd; });
    if (found == watches_.end()) {
      asio::posix::stream_descriptor descriptor(io_);
      boost::system::error_code error;
      descriptor.assign(poll.fd, error);
      if (error) return;  // closed meanwhile: GLib will find out by itself
      watches_.push_back({identity_of(poll.fd), std::move(descriptor)});
      found = std::prev(watches_.end());
    }
    if ((poll.events & G_IO_IN) != 0) wait(*found, asio::posix::descriptor_base::wait_read);
    if ((poll.events & G_IO_OUT) != 0) wait(*found, asio::posix::descriptor_base::wait_write);
  }

  void wait(Watch& watch, asio::posix::descriptor_base::wait_type what) {
    const bool reading = what == asio::posix::descriptor_base::wait_read;
    if (std::exchange(reading ? watch.waits_to_read : watch.waits_to_write, true)) return;
    watch.descriptor.async_wait(what, [weak = weak_from_this(), number = watch.descriptor.native_handle(),
                                       file = watch.file, reading](const boost::system::error_code& error) {
      const auto self = weak.lock();
      if (error || self == nullptr || self->stopped_) return;
      for (Watch& each : self->watches_) {
        if (each.descriptor.native_handle() != number || each.file != file) continue;
        (reading ? each.waits_to_read : each.waits_to_write) = false;
      }
      self->await_turn();
    });
  }

  void set_timer() {
    if (timeout_ < 0 || std::chrono::milliseconds(timeout_) > kNever) {
      if (std::exchange(due_, std::nullopt)) timer_.cancel();
      return;
    }
    const auto due = rounded_up(Clock::now() + std::chrono::milliseconds(timeout_));
    if (due_ == due) return;
    due_ = due;
    timer_.expires_at(due);
    timer_.async_wait([weak = weak_from_this(), due](const boost::system::error_code& error) {
      const auto self = weak.lock();
      if (error || self == nullptr || self->due_ != due) return;
      self->due_.reset();
      self->await_turn();
    });
  }

  asio::io_context& io_;
  Turns& turns_;
  asio::steady_timer timer_;
  std::optional<Clock::time_point> due_;
  GMainContext* context_;
  std::vector<Watch> watches_;
  std::vector<GPollFD> polled_;
  gint priority_ = 0;
  gint timeout_ = -1;
  bool turning_ = false;
  bool kicked_ = false;
  bool awaits_turn_ = false;
  bool stopped_ = false;
};

GlibPump::GlibPump(asio::io_context& io, Turns& turns) : impl_(std::make_shared<Impl>(io, turns)) {}

GlibPump::~GlibPump() { stop(); }

GMainContext* GlibPump::context() const noexcept { return impl_->context(); }

void GlibPump::kick() { impl_->kick(); }

void GlibPump::stop() noexcept { impl_->stop(); }

}  // namespace clued::channel
