// SCTP packets as octets (RFC 9260 section 3), at the edge between usrsctp and DTLS: the stack works with a port of its
// own per association, the wire with the negotiated one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "channel/bytes.hpp"

namespace clued::channel {

inline constexpr std::size_t kSctpHeaderSize = 12;

/// Ports of the common header, in host order.
struct SctpPorts {
  std::uint16_t source = 0;
  std::uint16_t destination = 0;
};

/// Which chunks a packet carries, as far as the adapter has to know before the stack sees it.
struct SctpChunks {
  bool malformed = false;    ///< a length of a chunk or of a parameter that cannot be
  bool forward_tsn = false;  ///< FORWARD-TSN or I-FORWARD-TSN: the peer gave up on a message (RFC 3758, RFC 8260)
  bool abort = false;
};

/// True when it is long enough for a header and its checksum is right (RFC 9260 section 6.8).
bool has_valid_checksum(Bytes packet) noexcept;

/// `packet` must hold a header.
SctpPorts sctp_ports(Bytes packet) noexcept;

/// Writes the ports and the checksum over the result. `packet` must hold a header.
void set_ports(std::span<std::uint8_t> packet, SctpPorts ports) noexcept;
void stamp_checksum(std::span<std::uint8_t> packet) noexcept;

SctpChunks scan_chunks(Bytes packet) noexcept;

}  // namespace clued::channel
