// What a STUN message is protected with: MESSAGE-INTEGRITY and FINGERPRINT (RFC 8489 sections 14.5 and 14.7).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "channel/bytes.hpp"
#include "channel/openssl_handle.hpp"

namespace clued::channel {

inline constexpr std::size_t kIntegrityOctets = 20;     ///< of HMAC-SHA1
inline constexpr std::size_t kIntegrityAttribute = 24;  ///< with type and length
inline constexpr std::size_t kFingerprintAttribute = 8;

/// Computes HMAC-SHA1; one OpenSSL context serves all keys.
class MessageIntegrity {
 public:
  using Value = std::array<std::uint8_t, kIntegrityOctets>;

  /// Throws std::runtime_error when OpenSSL has no HMAC-SHA1.
  MessageIntegrity();

  MessageIntegrity(const MessageIntegrity&) = delete;
  MessageIntegrity& operator=(const MessageIntegrity&) = delete;

  /// `covered` is the message up to the attribute, 20 octets at least; its length field may count more or less than the
  /// HMAC wants, which is up to the end of the attribute. The key is the password of short-term credentials (RFC 8489
  /// section 9.1.1), of ICE characters, which OpaqueString leaves as they are. None when OpenSSL has no memory.
  std::optional<Value> compute(std::string_view password, Bytes covered) noexcept;
  bool verify(std::string_view password, Bytes covered, Bytes claimed) noexcept;

 private:
  OpensslHandle<EVP_MAC_CTX> context_;
};

/// The value of FINGERPRINT after `covered`, whose length field counts the attribute already.
std::uint32_t fingerprint_of(Bytes covered) noexcept;

}  // namespace clued::channel
