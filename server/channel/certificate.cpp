#include "channel/certificate.hpp"

#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <vector>

namespace clued::channel {
namespace {

struct HashFunction {
  std::string_view name;
  const EVP_MD* (*function)();
};

/// Strongest first.
constexpr std::array kHashFunctions{HashFunction{"sha-512", EVP_sha512}, HashFunction{"sha-384", EVP_sha384},
                                    HashFunction{"sha-256", EVP_sha256}, HashFunction{"sha-224", EVP_sha224},
                                    HashFunction{"sha-1", EVP_sha1}};

char lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool same_ignoring_case(std::string_view a, std::string_view b) noexcept {
  return std::ranges::equal(a, b, [](char x, char y) { return lower(x) == lower(y); });
}

/// "AB:CD:..." as SDP writes it (RFC 8122 section 5: upper case).
std::string hexadecimal(std::span<const unsigned char> digest) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string text;
  text.reserve(digest.size() * 3);
  for (const unsigned char octet : digest) {
    if (!text.empty()) text += ':';
    text += kDigits[octet >> 4];
    text += kDigits[octet & 0xF];
  }
  return text;
}

void require(bool ok, const char* what) {
  if (!ok) throw std::runtime_error(std::string("DTLS certificate: ") + what);
}

OpensslHandle<X509> self_signed(EVP_PKEY* key) {
  // Peers that look at the dates at all want them to contain now. A focus runs for months, clocks differ by a day.
  constexpr long kDay = 24L * 60 * 60;
  constexpr long kYear = 365 * kDay;
  OpensslHandle<X509> certificate(X509_new());
  require(certificate != nullptr, "no memory");
  std::uint64_t serial = 0;
  require(RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof serial) == 1, "no randomness");
  // The serial number is positive (RFC 5280 section 4.1.2.2).
  require(ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate.get()), (serial >> 1) | 1U) == 1, "serial number");
  X509_set_version(certificate.get(), X509_VERSION_3);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -kDay);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 10 * kYear);
  X509_NAME* name = X509_get_subject_name(certificate.get());
  const auto* const common_name = reinterpret_cast<const unsigned char*>("clued");
  require(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, common_name, -1, -1, 0) == 1, "name");
  require(X509_set_issuer_name(certificate.get(), name) == 1, "issuer");
  require(X509_set_pubkey(certificate.get(), key) == 1, "public key");
  require(X509_sign(certificate.get(), key, EVP_sha256()) != 0, "signature");
  return certificate;
}

}  // namespace

Certificate::Certificate() : key_(EVP_EC_gen("P-256")) {
  require(key_ != nullptr, "no P-256 key");
  certificate_ = self_signed(key_.get());
  auto fingerprint = fingerprint_of(*certificate_, "sha-256");
  require(fingerprint.has_value(), "fingerprint");
  fingerprint_ = *std::move(fingerprint);
}

std::optional<sdp::Fingerprint> fingerprint_of(const X509& certificate, std::string_view hash) {
  for (const HashFunction& known : kHashFunctions) {
    if (!same_ignoring_case(known.name, hash)) continue;
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned int length = 0;
    if (X509_digest(&certificate, known.function(), digest.data(), &length) != 1) return std::nullopt;
    return sdp::Fingerprint{std::string(known.name), hexadecimal(std::span(digest).first(length))};
  }
  return std::nullopt;
}

bool matches_fingerprint(const X509& certificate, const std::vector<sdp::Fingerprint>& told) {
  for (const HashFunction& function : kHashFunctions) {
    bool decides = false;
    for (const sdp::Fingerprint& fingerprint : told) {
      if (!same_ignoring_case(fingerprint.hash, function.name)) continue;
      decides = true;
      const auto actual = fingerprint_of(certificate, function.name);
      if (actual && same_ignoring_case(actual->value, fingerprint.value)) return true;
    }
    if (decides) return false;
  }
  return false;
}

}  // namespace clued::channel
