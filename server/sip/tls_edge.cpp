#include "sip/tls_edge.hpp"

#include <algorithm>
#include <boost/asio/ip/v6_only.hpp>
#include <random>

#include "sip/records.hpp"
#include "sip/tls_context.hpp"
#include "sip/tls_session.hpp"

namespace clued::sip {
namespace asio = boost::asio;
using Tcp = asio::ip::tcp;
using boost::system::error_code;

namespace {

/// After an accept that failed for want of descriptors.
constexpr std::chrono::milliseconds pause(200);

/// Both ends of the relay, the connection to the peer, and one to listen with until the library has connected.
constexpr std::size_t descriptors_of_a_relay = 4;

/// Failed connections whose reason is kept until the library tells of them, which is a turn of the loop later.
constexpr std::size_t max_failures = 64;

/// Connections to one place that proved to be different domains are different ones.
std::string destination_key(const Source& to) { return to.domain + '\n' + to.address + '\n' + std::to_string(to.port); }

/// Not 127.0.0.x, where others listen.
std::string random_loopback() {
  std::random_device source;
  const auto byte = [&source] { return std::to_string(1 + source() % 254); };
  return "127." + byte() + '.' + byte() + '.' + byte();
}

std::string bracketed(const std::string& address) {
  return address.find(':') == std::string::npos ? address : '[' + address + ']';
}

std::string plain(const asio::ip::address& address) {
  return address.is_v6() && address.to_v6().is_v4_mapped()
             ? asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6()).to_string()
             : address.to_string();
}

}  // namespace

struct TlsEdge::Acceptor {
  explicit Acceptor(asio::io_context& io) : socket(io), timer(io) {}
  Tcp::acceptor socket;
  asio::steady_timer timer;
  std::string uri;
  std::string sent_by;
};

TlsEdge::TlsEdge(asio::io_context& io, const TlsSettings& settings, base::RecordSink log,
                 base::DescriptorBudget descriptors)
    : io_(io),
      settings_(settings),
      log_(std::move(log)),
      descriptors_(std::move(descriptors)),
      relay_address_(random_loopback()) {}

TlsEdge::~TlsEdge() {
  log_ = [](const base::Record&) {};
  const auto sessions = std::move(sessions_);
  sessions_.clear();
  for (const auto& [key, session] : sessions) session->close("the daemon ends");
}

base::expected<void, std::string> TlsEdge::start() {
  auto made = TlsContext::make(settings_);
  if (!made) return base::unexpected(made.error());
  context_ = *std::move(made);
  return {};
}

base::expected<void, std::string> TlsEdge::reload(const TlsSettings& settings) {
  auto made = TlsContext::make(settings);
  if (!made) return base::unexpected(made.error());
  context_ = *std::move(made);
  settings_ = settings;
  return {};
}

base::expected<void, std::string> TlsEdge::listen(const std::string& address, std::uint16_t port,
                                                  const std::string& advertised) {
  auto acceptor = std::make_unique<Acceptor>(io_);
  error_code error;
  const Tcp::endpoint wanted(asio::ip::make_address(address, error), port);
  if (!error) acceptor->socket.open(wanted.protocol(), error);
  if (!error && wanted.address().is_v6()) acceptor->socket.set_option(asio::ip::v6_only(true), error);
  if (!error) acceptor->socket.set_option(Tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor->socket.bind(wanted, error);
  if (!error) acceptor->socket.listen(asio::socket_base::max_listen_connections, error);
  if (error) {
    return base::unexpected("cannot listen on tls " + bracketed(address) + " port " + std::to_string(port) + ": " +
                            error.message());
  }
  const std::string number = std::to_string(acceptor->socket.local_endpoint().port());
  acceptor->uri = "sip:" + bracketed(address) + ':' + number + ";transport=tls";
  acceptor->sent_by = (advertised.empty() ? bracketed(address) : advertised) + ':' + number;
  acceptors_.push_back(std::move(acceptor));
  accept(*acceptors_.back());
  return {};
}

void TlsEdge::accept(Acceptor& acceptor) {
  acceptor.socket.async_accept([this, &acceptor](const error_code& error, Tcp::socket socket) {
    if (error == asio::error::operation_aborted) return;
    if (error) return accept_later(acceptor);
    if (!has_descriptors()) {
      log_({&record::accepting_paused, {{"transport", "tls"}}});
      return accept_later(acceptor);
    }
    error_code gone;
    const Tcp::endpoint from = socket.remote_endpoint(gone);
    const std::string address = plain(from.address());
    if (!gone && !has_room(address)) {
      log_({&record::connection_refused, {{"source", address}, {"connections", sessions_.size()}}});
    } else if (!gone) {
      const auto session = std::make_shared<TlsSession>(*this, context_, TlsSession::Role::server,
                                                        Peer{{address, from.port(), "tls"}, acceptor.sent_by});
      add(session, 0);
      session->serve(std::move(socket));
    }
    accept(acceptor);
  });
}

/// Those who knock meanwhile wait in the kernel.
void TlsEdge::accept_later(Acceptor& acceptor) {
  acceptor.timer.expires_after(pause);
  acceptor.timer.async_wait([this, &acceptor](const error_code& stopped) {
    if (stopped) return;
    if (has_descriptors()) {
      accept(acceptor);
    } else {
      accept_later(acceptor);
    }
  });
}

bool TlsEdge::has_descriptors() const {
  return descriptors_.allows(descriptors_of_a_relay, base::DescriptorBudget::Use::connection);
}

bool TlsEdge::has_room(const std::string& address) const {
  if (sessions_.size() >= settings_.max_connections) return false;
  const auto found = per_source_.find(address);
  return found == per_source_.end() || found->second < settings_.max_connections_per_source;
}

void TlsEdge::add(const std::shared_ptr<TlsSession>& session, std::uint16_t relay_port) {
  const Source& source = session->peer().source;
  if (sessions_.emplace(session.get(), session).second) ++per_source_[source.address];
  if (relay_port == 0) return;
  by_relay_port_[relay_port] = session.get();
  session->set_relay_port(relay_port);
  if (session->role() == TlsSession::Role::client) by_destination_[destination_key(source)] = session.get();
}

void TlsEdge::remove(TlsSession& session) {
  if (sessions_.erase(&session) == 0) return;
  const Source& source = session.peer().source;
  by_relay_port_.erase(session.relay_port());
  retire(session);
  const auto found = per_source_.find(source.address);
  if (found != per_source_.end() && --found->second == 0) per_source_.erase(found);
}

void TlsEdge::retire(const TlsSession& session) {
  const auto found = by_destination_.find(destination_key(session.peer().source));
  if (found != by_destination_.end() && found->second == &session) by_destination_.erase(found);
}

void TlsEdge::remember_failure(std::uint16_t relay_port, std::string why) {
  if (failures_.size() >= max_failures) failures_.pop_front();
  failures_.emplace_back(relay_port, std::move(why));
}

std::string TlsEdge::why_failed(std::uint16_t relay_port) const {
  // The newest: the kernel gives a port again.
  const auto found = std::find_if(failures_.rbegin(), failures_.rend(),
                                  [relay_port](const auto& one) { return one.first == relay_port; });
  return found == failures_.rend() ? std::string{} : found->second;
}

const TlsEdge::Peer* TlsEdge::peer(std::uint16_t relay_port) const {
  const auto found = by_relay_port_.find(relay_port);
  return found == by_relay_port_.end() ? nullptr : &found->second->peer();
}

std::string TlsEdge::relay_uri(std::uint16_t relay_port) const {
  return "sip:" + relay_address_ + ':' + std::to_string(relay_port) + ";transport=tcp";
}

std::string TlsEdge::sent_by(bool ipv6) const {
  const auto own = std::find_if(acceptors_.begin(), acceptors_.end(), [ipv6](const auto& one) {
    return one->socket.local_endpoint().address().is_v6() == ipv6;
  });
  return own == acceptors_.end() ? std::string{} : (*own)->sent_by;
}

std::uint16_t TlsEdge::reach(const Source& to) {
  const auto live = by_destination_.find(destination_key(to));
  if (live != by_destination_.end()) return live->second->relay_port();
  if (sessions_.size() >= settings_.max_connections || acceptors_.empty()) return 0;
  if (!descriptors_.allows(descriptors_of_a_relay, base::DescriptorBudget::Use::call)) return 0;
  // Our name is that of a listener of the same family, where there is one.
  std::string own = sent_by(to.address.find(':') != std::string::npos);
  if (own.empty()) own = acceptors_.front()->sent_by;
  const auto session = std::make_shared<TlsSession>(*this, context_, TlsSession::Role::client,
                                                    Peer{{to.address, to.port, "tls", {}, to.domain}, std::move(own)});
  const std::uint16_t relay_port = session->expect_library();
  if (relay_port != 0) add(session, relay_port);
  return relay_port;
}

std::vector<std::string> TlsEdge::bound() const {
  std::vector<std::string> uris;
  for (const auto& acceptor : acceptors_) uris.push_back(acceptor->uri);
  return uris;
}

}  // namespace clued::sip
