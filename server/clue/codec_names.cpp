#include "clue/codec_names.hpp"

namespace clued::clue::codec {

namespace {

constexpr std::size_t slot_count = 256;  // three times the names, so that chains stay short

constexpr std::size_t slot_of(std::string_view name) noexcept {
  const auto letter = [&](std::size_t at) { return static_cast<std::size_t>(static_cast<unsigned char>(name[at])); };
  return (name.size() * 7 + letter(0) * 13 + letter(name.size() / 2) * 5 + letter(name.size() - 1) * 31) % slot_count;
}

/// An open-addressing hash table made by the compiler.
constexpr std::array<Tag, slot_count> make_table() {
  std::array<Tag, slot_count> table{};
  for (std::size_t index = 1; index < tag_count; ++index) {
    auto slot = slot_of(element_names[index]);
    while (table[slot] != Tag::unknown) slot = (slot + 1) % slot_count;
    table[slot] = static_cast<Tag>(index);
  }
  return table;
}

constexpr auto table = make_table();

static_assert(!element_names.back().empty(), "each Tag has its name");

}  // namespace

Tag tag_of(std::string_view local_name) noexcept {
  if (local_name.empty()) return Tag::unknown;
  for (auto slot = slot_of(local_name); table[slot] != Tag::unknown; slot = (slot + 1) % slot_count) {
    if (name_of(table[slot]) == local_name) return table[slot];
  }
  return Tag::unknown;
}

}  // namespace clued::clue::codec
