// A bad network between the endpoints' CLUE channels and the daemon: each channel goes through two sockets that forward
// what they do not lose, later.
#pragma once

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <memory>

#include "base/ids.hpp"
#include "sdp/data_channel.hpp"

namespace clued::bench {

struct NetworkSettings {
  unsigned percent_lost = 0;  ///< in each direction
  std::chrono::milliseconds delay{0};
};

class LossyNetwork {
 public:
  LossyNetwork(boost::asio::io_context& io, NetworkSettings settings);
  ~LossyNetwork();

  /// The endpoint's end, as the daemon sees it through the network.
  sdp::DataChannel seen_from_outside(base::ChannelId channel, sdp::DataChannel endpoint);
  /// The daemon's end, as the endpoint of this channel sees it.
  sdp::DataChannel seen_from_inside(base::ChannelId channel, sdp::DataChannel daemon);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace clued::bench
