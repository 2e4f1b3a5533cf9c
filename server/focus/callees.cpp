#include "focus/callees.hpp"

#include <algorithm>
#include <string_view>
#include <vector>

namespace clued::focus {

namespace {

constexpr std::uint16_t default_port = 5060;
constexpr std::uint16_t default_tls_port = 5061;

bool contains_host(const std::vector<std::string>& hosts, const std::string& host) {
  return std::any_of(hosts.begin(), hosts.end(),
                     [&host](const std::string& one) { return comparable_host(one) == host; });
}

std::uint16_t port_of(const SipUri& uri) {
  if (uri.port != 0) return uri.port;
  const std::string* transport = uri.param("transport");
  const bool tls = uri.scheme == "sips" || (transport != nullptr && comparable_host(*transport) == "tls");
  return tls ? default_tls_port : default_port;
}

/// Every request to such a place is for us.
bool is_own_place(const std::string& host, std::uint16_t port, const DialOut& dial_out) {
  return std::any_of(dial_out.own_places.begin(), dial_out.own_places.end(),
                     [&](const OwnPlace& place) { return place.port == port && comparable_host(place.host) == host; });
}

bool names_us(const std::string& user, const ConferencePolicy& policy, const std::string& conference_user) {
  return user == conference_user || user == policy.factory_user;
}

bool is_our_domain(const std::string& host, const DialOut& dial_out, const ConferencePolicy& policy) {
  return contains_host(policy.domains, host) || contains_host(dial_out.own_domains, host);
}

/// At a host that is ours, or may be, it depends on the user: others can live under the same domain.
bool is_own_user(const std::string& user, const std::string& host, const DialOut& dial_out,
                 const ConferencePolicy& policy, const std::string& conference_user) {
  const bool known = is_our_domain(host, dial_out, policy);
  const bool possible = known || policy.domains.empty();
  if (possible && names_us(user, policy, conference_user)) return true;
  return known && (user.empty() || policy.permanent.find(user) != policy.permanent.end());
}

}  // namespace

bool is_at_our_host(const SipUri& uri, const DialOut& dial_out, const ConferencePolicy& policy) {
  const std::string host = comparable_host(uri.host);
  return is_our_domain(host, dial_out, policy) || is_own_place(host, port_of(uri), dial_out);
}

std::string comparable_host(std::string_view host) {
  constexpr std::string_view mapped = "::ffff:";
  std::string text(host);
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  if (text.size() >= 2 && text.front() == '[' && text.back() == ']') text = text.substr(1, text.size() - 2);
  if (!text.empty() && text.back() == '.') text.pop_back();
  if (text.rfind(mapped, 0) == 0 && text.find('.') != std::string::npos) text.erase(0, mapped.size());
  return text;
}

std::optional<NotAdmitted> callee_refusal(const SipUri& callee, const DialOut& dial_out, const ConferencePolicy& policy,
                                          const std::string& conference_user) {
  constexpr NotAdmitted is_us{403, "the target is this focus"};
  if (!can_name_participant(callee)) return NotAdmitted{416, "unsupported URI scheme"};
  if (callee.scheme == "tel") {
    if (!dial_out.has_outbound_proxy) return NotAdmitted{416, "no outbound proxy for a telephone number"};
    if (names_us(callee.user, policy, conference_user)) return is_us;
    return std::nullopt;
  }
  if (callee.host.empty()) return NotAdmitted{400, "nobody to call"};
  // Where there is an maddr it is what the request is sent to (RFC 3261 section 19.1.1), so both have to be allowed.
  std::vector<std::string> hosts{comparable_host(callee.host)};
  if (const std::string* maddr = callee.param("maddr"); maddr != nullptr && !maddr->empty()) {
    hosts.push_back(comparable_host(*maddr));
  }
  for (const std::string& host : hosts) {
    if (is_own_place(host, port_of(callee), dial_out)) return is_us;
    if (is_own_user(callee.user, host, dial_out, policy, conference_user)) return is_us;
    if (!dial_out.domains.empty() && !contains_host(dial_out.domains, host)) {
      return NotAdmitted{403, "not a domain to be called"};
    }
  }
  return std::nullopt;
}

}  // namespace clued::focus
