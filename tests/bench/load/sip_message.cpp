#include "bench/load/sip_message.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>

namespace clued::bench {

namespace {

constexpr std::string_view version = "SIP/2.0";

bool same_name(std::string_view a, std::string_view b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) {
           return std::tolower(static_cast<unsigned char>(x)) == std::tolower(static_cast<unsigned char>(y));
         });
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

template <class Number>
Number number(std::string_view text) {
  Number value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

/// The line up to CRLF, which is taken from `text`.
std::string_view take_line(std::string_view& text) {
  const auto end = text.find("\r\n");
  const auto line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 2);
  return line;
}

const char* phrase_of(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 481:
      return "Call/Transaction Does Not Exist";
    default:
      return "Not Acceptable Here";
  }
}

}  // namespace

std::string_view SipMessage::header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (same_name(key, name)) return value;
  }
  return {};
}

unsigned SipMessage::cseq() const { return number<unsigned>(header("CSeq")); }

std::string_view SipMessage::cseq_method() const {
  const auto value = header("CSeq");
  const auto blank = value.find(' ');
  return blank == std::string_view::npos ? std::string_view() : trimmed(value.substr(blank));
}

std::string SipMessage::contact() const {
  auto value = header("Contact");
  const auto begin = value.find('<');
  if (begin != std::string_view::npos) value = value.substr(begin + 1, value.find('>') - begin - 1);
  return std::string(value);
}

std::string_view SipMessage::tag_of(std::string_view header) {
  const auto begin = header.find(";tag=");
  if (begin == std::string_view::npos) return {};
  const auto tag = header.substr(begin + 5);
  return tag.substr(0, tag.find(';'));
}

std::optional<SipMessage> parse_sip(std::string_view datagram) {
  SipMessage message;
  const auto start = take_line(datagram);
  const auto first = start.find(' ');
  if (first == std::string_view::npos) return std::nullopt;
  if (start.substr(0, first) == version) {
    message.status = number<int>(start.substr(first + 1));
  } else {
    const auto second = start.find(' ', first + 1);
    if (second == std::string_view::npos || start.substr(second + 1) != version) return std::nullopt;
    message.method = start.substr(0, first);
    message.target = start.substr(first + 1, second - first - 1);
  }
  while (!datagram.empty()) {
    const auto line = take_line(datagram);
    if (line.empty()) break;
    const auto colon = line.find(':');
    if (colon == std::string_view::npos) return std::nullopt;
    message.headers.emplace_back(trimmed(line.substr(0, colon)), trimmed(line.substr(colon + 1)));
  }
  message.body = datagram;
  return message;
}

std::string to_text(const SipMessage& message) {
  std::string text;
  text.reserve(1024 + message.body.size());
  if (message.is_request()) {
    text.append(message.method).append(" ").append(message.target).append(" ").append(version);
  } else {
    text.append(version).append(" ").append(std::to_string(message.status)).append(" ");
    text.append(phrase_of(message.status));
  }
  text += "\r\n";
  for (const auto& [name, value] : message.headers) text.append(name).append(": ").append(value).append("\r\n");
  if (!message.body.empty()) text += "Content-Type: application/sdp\r\n";
  text.append("Content-Length: ").append(std::to_string(message.body.size())).append("\r\n\r\n");
  return text + message.body;
}

SipMessage response_to(const SipMessage& request, int status, const std::string& own_tag) {
  SipMessage response;
  response.status = status;
  for (const auto& [name, value] : request.headers) {
    const bool is_to = same_name(name, "To");
    if (!is_to && !same_name(name, "Via") && !same_name(name, "From") && !same_name(name, "Call-ID") &&
        !same_name(name, "CSeq") && !same_name(name, "Record-Route")) {
      continue;
    }
    const bool lacks_tag = is_to && SipMessage::tag_of(value).empty();
    response.headers.emplace_back(name, lacks_tag ? value + ";tag=" + own_tag : value);
  }
  return response;
}

}  // namespace clued::bench
