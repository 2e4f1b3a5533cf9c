#include "sip/library_refusals.hpp"

#include <algorithm>
#include <charconv>

#include "base/text.hpp"
#include "sip/bare_answer.hpp"
#include "sip/call_record.hpp"
#include "sip/records.hpp"

namespace clued::sip {
namespace {

constexpr std::string_view response_start = "SIP/2.0 ";

std::string_view value_of(std::string_view line) {
  const std::size_t colon = line.find(':');
  return colon == std::string_view::npos ? std::string_view{} : base::trimmed(line.substr(colon + 1));
}

std::string_view next_line(std::string_view& rest) {
  const std::size_t end = std::min(rest.find('\n'), rest.size());
  std::string_view line = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  return line;
}

}  // namespace

bool is_refusal(std::string_view message) {
  if (message.size() <= response_start.size() || message.substr(0, response_start.size()) != response_start) {
    return false;
  }
  const char hundreds = message[response_start.size()];
  return hundreds >= '4' && hundreds <= '6';
}

MessageHead read_head(std::string_view message) {
  MessageHead head;
  std::string_view start = next_line(message);
  const bool is_response = start.substr(0, response_start.size()) == response_start;
  if (is_response) {
    start.remove_prefix(response_start.size());
    std::from_chars(start.data(), start.data() + start.size(), head.status);
    head.phrase = base::trimmed(start.substr(std::min<std::size_t>(start.find(' '), start.size())));
  } else {
    head.method = start.substr(0, start.find(' '));
  }
  while (!message.empty()) {
    const std::string_view line = next_line(message);
    if (line.empty()) break;
    const std::string_view name = header_name(line);
    const bool is_call_id = base::equal_ignoring_case(name, "Call-ID") || base::equal_ignoring_case(name, "i");
    if (is_call_id && head.call_id.empty()) head.call_id = value_of(line);
    if (is_response && base::equal_ignoring_case(name, "CSeq")) {
      const std::string_view value = value_of(line);
      head.method = base::trimmed(value.substr(std::min<std::size_t>(value.find(' '), value.size())));
    }
  }
  return head;
}

bool LibraryRefusals::has_refused() {
  const std::uint64_t now = count_();
  return std::exchange(seen_, now) != now;
}

void LibraryRefusals::begin(std::string source) {
  end();
  source_ = std::move(source);
}

void LibraryRefusals::sent(const std::string& peer, std::string_view message) {
  if (!has_refused()) return;
  const MessageHead head = read_head(message);
  log_(record_of_call(record::request_refused, "", head.call_id,
                      {{"method", head.method}, {"status", head.status}, {"why", head.phrase}, {"source", peer}}));
}

void LibraryRefusals::end() {
  if (!has_refused() || source_.empty()) return;
  log_({&record::request_refused,
        {{"status", 0}, {"why", "it cannot be read, and there is nobody to answer"}, {"source", source_}}});
}

}  // namespace clued::sip
