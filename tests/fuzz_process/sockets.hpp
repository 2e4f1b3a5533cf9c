// UDP and TCP on loopback.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "fuzz_process/reactor.hpp"

namespace clued::fuzz {

/// A UDP socket at a port of 127.0.0.1 that the kernel chooses. What cannot be sent is lost, as on any network.
class UdpSocket {
 public:
  using Handler = std::function<void(std::string_view datagram, std::uint16_t from)>;

  UdpSocket(Reactor& reactor, Handler handler);
  ~UdpSocket();
  UdpSocket(const UdpSocket&) = delete;
  UdpSocket& operator=(const UdpSocket&) = delete;

  std::uint16_t port() const noexcept { return port_; }
  void send(std::string_view datagram, std::uint16_t to) noexcept;

 private:
  void receive();

  Reactor& reactor_;
  Handler handler_;
  std::uint16_t port_ = 0;  // in front of the descriptor, which fills it
  Descriptor descriptor_;
};

/// A socket that does not block and is connecting to 127.0.0.1; empty when the system has none.
Descriptor connecting_to(std::uint16_t port) noexcept;

/// Takes TCP connections at a port that the kernel chooses.
class Listener {
 public:
  using Handler = std::function<void(Descriptor)>;

  Listener(Reactor& reactor, Handler handler);
  ~Listener();
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  std::uint16_t port() const noexcept { return port_; }

 private:
  Reactor& reactor_;
  std::uint16_t port_ = 0;  // in front of the descriptor, which fills it
  Descriptor descriptor_;
};

}  // namespace clued::fuzz
