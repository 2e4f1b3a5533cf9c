#include "fuzz_process/sockets.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

namespace clued::fuzz {

namespace {

constexpr int receive_buffer = 4 * 1024 * 1024;
/// Datagrams of one socket before others have their turn.
constexpr int most_at_once = 64;

sockaddr_in loopback(std::uint16_t port) noexcept {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return address;
}

Descriptor bound(int type, std::uint16_t& port) {
  Descriptor descriptor(socket(AF_INET, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  auto address = loopback(0);
  socklen_t size = sizeof address;
  if (!descriptor || bind(descriptor.get(), reinterpret_cast<sockaddr*>(&address), size) != 0 ||
      getsockname(descriptor.get(), reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    throw std::system_error(errno, std::generic_category(), "a socket on loopback");
  }
  port = ntohs(address.sin_port);
  return descriptor;
}

}  // namespace

UdpSocket::UdpSocket(Reactor& reactor, Handler handler)
    : reactor_(reactor), handler_(std::move(handler)), descriptor_(bound(SOCK_DGRAM, port_)) {
  setsockopt(descriptor_.get(), SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
  reactor_.watch(descriptor_.get(), EPOLLIN, [this](std::uint32_t) { receive(); });
}

UdpSocket::~UdpSocket() { reactor_.forget(descriptor_.get()); }

void UdpSocket::send(std::string_view datagram, std::uint16_t to) noexcept {
  reactor_.trace("sent to", to, datagram);
  const auto address = loopback(to);
  sendto(descriptor_.get(), datagram.data(), datagram.size(), 0, reinterpret_cast<const sockaddr*>(&address),
         sizeof address);
}

void UdpSocket::receive() {
  static std::array<char, 65536> buffer;
  for (int i = 0; i < most_at_once; ++i) {
    sockaddr_in from{};
    socklen_t size = sizeof from;
    const auto count =
        recvfrom(descriptor_.get(), buffer.data(), buffer.size(), 0, reinterpret_cast<sockaddr*>(&from), &size);
    if (count < 0) return;
    reactor_.trace("received from", ntohs(from.sin_port), {buffer.data(), static_cast<std::size_t>(count)});
    handler_({buffer.data(), static_cast<std::size_t>(count)}, ntohs(from.sin_port));
  }
}

Descriptor connecting_to(std::uint16_t port) noexcept {
  Descriptor descriptor(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!descriptor) return {};
  const int on = 1;
  setsockopt(descriptor.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  const auto address = loopback(port);
  if (connect(descriptor.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 &&
      errno != EINPROGRESS) {
    return {};
  }
  return descriptor;
}

Listener::Listener(Reactor& reactor, Handler handler) : reactor_(reactor), descriptor_(bound(SOCK_STREAM, port_)) {
  if (listen(descriptor_.get(), SOMAXCONN) != 0) throw std::system_error(errno, std::generic_category(), "listen");
  reactor_.watch(descriptor_.get(), EPOLLIN, [this, handler = std::move(handler)](std::uint32_t) {
    Descriptor taken(accept4(descriptor_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (taken) handler(std::move(taken));
  });
}

Listener::~Listener() { reactor_.forget(descriptor_.get()); }

}  // namespace clued::fuzz
