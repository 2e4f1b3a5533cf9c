#include "focus/address.hpp"

#include <algorithm>
#include <array>

namespace clued::focus {
namespace {

bool is_alphanumeric(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }

char to_lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::string lower(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(), to_lower);
  return result;
}

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return to_lower(x) == to_lower(y); });
}

/// RFC 3261 section 25.1: what is neither unreserved nor allowed at this place is written as %HH.
void append_escaped(std::string& out, std::string_view text, std::string_view allowed) {
  static constexpr std::string_view mark = "-_.!~*'()";
  static constexpr std::string_view digits = "0123456789ABCDEF";
  for (const char c : text) {
    if (is_alphanumeric(c) || mark.find(c) != std::string_view::npos || allowed.find(c) != std::string_view::npos) {
      out += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out += {'%', digits[byte >> 4U], digits[byte & 15U]};
    }
  }
}

constexpr std::string_view user_unreserved = "&=+$,;?/";
constexpr std::string_view param_unreserved = "[]/:&+$";

bool is_sip(const SipUri& uri) { return uri.scheme == "sip" || uri.scheme == "sips"; }

/// True where the user part is a telephone number (RFC 3261 section 19.1.6).
bool is_phone(const SipUri& uri) {
  if (uri.scheme == "tel") return true;
  const std::string* user = is_sip(uri) ? uri.param("user") : nullptr;
  return user != nullptr && equal_ignoring_case(*user, "phone");
}

/// The value of a parameter inside a telephone-subscriber: `;name=value` in the user part of a sip URI.
std::string_view embedded_param(std::string_view subscriber, std::string_view name) {
  std::size_t start = subscriber.find(';');
  while (start != std::string_view::npos) {
    const std::size_t end = subscriber.find(';', start + 1);
    const std::string_view item = subscriber.substr(start + 1, end == std::string_view::npos ? end : end - start - 1);
    const std::size_t equals = item.find('=');
    if (equals != std::string_view::npos && equal_ignoring_case(item.substr(0, equals), name)) {
      return item.substr(equals + 1);
    }
    start = end;
  }
  return {};
}

std::string_view phone_param(const SipUri& uri, std::string_view name) {
  if (const std::string_view embedded = embedded_param(uri.user, name); !embedded.empty()) return embedded;
  const std::string* own = uri.scheme == "tel" ? uri.param(name) : nullptr;
  return own == nullptr ? std::string_view{} : std::string_view(*own);
}

/// The digits of a number, in lower case where they are letters.
std::string without_separators(std::string_view number) {
  static constexpr std::string_view separators = "-.() ";
  std::string digits;
  for (const char c : number) {
    if (separators.find(c) == std::string_view::npos) digits += to_lower(c);
  }
  return digits;
}

/// RFC 3966 sections 4 and 5: the number without visual separators, with what else tells two numbers apart. A local
/// number without phone-context in a sip URI is local to its domain.
std::string phone_key(const SipUri& uri) {
  std::string key = "tel:" + without_separators(std::string_view(uri.user).substr(0, uri.user.find(';')));
  if (key.size() == 4 || key[4] != '+') {
    std::string_view context = phone_param(uri, "phone-context");
    if (context.empty() && is_sip(uri)) context = uri.host;
    // The beginning of a global number, or a domain.
    key += ";phone-context=" + (context.starts_with('+') ? without_separators(context) : lower(context));
  }
  if (const auto extension = phone_param(uri, "ext"); !extension.empty()) {
    key += ";ext=" + without_separators(extension);
  }
  if (const auto subaddress = phone_param(uri, "isub"); !subaddress.empty()) key += ";isub=" + lower(subaddress);
  return key;
}

/// Parameters that must be in both URIs or in neither (RFC 3261 section 19.1.4); `method` is left out on purpose.
constexpr std::array<std::string_view, 4> significant_params = {"user", "ttl", "maddr", "transport"};

bool params_match(const SipUri& a, const SipUri& b) {
  const auto one_way = [](const SipUri& from, const SipUri& to) {
    return std::all_of(from.params.begin(), from.params.end(), [&from, &to](const auto& param) {
      if (param.first == "method") return true;
      const std::string* other = to.param(param.first);
      // A name that is there twice, which RFC 3261 section 19.1.1 forbids, counts as what param() says.
      if (other != nullptr) return equal_ignoring_case(*from.param(param.first), *other);
      return std::find(significant_params.begin(), significant_params.end(), param.first) == significant_params.end();
    });
  };
  return one_way(a, b) && one_way(b, a);
}

void append_host_port(std::string& out, const SipUri& uri) {
  const bool ipv6 = uri.host.find(':') != std::string::npos;
  if (ipv6) out += '[';
  append_escaped(out, uri.host, ":");  // a host needs no escape; what a hostile one contains must not end the URI
  if (ipv6) out += ']';
  if (uri.port != 0) out += ':' + std::to_string(uri.port);
}

}  // namespace

const std::string* SipUri::param(std::string_view name) const {
  const auto found =
      std::find_if(params.begin(), params.end(), [name](const auto& item) { return item.first == name; });
  return found == params.end() ? nullptr : &found->second;
}

std::string SipUri::to_string() const {
  std::string out = scheme + ':';
  append_escaped(out, user, user_unreserved);
  if (!host.empty()) {
    if (!user.empty()) out += '@';
    append_host_port(out, *this);
  }
  for (const auto& [name, value] : params) {
    out += ';';
    append_escaped(out, name, param_unreserved);
    if (value.empty()) continue;
    out += '=';
    append_escaped(out, value, param_unreserved);
  }
  return out;
}

bool equivalent(const SipUri& a, const SipUri& b) {
  if (is_phone(a) && is_phone(b)) return phone_key(a) == phone_key(b);
  return a.scheme == b.scheme && a.user == b.user && equal_ignoring_case(a.host, b.host) && a.port == b.port &&
         params_match(a, b);
}

bool can_name_participant(const SipUri& uri) { return is_sip(uri) || uri.scheme == "tel"; }

std::string instance_key(std::string_view instance) {
  if (instance.size() >= 2 && instance.front() == '<' && instance.back() == '>') {
    instance = instance.substr(1, instance.size() - 2);
  }
  const std::size_t scheme_end = instance.find(':');
  if (!equal_ignoring_case(instance.substr(0, scheme_end), "urn")) return std::string(instance);
  const std::size_t namespace_end = instance.find(':', scheme_end + 1);
  if (namespace_end == std::string_view::npos) return lower(instance);
  const std::string head = lower(instance.substr(0, namespace_end));
  const std::string_view rest = instance.substr(namespace_end);
  return head + (head == "urn:uuid" || head == "urn:gsma" ? lower(rest) : std::string(rest));
}

std::string lookup_key(const SipUri& uri) {
  if (is_phone(uri)) return phone_key(uri);
  std::string key = uri.scheme + ':' + uri.user + '@';
  key += lower(uri.host);
  key += ':' + std::to_string(uri.port);
  return key;
}

}  // namespace clued::focus
