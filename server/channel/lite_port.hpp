#pragma once

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/udp.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "base/expected.hpp"
#include "channel/bytes.hpp"
#include "channel/stun_server.hpp"
#include "channel/turns.hpp"

namespace clued::channel {

/// The UDP port that all lite agents of one address family share.
class LitePort : public std::enable_shared_from_this<LitePort> {
 public:
  using Endpoint = StunServer::Endpoint;

  /// Binds to the numeric address and begins to receive, in the turns, which must outlive the port; port 0: the kernel
  /// chooses. The error is a sentence.
  static base::expected<std::shared_ptr<LitePort>, std::string> open(boost::asio::io_context& io, Turns& turns,
                                                                     const std::string& address, std::uint16_t port);

  StunServer& server() noexcept { return server_; }
  const StunServer& server() const noexcept { return server_; }
  const Endpoint& endpoint() const noexcept { return endpoint_; }
  /// False when the kernel does not take it.
  bool send(Bytes datagram, const Endpoint& to) noexcept;

 private:
  LitePort(boost::asio::io_context& io, Turns& turns);
  boost::system::error_code bind(const Endpoint& endpoint);
  void wait();
  void receive();

  Turns& turns_;
  boost::asio::ip::udp::socket socket_;
  Endpoint endpoint_;
  StunServer server_;
  /// Nothing that is received outlives the call. Holds the largest datagram; only what is used is ever touched.
  std::unique_ptr<std::array<std::uint8_t, 65536>> buffer_;
};

}  // namespace clued::channel
