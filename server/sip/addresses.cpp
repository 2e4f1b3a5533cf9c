#include "sip/addresses.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "sip/values.hpp"

namespace clued::sip {
namespace {

/// RFC 1035 section 2.3.4.
constexpr std::size_t max_name = 253;
constexpr std::size_t max_label = 63;

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// A name may end with the dot of the root.
std::string_view without_root(std::string_view host) {
  if (!host.empty() && host.back() == '.') host.remove_suffix(1);
  return host;
}

std::string_view last_label(std::string_view host) {
  const std::size_t dot = host.rfind('.');
  return dot == std::string_view::npos ? host : host.substr(dot + 1);
}

bool is_label(std::string_view label) {
  return !label.empty() && label.size() <= max_label && std::all_of(label.begin(), label.end(), [](char c) {
    return is_letter(c) || is_digit(c) || c == '-' || c == '_';
  });
}

}  // namespace

bool is_ipv6(std::string_view address) { return address.find(':') != std::string_view::npos; }

std::string bracketed(const std::string& address) { return is_ipv6(address) ? "[" + address + "]" : address; }

std::string without_brackets(std::string_view host) {
  if (host.size() >= 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  return std::string(host);
}

std::optional<std::string> number_of(std::string_view host) {
  const std::string plain = without_brackets(host);
  if (plain.find('\0') != std::string::npos) return std::nullopt;
  std::array<char, INET6_ADDRSTRLEN> text{};
  in_addr v4{};
  if (inet_pton(AF_INET, plain.c_str(), &v4) == 1) {
    return inet_ntop(AF_INET, &v4, text.data(), text.size()) == nullptr ? std::nullopt
                                                                        : std::optional<std::string>(text.data());
  }
  in6_addr v6{};
  if (inet_pton(AF_INET6, plain.c_str(), &v6) != 1) return std::nullopt;
  if (IN6_IS_ADDR_V4MAPPED(&v6)) {
    std::memcpy(&v4, &v6.s6_addr[12], sizeof v4);
    return inet_ntop(AF_INET, &v4, text.data(), text.size()) == nullptr ? std::nullopt
                                                                        : std::optional<std::string>(text.data());
  }
  return inet_ntop(AF_INET6, &v6, text.data(), text.size()) == nullptr ? std::nullopt
                                                                       : std::optional<std::string>(text.data());
}

bool is_invalid_name(std::string_view host) { return equal_ignoring_case(last_label(without_root(host)), "invalid"); }

bool is_host_name(std::string_view host) {
  host = without_root(host);
  if (host.empty() || host.size() > max_name || is_invalid_name(host) || is_digit(last_label(host).front())) {
    return false;
  }
  for (std::string_view rest = host;;) {
    const std::size_t dot = rest.find('.');
    if (!is_label(rest.substr(0, dot))) return false;
    if (dot == std::string_view::npos) return true;
    rest.remove_prefix(dot + 1);
  }
}

}  // namespace clued::sip
