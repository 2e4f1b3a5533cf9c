#pragma once

#include <array>
#include <boost/asio/ip/udp.hpp>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "channel/bytes.hpp"
#include "channel/stun_integrity.hpp"
#include "channel/stun_message.hpp"

namespace clued::channel {

/// The answer to one Binding request, in a buffer of its own.
class StunResponse {
 public:
  /// A success response: what address the request came from (RFC 8445 section 7.3.1.2).
  StunResponse(const StunMessage& request, const boost::asio::ip::udp::endpoint& source) noexcept;
  /// An error response (RFC 8489 section 14.8), 300 to 699. Without a phrase, which nobody reads: this way an answer to
  /// a forged source is hardly longer than what was sent. 420 names the unknown attributes of the request.
  StunResponse(const StunMessage& request, unsigned error_code) noexcept;

  /// Adds MESSAGE-INTEGRITY; for all answers to requests that were authenticated. False when OpenSSL has no memory.
  bool protect(MessageIntegrity& integrity, std::string_view password) noexcept;
  /// The whole datagram, with its FINGERPRINT. Once, after everything else; valid as long as this object.
  Bytes finish() noexcept;

 private:
  void begin(const StunMessage& request, StunClass message_class) noexcept;
  void put8(std::uint8_t value) noexcept { buffer_[size_++] = value; }
  void put16(std::uint16_t value) noexcept;
  void put32(std::uint32_t value) noexcept;
  void put(Bytes bytes) noexcept;
  void set_length(std::size_t octets_after_the_header) noexcept;

  /// Header, the longest of the bodies, which is UNKNOWN-ATTRIBUTES beside ERROR-CODE, and the two at the end.
  std::array<std::uint8_t, 20 + 8 + 4 + 2 * StunMessage::kMostUnknown + kIntegrityAttribute + kFingerprintAttribute>
      buffer_;
  std::size_t size_ = 0;
};

}  // namespace clued::channel
