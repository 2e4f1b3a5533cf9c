#include "channel/lite_port.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <utility>

namespace clued::channel {
namespace {

namespace asio = boost::asio;

/// Datagrams taken at a time before the loop serves others.
constexpr int kDatagramsPerTurn = 32;

/// What all peers of the process send while the loop is busy with something else, such as the refresh of a large
/// conference. The kernel cuts it to net.core.rmem_max.
constexpr int kReceiveBuffer = 4 * 1024 * 1024;

}  // namespace

LitePort::LitePort(asio::io_context& io, Turns& turns)
    : turns_(turns),
      socket_(io),
      server_([this](Bytes datagram, const Endpoint& to) { send(datagram, to); }),
      // Not make_unique, which would fill it.
      buffer_(new std::array<std::uint8_t, 65536>) {}

base::expected<std::shared_ptr<LitePort>, std::string> LitePort::open(asio::io_context& io, Turns& turns,
                                                                      const std::string& address, std::uint16_t port) {
  const std::shared_ptr<LitePort> opened(new LitePort(io, turns));
  if (const auto error = opened->bind({asio::ip::make_address(address), port})) {
    return base::unexpected("ICE on " + address + " port " + std::to_string(port) + ": " + error.message());
  }
  opened->wait();
  return opened;
}

boost::system::error_code LitePort::bind(const Endpoint& endpoint) {
  boost::system::error_code error;
  socket_.open(endpoint.protocol(), error);
  if (!error) socket_.non_blocking(true, error);
  if (!error) socket_.set_option(asio::socket_base::receive_buffer_size(kReceiveBuffer), error);
  if (!error && endpoint.address().is_v6()) socket_.set_option(asio::ip::v6_only(true), error);
  if (!error) socket_.bind(endpoint, error);
  if (!error) endpoint_ = socket_.local_endpoint(error);
  return error;
}

bool LitePort::send(Bytes datagram, const Endpoint& to) noexcept {
  boost::system::error_code error;
  socket_.send_to(asio::buffer(datagram.data(), datagram.size()), to, 0, error);
  return !error;
}

void LitePort::wait() {
  socket_.async_wait(asio::ip::udp::socket::wait_read,
                     [weak = weak_from_this()](const boost::system::error_code& error) {
                       const auto self = weak.lock();
                       if (error || self == nullptr) return;
                       self->turns_.read([weak] {
                         const auto port = weak.lock();
                         if (port == nullptr) return;
                         port->receive();
                         port->wait();
                       });
                     });
}

void LitePort::receive() {
  const base::TimePoint now = base::Clock::now();
  for (int i = 0; i < kDatagramsPerTurn; ++i) {
    Endpoint source;
    boost::system::error_code error;
    const std::size_t size = socket_.receive_from(asio::buffer(*buffer_), source, 0, error);
    if (error) return;
    server_.receive(Bytes(buffer_->data(), size), source, now);
  }
}

}  // namespace clued::channel
