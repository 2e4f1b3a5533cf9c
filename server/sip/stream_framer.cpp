#include "sip/stream_framer.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/text.hpp"
#include "sip/bare_answer.hpp"

namespace clued::sip {
namespace {

using base::equal_ignoring_case;
using base::is_blank;
using base::lower;
using base::trimmed;

/// No Request-URI needs more.
constexpr std::size_t max_start_line = 8 * 1024;
constexpr std::size_t max_method = 64;

constexpr std::string_view version_start = "SIP/";
constexpr std::string_view double_line_end = "\r\n\r\n";

bool is_line_end(char c) { return c == '\r' || c == '\n'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_token_character(char c) {
  return is_digit(c) || (lower(c) >= 'a' && lower(c) <= 'z') ||
         std::string_view("-.!%*_+`'~").find(c) != std::string_view::npos;
}

bool begins_response(std::string_view line) {
  const std::size_t size = std::min(line.size(), version_start.size());
  return size > 0 && equal_ignoring_case(line.substr(0, size), version_start.substr(0, size));
}

/// Whether a start line can begin so: with a method, or as a response.
bool may_begin(std::string_view line) {
  const std::string_view first = line.substr(0, line.find(' '));
  if (first.empty() || first.size() > max_method) return false;
  if (begins_response(line) && line.size() >= version_start.size()) return true;
  return std::all_of(first.begin(), first.end(), is_token_character);
}

/// "SIP/2.0 200 OK", with a status that RFC 3261 section 7.2 knows the class of.
bool is_status_line(std::string_view line) {
  const std::size_t space = line.find(' ');
  if (space == std::string_view::npos) return false;
  const std::string_view status = line.substr(space + 1, 3);
  if (status.size() != 3 || !std::all_of(status.begin(), status.end(), is_digit)) return false;
  if (line.size() > space + 4 && line[space + 4] != ' ') return false;
  return status.front() >= '1' && status.front() <= '6';
}

/// Something that ends with a version of SIP: a request, whatever is between that and the method.
bool is_request_line(std::string_view line) {
  line = trimmed(line);
  const std::size_t space = line.rfind(' ');
  return space != std::string_view::npos && space > line.find(' ') &&
         equal_ignoring_case(line.substr(space + 1, version_start.size()), version_start);
}

}  // namespace

void StreamFramer::take(std::string_view bytes, const std::function<void(std::string_view message)>& deliver) {
  if (fault_) return;
  const bool in_buffer = !buffer_.empty();
  if (in_buffer) buffer_.append(bytes);
  std::string_view rest = in_buffer ? std::string_view(buffer_) : bytes;
  while (!rest.empty()) {
    if (line_start_ == 0) rest = without_line_ends(rest);
    message_ = rest;
    const bool whole = !rest.empty() && advance(rest);
    message_ = {};
    if (fault_) {
      buffer_.clear();
      return;
    }
    if (!whole) break;
    const std::size_t size = *end_;
    begin_next();
    deliver(rest.substr(0, size));
    rest.remove_prefix(size);
  }
  if (in_buffer) {
    buffer_.erase(0, buffer_.size() - rest.size());
  } else {
    buffer_.assign(rest);
  }
}

void StreamFramer::expire() {
  if (fault_ || buffer_.empty()) return;
  message_ = buffer_;
  fail(408, "the rest of a message did not come");
  message_ = {};
  buffer_.clear();
}

/// RFC 3261 section 7.5. Two of them at once are also a question whether we are there.
std::string_view StreamFramer::without_line_ends(std::string_view rest) {
  while (!rest.empty() && is_line_end(rest.front())) {
    const char c = rest.front();
    rest.remove_prefix(1);
    line_ends_ = c == double_line_end[line_ends_] ? line_ends_ + 1 : (c == '\r' ? 1 : 0);
    if (line_ends_ < double_line_end.size()) continue;
    line_ends_ = 0;
    ++pings_;
  }
  if (!rest.empty()) line_ends_ = 0;
  return rest;
}

/// Reads what can be read of the message that begins here. True when it is whole.
bool StreamFramer::advance(std::string_view rest) {
  while (!end_) {
    const std::size_t at = rest.find('\n', searched_);
    if (at == std::string_view::npos) {
      searched_ = rest.size();
      if (line_start_ == 0 && !may_begin(rest)) {
        fail(0, "neither a request nor a response");
      } else if (line_start_ == 0 && rest.size() > max_start_line + 1) {
        fail(0, "a start line that is too long");
      } else if (rest.size() >= max_message_) {
        fail(413, "headers without an end");
      }
      return false;
    }
    std::string_view line = rest.substr(line_start_, at - line_start_);
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    const bool is_first = line_start_ == 0;
    line_start_ = searched_ = at + 1;
    if (line.empty() && !is_first) {
      end_head(line_start_);
    } else {
      read_line(line);
    }
    if (fault_) return false;
  }
  return rest.size() >= *end_;
}

void StreamFramer::read_line(std::string_view line) {
  const bool is_first = start_ == StartLine::unknown;
  if (is_first && !may_begin(line)) return fail(0, "neither a request nor a response");
  if (is_first && line.size() > max_start_line) return fail(0, "a start line that is too long");
  if (line.find('\0') != std::string_view::npos || line.find('\r') != std::string_view::npos) {
    return fail(400, "a control character in a line");
  }
  if (is_first) {
    read_start_line(line);
  } else {
    read_header(line);
  }
}

void StreamFramer::read_start_line(std::string_view line) {
  if (begins_response(line)) {
    start_ = StartLine::response;
    if (!is_status_line(line) || !(*check_)(line)) fail(0, "a status line that cannot be read");
    return;
  }
  if (!is_request_line(line)) return fail(0, "neither a request nor a response");
  start_ = (*check_)(line) ? StartLine::request : StartLine::bad_request;
}

void StreamFramer::read_header(std::string_view line) {
  limits_.count(line);
  if (limits_.excess() != nullptr) return fail(513, limits_.excess());
  if (is_blank(line.front())) {
    // Before any header it would go on with the start line, which is never folded (RFC 3261 section 7.1).
    if (!has_headers_) return fail(400, "a start line that is folded");
    if (last_was_length_) length_.append(line);
    return;
  }
  has_headers_ = true;
  const std::string_view name = header_name(line);
  last_was_length_ = equal_ignoring_case(name, "content-length") || equal_ignoring_case(name, "l");
  if (!last_was_length_) return;
  ++lengths_;
  length_ = line.substr(std::min(line.find(':'), line.size() - 1) + 1);
}

void StreamFramer::end_head(std::size_t size) {
  if (start_ == StartLine::bad_request) return fail(400, "a request line that cannot be read");
  // RFC 3261 section 20.14: on a stream nothing else says where the message ends.
  if (lengths_ == 0) return fail(400, "no Content-Length");
  if (lengths_ > 1) return fail(400, "more than one Content-Length");
  const std::string_view digits = trimmed(length_);
  if (digits.empty() || !std::all_of(digits.begin(), digits.end(), is_digit)) {
    return fail(400, "a Content-Length that is no number");
  }
  std::size_t length = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), length);
  if (error != std::errc{} || size > max_message_ || length > max_message_ - size) {
    return fail(413, "longer than messages may be");
  }
  end_ = size + length;
}

void StreamFramer::begin_next() {
  start_ = StartLine::unknown;
  line_start_ = searched_ = lengths_ = 0;
  length_.clear();
  has_headers_ = last_was_length_ = false;
  limits_ = {};
  end_.reset();
}

void StreamFramer::fail(int status, std::string why) {
  std::string text = answer(status);
  fault_ = Fault{text.empty() ? 0 : status, std::move(why), std::move(text)};
}

/// From the lines that were read. "" where nobody expects one, or where it would not find its way.
std::string StreamFramer::answer(int status) const {
  const bool is_request = start_ == StartLine::request || start_ == StartLine::bad_request;
  if (status == 0 || !is_request) return {};
  return bare_answer(message_.substr(0, line_start_), status);
}

}  // namespace clued::sip
