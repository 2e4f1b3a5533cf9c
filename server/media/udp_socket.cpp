#include "media/udp_socket.hpp"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/ip/udp.hpp>
#include <cerrno>
#include <utility>

namespace clued::media {

namespace {

using boost::asio::ip::udp;

boost::system::error_code last_error() { return {errno, boost::system::system_category()}; }

}  // namespace

base::expected<UdpSocket, boost::system::error_code> UdpSocket::bind(const boost::asio::ip::address& address,
                                                                     std::uint16_t port) {
  const udp::endpoint endpoint(address, port);
  const int descriptor = ::socket(endpoint.protocol().family(), SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return base::unexpected(last_error());
  UdpSocket socket(descriptor);
  const int on = 1;
  if (address.is_v6() && ::setsockopt(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on) != 0) {
    return base::unexpected(last_error());
  }
  if (::bind(descriptor, endpoint.data(), static_cast<socklen_t>(endpoint.size())) != 0) {
    return base::unexpected(last_error());
  }
  return socket;
}

UdpSocket::UdpSocket(UdpSocket&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

UdpSocket& UdpSocket::operator=(UdpSocket&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

UdpSocket::~UdpSocket() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

base::expected<std::uint16_t, boost::system::error_code> UdpSocket::port() const {
  udp::endpoint endpoint;
  auto size = static_cast<socklen_t>(endpoint.capacity());
  if (::getsockname(descriptor_, endpoint.data(), &size) != 0) return base::unexpected(last_error());
  endpoint.resize(size);
  return endpoint.port();
}

std::optional<std::size_t> UdpSocket::receive(std::span<char> buffer) const noexcept {
  const auto size = ::recv(descriptor_, buffer.data(), buffer.size(), 0);
  if (size < 0) return std::nullopt;
  return static_cast<std::size_t>(size);
}

}  // namespace clued::media
