// Writing XML at the end of a string: no tree, no allocation but the string's own.
#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

namespace clued::xml {

/// Appends character data. What XML cannot carry (control characters, invalid UTF-8) becomes U+FFFD, so that the result
/// is well-formed whatever came in.
void append_text(std::string& out, std::string_view text);

/// Appends the value of an attribute, without its quotation marks; line breaks survive as character references.
void append_attribute_value(std::string& out, std::string_view value);

/// 15 digits survive the way through a double.
inline constexpr double largest_decimal = 999'999'999'999'999;

/// Appends elements to a string that the caller owns. Names are written as they are (prefix included): they come from
/// our own code, never from a peer.
class Writer {
 public:
  explicit Writer(std::string& out) noexcept : out_(out) {}

  /// The XML declaration.
  Writer& declaration();
  Writer& start(std::string_view name);
  /// Only directly after `start` or another attribute.
  Writer& attribute(std::string_view name, std::string_view value);
  Writer& text(std::string_view text);
  Writer& number(std::unsigned_integral auto value) { return unsigned_number(value); }
  /// Content that was rendered before, by a Writer.
  Writer& raw(std::string_view xml);
  /// Must name the element that was started last and not ended yet.
  Writer& end(std::string_view name);

  Writer& element(std::string_view name, std::string_view content) { return start(name).text(content).end(name); }
  Writer& element(std::string_view name, const char* content) { return element(name, std::string_view(content)); }
  Writer& element(std::string_view name, bool value) { return element(name, value ? "true" : "false"); }
  Writer& element(std::string_view name, std::unsigned_integral auto value) {
    return start(name).number(value).end(name);
  }
  /// As xs:decimal, which knows no exponent: the shortest text that reads back as the same number, rounded if that has
  /// more than the 18 digits that every schema processor supports. Larger numbers than `largest_decimal` are written
  /// as that, what is no number as 0.
  Writer& decimal_element(std::string_view name, double value);

 private:
  Writer& unsigned_number(std::uint64_t value);
  void close_start_tag();

  std::string& out_;
  bool in_start_tag_ = false;
};

}  // namespace clued::xml
