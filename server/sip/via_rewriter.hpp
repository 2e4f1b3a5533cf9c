// The Via of what the library writes for a TLS connection. The library itself speaks TCP with our end of a relay
// (tls_edge.hpp), so it names the relay; on the wire stands what the peer needs. Pure. Private to server/sip.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace clued::sip {

class ViaRewriter {
 public:
  struct Names {
    std::string local;         ///< our sent-by: "192.0.2.1:5061"
    std::string peer_address;  ///< without brackets
    std::uint16_t peer_port = 0;
  };
  explicit ViaRewriter(Names names) : names_(std::move(names)) {}

  /// Takes the next bytes that the library wrote and returns what may go out now. It finds the messages' ends by their
  /// Content-Length, which is there because the library writes it.
  std::string take(std::string_view bytes);

 private:
  std::string rewritten(std::string head) const;

  Names names_;
  std::string head_;  ///< of a message that is not complete
  std::size_t body_left_ = 0;
};

}  // namespace clued::sip
