#include "sdp/dcmap.hpp"

#include <optional>

#include "sdp/text.hpp"

namespace clued::sdp {
namespace {

constexpr std::uint16_t kReservedStream = 65535;  // RFC 8832 section 6

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

/// Takes a quoted string from the front of `text`; %XX stands for an octet.
std::optional<std::string> take_quoted(std::string_view& text) {
  if (text.empty() || text.front() != '"') return std::nullopt;
  std::string result;
  std::size_t at = 1;
  for (; at < text.size() && text[at] != '"'; ++at) {
    if (text[at] != '%') {
      result += text[at];
      continue;
    }
    if (at + 2 >= text.size()) return std::nullopt;
    const int high = hex_value(text[at + 1]);
    const int low = hex_value(text[at + 2]);
    if (high < 0 || low < 0) return std::nullopt;
    result += static_cast<char>(high * 16 + low);
    at += 2;
  }
  if (at == text.size()) return std::nullopt;
  text.remove_prefix(at + 1);
  return result;
}

struct Parameter {
  std::string name;
  std::string value;
};

/// Takes `name=value` and the semicolon after it, if there is one.
std::optional<Parameter> take_parameter(std::string_view& text) {
  text = trimmed(text);
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos) return std::nullopt;
  Parameter parameter{lower(trimmed(text.substr(0, equals))), {}};
  text = trimmed(text.substr(equals + 1));
  if (!text.empty() && text.front() == '"') {
    auto value = take_quoted(text);
    if (!value) return std::nullopt;
    parameter.value = std::move(*value);
  } else {
    const std::size_t end = std::min(text.find(';'), text.size());
    parameter.value = trimmed(text.substr(0, end));
    text.remove_prefix(end);
  }
  text = trimmed(text);
  if (text.empty()) return parameter;
  if (text.front() != ';') return std::nullopt;
  text.remove_prefix(1);
  return parameter;
}

}  // namespace

base::expected<DataChannelMap, std::string> read_dcmap(std::string_view value) {
  value = trimmed(value);
  const std::size_t blank = std::min(value.find_first_of(" \t"), value.size());
  const auto stream_id = number<std::uint16_t>(value.substr(0, blank));
  if (!stream_id || *stream_id == kReservedStream)
    return base::unexpected(std::string("dcmap has no usable stream id"));
  DataChannelMap map;
  map.stream_id = *stream_id;
  bool max_retr = false;
  bool max_time = false;
  std::string_view rest = trimmed(value.substr(blank));
  while (!rest.empty()) {
    auto parameter = take_parameter(rest);
    if (!parameter) return base::unexpected(std::string("dcmap has a malformed parameter"));
    if (parameter->name == "subprotocol") {
      map.subprotocol = std::move(parameter->value);
    } else if (parameter->name == "ordered") {
      map.ordered = !equal_ignoring_case(parameter->value, "false");
    } else if (parameter->name == "max-retr") {
      max_retr = true;
    } else if (parameter->name == "max-time") {
      max_time = true;
    }
  }
  if (max_retr && max_time) return base::unexpected(std::string("dcmap has both max-retr and max-time"));
  map.limited_retransmission = max_retr || max_time;
  return map;
}

std::string clue_dcmap(std::uint16_t stream_id) {
  return std::to_string(stream_id) + " subprotocol=\"CLUE\";ordered=true";
}

}  // namespace clued::sdp
