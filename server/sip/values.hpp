// From Sofia-SIP's structures to the core's values. Private to server/sip; pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "focus/address.hpp"
#include "sip/route_set.hpp"
#include "sip/sofia.hpp"
#include "sip/source.hpp"

namespace clued::sip {

/// Copies and unescapes; an IPv6 host loses its brackets and gets its canonical text (RFC 5952).
focus::SipUri to_uri(const url_t& url);

focus::NameAddress to_name_address(const char* display, const url_t& url);
focus::PeerContact to_contact(const sip_contact_t& contact);
/// With the method and the header fields of the URI.
focus::ReferTarget to_target(const url_t& url);
/// The same, with the method as header parameter too.
focus::ReferTarget to_refer_target(const sip_refer_to_t& refer_to);

/// As it goes into a Request-URI or Route: without header fields, `method` and `ttl` (RFC 3261 section 19.1.1).
RouteUri to_route_uri(const url_t& url);
/// A route set of the Record-Routes of a request, or `reversed` of a response (RFC 3261 section 12.1); at most
/// max_routes of them.
std::vector<RouteUri> to_routes(const sip_record_route_t* record_route, bool reversed);
/// Nobody passes more hops than Max-Forwards allows at first (RFC 3261 section 8.1.1.6).
inline constexpr std::size_t max_routes = 70;

/// In numbers, without brackets; "" when it is neither IPv4 nor IPv6.
std::string address_text(const su_sockaddr_t& address);

/// The Privacy header; what it names besides is not ours to do.
focus::Privacy privacy_of(const sip_t& sip);

/// The value of a header that the library does not know (or of several of that name, the first), or nothing.
std::optional<std::string_view> unknown_header(const sip_t& sip, std::string_view name);

/// Supported or Require names the option tag.
bool supports(const sip_t& sip, const char* extension);

std::string_view text_or_empty(const char* text);
/// A text of the core as part of a header line: whatever it contains, it stays one line.
std::string one_line(std::string_view text);
/// As a quoted-string (RFC 3261 section 25.1).
std::string quoted(std::string_view text);
bool equal_ignoring_case(std::string_view a, std::string_view b);

}  // namespace clued::sip
