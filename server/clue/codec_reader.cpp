#include "clue/codec_reader.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "xml/writer.hpp"

namespace clued::clue::codec {

namespace {

constexpr std::string_view white_space = " \t\n\r";

constexpr bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }
constexpr bool is_letter(char c) noexcept { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

/// [a-zA-Z]{1,8}(-[a-zA-Z0-9]{1,8})*
bool is_language(std::string_view value) noexcept {
  std::size_t length = 0;
  bool in_first = true;
  for (const char c : value) {
    if (c == '-') {
      if (length == 0) return false;
      length = 0;
      in_first = false;
    } else if (!(is_letter(c) || (!in_first && is_digit(c))) || ++length > 8) {
      return false;
    }
  }
  return length > 0;
}

/// [+-]?(digits(.digits?)?|.digits)
bool is_decimal(std::string_view value) noexcept {
  if (value.starts_with('+') || value.starts_with('-')) value.remove_prefix(1);
  std::size_t digits = 0;
  std::size_t points = 0;
  for (const char c : value) {
    if (is_digit(c)) {
      ++digits;
    } else if (c != '.' || ++points > 1) {
      return false;
    }
  }
  return digits > 0;
}

/// White space collapsed; reading ends soon after `most` bytes.
std::string collapsed(std::string_view text, std::size_t most) {
  std::string_view rest = trimmed(text);
  std::string result;
  result.reserve(std::min(rest.size(), most + 1));
  while (!rest.empty() && result.size() <= most) {
    const auto word = rest.substr(0, rest.find_first_of(white_space));
    if (!result.empty()) result += ' ';
    result += word.substr(0, most + 1);
    rest.remove_prefix(word.size());
    rest.remove_prefix(std::min(rest.find_first_not_of(white_space), rest.size()));
  }
  return result;
}

/// At most so many bytes, without the rest of a character of several.
void cut(std::string& text, std::size_t most) {
  while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xC0U) == 0x80U) --most;
  text.resize(most);
}

}  // namespace

std::string_view trimmed(std::string_view text) noexcept {
  const auto begin = text.find_first_not_of(white_space);
  if (begin == text.npos) return {};
  return text.substr(begin, text.find_last_not_of(white_space) - begin + 1);
}

bool parse_unsigned(std::string_view text, std::uint64_t& value) noexcept {
  const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
  return result.ec == std::errc{} && result.ptr == text.data() + text.size();
}

std::optional<Version> parse_version(std::string_view text) noexcept {
  const auto point = text.find('.');
  if (point == text.npos || text.front() == '0') return std::nullopt;
  std::uint64_t major = 0;
  std::uint64_t minor = 0;
  constexpr std::uint64_t most = std::numeric_limits<std::uint32_t>::max();
  if (!parse_unsigned(text.substr(0, point), major) || !parse_unsigned(text.substr(point + 1), minor))
    return std::nullopt;
  if (major == 0 || major > most || minor > most) return std::nullopt;
  return Version{static_cast<std::uint32_t>(major), static_cast<std::uint32_t>(minor)};
}

Tag tag_of(xml::Element element) noexcept {
  const auto uri = element.namespace_uri();
  if (uri != info_namespace && uri != protocol_namespace) return Tag::unknown;
  return tag_of(element.name());
}

void Reader::fail(ResponseCode code, xml::Element where, std::string_view what) {
  if (failure_) return;
  constexpr std::size_t longest_name = 64;
  std::string reason = std::to_string(where.line()) + ':' + std::to_string(where.column()) + ": <";
  reason.append(where.name().substr(0, longest_name)).append("> ").append(what);
  failure_ = Failure{code, std::move(reason)};
}

void Reader::once(Seen& seen, Tag tag, xml::Element where) {
  const auto bit = static_cast<std::size_t>(tag);
  if (seen.test(bit)) fail(ResponseCode::bad_syntax, where, "occurs twice");
  seen.set(bit);
}

void Reader::require(const Seen& seen, Tag tag, xml::Element parent) {
  if (!seen.test(static_cast<std::size_t>(tag))) {
    fail(ResponseCode::bad_syntax, parent, "lacks <" + std::string(name_of(tag)) + ">");
  }
}

void Reader::take(std::size_t DecodeLimits::*kind, xml::Element where) {
  if (left_.*kind == 0) {
    return fail(ResponseCode::low_level_request_error, where,
                "is one more than the " + std::to_string(limits_.*kind) + " that are accepted");
  }
  --(left_.*kind);
}

std::string Reader::prose(xml::Element element) {
  const auto most = std::min(limits_.text_bytes, left_.all_text_bytes);
  std::string value = collapsed(element.text(), most);
  if (value.size() > most) {
    cut(value, most);
    ++shortened_;
  }
  left_.all_text_bytes -= value.size();
  return value;
}

std::string Reader::word(xml::Element element) {
  std::string value = collapsed(element.text(), limits_.word_bytes);
  if (value.size() > limits_.word_bytes) {
    fail(ResponseCode::invalid_value, element, "is too long for a word");
    value.clear();
  }
  return value;
}

std::string Reader::identifier(xml::Element where, std::string_view value) {
  if (value.size() <= limits_.id_bytes) return std::string(value);
  fail(ResponseCode::low_level_request_error, where, "has an identifier that is too long");
  return {};
}

std::string Reader::name(xml::Element element) {
  return identifier(element, collapsed(element.text(), limits_.id_bytes));
}

std::string Reader::token(xml::Element element) {
  std::string value = name(element);
  if (value.empty()) fail(ResponseCode::bad_syntax, element, "is empty");
  return value;
}

std::string Reader::attribute(xml::Element element, std::string_view name) {
  const auto value = trimmed(element.attribute(name).value_or(std::string_view{}));
  if (value.empty()) fail(ResponseCode::bad_syntax, element, "lacks the attribute " + std::string(name));
  return identifier(element, value);
}

std::optional<std::string> Reader::optional_attribute(xml::Element element, std::string_view name) {
  const auto value = element.attribute(name);
  if (!value) return std::nullopt;
  return identifier(element, trimmed(*value));
}

bool Reader::is_full(std::size_t texts) noexcept {
  if (texts < limits_.repeated_texts) return false;
  ++shortened_;
  return true;
}

std::string Reader::language(xml::Element element, std::string_view value) {
  value = trimmed(value);
  if (value.size() > limits_.word_bytes || !is_language(value)) {
    fail(ResponseCode::invalid_value, element, "names a language that is not one");
    return {};
  }
  return std::string(value);
}

std::string Reader::language_attribute(xml::Element element) {
  const auto value = element.attribute("lang");
  return value ? language(element, *value) : std::string{};
}

bool Reader::boolean(xml::Element element, std::string_view value) {
  value = trimmed(value);
  if (value == "true" || value == "1") return true;
  if (value != "false" && value != "0") fail(ResponseCode::invalid_value, element, "is neither true nor false");
  return false;
}

void Reader::always_true(xml::Element element) {
  if (!boolean(element)) fail(ResponseCode::invalid_value, element, "can only be true");
}

double Reader::decimal(xml::Element element) {
  auto value = trimmed(element.text());
  if (!is_decimal(value)) {
    fail(ResponseCode::invalid_value, element, "is not a decimal number");
    return 0;
  }
  if (value.front() == '+') value.remove_prefix(1);
  double number = 0;
  const auto result = std::from_chars(value.data(), value.data() + value.size(), number, std::chars_format::fixed);
  // What could not be sent on as it is cannot be meant: no room is that large.
  if (result.ec != std::errc{} || std::abs(number) > xml::largest_decimal)
    fail(ResponseCode::invalid_value, element, "is out of range");
  return number;
}

std::uint64_t Reader::integer(xml::Element element, std::uint64_t least, std::uint64_t most) {
  auto value = trimmed(element.text());
  if (value.starts_with('+')) value.remove_prefix(1);
  std::uint64_t number = 0;
  if (!parse_unsigned(value, number) || number < least || number > most) {
    fail(ResponseCode::invalid_value, element,
         "is not a number from " + std::to_string(least) + " to " + std::to_string(most));
    return least;
  }
  return number;
}

Version Reader::version(xml::Element element, std::string_view value) {
  const auto version = parse_version(trimmed(value));
  if (!version) fail(ResponseCode::invalid_value, element, "is not a version");
  return version.value_or(own_version);
}

}  // namespace clued::clue::codec
