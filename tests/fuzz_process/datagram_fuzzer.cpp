#include "fuzz_process/datagram_fuzzer.hpp"

#include "fuzz_process/mutation.hpp"
#include "fuzz_process/packets.hpp"

namespace clued::fuzz {

namespace {

constexpr std::size_t sockets = 6;

}  // namespace

DatagramFuzzer::DatagramFuzzer(Reactor& reactor) {
  for (std::size_t i = 0; i < sockets; ++i) {
    sockets_.push_back(std::make_unique<UdpSocket>(reactor, [](std::string_view, std::uint16_t) {}));
  }
}

void DatagramFuzzer::step(Random& random, std::uint16_t lite_port, const std::deque<std::uint16_t>& media_ports) {
  auto& socket = *sockets_[random.below(sockets)];
  if (lite_port != 0 && (media_ports.empty() || random.chance(60))) {
    const auto kind = random.below(10);
    const std::string user = "u" + std::to_string(random.below(1000));
    return socket.send(kind < 5   ? stun_datagram(random, "nobody:" + user, "password")
                       : kind < 8 ? dtls_records(random)
                                  : media_datagram(random),
                       lite_port);
  }
  if (media_ports.empty()) return;
  const auto port = media_ports[random.below(media_ports.size())];
  // RTCP has the port beside it.
  socket.send(random.chance(80) ? media_datagram(random) : stun_datagram(random, "a:b", "password"),
              static_cast<std::uint16_t>(port + (random.chance(20) ? 1 : 0)));
}

}  // namespace clued::fuzz
