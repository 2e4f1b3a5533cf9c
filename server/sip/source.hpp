// Private to server/sip; pure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace clued::sip {

/// Where a message came from, or where it can be sent to.
struct Source {
  std::string address;  ///< without brackets
  std::uint16_t port = 0;
  std::string transport;                      ///< "udp", "tcp", "tls"
  std::vector<std::string> certificate = {};  ///< the names in the peer's verified certificate (RFC 5922)
  /// The domain that was called; the server proves by its certificate that it is the one for it. "": its address.
  std::string domain = {};

  std::string to_string() const;  ///< for logs: "udp:192.0.2.1:5060"
  std::string to_uri() const;     ///< "sip:192.0.2.1:5060;transport=udp"
};

}  // namespace clued::sip
