#include "channel/sctp_packet.hpp"

#include <array>

#include "channel/crc32c.hpp"

namespace clued::channel {
namespace {

constexpr std::size_t kChecksumOffset = 8;
constexpr std::size_t kChecksumSize = 4;
constexpr std::size_t kChunkHeaderSize = 4;
constexpr std::uint8_t kAbort = 6;
constexpr std::uint8_t kForwardTsn = 0xC0;
constexpr std::uint8_t kIForwardTsn = 0xC2;

/// Where the parameters (RFC 9260 section 3.2.1) or error causes of a chunk begin; 0: it has none, or nobody follows
/// them.
std::size_t parameters_of(std::uint8_t type) noexcept {
  switch (type) {
    case 1:  // INIT
    case 2:  // INIT ACK
      return 20;
    case 0x80:  // ASCONF-ACK (RFC 5061)
    case 0xC1:  // ASCONF
      return 8;
    case 4:     // HEARTBEAT
    case 5:     // HEARTBEAT ACK
    case 9:     // ERROR
    case 0x82:  // RE-CONFIG (RFC 6525)
      return kChunkHeaderSize;
    default:
      return 0;
  }
}

std::uint16_t read16(Bytes bytes, std::size_t at) noexcept {
  return static_cast<std::uint16_t>((bytes[at] << 8) | bytes[at + 1]);
}

void write16(std::span<std::uint8_t> bytes, std::size_t at, std::uint16_t value) noexcept {
  bytes[at] = static_cast<std::uint8_t>(value >> 8);
  bytes[at + 1] = static_cast<std::uint8_t>(value & 0xFF);
}

/// The checksum is computed as if its own field were zero (RFC 9260 section 6.8).
std::uint32_t checksum_of(Bytes packet) noexcept {
  constexpr std::array<std::uint8_t, kChecksumSize> zero{};
  std::uint32_t value = crc32c(packet.first(kChecksumOffset));
  value = crc32c(zero, value);
  return crc32c(packet.subspan(kSctpHeaderSize), value);
}

/// Whether each parameter ends behind its own header and within the chunk: the stack goes from one to the next by their
/// lengths, and from one of no length it never comes away.
bool has_impossible_parameters(Bytes chunk) noexcept {
  const std::size_t begin = parameters_of(chunk[0]);
  if (begin == 0) return false;
  for (std::size_t at = begin; at + kChunkHeaderSize <= chunk.size();) {
    const std::size_t length = read16(chunk, at + 2);
    if (length < kChunkHeaderSize || length > chunk.size() - at) return true;
    at += (length + 3) / 4 * 4;
  }
  return false;
}

}  // namespace

bool has_valid_checksum(Bytes packet) noexcept {
  if (packet.size() < kSctpHeaderSize) return false;
  std::uint32_t carried = 0;
  for (std::size_t i = 0; i < kChecksumSize; ++i) {
    carried |= static_cast<std::uint32_t>(packet[kChecksumOffset + i]) << (8 * i);
  }
  return carried == checksum_of(packet);
}

SctpPorts sctp_ports(Bytes packet) noexcept { return {read16(packet, 0), read16(packet, 2)}; }

void set_ports(std::span<std::uint8_t> packet, SctpPorts ports) noexcept {
  write16(packet, 0, ports.source);
  write16(packet, 2, ports.destination);
}

void stamp_checksum(std::span<std::uint8_t> packet) noexcept {
  const std::uint32_t value = checksum_of(packet);
  for (std::size_t i = 0; i < kChecksumSize; ++i) {
    packet[kChecksumOffset + i] = static_cast<std::uint8_t>((value >> (8 * i)) & 0xFF);
  }
}

SctpChunks scan_chunks(Bytes packet) noexcept {
  SctpChunks found;
  std::size_t at = kSctpHeaderSize;
  while (at + kChunkHeaderSize <= packet.size()) {
    const std::uint8_t type = packet[at];
    const std::size_t length = read16(packet, at + 2);
    if (length < kChunkHeaderSize || length > packet.size() - at) {
      found.malformed = true;
      return found;
    }
    if (has_impossible_parameters(packet.subspan(at, length))) {
      found.malformed = true;
      return found;
    }
    if (type == kForwardTsn || type == kIForwardTsn) found.forward_tsn = true;
    if (type == kAbort) found.abort = true;
    at += (length + 3) / 4 * 4;  // Chunks begin at multiples of four (section 3.2).
  }
  return found;
}

}  // namespace clued::channel
