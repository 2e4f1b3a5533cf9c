#include "component/channel/stun_request.hpp"

#include <cctype>

#include "channel/stun_integrity.hpp"

namespace clued::channel::test {
namespace {

std::string big_endian(std::uint64_t value, int count) {
  std::string text;
  for (int shift = 8 * (count - 1); shift >= 0; shift -= 8) text += static_cast<char>(value >> shift & 0xffU);
  return text;
}

void set_length(std::string& message, std::size_t length) { message.replace(2, 2, big_endian(length, 2)); }

}  // namespace

std::string stun_attribute(std::uint16_t type, std::string_view value) {
  std::string text = big_endian(type, 2) + big_endian(value.size(), 2);
  text += value;
  text.resize((text.size() + 3) / 4 * 4);
  return text;
}

std::string stun_message(std::uint16_t type, std::string_view transaction_id, std::string attributes,
                         const std::optional<std::string>& password, bool fingerprint) {
  std::string message = big_endian(type, 2) + big_endian(0, 2) + big_endian(0x2112a442, 4);
  message += transaction_id;
  message += attributes;
  if (password) {
    MessageIntegrity integrity;
    const auto value = integrity.compute(*password, bytes_of(message)).value();
    message += stun_attribute(0x0008, text_of(value));
  }
  set_length(message, message.size() - 20 + (fingerprint ? 8 : 0));
  if (fingerprint) message += stun_attribute(0x8028, big_endian(fingerprint_of(bytes_of(message)), 4));
  return message;
}

std::string StunRequest::to_bytes() const {
  std::string attributes;
  if (!username.empty()) attributes += stun_attribute(0x0006, username);
  if (priority) attributes += stun_attribute(0x0024, big_endian(*priority, 4));
  if (ice_controlled) attributes += stun_attribute(0x8029, big_endian(1, 8));
  if (ice_controlling) attributes += stun_attribute(0x802a, big_endian(1, 8));
  if (use_candidate) attributes += stun_attribute(0x0025, "");
  return stun_message(type, transaction_id, attributes + extra, password, fingerprint);
}

std::string octets(std::string_view hexadecimal) {
  std::string text;
  std::string digits;
  for (const char one : hexadecimal) {
    if (std::isxdigit(static_cast<unsigned char>(one)) == 0) continue;
    digits += one;
    if (digits.size() < 2) continue;
    text += static_cast<char>(std::stoi(digits, nullptr, 16));
    digits.clear();
  }
  return text;
}

}  // namespace clued::channel::test
