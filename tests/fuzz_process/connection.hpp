// A TCP or TLS connection whose user decides in which pieces its octets travel.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "channel/openssl_handle.hpp"
#include "fuzz_process/reactor.hpp"
#include "fuzz_process/sockets.hpp"

namespace clued::fuzz {

enum class TlsEnd { none, client, server };

class Connection {
 public:
  /// Whole SIP messages, as far as Content-Length tells where they end.
  using Handler = std::function<void(std::string_view message)>;

  Connection(Reactor& reactor, Descriptor descriptor, SSL_CTX* tls, TlsEnd end, Handler handler);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// Hands these octets to TLS, if there is such, and the result to the kernel.
  void send(std::string_view octets);
  /// Past TLS: what the other end's TLS has to make sense of.
  void send_raw(std::string_view octets);
  /// No more is sent. The other end may go on.
  void half_close();
  /// RST instead of FIN.
  void reset_hard();

  bool is_over() const noexcept { return over_; }

 private:
  void ready(std::uint32_t events);
  void receive();
  void decrypt();
  void take_messages();
  void collect_ciphertext();
  void flush();

  Reactor& reactor_;
  Descriptor descriptor_;
  channel::OpensslHandle<SSL> tls_;  // owns its two memory BIOs
  Handler handler_;
  std::string unsent_;    // what the kernel does not take yet
  std::string early_;     // what waits for the handshake
  std::string received_;  // plain
  bool over_ = false;
};

}  // namespace clued::fuzz
