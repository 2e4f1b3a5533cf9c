#include "channel/channels.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <stdexcept>
#include <string>
#include <unordered_map>
#include <utility>

#include "base/deadline_queue.hpp"
#include "channel/channel.hpp"
#include "channel/full_ice_agent.hpp"
#include "channel/glib_log.hpp"
#include "channel/lite_ice_agent.hpp"
#include "channel/records.hpp"
#include "channel/turns.hpp"

namespace clued::channel {
namespace {

namespace asio = boost::asio;
using base::ChannelId;
using base::Clock;
using base::TimePoint;

/// All timers of the process that are not exact are due at multiples of this, so that they share wake-ups.
constexpr std::chrono::milliseconds kGrid{10};

TimePoint rounded_up(TimePoint when) {
  const auto grid = std::chrono::duration_cast<Clock::duration>(kGrid);
  return TimePoint{(when.time_since_epoch() + grid - Clock::duration{1}) / grid * grid};
}

void require_numeric(const std::string& address, const char* what) {
  boost::system::error_code error;
  if (!address.empty()) asio::ip::make_address(address, error);
  if (error) throw std::runtime_error(std::string(what) + " is not a numeric address: " + address);
}

/// What we are bound to is also what peers are told.
void require_reachable(const std::string& address, const char* what) {
  require_numeric(address, what);
  if (address.empty()) return;
  const auto parsed = asio::ip::make_address(address);
  if (parsed.is_unspecified() || parsed.is_multicast()) {
    throw std::runtime_error(std::string(what) + " is no address that a peer could send to: " + address);
  }
}

/// A full agent's context, its wake-up, a socket, and what it opens for a moment.
constexpr std::size_t descriptors_of_an_agent = 6;

}  // namespace

class Channels::Impl : public std::enable_shared_from_this<Impl> {
 public:
  Impl(asio::io_context& io, Settings settings, Post post, base::RecordSink log, base::DescriptorBudget descriptors)
      : io_(io),
        turns_(io),
        descriptors_(std::move(descriptors)),
        host_{std::move(settings),
              std::move(post),
              std::move(log),
              [this](IceAgent::Listener& listener) { return make_agent(listener); },
              {},
              SctpStack::acquire(),
              [this](ChannelId id) { changed(id); },
              [this](ChannelId id) { finish_later(id); },
              [this](ChannelId id) { send_later(id); }},
        timer_(io),
        library_log_(host_.log) {
    require_reachable(host_.settings.address_v4, "the IPv4 address of channels");
    require_reachable(host_.settings.address_v6, "the IPv6 address of channels");
    require_numeric(host_.settings.stun_server, "the STUN server");
  }

  base::expected<void, std::string> start() {
    const Settings& settings = host_.settings;
    if (settings.ice == IceMode::full) return {};
    for (auto [address, port] :
         {std::pair{&settings.address_v4, &lite_ports_.v4}, std::pair{&settings.address_v6, &lite_ports_.v6}}) {
      if (address->empty()) continue;
      auto opened = LitePort::open(io_, turns_, *address, settings.lite_port);
      if (!opened) return base::unexpected(opened.error());
      *port = *std::move(opened);
      host_.log(
          {&record::channel_listening, {{"address", *address}, {"udp_port", unsigned{(*port)->endpoint().port()}}}});
    }
    return {};
  }

  void open(const focus::command::OpenChannel& command) {
    const auto [place, is_new] = channels_.try_emplace(command.channel);
    if (!is_new) return ignore(command.channel, "open");
    place->second = std::make_unique<Channel>(host_, command.channel, command.subject);
    place->second->open(command.family, command.controlling);
  }

  Channel* find(ChannelId id, const char* command) {
    const auto found = channels_.find(id);
    if (found != channels_.end()) return found->second.get();
    ignore(id, command);
    return nullptr;
  }

  void hold_input(bool hold) {
    input_is_held_ = hold;
    if (hold) return host_.sctp->hold_input();
    turns_.read([this] {
      if (!input_is_held_) host_.sctp->release_input();
    });
  }

  std::size_t sends_waiting() const noexcept { return turns_.sends_waiting(); }

  void abort_all() {
    while (!channels_.empty()) release(channels_.begin()->first, "abort");
  }

  /// At the end of all: no events, no timers.
  void clear() {
    closed_ = true;
    timer_.cancel();
    channels_.clear();
    lite_ports_ = {};
  }

  Census census() const noexcept {
    Census census;
    for (const auto& [id, channel] : channels_) channel->count(census);
    return census;
  }

  Counters counters() const noexcept {
    Counters counters;
    for (const auto* const port : {&lite_ports_.v4, &lite_ports_.v6}) {
      if (*port == nullptr) continue;
      counters.dropped_datagrams += (*port)->server().counters().dropped;
      counters.refused_checks += (*port)->server().counters().refused;
    }
    return counters;
  }

 private:
  /// Null when there are no descriptors for it: GLib would end the process.
  std::unique_ptr<IceAgent> make_agent(IceAgent::Listener& listener) {
    if (host_.settings.ice == IceMode::lite) return std::make_unique<LiteIceAgent>(lite_ports_, listener);
    if (!descriptors_.allows(descriptors_of_an_agent, base::DescriptorBudget::Use::call)) return nullptr;
    return std::make_unique<FullIceAgent>(io_, turns_, host_.settings, listener);
  }

  void ignore(ChannelId id, const char* command) {
    host_.log({&record::channel_command_ignored, {{"channel", id}, {"command", command}}});
  }

  void finish_later(ChannelId id) {
    // Not now: it may be one of the channel's own callbacks that says so.
    asio::post(io_, [weak = weak_from_this(), id] {
      if (const auto self = weak.lock()) self->release(id, "");
    });
  }

  void send_later(ChannelId id) {
    turns_.send([this, id] {
      if (const auto found = channels_.find(id); found != channels_.end()) found->second->send_next();
    });
  }

  /// Frees the channel and says so. `how` counts if the channel itself has not come to an end.
  void release(ChannelId id, const char* how) {
    auto node = channels_.extract(id);
    if (node.empty()) return;
    deadlines_.set(id, std::nullopt);
    std::string reached = node.mapped()->how();
    if (reached.empty()) reached = how;
    node.mapped().reset();
    host_.post(focus::event::ChannelReleased{id, std::move(reached)});
    schedule(Clock::now());
  }

  void changed(ChannelId id) {
    if (closed_) return;
    const auto found = channels_.find(id);
    if (found == channels_.end() || found->second == nullptr) return;
    const TimePoint now = Clock::now();
    deadlines_.set(id, found->second->next_deadline(now));
    schedule(now);
  }

  /// Makes the one timer fire not later than the next thing is due.
  void schedule(TimePoint now) {
    if (closed_) return;
    const auto sctp = channels_.empty() ? std::nullopt : host_.sctp->next_deadline(now);
    // The stack counts from the time of the question: what was promised before stays.
    sctp_due_ = sctp ? base::earlier(sctp_due_, sctp) : std::nullopt;
    const auto next = base::earlier(deadlines_.next(), sctp_due_);
    if (!next) {
      if (std::exchange(due_, std::nullopt)) timer_.cancel();
      return;
    }
    const TimePoint due = rounded_up(*next);
    if (due_ && *due_ <= due) return;
    due_ = due;
    timer_.expires_at(due);
    timer_.async_wait([weak = weak_from_this(), due](const boost::system::error_code& error) {
      const auto self = weak.lock();
      if (!error && self != nullptr && !self->closed_ && self->due_ == due) self->tick();
    });
  }

  void tick() {
    due_.reset();
    const TimePoint now = Clock::now();
    if (sctp_due_ && *sctp_due_ <= now) {
      sctp_due_.reset();
      host_.sctp->advance(now);
    }
    while (const ChannelId id = deadlines_.take_due(now)) {
      if (const auto found = channels_.find(id); found != channels_.end()) found->second->handle_timeout(now);
    }
    schedule(now);
  }

  asio::io_context& io_;
  Turns turns_;  // outlives the agents that wait for it
  base::DescriptorBudget descriptors_;
  ChannelHost host_;
  LitePorts lite_ports_;
  asio::steady_timer timer_;
  GlibLog library_log_;
  base::Deadline due_;       // of the timer
  base::Deadline sctp_due_;  // of the SCTP stack
  base::DeadlineQueue<ChannelId> deadlines_;
  bool closed_ = false;
  bool input_is_held_ = false;
  std::unordered_map<ChannelId, std::unique_ptr<Channel>> channels_;
};

Channels::Channels(asio::io_context& io, Settings settings, Post post, base::RecordSink log,
                   base::DescriptorBudget descriptors)
    : impl_(std::make_shared<Impl>(io, std::move(settings), std::move(post), std::move(log), std::move(descriptors))) {}

Channels::~Channels() { impl_->clear(); }

base::expected<void, std::string> Channels::start() { return impl_->start(); }

void Channels::open(const focus::command::OpenChannel& command) { impl_->open(command); }

void Channels::connect(const focus::command::ConnectChannel& command) {
  if (Channel* const channel = impl_->find(command.channel, "connect")) {
    channel->connect(command.local, command.remote);
  }
}

void Channels::send(focus::command::SendOnChannel command) {
  if (Channel* const channel = impl_->find(command.channel, "send")) channel->send(std::move(command.message));
}

void Channels::close(const focus::command::CloseChannel& command) {
  if (Channel* const channel = impl_->find(command.channel, "close")) channel->close();
}

void Channels::hold_input(bool hold) { impl_->hold_input(hold); }

std::size_t Channels::sends_waiting() const noexcept { return impl_->sends_waiting(); }

void Channels::abort_all() { impl_->abort_all(); }

Census Channels::census() const noexcept { return impl_->census(); }

Counters Channels::counters() const noexcept { return impl_->counters(); }

}  // namespace clued::channel
