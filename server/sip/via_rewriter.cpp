#include "sip/via_rewriter.hpp"

#include <algorithm>
#include <charconv>

namespace clued::sip {
namespace {

constexpr std::string_view end_of_head = "\r\n\r\n";
constexpr std::string_view via_start = "\r\nVia: SIP/2.0/TCP ";

std::size_t content_length(std::string_view head) {
  constexpr std::string_view name = "\r\nContent-Length: ";
  const std::size_t at = head.find(name);
  if (at == std::string_view::npos) return 0;
  std::size_t length = 0;
  std::from_chars(head.data() + at + name.size(), head.data() + head.size(), length);
  return length;
}

/// Gives a parameter within [from, end of line) another value, if it is there.
void replace_param(std::string& head, std::size_t from, std::string_view name, const std::string& value) {
  const std::size_t line_end = head.find('\r', from);
  const std::size_t at = head.find(name, from);
  if (at == std::string::npos || at > line_end) return;
  const std::size_t start = at + name.size();
  const std::size_t end = head.find_first_of(";,\r", start);
  head.replace(start, end - start, value);
}

}  // namespace

std::string ViaRewriter::rewritten(std::string head) const {
  const std::size_t at = head.find(via_start);
  if (at == std::string::npos) return head;
  const std::size_t protocol = at + via_start.size() - 4;
  head.replace(protocol, 3, "TLS");
  const std::size_t sent_by = at + via_start.size();
  if (head.rfind("SIP/2.0 ", 0) == 0) {
    // A response: the Via is the peer's. The library adds `received` and `rport`, which are those of the relay.
    replace_param(head, sent_by, ";received=", names_.peer_address);
    replace_param(head, sent_by, ";rport=", std::to_string(names_.peer_port));
  } else {
    head.replace(sent_by, head.find_first_of(";\r", sent_by) - sent_by, names_.local);
  }
  return head;
}

std::string ViaRewriter::take(std::string_view bytes) {
  std::string out;
  while (!bytes.empty()) {
    if (body_left_ > 0) {
      const std::size_t size = std::min(body_left_, bytes.size());
      out.append(bytes.substr(0, size));
      bytes.remove_prefix(size);
      body_left_ -= size;
      continue;
    }
    if (head_.empty() && (bytes.front() == '\r' || bytes.front() == '\n')) {
      // Between messages: the answer to a keep-alive (RFC 5626 section 4.4.1).
      out += bytes.front();
      bytes.remove_prefix(1);
      continue;
    }
    const std::size_t before = head_.size();
    head_.append(bytes);
    const std::size_t end = head_.find(end_of_head, before < 3 ? 0 : before - 3);
    if (end == std::string::npos) break;
    bytes.remove_prefix(end + end_of_head.size() - before);
    head_.resize(end + end_of_head.size());
    body_left_ = content_length(head_);
    out += rewritten(std::move(head_));
    head_.clear();
  }
  return out;
}

}  // namespace clued::sip
