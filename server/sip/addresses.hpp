// IP addresses as text. Private to server/sip; pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace clued::sip {

bool is_ipv6(std::string_view address);
std::string bracketed(const std::string& address);
std::string without_brackets(std::string_view host);

/// The one text of an address in numbers, with or without brackets (RFC 5952; an IPv4 address in IPv6 clothes is that
/// IPv4 address). Nothing for a name. This is stricter than what the C library takes for a number ("127.1").
std::optional<std::string> number_of(std::string_view host);

/// Whether somebody can be asked for this name at all (RFC 3261 section 25.1, hostname): letters, digits, hyphens and
/// dots, the last label not beginning with a digit, and not `.invalid`, which nobody has (RFC 6761 section 6.4). The
/// underscore is no letter of a host name, but of some that exist.
bool is_host_name(std::string_view host);

/// In the top-level domain of those that cannot be reached (RFC 2606), as in Contacts of browsers (RFC 7118 section 5).
bool is_invalid_name(std::string_view host);

}  // namespace clued::sip
