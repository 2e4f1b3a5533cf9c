// Numbers of STUN that reading and writing have in common (RFC 8489 sections 5 and 18.3, RFC 8445 section 20.1).
#pragma once

#include <cstddef>
#include <cstdint>

namespace clued::channel::stun {

inline constexpr std::size_t kHeaderOctets = 20;
inline constexpr std::size_t kTransactionOctets = 12;
inline constexpr std::uint32_t kMagicCookie = 0x2112a442;

inline constexpr std::uint16_t kMappedAddress = 0x0001;
inline constexpr std::uint16_t kUsername = 0x0006;
inline constexpr std::uint16_t kMessageIntegrity = 0x0008;
inline constexpr std::uint16_t kErrorCode = 0x0009;
inline constexpr std::uint16_t kUnknownAttributes = 0x000a;
inline constexpr std::uint16_t kRealm = 0x0014;
inline constexpr std::uint16_t kNonce = 0x0015;
inline constexpr std::uint16_t kXorMappedAddress = 0x0020;
inline constexpr std::uint16_t kPriority = 0x0024;
inline constexpr std::uint16_t kUseCandidate = 0x0025;
inline constexpr std::uint16_t kFirstOptional = 0x8000;  ///< from here on not to know an attribute does no harm
inline constexpr std::uint16_t kFingerprint = 0x8028;
inline constexpr std::uint16_t kIceControlled = 0x8029;
inline constexpr std::uint16_t kIceControlling = 0x802a;

}  // namespace clued::channel::stun
