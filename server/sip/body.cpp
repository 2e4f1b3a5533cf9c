#include "sip/body.hpp"

#include <algorithm>

namespace clued::sip {
namespace {

/// RFC 5621 needs two parts; more than these are not looked at.
constexpr std::size_t max_parts = 16;

char to_lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return to_lower(x) == to_lower(y); });
}

std::string_view trimmed(std::string_view text) {
  static constexpr std::string_view blank = " \t\r\n";
  const std::size_t start = text.find_first_not_of(blank);
  if (start == std::string_view::npos) return {};
  return text.substr(start, text.find_last_not_of(blank) - start + 1);
}

/// "type/subtype" without parameters.
std::string_view media_type(std::string_view content_type) {
  return trimmed(content_type.substr(0, content_type.find(';')));
}

bool is_sdp(std::string_view content_type) { return equal_ignoring_case(media_type(content_type), "application/sdp"); }

bool is_multipart(std::string_view content_type) {
  const std::string_view type = media_type(content_type);
  return type.size() > 10 && equal_ignoring_case(type.substr(0, 10), "multipart/");
}

std::string_view boundary_of(std::string_view content_type) {
  std::size_t start = content_type.find(';');
  while (start != std::string_view::npos) {
    std::string_view rest = trimmed(content_type.substr(start + 1));
    if (rest.size() > 9 && equal_ignoring_case(rest.substr(0, 9), "boundary=")) {
      rest.remove_prefix(9);
      if (rest.front() == '"')
        return rest.substr(1, rest.find('"', 1) == std::string_view::npos ? 0 : rest.find('"', 1) - 1);
      return trimmed(rest.substr(0, rest.find(';')));
    }
    start = content_type.find(';', start + 1);
  }
  return {};
}

/// Where the next delimiter line starts at or after `from` (RFC 2046 section 5.1.1).
std::size_t find_delimiter(std::string_view content, std::string_view delimiter, std::size_t from) {
  for (std::size_t at = content.find(delimiter, from); at != std::string_view::npos;
       at = content.find(delimiter, at + 1)) {
    if (at == 0 || content[at - 1] == '\n') return at;
  }
  return std::string_view::npos;
}

std::optional<std::string> sdp_in_part(std::string_view part) {
  // A part without headers begins with the empty line.
  std::size_t split = part.substr(0, 2) == "\r\n" ? 0 : part.find("\r\n\r\n");
  std::size_t skip = split == 0 && part.substr(0, 2) == "\r\n" ? 2 : 4;
  if (split == std::string_view::npos) {
    split = part.find("\n\n");
    skip = 2;
  }
  if (split == std::string_view::npos) return std::nullopt;
  std::string_view headers = part.substr(0, split);
  while (!headers.empty()) {
    const std::size_t end = headers.find('\n');
    const std::string_view line = headers.substr(0, end);
    headers = end == std::string_view::npos ? std::string_view{} : headers.substr(end + 1);
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    const std::string_view name = trimmed(line.substr(0, colon));
    if ((equal_ignoring_case(name, "Content-Type") || equal_ignoring_case(name, "c")) &&
        is_sdp(line.substr(colon + 1))) {
      return std::string(part.substr(split + skip));
    }
  }
  return std::nullopt;
}

std::optional<std::string> sdp_in_multipart(std::string_view content, std::string_view boundary) {
  if (boundary.empty() || boundary.size() > 70) return std::nullopt;
  const std::string delimiter = "--" + std::string(boundary);
  std::size_t at = find_delimiter(content, delimiter, 0);
  for (std::size_t count = 0; at != std::string_view::npos && count < max_parts; ++count) {
    const std::size_t line_end = content.find('\n', at);
    if (line_end == std::string_view::npos) break;
    const std::size_t next = find_delimiter(content, delimiter, line_end + 1);
    if (next == std::string_view::npos) break;
    std::string_view part = content.substr(line_end + 1, next - line_end - 1);
    // The line break before a delimiter belongs to the delimiter.
    if (!part.empty() && part.back() == '\n') part.remove_suffix(1);
    if (!part.empty() && part.back() == '\r') part.remove_suffix(1);
    if (auto sdp = sdp_in_part(part)) return sdp;
    at = next;
  }
  return std::nullopt;
}

}  // namespace

SessionBody session_of(const Body& body) {
  if (body.content.empty()) return {};
  const bool encoded =
      !body.content_encoding.empty() && !equal_ignoring_case(trimmed(body.content_encoding), "identity");
  if (!encoded) {
    if (is_sdp(body.content_type)) return {std::string(body.content), ""};
    if (is_multipart(body.content_type)) {
      if (auto sdp = sdp_in_multipart(body.content, boundary_of(body.content_type))) return {std::move(sdp), ""};
    }
  }
  if (body.optional) return {};
  return {std::nullopt, encoded ? "content encoding" : "content type"};
}

}  // namespace clued::sip
