#pragma once

#include <boost/asio/ip/address.hpp>
#include <boost/system/error_code.hpp>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "base/expected.hpp"

namespace clued::media {

/// A bound UDP socket that does not block. There are two dozen of them per participant, so it is nothing but its
/// descriptor: an Asio socket would cost three more system calls and a hundred times the memory each.
class UdpSocket {
 public:
  /// Port 0: the kernel chooses.
  static base::expected<UdpSocket, boost::system::error_code> bind(const boost::asio::ip::address& address,
                                                                   std::uint16_t port);
  UdpSocket(UdpSocket&& other) noexcept;
  UdpSocket& operator=(UdpSocket&& other) noexcept;
  ~UdpSocket();

  int descriptor() const noexcept { return descriptor_; }
  base::expected<std::uint16_t, boost::system::error_code> port() const;
  /// The size of the next datagram, which is dropped beyond the buffer; none when there is no more or its sender is
  /// said to be unreachable, which is no news for who only receives.
  std::optional<std::size_t> receive(std::span<char> buffer) const noexcept;

 private:
  explicit UdpSocket(int descriptor) : descriptor_(descriptor) {}

  int descriptor_ = -1;
};

}  // namespace clued::media
