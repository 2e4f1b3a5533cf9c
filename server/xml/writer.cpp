#include "xml/writer.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <limits>

#include "xml/utf8.hpp"

namespace clued::xml {

namespace {

constexpr std::string_view replacement_character = "\xEF\xBF\xBD";

enum class Place { text, attribute };

/// What stands for this byte, or nothing when it stands for itself (or begins a longer character).
std::string_view escape_of(char byte, Place place) noexcept {
  switch (byte) {
    case '&':
      return "&amp;";
    case '<':
      return "&lt;";
    case '>':
      return "&gt;";  // needed only in "]]>", and never wrong
    case '\r':
      return "&#13;";  // a reader would turn it into a line feed (XML 1.0 section 2.11)
    case '"':
      return place == Place::attribute ? "&quot;" : std::string_view{};
    case '\n':
      return place == Place::attribute ? "&#10;" : std::string_view{};
    case '\t':
      return place == Place::attribute ? "&#9;" : std::string_view{};
    default:
      return {};
  }
}

/// True for the bytes that need no second look in either place.
constexpr std::array<bool, 256> make_plain_table() {
  std::array<bool, 256> plain{};
  for (unsigned byte = 0x20; byte < 0x80; ++byte)
    plain[byte] = byte != '&' && byte != '<' && byte != '>' && byte != '"';
  return plain;
}
constexpr std::array<bool, 256> is_plain = make_plain_table();

void append_escaped(std::string& out, std::string_view text, Place place) {
  std::size_t copied = 0;
  std::size_t position = 0;
  while (position < text.size()) {
    if (is_plain[static_cast<unsigned char>(text[position])]) {
      ++position;
      continue;
    }
    std::string_view replacement = escape_of(text[position], place);
    std::size_t length = 1;
    if (replacement.empty()) {
      length = character_length(text, position);
      if (length == 0) {
        replacement = replacement_character;
        length = 1;
      }
    }
    if (!replacement.empty()) {
      out.append(text, copied, position - copied).append(replacement);
      copied = position + length;
    }
    position += length;
  }
  out.append(text, copied, std::string_view::npos);
}

}  // namespace

void append_text(std::string& out, std::string_view text) { append_escaped(out, text, Place::text); }

void append_attribute_value(std::string& out, std::string_view value) { append_escaped(out, value, Place::attribute); }

Writer& Writer::declaration() {
  out_ += R"(<?xml version="1.0" encoding="UTF-8"?>)";
  return *this;
}

Writer& Writer::start(std::string_view name) {
  close_start_tag();
  out_ += '<';
  out_ += name;
  in_start_tag_ = true;
  return *this;
}

Writer& Writer::attribute(std::string_view name, std::string_view value) {
  out_ += ' ';
  out_ += name;
  out_ += "=\"";
  append_attribute_value(out_, value);
  out_ += '"';
  return *this;
}

Writer& Writer::text(std::string_view text) {
  close_start_tag();
  append_text(out_, text);
  return *this;
}

Writer& Writer::raw(std::string_view xml) {
  if (xml.empty()) return *this;
  close_start_tag();
  out_ += xml;
  return *this;
}

Writer& Writer::end(std::string_view name) {
  if (in_start_tag_) {
    in_start_tag_ = false;
    out_ += "/>";
    return *this;
  }
  out_ += "</";
  out_ += name;
  out_ += '>';
  return *this;
}

Writer& Writer::decimal_element(std::string_view name, double value) {
  // XML Schema part 2 section 5.4 (minimally conforming); libxml2 gives up behind 24.
  constexpr std::ptrdiff_t supported_digits = 18;
  constexpr int exact_digits = std::numeric_limits<double>::digits10;
  // The smallest double has 1074 digits behind the point.
  std::array<char, 1100> digits{};
  char* const begin = digits.data();
  char* const limit = begin + digits.size();
  const double bounded = std::isnan(value) ? 0.0 : std::clamp(value, -largest_decimal, largest_decimal);
  char* end = std::to_chars(begin, limit, bounded, std::chars_format::fixed).ptr;
  if (end - begin > supported_digits) {
    const auto integer_digits = static_cast<int>(std::find(begin, end, '.') - begin - (bounded < 0 ? 1 : 0));
    end =
        std::to_chars(begin, limit, bounded, std::chars_format::fixed, std::max(0, exact_digits - integer_digits)).ptr;
    if (std::find(begin, end, '.') != end) {
      while (end[-1] == '0') --end;
      if (end[-1] == '.') --end;
    }
  }
  return element(name, std::string_view(begin, static_cast<std::size_t>(end - begin)));
}

Writer& Writer::unsigned_number(std::uint64_t value) {
  close_start_tag();
  std::array<char, 20> digits{};
  const auto result = std::to_chars(digits.data(), digits.data() + digits.size(), value);
  out_.append(digits.data(), result.ptr);
  return *this;
}

void Writer::close_start_tag() {
  if (!in_start_tag_) return;
  in_start_tag_ = false;
  out_ += '>';
}

}  // namespace clued::xml
