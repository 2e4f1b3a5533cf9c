#pragma once

#include <cstddef>
#include <cstdint>

struct socket;

namespace clued::channel {

struct SctpParameters {
  std::uint16_t local_port = 5000;   ///< on the wire, as negotiated
  std::uint16_t remote_port = 5000;  ///< likewise
  std::uint16_t stream_id = 0;
  std::size_t max_inbound_message = std::size_t{256} * 1024;
  std::size_t max_outbound_message = 65536;  ///< 0: the peer accepts any size
};

/// No single message can be larger, whatever the peer accepts: the stack takes a message as a whole.
inline constexpr std::size_t kLargestMessage = std::size_t{4} * 1024 * 1024;

/// Makes a usrsctp socket what RFC 8831 and RFC 8850 want of an association. False when usrsctp refuses a part of it,
/// with errno set.
bool set_sctp_options(struct socket* on, const SctpParameters& parameters) noexcept;

}  // namespace clued::channel
