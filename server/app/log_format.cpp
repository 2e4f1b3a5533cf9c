#include "app/log_format.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <variant>

#include "base/overloaded.hpp"

namespace clued::app {

namespace {

/// One code point of UTF-8 text, or a byte that is none.
struct Character {
  std::size_t length = 1;
  std::optional<std::uint32_t> code;
};

Character read_character(std::string_view text) {
  const auto byte = [&text](std::size_t n) { return static_cast<unsigned char>(text[n]); };
  const unsigned first = byte(0);
  if (first < 0x80) return {1, first};
  const std::size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || text.size() < length) return {1, std::nullopt};
  std::uint32_t code = first & (0x7fU >> length);
  for (std::size_t n = 1; n < length; ++n) {
    if ((byte(n) & 0xc0U) != 0x80) return {1, std::nullopt};
    code = code << 6 | (byte(n) & 0x3fU);
  }
  // RFC 3629 section 3: no overlong forms, no surrogates, nothing above U+10FFFF.
  constexpr std::array<std::uint32_t, 5> least = {0, 0, 0x80, 0x800, 0x10000};
  if (code < least[length] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return {1, std::nullopt};
  return {length, code};
}

/// Controls, line ends and what changes the writing direction of a terminal.
bool is_dangerous(std::uint32_t code) {
  return code < 0x20 || (code >= 0x7f && code < 0xa0) || code == 0x61c || code == 0x200e || code == 0x200f ||
         (code >= 0x2028 && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069) || code == 0xfeff;
}

void append_hex(std::string& out, std::uint32_t value, int digits) {
  constexpr std::string_view alphabet = "0123456789abcdef";
  for (int shift = (digits - 1) * 4; shift >= 0; shift -= 4) out += alphabet[value >> shift & 0xfU];
}

enum class Escapes { text, json };

void append_escaped(std::string& out, std::string_view text, Escapes escapes) {
  while (!text.empty()) {
    const Character character = read_character(text);
    if (!character.code) {
      if (escapes == Escapes::json) {
        out += "\\ufffd";
      } else {
        out += "\\x";
        append_hex(out, static_cast<unsigned char>(text.front()), 2);
      }
    } else if (*character.code == '"' || *character.code == '\\') {
      out += '\\';
      out += text.front();
    } else if (*character.code == '\n') {
      out += "\\n";
    } else if (*character.code == '\r') {
      out += "\\r";
    } else if (*character.code == '\t') {
      out += "\\t";
    } else if (is_dangerous(*character.code)) {
      out += "\\u";
      append_hex(out, *character.code, 4);
    } else {
      out += text.substr(0, character.length);
    }
    text.remove_prefix(character.length);
  }
}

/// Without quotes a value holds nothing that ends it or could be taken for another key.
bool needs_quotes(std::string_view text) {
  constexpr std::string_view plain =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~:/?#[]@!$&'()*+,;<>%|^{}";
  return text.empty() || text.find_first_not_of(plain) != std::string_view::npos;
}

/// At most `bytes` bytes and no half character.
std::string_view cut(std::string_view text, std::size_t bytes) {
  if (text.size() <= bytes) return text;
  std::size_t end = bytes;
  while (end > 0 && bytes - end < 4 && (static_cast<unsigned char>(text[end]) & 0xc0U) == 0x80) --end;
  return text.substr(0, end);
}

std::string bounded(std::string_view text, std::size_t bytes) {
  const std::string_view kept = cut(text, bytes);
  std::string result(kept);
  if (kept.size() < text.size()) result += "...(+" + std::to_string(text.size() - kept.size()) + ")";
  return result;
}

std::string text_of(const base::Identity& identity, const FormatOptions& options) {
  return bounded(options.full_identities ? identity.text : redact(identity.text), options.value_bytes);
}

void append_text_value(std::string& out, std::string_view value) {
  if (!needs_quotes(value)) {
    out += value;
    return;
  }
  out += '"';
  append_escaped(out, value, Escapes::text);
  out += '"';
}

void append_json_string(std::string& out, std::string_view value) {
  out += '"';
  append_escaped(out, value, Escapes::json);
  out += '"';
}

}  // namespace

std::string format_text(const base::Record& record, const FormatOptions& options) {
  std::string out(record.kind->name);
  for (const base::Field& field : record.fields) {
    out += ' ';
    out += field.key;
    out += '=';
    std::visit(base::overloaded{
                   [&](std::uint64_t number) { out += std::to_string(number); },
                   [&](std::int64_t number) { out += std::to_string(number); },
                   [&](const std::string& text) { append_text_value(out, bounded(text, options.value_bytes)); },
                   [&](const base::Identity& identity) { append_text_value(out, text_of(identity, options)); },
               },
               field.value);
  }
  return out;
}

std::string format_json_members(const base::Record& record, const FormatOptions& options) {
  std::string out = "\"record\":";
  append_json_string(out, record.kind->name);
  for (const base::Field& field : record.fields) {
    out += ',';
    append_json_string(out, field.key);
    out += ':';
    std::visit(base::overloaded{
                   [&](std::uint64_t number) { out += std::to_string(number); },
                   [&](std::int64_t number) { out += std::to_string(number); },
                   [&](const std::string& text) { append_json_string(out, bounded(text, options.value_bytes)); },
                   [&](const base::Identity& identity) { append_json_string(out, text_of(identity, options)); },
               },
               field.value);
  }
  return out;
}

std::string redact(std::string_view identity) {
  // A display name says more about a person than the URI behind it.
  if (const auto bracket = identity.find('<'); bracket != std::string_view::npos) identity.remove_prefix(bracket + 1);
  std::string kept;
  for (const std::string_view scheme : {"sip:", "sips:", "tel:"}) {
    if (identity.starts_with(scheme)) {
      kept = scheme;
      identity.remove_prefix(scheme.size());
      break;
    }
  }
  const std::size_t at = identity.find('@');
  const std::string_view name = identity.substr(0, at);
  const bool is_host_alone = at == std::string_view::npos && kept.starts_with("sip");
  if (!is_host_alone && !name.empty()) {
    if (name.front() == '+') kept += '+';
    const std::string_view rest = name.substr(name.front() == '+' ? 1 : 0);
    if (!rest.empty()) kept += rest.substr(0, read_character(rest).length);
    kept += "***";
  }
  const std::string_view host = is_host_alone ? name : at == std::string_view::npos ? "" : identity.substr(at + 1);
  if (!is_host_alone && at != std::string_view::npos) kept += '@';
  kept += host.substr(0, host.find_first_of(";?>@ "));
  // Where it goes to in place of the host.
  constexpr std::string_view address = ";maddr=";
  if (const auto found = host.find(address); found != std::string_view::npos) {
    const std::size_t begin = found + address.size();
    kept += address;
    kept += host.substr(begin, host.find_first_of(";?>@ ", begin) - begin);
  }
  return kept;
}

}  // namespace clued::app
