#include "channel/stun_integrity.hpp"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/params.h>

#include <stdexcept>
#include <string>

namespace clued::channel {
namespace {

constexpr std::size_t kHeaderOctets = 20;
/// RFC 8489 section 14.7, so that the CRC of another protocol in the same place does not fit by chance.
constexpr std::uint32_t kFingerprintMask = 0x5354554e;

/// CRC-32 of ITU V.42, the polynomial in reverse.
constexpr std::array<std::uint32_t, 256> make_table() {
  constexpr std::uint32_t kPolynomial = 0xedb88320;
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < table.size(); ++i) {
    std::uint32_t value = i;
    for (int bit = 0; bit < 8; ++bit) value = (value >> 1U) ^ ((value & 1U) != 0 ? kPolynomial : 0);
    table[i] = value;
  }
  return table;
}

constexpr auto kTable = make_table();

}  // namespace

MessageIntegrity::MessageIntegrity() {
  const OpensslHandle<EVP_MAC> hmac(EVP_MAC_fetch(nullptr, OSSL_MAC_NAME_HMAC, nullptr));
  if (hmac != nullptr) context_.reset(EVP_MAC_CTX_new(hmac.get()));
  std::string digest = "SHA1";
  const std::array<OSSL_PARAM, 2> parameters{OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest.data(), 0),
                                             OSSL_PARAM_construct_end()};
  if (context_ == nullptr || EVP_MAC_CTX_set_params(context_.get(), parameters.data()) != 1) {
    throw std::runtime_error("STUN: OpenSSL has no HMAC-SHA1");
  }
}

std::optional<MessageIntegrity::Value> MessageIntegrity::compute(std::string_view password, Bytes covered) noexcept {
  const std::size_t length = covered.size() + kIntegrityAttribute - kHeaderOctets;
  const std::array<std::uint8_t, 4> begin{covered[0], covered[1], static_cast<std::uint8_t>(length >> 8U),
                                          static_cast<std::uint8_t>(length)};
  const Bytes rest = covered.subspan(begin.size());
  Value value{};
  std::size_t octets = 0;
  EVP_MAC_CTX* const context = context_.get();
  const bool done = EVP_MAC_init(context, bytes_of(password).data(), password.size(), nullptr) == 1 &&
                    EVP_MAC_update(context, begin.data(), begin.size()) == 1 &&
                    EVP_MAC_update(context, rest.data(), rest.size()) == 1 &&
                    EVP_MAC_final(context, value.data(), &octets, value.size()) == 1;
  if (!done || octets != value.size()) return std::nullopt;
  return value;
}

bool MessageIntegrity::verify(std::string_view password, Bytes covered, Bytes claimed) noexcept {
  const auto value = compute(password, covered);
  return value && claimed.size() == value->size() && CRYPTO_memcmp(value->data(), claimed.data(), value->size()) == 0;
}

std::uint32_t fingerprint_of(Bytes covered) noexcept {
  std::uint32_t crc = 0xffffffff;
  for (const std::uint8_t octet : covered) crc = (crc >> 8U) ^ kTable[(crc ^ octet) & 0xffU];
  return ~crc ^ kFingerprintMask;
}

}  // namespace clued::channel
