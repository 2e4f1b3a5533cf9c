#include "channel/stun_response.hpp"

#include <algorithm>

#include "channel/stun_attributes.hpp"

namespace clued::channel {
namespace {

using namespace stun;

constexpr std::uint8_t kIpv4 = 1;
constexpr std::uint8_t kIpv6 = 2;
constexpr unsigned kUnknownAttribute = 420;

}  // namespace

StunResponse::StunResponse(const StunMessage& request, const boost::asio::ip::udp::endpoint& source) noexcept {
  begin(request, StunClass::success_response);
  // RFC 8489 section 14.2: XORed, so that no gateway that looks for addresses changes it.
  const bool is_v6 = source.address().is_v6();
  put16(kXorMappedAddress);
  put16(is_v6 ? 20 : 8);
  put8(0);
  put8(is_v6 ? kIpv6 : kIpv4);
  put16(static_cast<std::uint16_t>(source.port() ^ kMagicCookie >> 16U));
  if (is_v6) {
    const auto octets = source.address().to_v6().to_bytes();
    // The cookie and the transaction id, as the header has them.
    for (std::size_t i = 0; i < octets.size(); ++i) put8(octets[i] ^ buffer_[4 + i]);
  } else {
    put32(source.address().to_v4().to_uint() ^ kMagicCookie);
  }
}

StunResponse::StunResponse(const StunMessage& request, unsigned error_code) noexcept {
  begin(request, StunClass::error_response);
  put16(kErrorCode);
  put16(4);
  put16(0);
  put8(static_cast<std::uint8_t>(error_code / 100));
  put8(static_cast<std::uint8_t>(error_code % 100));
  if (error_code != kUnknownAttribute) return;
  put16(kUnknownAttributes);
  put16(static_cast<std::uint16_t>(2 * request.unknown_count));
  for (std::size_t i = 0; i < request.unknown_count; ++i) put16(request.unknown[i]);
  if (request.unknown_count % 2 != 0) put16(0);
}

bool StunResponse::protect(MessageIntegrity& integrity, std::string_view password) noexcept {
  const auto value = integrity.compute(password, Bytes(buffer_).first(size_));
  if (!value) return false;
  put16(kMessageIntegrity);
  put16(kIntegrityOctets);
  put(*value);
  return true;
}

Bytes StunResponse::finish() noexcept {
  set_length(size_ + kFingerprintAttribute - kHeaderOctets);
  const std::uint32_t fingerprint = fingerprint_of(Bytes(buffer_).first(size_));
  put16(kFingerprint);
  put16(4);
  put32(fingerprint);
  return Bytes(buffer_).first(size_);
}

void StunResponse::begin(const StunMessage& request, StunClass message_class) noexcept {
  const unsigned bits = static_cast<unsigned>(message_class);
  put16(static_cast<std::uint16_t>(kBinding | (bits & 1U) << 4U | (bits & 2U) << 7U));
  put16(0);  // until it is known
  put32(kMagicCookie);
  put(request.transaction_id);
}

void StunResponse::put16(std::uint16_t value) noexcept {
  put8(static_cast<std::uint8_t>(value >> 8U));
  put8(static_cast<std::uint8_t>(value & 0xffU));
}

void StunResponse::put32(std::uint32_t value) noexcept {
  put16(static_cast<std::uint16_t>(value >> 16U));
  put16(static_cast<std::uint16_t>(value & 0xffffU));
}

void StunResponse::put(Bytes bytes) noexcept {
  std::copy(bytes.begin(), bytes.end(), buffer_.begin() + static_cast<std::ptrdiff_t>(size_));
  size_ += bytes.size();
}

void StunResponse::set_length(std::size_t octets_after_the_header) noexcept {
  buffer_[2] = static_cast<std::uint8_t>(octets_after_the_header >> 8U);
  buffer_[3] = static_cast<std::uint8_t>(octets_after_the_header & 0xffU);
}

}  // namespace clued::channel
