#pragma once

#include <cstddef>
#include <string>

namespace clued::channel {

inline constexpr std::size_t kUfragCharacters = 8;      ///< 48 random bits; RFC 8445 section 5.3 asks for 24
inline constexpr std::size_t kPasswordCharacters = 24;  ///< 144 random bits; it asks for 128

/// So many random characters of 6 bits each that may be in an ice-ufrag or ice-pwd (RFC 8839 section 5.4). Throws
/// std::runtime_error when the machine has no randomness.
std::string random_ice_characters(std::size_t count);

}  // namespace clued::channel
