#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "channel/bytes.hpp"

namespace clued::channel {

enum class StunClass : std::uint8_t { request = 0, indication = 1, success_response = 2, error_response = 3 };

inline constexpr std::uint16_t kBinding = 0x001;  ///< the method of ICE (RFC 8445 section 7.1)

/// A STUN message with what ICE reads of it (RFC 8489, RFC 8445 section 16.1). Views into the datagram.
struct StunMessage {
  /// An error response names no more unknown attributes than this; a peer needs one of them to see what is wrong.
  static constexpr std::size_t kMostUnknown = 8;

  StunClass message_class = StunClass::request;
  std::uint16_t method = 0;
  Bytes transaction_id;  ///< 12 octets
  std::optional<std::string_view> username;
  std::optional<std::uint32_t> priority;
  bool use_candidate = false;
  bool ice_controlled = false;
  bool ice_controlling = false;
  Bytes covered;    ///< what MESSAGE-INTEGRITY is computed over; empty without the attribute
  Bytes integrity;  ///< its value
  /// Comprehension-required attributes that are not known here (RFC 8489 section 6.3), the first ones.
  std::array<std::uint16_t, kMostUnknown> unknown{};
  std::size_t unknown_count = 0;
};

/// Reads a datagram. None unless it is well-formed from beginning to end and its last attribute is the FINGERPRINT that
/// ICE asks for (RFC 8445 section 7.3); such datagrams get no answer (RFC 8489 section 6.3). MESSAGE-INTEGRITY is not
/// verified: whose it is says only the username.
std::optional<StunMessage> parse_stun(Bytes datagram) noexcept;

}  // namespace clued::channel
