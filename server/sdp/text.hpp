// Small readers of text fields, bounded and without exceptions.
#pragma once

#include <charconv>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace clued::sdp {

/// The number if `text` is nothing but decimal digits and fits, else nothing.
template <class Number>
std::optional<Number> number(std::string_view text) {
  Number value = 0;
  if (text.empty() || text.front() < '0' || text.front() > '9') return std::nullopt;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

bool is_digits(std::string_view text) noexcept;
std::string_view trimmed(std::string_view text) noexcept;  ///< without blanks and tabs at both ends

/// The fields between runs of blanks; the views are into `text`.
std::vector<std::string_view> fields(std::string_view text);

/// ASCII only, whatever the locale.
std::string lower(std::string_view text);
std::string upper(std::string_view text);
bool equal_ignoring_case(std::string_view a, std::string_view b) noexcept;

/// RFC 8866 section 9, `token`: what names, mids, labels and formats are made of.
bool is_token(std::string_view text) noexcept;

}  // namespace clued::sdp
