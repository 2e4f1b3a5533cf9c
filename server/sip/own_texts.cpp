#include "sip/own_texts.hpp"

#include <algorithm>
#include <charconv>

#include "sip/parse.hpp"
#include "sip/sofia.hpp"
#include "sip/values.hpp"

namespace clued::sip {
namespace {

/// A domain name has 253 characters at most, a label 63 (RFC 1035 section 2.3.4).
constexpr std::size_t max_name = 253;
constexpr std::size_t max_label = 63;
/// Longer texts make every message of ours long.
constexpr std::size_t max_text = 255;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_alphanumeric(char c) { return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_one_of(char c, std::string_view set) { return set.find(c) != std::string_view::npos; }

template <class Predicate>
bool all_of(std::string_view text, Predicate predicate) {
  return !text.empty() && std::all_of(text.begin(), text.end(), predicate);
}

bool is_token(std::string_view text) {
  return all_of(text, [](char c) { return is_alphanumeric(c) || is_one_of(c, "-.!%*_+`'~"); });
}

bool is_port(std::string_view text) {
  unsigned number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc{} && end == text.data() + text.size() && number >= 1 && number <= 65'535 &&
         is_digit(text.front());
}

bool is_ipv4(std::string_view text) {
  unsigned parts = 0;
  while (true) {
    const std::string_view part = text.substr(0, text.find('.'));
    if (part.size() > 3 || !all_of(part, is_digit) || std::stoi(std::string(part)) > 255) return false;
    ++parts;
    if (part.size() == text.size()) return parts == 4;
    text.remove_prefix(part.size() + 1);
  }
}

bool is_ipv6_reference(std::string_view text) {
  if (text.size() < 4 || text.front() != '[' || text.back() != ']') return false;
  su_sockaddr_t address{};
  return su_inet_pton(AF_INET6, std::string(text.substr(1, text.size() - 2)).c_str(), &address.su_sin6.sin6_addr) == 1;
}

/// RFC 3261 section 25.1: hostname = *( domainlabel "." ) toplabel [ "." ]. The last label begins with a letter; that
/// tells a name from an address.
bool is_domain_name(std::string_view text) {
  if (!text.empty() && text.back() == '.') text.remove_suffix(1);
  if (text.empty() || text.size() > max_name) return false;
  while (true) {
    const std::string_view label = text.substr(0, text.find('.'));
    const bool right = label.size() <= max_label &&
                       all_of(label, [](char c) { return is_alphanumeric(c) || c == '-'; }) && label.front() != '-' &&
                       label.back() != '-';
    if (!right) return false;
    if (label.size() == text.size()) return !is_digit(label.front());
    text.remove_prefix(label.size() + 1);
  }
}

/// The header as it is sent goes through the parser that peers of ours may have as well.
bool is_header(msg_hclass_t* header_class, const std::string& value) {
  const Home home = make_home();
  return msg_header_make(home.get(), header_class, value.c_str()) != nullptr;
}

bool is_utf8(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const auto first = static_cast<unsigned char>(text[at]);
    const std::size_t length = first < 0x80 ? 1 : first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc2 ? 2 : 0;
    if (length == 0 || first > 0xf4 || text.size() - at < length) return false;
    for (std::size_t n = 1; n < length; ++n) {
      if ((static_cast<unsigned char>(text[at + n]) & 0xc0U) != 0x80) return false;
    }
    at += length;
  }
  return true;
}

bool has_control(std::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

std::string unquoted_text(std::string_view quoted) {
  std::string text;
  for (std::size_t at = 1; at + 1 < quoted.size(); ++at) {
    if (quoted[at] == '\\') ++at;
    text += quoted[at];
  }
  return text;
}

bool is_quoted_string(std::string_view text) {
  if (text.size() < 2 || text.front() != '"' || text.back() != '"') return false;
  for (std::size_t at = 1; at + 1 < text.size(); ++at) {
    if (text[at] == '"') return false;
    if (text[at] == '\\' && ++at + 1 >= text.size()) return false;
  }
  return problem_of_quoted_text(unquoted_text(text)).empty() || text.size() == 2;
}

/// product = token [ "/" token ], comment = "(" text ")"; one blank between them.
bool are_products(std::string_view text) {
  while (!text.empty()) {
    if (text.front() == '(') {
      const std::size_t end = text.find(')');
      if (end == std::string_view::npos || text.substr(1, end - 1).find('(') != std::string_view::npos) return false;
      text.remove_prefix(end + 1);
    } else {
      const std::string_view product = text.substr(0, text.find(' '));
      const std::size_t slash = product.find('/');
      if (!is_token(product.substr(0, slash))) return false;
      if (slash != std::string_view::npos && !is_token(product.substr(slash + 1))) return false;
      text.remove_prefix(product.size());
    }
    if (text.empty()) return true;
    if (text.front() != ' ' || text.size() == 1) return false;
    text.remove_prefix(1);
  }
  return false;
}

/// Where our own URI of this user and host leads, read as a peer would read it.
bool is_contact_of(const std::string& user, const std::string& host_port) {
  const auto contact = parse_contact("<sip:" + user + "@" + host_port + ";transport=tcp>;isfocus");
  return contact && contact->is_focus && contact->uri.user == user && contact->uri.params.size() == 1;
}

bool is_uri_text(std::string_view text) {
  return all_of(text, [](char c) { return is_alphanumeric(c) || is_one_of(c, "-_.!~*'()&=+$,;?/:@%[]#"); });
}

}  // namespace

std::string problem_of_host(std::string_view text) {
  if (is_ipv4(text) || is_ipv6_reference(text) || is_domain_name(text)) return {};
  if (is_ipv6_reference("[" + std::string(text) + "]")) return "must have brackets around an IPv6 address";
  return "is no host: a domain name, an IPv4 address, or an IPv6 address in brackets";
}

std::string problem_of_host_port(std::string_view text) {
  if (is_ipv6_reference("[" + std::string(text) + "]")) return problem_of_host(text);
  const std::size_t bracket = text.find(']');
  const std::size_t colon = text.find(':', bracket == std::string_view::npos ? 0 : bracket);
  const std::string host(text.substr(0, colon));
  if (std::string problem = problem_of_host(host); !problem.empty()) return problem;
  if (colon != std::string_view::npos && (colon + 1 == text.size() || !is_port(text.substr(colon + 1)))) {
    return "has no port from 1 to 65535 behind its colon";
  }
  return is_contact_of("user", std::string(text)) ? "" : "is no host and port of a SIP URI";
}

std::string problem_of_next_hop(std::string_view text) {
  const std::size_t semicolon = text.find(';');
  if (std::string problem = problem_of_host_port(text.substr(0, semicolon)); !problem.empty()) return problem;
  if (semicolon == std::string_view::npos) return {};
  const std::string_view parameter = text.substr(semicolon);
  for (const std::string_view known : {";transport=udp", ";transport=tcp", ";transport=tls"}) {
    if (equal_ignoring_case(parameter, known)) return {};
  }
  return "may have nothing but ;transport=udp, tcp or tls behind host and port";
}

std::string problem_of_user(std::string_view text) {
  if (text.size() > max_text) return "is longer than " + std::to_string(max_text) + " bytes";
  const bool is_user = all_of(text, [](char c) { return is_alphanumeric(c) || is_one_of(c, "-_.!~*'()&=+$,;?/"); });
  return is_user && is_contact_of(std::string(text), "example.com") ? "" : "cannot be the user part of a SIP URI";
}

std::string problem_of_product(std::string_view text) {
  if (text.size() > max_text) return "is longer than " + std::to_string(max_text) + " bytes";
  const bool right =
      are_products(text) && is_utf8(text) && !has_control(text) && is_header(sip_server_class, std::string(text));
  return right ? "" : "is no product such as clued, clued/1.0 or clued (conferences)";
}

std::string problem_of_quoted_text(std::string_view text) {
  if (text.empty()) return "must not be empty";
  if (text.size() > max_text) return "is longer than " + std::to_string(max_text) + " bytes";
  if (has_control(text) || !is_utf8(text)) return "must be one line of UTF-8 without control characters";
  const std::string header = "SIP;cause=200;text=" + quoted(text);
  return is_header(sip_reason_class, header) ? "" : "cannot be a quoted text in a header";
}

std::string problem_of_parameter_value(std::string_view text) {
  if (text.size() > max_text) return "is longer than " + std::to_string(max_text) + " bytes";
  if (is_token(text) || is_quoted_string(text) || problem_of_host(text).empty()) return {};
  return "must be a word, a host or a quoted text";
}

std::string problem_of_parameters(std::string_view text) {
  if (text.size() > 4 * max_text) return "is longer than " + std::to_string(4 * max_text) + " bytes";
  while (true) {
    // A semicolon within quotation marks divides nothing.
    bool is_quoted = false;
    std::size_t end = 0;
    for (; end < text.size() && (is_quoted || text[end] != ';'); ++end) {
      if (text[end] == '"') is_quoted = !is_quoted;
      if (text[end] == '\\') ++end;
    }
    end = std::min(end, text.size());
    const std::string_view parameter = text.substr(0, end);
    const std::size_t equals = parameter.find('=');
    if (!is_token(parameter.substr(0, equals))) return "must be name=value, more of them behind semicolons";
    if (equals != std::string_view::npos) {
      if (std::string problem = problem_of_parameter_value(parameter.substr(equals + 1)); !problem.empty()) {
        return "has a value that " + problem;
      }
    }
    if (end == text.size()) return {};
    text.remove_prefix(end + 1);
  }
}

base::expected<focus::SipUri, std::string> parse_user_uri(std::string_view text) {
  const auto refuse = [] { return base::unexpected(std::string("is not a SIP, SIPS or tel URI")); };
  if (!is_uri_text(text) || text.size() > max_text) return refuse();
  auto uri = parse_uri(text);
  if (!uri) return refuse();
  if (uri->scheme == "tel") {
    const std::string_view number = uri->user;
    const bool has_digit = std::any_of(number.begin(), number.end(), is_digit);
    if (!has_digit || !all_of(number, [](char c) { return is_alphanumeric(c) || is_one_of(c, "+-.()*#"); }))
      return refuse();
    return *std::move(uri);
  }
  if (uri->scheme != "sip" && uri->scheme != "sips") return refuse();
  // The parser of the library takes any host; and of a second @ or colon it makes what it likes.
  std::string_view host = text.substr(text.find(':') + 1);
  if (const std::size_t at = host.find('@'); at != std::string_view::npos) {
    if (at == 0 || uri->user.empty()) return refuse();
    host.remove_prefix(at + 1);
  }
  if (host.find('?') != std::string_view::npos) return refuse();  // headers are part of no identity
  if (!problem_of_host_port(host.substr(0, host.find(';'))).empty()) return refuse();
  return *std::move(uri);
}

}  // namespace clued::sip
