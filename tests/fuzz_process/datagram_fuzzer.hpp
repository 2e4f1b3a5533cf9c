// Datagrams from nobody in particular to the ports of media and of lite ICE agents.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "fuzz_process/random.hpp"
#include "fuzz_process/sockets.hpp"

namespace clued::fuzz {

class DatagramFuzzer {
 public:
  explicit DatagramFuzzer(Reactor& reactor);

  /// To the lite agents' port (0: none), or to one of these.
  void step(Random& random, std::uint16_t lite_port, const std::deque<std::uint16_t>& media_ports);

 private:
  std::vector<std::unique_ptr<UdpSocket>> sockets_;
};

}  // namespace clued::fuzz
