// Which bytes may stand in an XML document that is UTF-8 (XML 1.0 section 2.2, RFC 3629).
#pragma once

#include <cstddef>
#include <string_view>

namespace clued::xml {

/// The length in bytes (1 to 4) of the character at `position`, or 0 when no character that XML allows begins there:
/// invalid UTF-8, a control character, a surrogate, U+FFFE or U+FFFF. `position` must be inside of `bytes`.
std::size_t character_length(std::string_view bytes, std::size_t position) noexcept;

/// The offset of the first byte that is not part of an allowed character, or `bytes.size()`.
std::size_t find_invalid_character(std::string_view bytes) noexcept;

}  // namespace clued::xml
