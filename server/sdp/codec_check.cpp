#include "sdp/codec_check.hpp"

#include <algorithm>

#include "sdp/session_description.hpp"

namespace clued::sdp {

namespace {

constexpr std::size_t max_text = 255;

bool is_number(std::string_view text) {
  return !text.empty() && text.size() <= 9 && text.front() != '0' &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

/// RFC 8866 section 9: token-char.
bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return c > ' ' && c < 0x7f && std::string_view("\"(),/:;<=>?@[\\]").find(c) == std::string_view::npos;
  });
}

/// A description with this attribute, read as a peer would read it.
bool is_attribute(const std::string& line) {
  return parse("v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\nm=audio 9 RTP/AVP 96\r\na=" +
               line + "\r\n")
      .has_value();
}

}  // namespace

std::string problem_of_encoding(std::string_view text) {
  const std::size_t slash = text.find('/');
  const std::string_view rest = slash == std::string_view::npos ? std::string_view{} : text.substr(slash + 1);
  const std::size_t second = rest.find('/');
  const bool right = text.size() <= max_text && is_token(text.substr(0, slash)) && is_number(rest.substr(0, second)) &&
                     (second == std::string_view::npos || is_number(rest.substr(second + 1)));
  return right && is_attribute("rtpmap:96 " + std::string(text))
             ? ""
             : "must be a name and a clock rate such as H264/90000, and the number of channels if there are several";
}

std::string problem_of_format_parameters(std::string_view text) {
  if (text.size() > max_text) return "is longer than " + std::to_string(max_text) + " bytes";
  const bool right = std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c < 0x7f; }) &&
                     !text.empty() && text.front() != ' ' && text.back() != ' ';
  return right && is_attribute("fmtp:96 " + std::string(text)) ? "" : "cannot be the value of a=fmtp";
}

}  // namespace clued::sdp
