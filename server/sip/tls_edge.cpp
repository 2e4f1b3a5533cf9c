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
constexpr std::chrono::milliseconds pause(100);

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

TlsEdge::TlsEdge(asio::io_context& io, const TlsSettings& settings, base::RecordSink log)
    : io_(io), settings_(settings), log_(std::move(log)), relay_address_(random_loopback()) {}

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
    if (error) {
      acceptor.timer.expires_after(pause);
      acceptor.timer.async_wait([this, &acceptor](const error_code& stopped) {
        if (!stopped) accept(acceptor);
      });
      return;
    }
    error_code gone;
    const Tcp::endpoint from = socket.remote_endpoint(gone);
    const std::string address = plain(from.address());
    if (!gone && !has_room(address)) {
      log_({&record::connection_refused, {{"source", address}, {"connections", sessions_.size()}}});
    } else if (!gone) {
      const auto session = std::make_shared<TlsSession>(*this, context_, TlsSession::Role::server,
                                                        Peer{{address, from.port(), "tls", {}}, acceptor.sent_by});
      add(session, 0);
      session->serve(std::move(socket));
    }
    accept(acceptor);
  });
}

bool TlsEdge::has_room(const std::string& address) const {
  if (sessions_.size() >= settings_.max_connections) return false;
  const auto found = per_source_.find(address);
  return found == per_source_.end() || found->second < settings_.max_connections_per_source;
}

void TlsEdge::add(const std::shared_ptr<TlsSession>& session, std::uint16_t relay_port) {
  if (sessions_.emplace(session.get(), session).second) ++per_source_[session->peer().source.address];
  if (relay_port != 0) by_relay_port_[relay_port] = session.get();
}

void TlsEdge::remove(TlsSession& session) {
  if (sessions_.erase(&session) == 0) return;
  std::erase_if(by_relay_port_, [&session](const auto& one) { return one.second == &session; });
  const auto found = per_source_.find(session.peer().source.address);
  if (found != per_source_.end() && --found->second == 0) per_source_.erase(found);
}

const TlsEdge::Peer* TlsEdge::peer(std::uint16_t relay_port) const {
  const auto found = by_relay_port_.find(relay_port);
  return found == by_relay_port_.end() ? nullptr : &found->second->peer();
}

std::string TlsEdge::reach(const std::string& address, std::uint16_t port) {
  const auto uri = [this](std::uint16_t relay_port) {
    return "sip:" + relay_address_ + ':' + std::to_string(relay_port) + ";transport=tcp";
  };
  for (const auto& [relay_port, session] : by_relay_port_) {
    const Source& source = session->peer().source;
    if (session->role() == TlsSession::Role::client && source.address == address && source.port == port) {
      return uri(relay_port);
    }
  }
  if (sessions_.size() >= settings_.max_connections || acceptors_.empty()) return {};
  // Our name is that of a listener of the same family, where there is one.
  const bool ipv6 = address.find(':') != std::string::npos;
  const auto own = std::find_if(acceptors_.begin(), acceptors_.end(), [ipv6](const auto& one) {
    return one->socket.local_endpoint().address().is_v6() == ipv6;
  });
  const Acceptor& chosen = own == acceptors_.end() ? *acceptors_.front() : **own;
  const auto session = std::make_shared<TlsSession>(*this, context_, TlsSession::Role::client,
                                                    Peer{{address, port, "tls", {}}, chosen.sent_by});
  const std::uint16_t relay_port = session->expect_library();
  if (relay_port == 0) return {};
  add(session, relay_port);
  return uri(relay_port);
}

std::vector<std::string> TlsEdge::bound() const {
  std::vector<std::string> uris;
  for (const auto& acceptor : acceptors_) uris.push_back(acceptor->uri);
  return uris;
}

}  // namespace clued::sip
