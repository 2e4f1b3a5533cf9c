#include "sip/message_trace.hpp"

#include <utility>

#include "sip/records.hpp"
#include "sip/values.hpp"

namespace clued::sip {
namespace {

std::string_view first_line(std::string_view message) { return message.substr(0, message.find_first_of("\r\n")); }

bool is_response(std::string_view message) { return equal_ignoring_case(message.substr(0, 4), "SIP/"); }

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

/// The value of the first header of that name (RFC 3261 section 7.3), or "". Folded values are cut: neither a Call-ID
/// nor a Contact of ours is.
std::string_view header(std::string_view message, std::string_view name, std::string_view short_name) {
  while (!message.empty()) {
    const std::string_view line = first_line(message);
    if (line.empty()) return {};
    const std::size_t colon = line.find(':');
    const std::string_view found = trimmed(line.substr(0, colon));
    if (colon != std::string_view::npos &&
        (equal_ignoring_case(found, name) || equal_ignoring_case(found, short_name))) {
      return trimmed(line.substr(colon + 1));
    }
    message.remove_prefix(line.size());
    if (message.substr(0, 1) == "\r") message.remove_prefix(1);
    if (message.substr(0, 1) == "\n") message.remove_prefix(1);
  }
  return {};
}

/// Of the first sip: or sips: URI in a text, or "".
std::string_view user_of(std::string_view text) {
  std::size_t scheme = text.find("sip:");
  std::size_t length = 4;
  if (const std::size_t secure = text.find("sips:"); secure < scheme) {
    scheme = secure;
    length = 5;
  }
  if (scheme == std::string_view::npos) return {};
  text.remove_prefix(scheme + length);
  const std::size_t end = text.find_first_of("@>;? \t");
  return end == std::string_view::npos || text[end] != '@' ? std::string_view{} : text.substr(0, end);
}

}  // namespace

bool MessageTrace::is_wanted() const { return log_.wants(record::message.severity); }

void MessageTrace::received(const std::string& peer, std::string_view message) {
  write("received", peer, message, is_response(message) ? std::string_view{} : user_of(first_line(message)));
}

void MessageTrace::sent(const std::string& peer, std::string_view message) {
  write("sent", peer, message, user_of(header(message, "Contact", "m")));
}

void MessageTrace::write(std::string_view direction, const std::string& peer, std::string_view message,
                         std::string_view conference) {
  if (!is_wanted() || first_line(message).find("SIP/2.0") == std::string_view::npos) return;
  const std::string call_id(header(message, "Call-ID", "i"));
  log_({&record::message,
        {{"conference", conference_of(call_id, conference)},
         {"call_id", call_id},
         {"direction", direction},
         {"peer", peer},
         {"message", std::string(message)}}});
}

/// A call begins at the factory, and our Contact says then which conference it made.
const std::string& MessageTrace::conference_of(const std::string& call_id, std::string_view told) {
  static const std::string none;
  const auto known = conferences_.find(call_id);
  if (known != conferences_.end()) {
    if (!told.empty() && known->second != told) known->second = told;
    return known->second;
  }
  if (told.empty() || call_id.empty()) return none;
  if (order_.size() >= max_calls) {
    conferences_.erase(order_.front());
    order_.pop_front();
  }
  order_.push_back(call_id);
  return conferences_.emplace(call_id, told).first->second;
}

}  // namespace clued::sip
