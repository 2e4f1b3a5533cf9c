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

namespace {

template <class Number>
bool read_number(std::string_view text, Number least, Number most, Number& number) {
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  return error == std::errc{} && rest == end && number >= least && number <= most;
}

}  // namespace

bool TrustedPeers::read_network(std::string_view text, Network& network) {
  std::string_view address = text;
  std::string_view port;
  if (!text.empty() && text.front() == '[') {
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos || end + 1 >= text.size() || text[end + 1] != ':') return false;
    address = text.substr(1, end - 1);
    port = text.substr(end + 2);
  } else if (const std::size_t colon = text.find(':'); colon != std::string_view::npos && colon == text.rfind(':')) {
    address = text.substr(0, colon);
    port = text.substr(colon + 1);
  }
  const bool has_port = address.size() != text.size();
  if (has_port && !read_number<std::uint16_t>(port, 1, 65535, network.port)) return false;
  const std::size_t slash = address.find('/');
  if (has_port && slash != std::string_view::npos) return false;
  bool ipv4 = false;
  if (!read(address.substr(0, slash), network.address, ipv4)) return false;
  if (slash == std::string_view::npos) return true;
  if (!read_number(address.substr(slash + 1), 0U, ipv4 ? 32U : 128U, network.prefix)) return false;
  if (ipv4) network.prefix += 96;
  return true;
}

base::expected<TrustedPeers, std::string> TrustedPeers::from(const std::vector<std::string>& texts) {
  TrustedPeers peers;
  for (const std::string& text : texts) {
    Network network;
    if (!read_network(text, network)) {
      return base::unexpected("'" + text +
                              "' is neither an address such as 192.0.2.1, with a port 192.0.2.1:5060, nor a network "
                              "such as 192.0.2.0/24");
    }
    peers.networks_.push_back(network);
  }
  return peers;
}

bool TrustedPeers::contains(std::string_view address, std::uint16_t port) const {
  Address wanted{};
  bool ipv4 = false;
  if (!read(address, wanted, ipv4)) return false;
  return std::any_of(networks_.begin(), networks_.end(), [&wanted, port](const Network& network) {
    if (network.port != 0 && network.port != port) return false;
    for (unsigned bit = 0; bit < network.prefix; bit += 8) {
      const unsigned bits = std::min(8U, network.prefix - bit);
      const auto mask = static_cast<std::uint8_t>(0xffU << (8U - bits));
      if (((network.address[bit / 8] ^ wanted[bit / 8]) & mask) != 0) return false;
    }
    return true;
  });
}

}  // namespace clued::sip
