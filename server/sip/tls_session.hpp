// One TLS connection and its relay to the library. Private to server/sip.
#pragma once

#include <array>
#include <memory>
#include <string>
#include <utility>
// Boost 1.74 uses std::exchange without including it under C++20.
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>

#include "sip/tls_edge.hpp"
#include "sip/via_rewriter.hpp"

namespace clued::sip {

/// It lives as long as one of its operations is under way; the edge knows it until it closes.
class TlsSession : public std::enable_shared_from_this<TlsSession> {
 public:
  using Tcp = boost::asio::ip::tcp;
  enum class Role { server, client };

  TlsSession(TlsEdge& edge, std::shared_ptr<TlsContext> context, Role role, TlsEdge::Peer peer);

  /// Somebody connected to us: handshake, then a connection to the library.
  void serve(Tcp::socket accepted);
  /// The library is to connect to the returned port; then we connect to the peer. 0 when there is no port to be had.
  std::uint16_t expect_library();
  /// Ends both connections. Once.
  void close(const char* why);

  const TlsEdge::Peer& peer() const { return peer_; }
  bool is_open() const { return !closed_; }
  Role role() const { return role_; }
  /// Its port on the relay address, which the edge knows it by; 0 before it has one.
  std::uint16_t relay_port() const { return relay_port_; }
  void set_relay_port(std::uint16_t port) { relay_port_ = port; }

 private:
  using Stream = boost::asio::ssl::stream<Tcp::socket>;
  using Error = boost::system::error_code;

  void handshaken(const Error& error);
  void prove_server();
  std::string why_refused(const Error& error) const;
  void connect_to_library();
  void connect_to_peer();
  void begin_relay();
  void read_outer();
  void read_inner();
  void drop();
  void await(std::chrono::milliseconds time, const char* why);

  TlsEdge* edge_;  ///< null once it is closed
  std::shared_ptr<TlsContext> context_;
  Role role_;
  TlsEdge::Peer peer_;
  Stream outer_;
  Tcp::socket inner_;
  Tcp::acceptor acceptor_;
  boost::asio::steady_timer timer_;
  ViaRewriter rewriter_;
  std::array<char, 16 * 1024> from_outer_{};
  std::array<char, 16 * 1024> from_inner_{};
  std::string to_outer_;
  std::uint16_t relay_port_ = 0;
  bool relaying_ = false;
  bool closed_ = false;
};

}  // namespace clued::sip
