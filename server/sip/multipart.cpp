#include "sip/multipart.hpp"

#include <optional>

#include "sip/values.hpp"

namespace clued::sip {
namespace {

/// RFC 5621 needs two parts; more than these are not looked at.
constexpr std::size_t max_parts = 16;

std::string_view trimmed(std::string_view text) {
  static constexpr std::string_view blank = " \t\r\n";
  const std::size_t start = text.find_first_not_of(blank);
  if (start == std::string_view::npos) return {};
  return text.substr(start, text.find_last_not_of(blank) - start + 1);
}

/// The value of `name` (with its "=") among the parameters behind a header's first semicolon, or "".
std::string_view parameter(std::string_view value, std::string_view name) {
  std::size_t start = value.find(';');
  while (start != std::string_view::npos) {
    std::string_view rest = trimmed(value.substr(start + 1));
    if (rest.size() > name.size() && equal_ignoring_case(rest.substr(0, name.size()), name)) {
      rest.remove_prefix(name.size());
      if (rest.front() == '"')
        return rest.substr(1, rest.find('"', 1) == std::string_view::npos ? 0 : rest.find('"', 1) - 1);
      return trimmed(rest.substr(0, rest.find(';')));
    }
    start = value.find(';', start + 1);
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

void read_header(std::string_view name, std::string_view value, Body& part) {
  if (equal_ignoring_case(name, "Content-Type") || equal_ignoring_case(name, "c")) part.content_type = trimmed(value);
  if (equal_ignoring_case(name, "Content-Disposition")) read_disposition(value, part);
  // Either hides what the part is; base64 is nothing that a SIP body needs (RFC 5621 section 3.2).
  const bool is_plain_transfer = equal_ignoring_case(trimmed(value), "binary") ||
                                 equal_ignoring_case(trimmed(value), "8bit") ||
                                 equal_ignoring_case(trimmed(value), "7bit");
  const bool is_encoding = equal_ignoring_case(name, "Content-Encoding") || equal_ignoring_case(name, "e") ||
                           (equal_ignoring_case(name, "Content-Transfer-Encoding") && !is_plain_transfer);
  if (is_encoding) part.content_encoding = trimmed(value);
}

std::optional<Body> read_part(std::string_view text) {
  // A part without headers begins with the empty line.
  std::size_t split = text.substr(0, 2) == "\r\n" ? 0 : text.find("\r\n\r\n");
  std::size_t skip = split == 0 && text.substr(0, 2) == "\r\n" ? 2 : 4;
  if (split == std::string_view::npos) {
    split = text.find("\n\n");
    skip = 2;
  }
  if (split == std::string_view::npos) return std::nullopt;
  Body part;
  part.content = text.substr(split + skip);
  std::string_view headers = text.substr(0, split);
  while (!headers.empty()) {
    const std::size_t end = headers.find('\n');
    const std::string_view line = headers.substr(0, end);
    headers = end == std::string_view::npos ? std::string_view{} : headers.substr(end + 1);
    const std::size_t colon = line.find(':');
    if (colon != std::string_view::npos) read_header(trimmed(line.substr(0, colon)), line.substr(colon + 1), part);
  }
  return part;
}

}  // namespace

std::string_view media_type(std::string_view content_type) {
  return trimmed(content_type.substr(0, content_type.find(';')));
}

bool is_multipart(std::string_view content_type) {
  const std::string_view type = media_type(content_type);
  return type.size() > 10 && equal_ignoring_case(type.substr(0, 10), "multipart/");
}

void read_disposition(std::string_view value, Body& body) {
  body.disposition = trimmed(value.substr(0, value.find(';')));
  body.optional = equal_ignoring_case(parameter(value, "handling="), "optional");
}

std::vector<Body> parts_of(const Body& body) {
  std::vector<Body> parts;
  const std::string_view boundary = parameter(body.content_type, "boundary=");
  if (boundary.empty() || boundary.size() > 70) return parts;
  const std::string delimiter = "--" + std::string(boundary);
  const std::string_view content = body.content;
  std::size_t at = find_delimiter(content, delimiter, 0);
  for (std::size_t count = 0; at != std::string_view::npos && count < max_parts; ++count) {
    const std::size_t line_end = content.find('\n', at);
    if (line_end == std::string_view::npos) break;
    const std::size_t next = find_delimiter(content, delimiter, line_end + 1);
    if (next == std::string_view::npos) break;
    std::string_view text = content.substr(line_end + 1, next - line_end - 1);
    // The line break before a delimiter belongs to the delimiter.
    if (!text.empty() && text.back() == '\n') text.remove_suffix(1);
    if (!text.empty() && text.back() == '\r') text.remove_suffix(1);
    if (auto part = read_part(text)) parts.push_back(*std::move(part));
    at = next;
  }
  return parts;
}

TypedBody with_recipient_history(std::string_view sdp, std::string_view history, const std::string& boundary) {
  TypedBody body;
  // Without quotation marks: belle-sip looks for them in the body.
  body.content_type = "multipart/mixed;boundary=" + boundary;
  const std::string delimiter = "--" + boundary;
  body.content = delimiter + "\r\nContent-Type: application/sdp\r\n\r\n";
  body.content.append(sdp).append("\r\n").append(delimiter);
  body.content +=
      "\r\nContent-Type: application/resource-lists+xml\r\n"
      "Content-Disposition: recipient-list-history;handling=optional\r\n\r\n";
  body.content.append(history).append("\r\n").append(delimiter).append("--\r\n");
  return body;
}

}  // namespace clued::sip
