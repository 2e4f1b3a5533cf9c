#include "sip/values.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace clued::sip {
namespace {

/// More parameters or headers than this in one URI are not read: nothing legitimate comes near.
constexpr std::size_t max_items = 32;

char to_lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
char to_upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

std::string lower(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(), to_lower);
  return result;
}

std::string upper(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(), to_upper);
  return result;
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char l = to_lower(c);
  return l >= 'a' && l <= 'f' ? l - 'a' + 10 : -1;
}

/// Of our own because an escaped NUL (RFC 4475 section 3.1.1.6) would end one of the library's strings.
std::string unescape(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && hex_value(text[i + 1]) >= 0 && hex_value(text[i + 2]) >= 0) {
      out += static_cast<char>(hex_value(text[i + 1]) * 16 + hex_value(text[i + 2]));
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

std::string_view unquoted(std::string_view text) {
  if (text.size() >= 2 && text.front() == '"' && text.back() == '"') return text.substr(1, text.size() - 2);
  return text;
}

/// RFC 3261 section 25.1: a quoted-pair stands for its second character.
std::string without_quoted_pairs(std::string_view text) {
  std::string plain;
  plain.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size()) ++i;
    plain += text[i];
  }
  return plain;
}

/// Calls `item(name, value)` for each `name[=value]` between separators.
template <class Item>
void for_each_pair(std::string_view text, char separator, Item item) {
  for (std::size_t count = 0; !text.empty() && count < max_items; ++count) {
    const std::size_t end = text.find(separator);
    const std::string_view one = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
    if (one.empty()) continue;
    const std::size_t equals = one.find('=');
    item(one.substr(0, equals), equals == std::string_view::npos ? std::string_view{} : one.substr(equals + 1));
  }
}

/// Two texts of one IPv6 address are one host (RFC 5118 section 4).
std::string host_text(std::string_view host) {
  if (host.size() >= 2 && host.front() == '[' && host.back() == ']') {
    const std::string inner(host.substr(1, host.size() - 2));
    in6_addr address{};
    std::array<char, INET6_ADDRSTRLEN> text{};
    if (inet_pton(AF_INET6, inner.c_str(), &address) == 1 &&
        inet_ntop(AF_INET6, &address, text.data(), text.size()) != nullptr) {
      return text.data();
    }
    return lower(inner);
  }
  return lower(unescape(host));
}

/// A boolean feature tag: present and not FALSE (RFC 3840 section 9; `+sip.clue="TRUE"` is seen too).
bool is_true(std::string_view value) { return !equal_ignoring_case(unquoted(value), "FALSE"); }

}  // namespace

bool supports(const sip_t& sip, const char* extension) {
  return sip_has_feature(sip.sip_supported, extension) != 0 || sip_has_feature(sip.sip_require, extension) != 0;
}

std::string address_text(const su_sockaddr_t& address) {
  std::array<char, 64> text{};
  const void* bytes = address.su_family == AF_INET6 ? static_cast<const void*>(&address.su_sin6.sin6_addr)
                                                    : static_cast<const void*>(&address.su_sin.sin_addr);
  if (su_inet_ntop(address.su_family, bytes, text.data(), text.size()) == nullptr) return {};
  return text.data();
}

std::string_view text_or_empty(const char* text) {
  return text == nullptr ? std::string_view{} : std::string_view(text);
}

std::string one_line(std::string_view text) {
  std::string line;
  for (const char c : text) line += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? ' ' : c;
  return line;
}

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return to_lower(x) == to_lower(y); });
}

focus::SipUri to_uri(const url_t& url) {
  focus::SipUri uri;
  uri.scheme = lower(text_or_empty(url.url_scheme));
  uri.user = unescape(text_or_empty(url.url_user));
  uri.host = host_text(text_or_empty(url.url_host));
  const std::string_view port = text_or_empty(url.url_port);
  unsigned number = 0;
  if (std::from_chars(port.data(), port.data() + port.size(), number).ec == std::errc{} && number <= 65535) {
    uri.port = static_cast<std::uint16_t>(number);
  }
  for_each_pair(text_or_empty(url.url_params), ';', [&uri](std::string_view name, std::string_view value) {
    uri.params.emplace_back(lower(unescape(name)), unescape(value));
  });
  return uri;
}

focus::NameAddress to_name_address(const char* display, const url_t& url) {
  const std::string_view text = text_or_empty(display);
  const std::string_view inner = unquoted(text);
  return {inner.size() == text.size() ? std::string(text) : without_quoted_pairs(inner), to_uri(url)};
}

focus::PeerContact to_contact(const sip_contact_t& contact) {
  focus::PeerContact result;
  result.uri = to_uri(*contact.m_url);
  if (contact.m_params != nullptr) {
    for (const msg_param_t* param = contact.m_params; *param != nullptr; ++param) {
      const std::string_view text = *param;
      const std::size_t equals = text.find('=');
      const std::string_view name = text.substr(0, equals);
      const std::string_view value = equals == std::string_view::npos ? std::string_view{} : text.substr(equals + 1);
      if (equal_ignoring_case(name, "isfocus")) result.is_focus = is_true(value);
      if (equal_ignoring_case(name, "+sip.clue")) result.telepresence = is_true(value);
      if (equal_ignoring_case(name, "+g.3gpp.icsi-ref")) result.ims = true;
      if (equal_ignoring_case(name, "+sip.instance")) {
        std::string_view instance = unquoted(value);
        if (instance.size() >= 2 && instance.front() == '<' && instance.back() == '>') {
          instance = instance.substr(1, instance.size() - 2);
        }
        result.instance = instance;
      }
    }
  }
  if (result.instance.empty()) {
    if (const std::string* gruu = result.uri.param("gr")) result.instance = *gruu;
  }
  return result;
}

RouteUri to_route_uri(const url_t& url) {
  const Home home = make_home();
  url_t kept = url;
  kept.url_headers = nullptr;
  if (kept.url_params != nullptr) {
    char* params = url_strip_param_string(su_strdup(home.get(), kept.url_params), "method");
    kept.url_params = params == nullptr ? nullptr : url_strip_param_string(params, "ttl");
  }
  RouteUri route{std::string(text_or_empty(url_as_string(home.get(), &kept))), to_uri(kept)};
  const std::string_view port = text_or_empty(kept.url_port);
  const bool is_sip = kept.url_type == url_sip || kept.url_type == url_sips;
  route.is_usable = is_sip && !route.uri.host.empty() && (port.empty() || route.uri.port != 0);
  return route;
}

std::vector<RouteUri> to_routes(const sip_record_route_t* record_route, bool reversed) {
  const Home home = make_home();
  std::vector<RouteUri> routes;
  // The library's copy also has `lr` where it belongs when somebody left out the <>.
  for (const sip_route_t* one = sip_route_fixdup(home.get(), record_route);
       one != nullptr && routes.size() < max_routes; one = one->r_next) {
    routes.push_back(to_route_uri(*one->r_url));
    if (one->r_params == nullptr) continue;
    for (const msg_param_t* param = one->r_params; *param != nullptr; ++param) {
      routes.back().params += ';';
      routes.back().params += *param;
    }
  }
  if (reversed) std::reverse(routes.begin(), routes.end());
  return routes;
}

focus::ReferTarget to_target(const url_t& url) {
  focus::ReferTarget target;
  target.uri = to_uri(url);
  if (const std::string* method = target.uri.param("method"); method != nullptr && !method->empty()) {
    target.method = upper(*method);
  }
  std::erase_if(target.uri.params, [](const auto& param) { return param.first == "method"; });
  for_each_pair(text_or_empty(url.url_headers), '&', [&target](std::string_view name, std::string_view value) {
    target.headers.emplace_back(unescape(name), unescape(value));
  });
  return target;
}

focus::ReferTarget to_refer_target(const sip_refer_to_t& refer_to) {
  focus::ReferTarget target = to_target(*refer_to.r_url);
  const focus::SipUri uri = to_uri(*refer_to.r_url);
  const std::string* in_uri = uri.param("method");
  const bool found = in_uri != nullptr && !in_uri->empty();
  if (!found && refer_to.r_params != nullptr) {
    const char* method = msg_params_find(refer_to.r_params, "method=");
    if (method != nullptr && *method != '\0') target.method = upper(unescape(unquoted(method)));
  }
  return target;
}

focus::Privacy privacy_of(const sip_t& sip) {
  focus::Privacy privacy;
  bool none = false;
  const auto take = [&](std::string_view value) {
    while (!value.empty() && (value.front() == ' ' || value.front() == '\t')) value.remove_prefix(1);
    while (!value.empty() && (value.back() == ' ' || value.back() == '\t')) value.remove_suffix(1);
    if (equal_ignoring_case(value, "id")) privacy.id = true;
    if (equal_ignoring_case(value, "user")) privacy.user = true;
    if (equal_ignoring_case(value, "header")) privacy.header = true;
    if (equal_ignoring_case(value, "session")) privacy.session = true;
    if (equal_ignoring_case(value, "none")) none = true;
  };
  if (const sip_privacy_t* header = sip_privacy(&sip); header != nullptr && header->priv_values != nullptr) {
    for (const msg_param_t* value = header->priv_values; *value != nullptr; ++value) take(*value);
  }
  for (const sip_unknown_t* header = sip.sip_unknown; header != nullptr; header = header->un_next) {
    if (!equal_ignoring_case(text_or_empty(header->un_name), "Privacy")) continue;
    std::string_view rest = text_or_empty(header->un_value);
    while (!rest.empty()) {
      const std::size_t end = rest.find_first_of(";,");
      take(rest.substr(0, end));
      rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
    }
  }
  // RFC 3323 section 4.2: with `none` nothing else counts.
  return none ? focus::Privacy{} : privacy;
}

std::optional<std::string_view> unknown_header(const sip_t& sip, std::string_view name) {
  for (const sip_unknown_t* header = sip.sip_unknown; header != nullptr; header = header->un_next) {
    if (equal_ignoring_case(text_or_empty(header->un_name), name)) return text_or_empty(header->un_value);
  }
  return std::nullopt;
}

std::string Source::to_string() const {
  const bool ipv6 = address.find(':') != std::string::npos;
  return transport + ':' + (ipv6 ? "[" + address + "]" : address) + ':' + std::to_string(port);
}

std::string Source::to_uri() const {
  const bool ipv6 = address.find(':') != std::string::npos;
  return "sip:" + (ipv6 ? "[" + address + "]" : address) + ':' + std::to_string(port) + ";transport=" + transport;
}

}  // namespace clued::sip
