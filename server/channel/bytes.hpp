#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace clued::channel {

/// Octets that somebody else owns, valid for the call they are an argument of.
using Bytes = std::span<const std::uint8_t>;

inline Bytes bytes_of(std::string_view text) noexcept {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

inline std::string_view text_of(Bytes bytes) noexcept {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace clued::channel
