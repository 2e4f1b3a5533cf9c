#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

struct socket;

namespace clued::channel {

/// No message of ours is larger, whatever the peer accepts: the stack holds it as a whole until it is acknowledged.
inline constexpr std::size_t kOwnLargestMessage = std::size_t{1024} * 1024;

struct SctpParameters {
  std::uint16_t local_port = 5000;   ///< on the wire, as negotiated
  std::uint16_t remote_port = 5000;  ///< likewise
  std::uint16_t stream_id = 0;
  std::size_t max_inbound_message = std::size_t{256} * 1024;
  std::size_t max_outbound_message = 65536;  ///< what the peer accepts; 0: any size

  /// What we send at most. An a=max-message-size of 0 is "any" (RFC 8841 section 6.1): then our own bound is the only
  /// one.
  std::size_t largest_outbound() const noexcept {
    return max_outbound_message == 0 ? kOwnLargestMessage : std::min(max_outbound_message, kOwnLargestMessage);
  }
};

/// Makes a usrsctp socket what RFC 8831 and RFC 8850 want of an association. False when usrsctp refuses a part of it,
/// with errno set.
bool set_sctp_options(struct socket* on, const SctpParameters& parameters) noexcept;

}  // namespace clued::channel
