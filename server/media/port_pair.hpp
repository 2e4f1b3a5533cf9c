#pragma once

#include <boost/asio/ip/address.hpp>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/expected.hpp"
#include "media/udp_socket.hpp"

namespace clued::media {

/// Two bound UDP sockets, RTP on the even port and RTCP on the odd one above it.
struct PortPair {
  PortPair(UdpSocket rtp_socket, UdpSocket rtcp_socket, std::uint16_t port)
      : rtp(std::move(rtp_socket)), rtcp(std::move(rtcp_socket)), rtp_port(port) {}

  UdpSocket rtp;
  UdpSocket rtcp;
  std::uint16_t rtp_port;
  std::uint64_t packets = 0;
  std::uint64_t bytes = 0;
};

/// Finds free port pairs on one address.
class PortPairBinder {
 public:
  /// `min_port` 0: the kernel chooses. A range is used in turn, so that a port just freed comes back as late as
  /// possible: packets that a gone participant still sends should hit nobody.
  PortPairBinder(boost::asio::ip::address address, std::uint16_t min_port, std::uint16_t max_port);

  /// A pair, or a sentence that says why there is none.
  base::expected<PortPair, std::string> bind();
  /// The pair of this RTP port was closed.
  void released(std::uint16_t rtp_port);

 private:
  base::expected<PortPair, std::string> bind_any() const;
  base::expected<PortPair, std::string> bind_in_range();

  base::unexpected<std::string> refuse(const std::string& what, const boost::system::error_code& error) const;

  boost::asio::ip::address address_;
  std::uint32_t first_ = 0;  ///< even
  std::vector<bool> used_;   ///< by us, one entry per pair of the range; empty: the kernel chooses
  std::size_t cursor_ = 0;
};

}  // namespace clued::media
