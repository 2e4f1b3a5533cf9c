#include "sip/trusted_peers.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>

namespace clued::sip {

bool TrustedPeers::read(std::string_view text, Address& address, bool& ipv4) {
  const std::string copy(text);
  if (inet_pton(AF_INET6, copy.c_str(), address.data()) == 1) {
    ipv4 = false;
    return true;
  }
  address.fill(0);
  address[10] = address[11] = 0xff;
  ipv4 = true;
  return inet_pton(AF_INET, copy.c_str(), address.data() + 12) == 1;
}

base::expected<TrustedPeers, std::string> TrustedPeers::from(const std::vector<std::string>& texts) {
  TrustedPeers peers;
  for (const std::string& text : texts) {
    const std::size_t slash = text.find('/');
    Network network;
    bool ipv4 = false;
    bool good = read(std::string_view(text).substr(0, slash), network.address, ipv4);
    if (good && slash != std::string::npos) {
      const char* end = text.data() + text.size();
      const auto [rest, error] = std::from_chars(text.data() + slash + 1, end, network.prefix);
      good = error == std::errc{} && rest == end && network.prefix <= (ipv4 ? 32U : 128U);
      if (ipv4) network.prefix += 96;
    }
    if (!good) return base::unexpected("'" + text + "' is not an address or a prefix like 192.0.2.0/24");
    peers.networks_.push_back(network);
  }
  return peers;
}

bool TrustedPeers::contains(std::string_view address) const {
  Address wanted{};
  bool ipv4 = false;
  if (!read(address, wanted, ipv4)) return false;
  return std::any_of(networks_.begin(), networks_.end(), [&wanted](const Network& network) {
    for (unsigned bit = 0; bit < network.prefix; bit += 8) {
      const unsigned bits = std::min(8U, network.prefix - bit);
      const auto mask = static_cast<std::uint8_t>(0xffU << (8U - bits));
      if (((network.address[bit / 8] ^ wanted[bit / 8]) & mask) != 0) return false;
    }
    return true;
  });
}

}  // namespace clued::sip
