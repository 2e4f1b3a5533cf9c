// Many endpoints in one process: one UDP socket for all their SIP, one set of CLUE channels.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/time.hpp"
#include "bench/load/endpoint.hpp"
#include "bench/load/lossy_network.hpp"

namespace clued::bench {

class LoadClient {
 public:
  /// `port` is where the daemon listens on 127.0.0.1; the network is that of the CLUE channels.
  explicit LoadClient(std::uint16_t port, NetworkSettings network = {});
  ~LoadClient();

  /// A new endpoint with three cameras and a microphone; it calls nobody yet.
  Endpoint& add();
  void join(Endpoint& endpoint, const std::string& uri);
  void remove(Endpoint& referrer, const Endpoint& target);
  /// The URI that makes a conference.
  std::string factory() const;

  /// Runs until this is so, looking after each event and at least every 10 ms. Throws std::runtime_error when it does
  /// not come true in time, or an endpoint is in trouble.
  void run_until(const std::function<bool()>& done, base::Duration timeout);
  void run_for(base::Duration duration);

  /// When anything last came from the daemon, consent checks aside.
  base::TimePoint last_news() const;
  const std::vector<std::unique_ptr<Endpoint>>& endpoints() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace clued::bench
