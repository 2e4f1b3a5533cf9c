#include "bench/load/lossy_network.hpp"

#include <utility>
//
#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/udp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <deque>
#include <random>
#include <string>
#include <unordered_map>

#include "base/time.hpp"

namespace clued::bench {

namespace {

namespace asio = boost::asio;
using asio::ip::udp;

/// The channel's end with another port.
sdp::DataChannel at_port(sdp::DataChannel end, std::uint16_t port) {
  const auto own = " " + std::to_string(end.port) + " typ";
  for (auto& candidate : end.candidates) {
    const auto at = candidate.find(own);
    if (at != std::string::npos) candidate.replace(at, own.size(), " " + std::to_string(port) + " typ");
  }
  end.port = port;
  return end;
}

/// One socket of a path: what comes to it leaves from the other one.
struct Side {
  explicit Side(asio::io_context& io) : socket(io, udp::endpoint(asio::ip::address_v4::loopback(), 0)) {}

  udp::socket socket;
  udp::endpoint peer;  ///< where it forwards to
  udp::endpoint source;
  std::array<char, 2048> buffer{};
};

struct Path {
  explicit Path(asio::io_context& io) : outside(io), inside(io) {}

  Side outside;  ///< towards the daemon
  Side inside;   ///< towards the endpoint
};

}  // namespace

class LossyNetwork::Impl {
 public:
  Impl(asio::io_context& io, NetworkSettings settings) : io_(io), settings_(settings), timer_(io) {}

  sdp::DataChannel seen_from_outside(base::ChannelId channel, sdp::DataChannel endpoint) {
    Path& path = *(paths_[channel] = std::make_unique<Path>(io_));
    path.inside.peer = {asio::ip::address_v4::loopback(), endpoint.port};
    receive(path.outside, path.inside);
    receive(path.inside, path.outside);
    return at_port(std::move(endpoint), path.outside.socket.local_endpoint().port());
  }

  sdp::DataChannel seen_from_inside(base::ChannelId channel, sdp::DataChannel daemon) {
    Path& path = *paths_.at(channel);
    path.outside.peer = {asio::ip::make_address(daemon.address), daemon.port};
    return at_port(std::move(daemon), path.inside.socket.local_endpoint().port());
  }

 private:
  struct Datagram {
    base::TimePoint due;
    Side* from;
    std::string text;
  };

  void receive(Side& from, Side& to) {
    from.socket.async_receive_from(
        asio::buffer(from.buffer), from.source,
        [this, &from, &to](const boost::system::error_code& error, std::size_t size) {
          if (error == asio::error::operation_aborted) return;
          if (!error && random_() % 100 >= settings_.percent_lost) {
            forward({base::Clock::now() + settings_.delay, &to, std::string(from.buffer.data(), size)});
          }
          receive(from, to);
        });
  }

  void forward(Datagram datagram) {
    under_way_.push_back(std::move(datagram));
    if (under_way_.size() == 1) wait();
  }

  void wait() {
    timer_.expires_at(under_way_.front().due);
    timer_.async_wait([this](const boost::system::error_code& error) {
      if (error) return;
      while (!under_way_.empty() && under_way_.front().due <= base::Clock::now()) {
        const auto datagram = std::move(under_way_.front());
        under_way_.pop_front();
        boost::system::error_code lost;
        if (datagram.from->peer.port() != 0) {
          datagram.from->socket.send_to(asio::buffer(datagram.text), datagram.from->peer, 0, lost);
        }
      }
      if (!under_way_.empty()) wait();
    });
  }

  asio::io_context& io_;
  NetworkSettings settings_;
  asio::steady_timer timer_;
  std::unordered_map<base::ChannelId, std::unique_ptr<Path>> paths_;
  std::deque<Datagram> under_way_;  // in the order of arrival: all take the same time
  std::mt19937 random_{1};
};

LossyNetwork::LossyNetwork(asio::io_context& io, NetworkSettings settings)
    : impl_(std::make_unique<Impl>(io, settings)) {}
LossyNetwork::~LossyNetwork() = default;

sdp::DataChannel LossyNetwork::seen_from_outside(base::ChannelId channel, sdp::DataChannel endpoint) {
  return impl_->seen_from_outside(channel, std::move(endpoint));
}

sdp::DataChannel LossyNetwork::seen_from_inside(base::ChannelId channel, sdp::DataChannel daemon) {
  return impl_->seen_from_inside(channel, std::move(daemon));
}

}  // namespace clued::bench
