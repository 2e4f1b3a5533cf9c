#include "channel/stun_message.hpp"

#include "channel/stun_attributes.hpp"
#include "channel/stun_integrity.hpp"

namespace clued::channel {
namespace {

using namespace stun;

constexpr std::size_t kAttributeHeader = 4;
/// RFC 8489 section 14.3.
constexpr std::size_t kLongestUsername = 513;

std::uint16_t read16(Bytes bytes, std::size_t at) noexcept {
  return static_cast<std::uint16_t>(bytes[at] << 8U | bytes[at + 1]);
}

std::uint32_t read32(Bytes bytes, std::size_t at) noexcept {
  return std::uint32_t{read16(bytes, at)} << 16U | read16(bytes, at + 2);
}

/// Sets what the attribute says; the first of a kind counts (RFC 8489 section 14). False when its length is wrong.
bool read_attribute(std::uint16_t type, Bytes value, StunMessage& message) noexcept {
  switch (type) {
    case kUsername:
      if (!message.username) message.username = text_of(value);
      return value.size() < kLongestUsername;
    case kPriority:
      if (value.size() != 4) return false;
      if (!message.priority) message.priority = read32(value, 0);
      return true;
    case kUseCandidate:
      message.use_candidate = true;
      return value.empty();
    case kIceControlled:
      message.ice_controlled = true;
      return value.size() == 8;
    case kIceControlling:
      message.ice_controlling = true;
      return value.size() == 8;
    case kMappedAddress:
    case kErrorCode:
    case kUnknownAttributes:
    case kRealm:
    case kNonce:
    case kXorMappedAddress:
      return true;  // known, but of no meaning where we read
    default:
      if (type < kFirstOptional && message.unknown_count < message.unknown.size()) {
        message.unknown[message.unknown_count++] = type;
      }
      return true;
  }
}

/// Whether the datagram ends with the right FINGERPRINT.
bool is_fingerprinted(Bytes datagram) noexcept {
  if (datagram.size() < kHeaderOctets + kFingerprintAttribute) return false;
  const std::size_t at = datagram.size() - kFingerprintAttribute;
  return read16(datagram, at) == kFingerprint && read16(datagram, at + 2) == 4 &&
         read32(datagram, at + kAttributeHeader) == fingerprint_of(datagram.first(at));
}

}  // namespace

std::optional<StunMessage> parse_stun(Bytes datagram) noexcept {
  if (!is_fingerprinted(datagram)) return std::nullopt;
  const std::uint16_t type = read16(datagram, 0);
  const std::size_t length = read16(datagram, 2);
  if ((type & 0xc000U) != 0 || length % 4 != 0 || length != datagram.size() - kHeaderOctets) return std::nullopt;
  if (read32(datagram, 4) != kMagicCookie) return std::nullopt;

  StunMessage message;
  // RFC 8489 section 5: the two bits of the class lie between those of the method.
  message.message_class = static_cast<StunClass>((type & 0x0100U) >> 7U | (type & 0x0010U) >> 4U);
  message.method = static_cast<std::uint16_t>((type & 0x3e00U) >> 2U | (type & 0x00e0U) >> 1U | (type & 0x000fU));
  message.transaction_id = datagram.subspan(8, kTransactionOctets);

  const Bytes attributes = datagram.first(datagram.size() - kFingerprintAttribute);
  std::size_t at = kHeaderOctets;
  while (at + kAttributeHeader <= attributes.size()) {
    const std::uint16_t attribute = read16(attributes, at);
    const std::size_t size = read16(attributes, at + 2);
    const std::size_t padded = (size + 3) / 4 * 4;
    if (padded > attributes.size() - at - kAttributeHeader) return std::nullopt;
    const Bytes value = attributes.subspan(at + kAttributeHeader, size);
    if (attribute == kFingerprint) return std::nullopt;  // it is the last one, by definition
    if (attribute == kMessageIntegrity && message.integrity.empty()) {
      if (size != kIntegrityOctets) return std::nullopt;
      message.covered = datagram.first(at);
      message.integrity = value;
    } else if (message.integrity.empty() && !read_attribute(attribute, value, message)) {
      // What follows MESSAGE-INTEGRITY is ignored: nobody vouches for it (RFC 8489 section 14.5).
      return std::nullopt;
    }
    at += kAttributeHeader + padded;
  }
  if (at != attributes.size()) return std::nullopt;
  return message;
}

}  // namespace clued::channel
