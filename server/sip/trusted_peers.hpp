// Whose P-Asserted-Identity counts (RFC 3325 section 9.2: only that of a node in the trust domain). Pure.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/expected.hpp"

namespace clued::sip {

class TrustedPeers {
 public:
  TrustedPeers() = default;
  /// From texts like "192.0.2.1", "10.0.0.0/8", "2001:db8::/32", and with the port that the peer sends from
  /// "192.0.2.1:5060" and "[2001:db8::1]:5060". Error: a sentence naming the bad one.
  static base::expected<TrustedPeers, std::string> from(const std::vector<std::string>& texts);

  bool empty() const { return networks_.empty(); }
  /// `address` without brackets; `port` is the one that it sends from.
  bool contains(std::string_view address, std::uint16_t port) const;

 private:
  /// IPv4 as an IPv4-mapped IPv6 address, so that there is one kind.
  using Address = std::array<std::uint8_t, 16>;
  struct Network {
    Address address{};
    unsigned prefix = 128;
    std::uint16_t port = 0;  ///< 0: any
  };
  static bool read_network(std::string_view text, Network& network);
  static bool read(std::string_view text, Address& address, bool& ipv4);

  std::vector<Network> networks_;
};

}  // namespace clued::sip
