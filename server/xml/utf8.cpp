#include "xml/utf8.hpp"

#include <cstdint>
#include <cstring>

namespace clued::xml {

namespace {

/// True when all eight bytes are printable ASCII or DEL, which is what nearly all of a message consists of.
bool is_plain(const char* bytes) noexcept {
  std::uint64_t word = 0;
  std::memcpy(&word, bytes, sizeof word);
  // Subtracting 0x20 from each byte borrows into its high bit when the byte is below a space. A borrow out of a lower
  // byte can only make a neighbour look suspicious, never innocent.
  return ((word | (word - 0x2020202020202020U)) & 0x8080808080808080U) == 0;
}

unsigned byte_at(std::string_view bytes, std::size_t position) noexcept {
  return position < bytes.size() ? static_cast<unsigned char>(bytes[position]) : 0U;
}

bool is_continuation(unsigned byte) noexcept { return (byte & 0xC0U) == 0x80U; }

}  // namespace

std::size_t character_length(std::string_view bytes, std::size_t position) noexcept {
  const unsigned first = byte_at(bytes, position);
  if (first < 0x80) return first >= 0x20 || first == '\t' || first == '\n' || first == '\r' ? 1 : 0;
  const unsigned second = byte_at(bytes, position + 1);
  if (first < 0xC2 || !is_continuation(second)) return 0;
  if (first < 0xE0) return 2;
  const unsigned third = byte_at(bytes, position + 2);
  if (!is_continuation(third)) return 0;
  if (first < 0xF0) {
    const unsigned code = ((first & 0x0FU) << 12U) | ((second & 0x3FU) << 6U) | (third & 0x3FU);
    const bool is_surrogate = code >= 0xD800 && code <= 0xDFFF;
    return code < 0x800 || is_surrogate || code >= 0xFFFE ? 0 : 3;
  }
  if (first > 0xF4 || !is_continuation(byte_at(bytes, position + 3))) return 0;
  const unsigned top = ((first & 0x07U) << 6U) | (second & 0x3FU);
  return top < 0x10 || top > 0x10F ? 0 : 4;
}

std::size_t find_invalid_character(std::string_view bytes) noexcept {
  std::size_t position = 0;
  while (position < bytes.size()) {
    if (position + 8 <= bytes.size() && is_plain(bytes.data() + position)) {
      position += 8;
      continue;
    }
    const std::size_t length = character_length(bytes, position);
    if (length == 0) return position;
    position += length;
  }
  return bytes.size();
}

}  // namespace clued::xml
