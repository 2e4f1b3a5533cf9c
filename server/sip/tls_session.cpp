#include "sip/tls_session.hpp"

#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/write.hpp>

#include "sip/certificate_names.hpp"
#include "sip/records.hpp"
#include "sip/tls_context.hpp"

namespace clued::sip {
namespace asio = boost::asio;

namespace {

/// How long what one end still sent may take to reach the other after the first has closed.
constexpr std::chrono::seconds last_words(2);

}  // namespace

TlsSession::TlsSession(TlsEdge& edge, std::shared_ptr<TlsContext> context, Role role, TlsEdge::Peer peer)
    : edge_(&edge),
      context_(std::move(context)),
      role_(role),
      peer_(std::move(peer)),
      outer_(edge.io_, role == Role::server ? context_->server() : context_->client()),
      inner_(edge.io_),
      acceptor_(edge.io_),
      timer_(edge.io_),
      rewriter_({peer_.sent_by, peer_.source.address, peer_.source.port}) {}

void TlsSession::serve(Tcp::socket accepted) {
  outer_.next_layer() = std::move(accepted);
  await(edge_->settings_.handshake_timeout, "no handshake in time");
  outer_.async_handshake(Stream::server, [self = shared_from_this()](const Error& error) { self->handshaken(error); });
}

void TlsSession::handshaken(const Error& error) {
  if (closed_) return;
  if (error) return close(why_refused(error).c_str());
  peer_.source.certificate = certificate_names(outer_.native_handle());
  if (role_ == Role::server) {
    connect_to_library();
  } else {
    begin_relay();
  }
}

void TlsSession::connect_to_library() {
  Error error;
  const Tcp::endpoint own(asio::ip::make_address(edge_->relay_address_), 0);
  inner_.open(Tcp::v4(), error);
  if (!error) inner_.bind(own, error);
  if (error) return close("no port for the relay");
  // Known before the library can read the first byte from it.
  edge_->add(shared_from_this(), inner_.local_endpoint().port());
  inner_.async_connect({own.address(), edge_->relay_port_}, [self = shared_from_this()](const Error& failed) {
    if (self->closed_) return;
    if (failed) return self->close("the relay cannot connect");
    self->begin_relay();
  });
}

std::uint16_t TlsSession::expect_library() {
  Error error;
  acceptor_.open(Tcp::v4(), error);
  if (!error) acceptor_.bind({asio::ip::make_address(edge_->relay_address_), 0}, error);
  if (!error) acceptor_.listen(1, error);
  if (error) return 0;
  const std::uint16_t port = acceptor_.local_endpoint().port();
  await(edge_->settings_.handshake_timeout, "no TLS handshake in time");
  acceptor_.async_accept(inner_, [self = shared_from_this()](const Error& failed) {
    if (self->closed_) return;
    Error ignored;
    self->acceptor_.close(ignored);
    if (failed) return self->close("the library did not connect");
    self->connect_to_peer();
  });
  return port;
}

void TlsSession::connect_to_peer() {
  Error error;
  const auto address = asio::ip::make_address(peer_.source.address, error);
  if (error) return close("the next hop is not a number");
  prove_server();
  outer_.next_layer().async_connect({address, peer_.source.port}, [self = shared_from_this()](const Error& failed) {
    if (self->closed_) return;
    if (failed) return self->close(failed.message().c_str());
    self->outer_.async_handshake(Stream::client, [self](const Error& refused) { self->handshaken(refused); });
  });
}

/// Who we connect to has to show that it is who was called (RFC 5922 section 7.3).
void TlsSession::prove_server() {
  const std::string& domain = peer_.source.domain;
  // RFC 6066 section 3: a server with several certificates chooses by it; it is never a number.
  if (!domain.empty()) SSL_set_tlsext_host_name(outer_.native_handle(), domain.c_str());
  if (!edge_->settings_.verify_servers) return;
  if (domain.empty()) {
    outer_.set_verify_callback(asio::ssl::host_name_verification(peer_.source.address));
    return;
  }
  outer_.set_verify_callback([domain](bool verified, asio::ssl::verify_context& context) {
    if (!verified) return false;
    X509_STORE_CTX* store = context.native_handle();
    if (X509_STORE_CTX_get_error_depth(store) > 0) return true;  // one of those who vouch for it
    if (proves_domain(X509_STORE_CTX_get_current_cert(store), domain)) return true;
    X509_STORE_CTX_set_error(store, X509_V_ERR_HOSTNAME_MISMATCH);
    return false;
  });
}

/// OpenSSL says of every certificate only that it failed.
std::string TlsSession::why_refused(const Error& error) const {
  const long verified = SSL_get_verify_result(const_cast<Stream&>(outer_).native_handle());
  if (role_ == Role::server || verified == X509_V_OK) return error.message();
  return std::string("certificate: ") + X509_verify_cert_error_string(verified);
}

void TlsSession::begin_relay() {
  relaying_ = true;
  timer_.cancel();
  Error ignored;
  outer_.next_layer().set_option(Tcp::no_delay(true), ignored);
  inner_.set_option(Tcp::no_delay(true), ignored);
  read_outer();
  read_inner();
}

void TlsSession::read_outer() {
  outer_.async_read_some(asio::buffer(from_outer_), [self = shared_from_this()](const Error& error, std::size_t size) {
    if (self->closed_) return;
    if (error) {
      // The library reads what is left, then closes its end.
      self->edge_->retire(*self);
      Error ignored;
      self->inner_.shutdown(Tcp::socket::shutdown_send, ignored);
      return self->await(last_words, "the peer closed");
    }
    asio::async_write(self->inner_, asio::buffer(self->from_outer_.data(), size),
                      [self](const Error& failed, std::size_t) {
                        if (self->closed_) return;
                        if (failed) return self->close("the library closed");
                        self->read_outer();
                      });
  });
}

void TlsSession::read_inner() {
  inner_.async_read_some(asio::buffer(from_inner_), [self = shared_from_this()](const Error& error, std::size_t size) {
    if (self->closed_) return;
    if (error) return self->close("the library closed");
    self->to_outer_ = self->rewriter_.take({self->from_inner_.data(), size});
    if (self->to_outer_.empty()) return self->read_inner();
    asio::async_write(self->outer_, asio::buffer(self->to_outer_), [self](const Error& failed, std::size_t) {
      if (self->closed_) return;
      if (failed) return self->close("the peer closed");
      self->read_inner();
    });
  });
}

void TlsSession::await(std::chrono::milliseconds time, const char* why) {
  timer_.expires_after(time);
  timer_.async_wait([self = shared_from_this(), why](const Error& error) {
    if (!error) self->close(why);
  });
}

void TlsSession::close(const char* why) {
  if (closed_) return;
  closed_ = true;
  const auto self = shared_from_this();
  if (edge_ != nullptr) {
    edge_->log_({&record::tls_closed, {{"source", peer_.source.to_string()}, {"why", why}}});
    if (role_ == Role::client && !relaying_) edge_->remember_failure(relay_port_, why);
    edge_->remove(*this);
    edge_ = nullptr;
  }
  Error ignored;
  timer_.cancel();
  acceptor_.close(ignored);
  inner_.close(ignored);
  outer_.next_layer().cancel(ignored);
  if (SSL_is_init_finished(outer_.native_handle()) == 0) {
    outer_.next_layer().close(ignored);
    return;
  }
  // A close_notify; its answer is not waited for longer than for last words (RFC 8446 section 6.1).
  outer_.async_shutdown([self](const Error&) { self->drop(); });
  timer_.expires_after(last_words);
  timer_.async_wait([self](const Error& error) {
    if (!error) self->drop();
  });
}

void TlsSession::drop() {
  Error ignored;
  timer_.cancel();
  outer_.next_layer().close(ignored);
}

}  // namespace clued::sip
