#include "clue/validation_index.hpp"

namespace clued::clue {

std::string quoted(std::string_view id) {
  constexpr std::size_t longest = 64;
  std::size_t length = id.size();
  if (length > longest) {
    length = longest;
    // Not in the middle of a character of several bytes.
    while (length > 0 && (static_cast<unsigned char>(id[length]) & 0xC0U) == 0x80U) --length;
  }
  std::string text = "'";
  text.append(id.substr(0, length)).append(length < id.size() ? "...'" : "'");
  return text;
}

}  // namespace clued::clue
