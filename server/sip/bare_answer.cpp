#include "sip/bare_answer.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <functional>
#include <utility>

#include "base/text.hpp"

namespace clued::sip {
namespace {

using base::equal_ignoring_case;
using base::is_blank;

/// An answer that repeats more than this (a thousand Vias) is not given.
constexpr std::size_t max_answer = 8 * 1024;

bool is_line_end(char c) { return c == '\r' || c == '\n'; }

/// Which of the headers that an answer repeats this is, or none.
enum class Repeated : std::size_t { via, from, to, call_id, cseq, none };

Repeated repeated(std::string_view name) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 5> names{
      {{"via", "v"}, {"from", "f"}, {"to", "t"}, {"call-id", "i"}, {"cseq", ""}}};
  const auto found = std::find_if(names.begin(), names.end(), [name](const auto& one) {
    return equal_ignoring_case(name, one.first) || (!name.empty() && equal_ignoring_case(name, one.second));
  });
  return static_cast<Repeated>(found - names.begin());
}

const char* phrase_of(int status) {
  switch (status) {
    case 408:
      return "Request Timeout";
    case 413:
      return "Request Entity Too Large";
    case 513:
      return "Message Too Large";
    default:
      return "Bad Request";
  }
}

/// RFC 3261 section 8.2.7: the same for the same request.
std::string tag_for(std::string_view request) { return std::to_string(std::hash<std::string_view>{}(request)); }

}  // namespace

std::string_view header_name(std::string_view line) { return base::trimmed(line.substr(0, line.find(':'))); }

std::string bare_answer(std::string_view head, int status) {
  if (head.substr(0, 4) == "ACK ") return {};
  std::string text = "SIP/2.0 " + std::to_string(status) + ' ' + phrase_of(status) + "\r\n";
  std::array<std::size_t, static_cast<std::size_t>(Repeated::none)> seen{};
  std::string_view rest = head;
  rest.remove_prefix(std::min(rest.find('\n'), rest.size() - 1) + 1);
  while (!rest.empty() && !is_line_end(rest.front()) && text.size() <= max_answer) {
    // With its folded lines.
    std::size_t end = std::min(rest.find('\n'), rest.size());
    while (end + 1 < rest.size() && is_blank(rest[end + 1])) end = std::min(rest.find('\n', end + 1), rest.size());
    std::string header;
    for (const char c : rest.substr(0, end)) header += is_line_end(c) || c == '\0' ? ' ' : c;
    header.erase(header.find_last_not_of(" \t") + 1);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    const Repeated which = repeated(header_name(header));
    if (which == Repeated::none || header.find(':') == std::string::npos) continue;
    if (seen[static_cast<std::size_t>(which)]++ > 0 && which != Repeated::via) continue;
    if (which == Repeated::to && header.find("tag=") == std::string::npos) header += ";tag=" + tag_for(head);
    text += header + "\r\n";
  }
  const bool complete = std::all_of(seen.begin(), seen.end(), [](std::size_t count) { return count > 0; });
  if (!complete || text.size() > max_answer) return {};
  return text + "Content-Length: 0\r\n\r\n";
}

}  // namespace clued::sip
