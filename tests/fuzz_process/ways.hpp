// The ways by which SIP goes to the daemon and comes from it: UDP sockets, TCP and TLS connections of both directions.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "channel/certificate.hpp"
#include "fuzz_process/connection.hpp"
#include "fuzz_process/random.hpp"
#include "fuzz_process/sockets.hpp"

namespace clued::fuzz {

struct Way {
  enum class Kind { udp, tcp, tls, accepted } kind = Kind::udp;
  std::size_t slot = 0;
};

class Ways {
 public:
  using Handler = std::function<void(const std::string& message, Way way)>;

  /// The certificate is shown by our ends of TLS.
  Ways(Reactor& reactor, const channel::Certificate& certificate, Handler handler);

  /// Where the daemon listens; no TLS with port 0.
  void aim(std::uint16_t sip_port, std::uint16_t tls_port);

  Way some_way(Random& random) const;
  /// The Via of a request that goes there, without branch.
  std::string via(Way way) const;
  /// Opens the connection if there is none. On a connection the text travels in pieces, now and then with something in
  /// between, and its end may wait until the connection is used again.
  void send(Way way, std::string text, Random& random);
  /// Something that no message is, or an end: only for connections.
  void disturb(Random& random);
  /// From now on nothing is cut into pieces.
  void be_honest() { honest_ = true; }
  /// Forgets connections that are over; not from within a handler.
  void sweep();
  void close_all();

  std::vector<std::uint16_t> udp_ports() const;
  std::uint16_t listener() const noexcept { return listener_.port(); }
  std::uint16_t tls_listener() const noexcept { return tls_listener_.port(); }

 private:
  static constexpr std::size_t sockets = 4;
  static constexpr std::size_t slots = 12;  // of each kind of connection

  struct Slot {
    std::unique_ptr<Connection> connection;
    std::string rest;  // what waits for the next use
  };

  Connection& open(Way way);
  Slot& slot_of(Way way) { return way.kind == Way::Kind::tls ? tls_.at(way.slot) : tcp_.at(way.slot); }
  void accept(Descriptor descriptor, TlsEnd end);
  void disturb_slot(Random& random, Slot& slot, Way way);

  Reactor& reactor_;
  Handler handler_;
  channel::OpensslHandle<SSL_CTX> client_, server_;
  std::uint16_t sip_port_ = 0, tls_port_ = 0;
  bool honest_ = false;
  std::vector<std::unique_ptr<UdpSocket>> udp_;
  std::array<Slot, slots> tcp_, tls_;
  std::map<std::size_t, std::unique_ptr<Connection>> accepted_;
  std::size_t last_accepted_ = 0;
  std::vector<std::unique_ptr<Connection>> idle_;  // connections that only are there
  std::vector<std::unique_ptr<Connection>> finished_;
  Listener listener_, tls_listener_;
};

}  // namespace clued::fuzz
