#include "sip/connection_guard.hpp"

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <chrono>

#include "sip/endpoint.hpp"
#include "sip/records.hpp"
#include "sip/socket_facts.hpp"
#include "sip/source_buckets.hpp"

namespace clued::sip {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int accepts_per_turn = 8;
/// How soon it is tried again when there were no descriptors.
constexpr std::chrono::milliseconds retry_after(300);
/// The same when there were some, and yet nobody could be let in.
constexpr std::chrono::milliseconds breath(10);
/// From a knock to the look: many of them are one look.
constexpr std::chrono::milliseconds after_knock(20);
/// A look may take one part of so many of the time.
constexpr int share = 20;
/// How long an answer may still go to somebody who has closed his end.
constexpr std::chrono::seconds last_words(2);
/// While there are connections: one that is not read from any more may end later.
constexpr std::chrono::seconds now_and_then(30);

/// 0 when it is not bound.
std::uint16_t local_port(int descriptor) {
  su_sockaddr_t own{};
  socklen_t size = sizeof own;
  return getsockname(descriptor, &own.su_sa, &size) == 0 ? ntohs(own.su_port) : std::uint16_t{0};
}

bool is_listening(int descriptor) {
  int listening = 0;
  socklen_t size = sizeof listening;
  return getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &listening, &size) == 0 && listening != 0;
}

Source source_at(int descriptor) {
  const su_sockaddr_t peer = peer_of(descriptor);
  return {address_text(peer), ntohs(peer.su_port), "tcp"};
}

}  // namespace

/// What one look finds.
struct ConnectionGuard::Look {
  std::unordered_map<int, Socket> sockets;
  std::unordered_map<std::string, std::vector<std::pair<int, bool>>> by_source;  ///< descriptor, and whether it is new
  bool connections = false;
  bool fresh = false;  ///< some of them were not there at the last look
  bool half_closed = false;
};

ConnectionGuard::ConnectionGuard(Loop& loop, std::size_t limit, std::function<bool(const Source&)> is_trusted,
                                 base::RecordSink log, base::DescriptorBudget descriptors)
    : loop_(loop),
      limit_(limit),
      is_trusted_(std::move(is_trusted)),
      log_(std::move(log)),
      descriptors_(std::move(descriptors)),
      timer_(loop.io()) {}

ConnectionGuard::~ConnectionGuard() = default;

base::expected<void, std::string> ConnectionGuard::start(std::vector<std::uint16_t> ports) {
  ports_ = std::move(ports);
  for (const int descriptor : loop_.descriptors()) {
    if (!is_stream(descriptor) || !is_listening(descriptor) || !is_guarded(local_port(descriptor))) continue;
    // One of our own for the same socket: the library goes on with its descriptor.
    const int own = fcntl(descriptor, F_DUPFD_CLOEXEC, 0);
    if (own < 0 || !loop_.mask(descriptor)) {
      if (own >= 0) close(own);
      return base::unexpected(std::string("a listening socket of Sofia-SIP cannot be guarded"));
    }
    listeners_.push_back(
        std::make_unique<Listener>(Listener{boost::asio::posix::stream_descriptor(loop_.io(), own), descriptor, false,
                                            false, boost::asio::steady_timer(loop_.io())}));
    await_knock(*listeners_.back());
  }
  return {};
}

void ConnectionGuard::await_knock(Listener& listener) {
  if (std::exchange(listener.waiting, true)) return;
  listener.descriptor.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                                 [this, &listener](const boost::system::error_code& error) {
                                   if (error) return;
                                   listener.waiting = false;
                                   let_in(listener);
                                 });
}

/// Some of those who knock, one descriptor at a time; then others have a turn. Whatever the reason is that nobody could
/// be let in (descriptors are not all that the kernel may be out of), it is tried again, and not at once.
void ConnectionGuard::let_in(Listener& listener) {
  const auto has_room = [this] { return descriptors_.allows(1, base::DescriptorBudget::Use::connection); };
  if (!has_room()) {
    if (!std::exchange(listener.paused, true)) log_({&record::accepting_paused, {{"transport", "tcp"}}});
    return let_in_after(listener, retry_after);
  }
  listener.paused = false;
  const unsigned waited = waiting_at_listener(listener.original);
  loop_.serve(listener.original, has_room, accepts_per_turn);
  const auto pause = std::chrono::ceil<std::chrono::milliseconds>(last_look_ * share);
  look_after(std::max(after_knock, pause));
  const unsigned waiting = waiting_at_listener(listener.original);
  if (waiting > 0 && waiting >= waited) return let_in_after(listener, breath);
  await_knock(listener);
}

void ConnectionGuard::let_in_after(Listener& listener, std::chrono::milliseconds time) {
  listener.retry.expires_after(time);
  listener.retry.async_wait([this, &listener](const boost::system::error_code& error) {
    if (!error) let_in(listener);
  });
}

void ConnectionGuard::look_after(std::chrono::milliseconds time) {
  const auto wanted = Clock::now() + time;
  if (wanted >= due_) return;
  due_ = wanted;
  timer_.expires_at(wanted);
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error) look();
  });
}

void ConnectionGuard::look() {
  const auto begun = Clock::now();
  due_ = Clock::time_point::max();
  Look seen;
  for (const int descriptor : loop_.descriptors()) look_at(descriptor, seen);
  sockets_ = std::move(seen.sockets);
  for (auto& [source, connections] : seen.by_source) {
    if (connections.size() > limit_) close_newest(connections);
  }
  last_look_ = Clock::now() - begun;
  if (seen.half_closed || seen.fresh) {
    look_after(last_words);
  } else if (seen.connections) {
    look_after(now_and_then);
  }
}

void ConnectionGuard::look_at(int descriptor, Look& seen) {
  const std::uint64_t cookie = cookie_of(descriptor);
  if (cookie == 0) return;
  const auto known = sockets_.find(descriptor);
  const bool is_new = known == sockets_.end() || known->second.cookie != cookie;
  Socket one{cookie};
  if (is_new) {
    const bool connected = is_stream(descriptor) && !is_listening(descriptor) && is_guarded(local_port(descriptor));
    if (connected) one.source = source_at(descriptor);
    one.accepted = !one.source.address.empty();
  } else {
    one = std::move(known->second);
  }
  if (one.accepted) {
    seen.connections = true;
    seen.fresh = seen.fresh || is_new;
    const bool half_closed = is_half_closed(descriptor);
    if (half_closed && one.half_closed) shutdown(descriptor, SHUT_RDWR);
    one.half_closed = half_closed;
    seen.half_closed = seen.half_closed || half_closed;
    if (!is_trusted_(one.source)) seen.by_source[network_key(one.source.address)].emplace_back(descriptor, is_new);
  }
  seen.sockets.emplace(descriptor, std::move(one));
}

bool ConnectionGuard::is_guarded(std::uint16_t port) const {
  return std::find(ports_.begin(), ports_.end(), port) != ports_.end();
}

void ConnectionGuard::close_newest(std::vector<std::pair<int, bool>>& connections) {
  std::stable_partition(connections.begin(), connections.end(), [](const auto& one) { return !one.second; });
  const Source& source = sockets_.at(connections.back().first).source;
  log_({&record::connection_refused, {{"source", source.address}, {"connections", connections.size()}}});
  for (std::size_t i = limit_; i < connections.size(); ++i) shutdown(connections[i].first, SHUT_RDWR);
}

}  // namespace clued::sip
