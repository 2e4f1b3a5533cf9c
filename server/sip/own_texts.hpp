// Texts of the operator that end up in our own headers: checked by the grammar and by the parser of what they become,
// before anything is sent. Pure. Each function returns "" or why the text cannot be used.
#pragma once

#include <string>
#include <string_view>

#include "base/expected.hpp"
#include "focus/address.hpp"

namespace clued::sip {

/// A host as in a URI (RFC 3261 section 25.1): a domain name, an IPv4 address, or an IPv6 address in brackets.
std::string problem_of_host(std::string_view text);
/// The same with a port if it is not the usual one: what stands behind the @ of our Contacts.
std::string problem_of_host_port(std::string_view text);
/// Host, port and transport of a proxy: what stands behind the scheme of a URI without user.
std::string problem_of_next_hop(std::string_view text);
/// The user part of a URI of ours, such as that of the conference factory.
std::string problem_of_user(std::string_view text);
/// The value of Server and User-Agent (RFC 3261 section 20.35).
std::string problem_of_product(std::string_view text);
/// What stands between quotation marks: a realm, the text of a Reason.
std::string problem_of_quoted_text(std::string_view text);
/// The value of a header's parameter: a token, a host or a quoted text.
std::string problem_of_parameter_value(std::string_view text);
/// `name=value;name=value`, as in P-Charging-Function-Addresses (RFC 7315).
std::string problem_of_parameters(std::string_view text);

/// The URI of a user: SIP, SIPS or tel. Stricter than parse_uri(), which takes what strangers send. Error: a sentence.
base::expected<focus::SipUri, std::string> parse_user_uri(std::string_view text);

}  // namespace clued::sip
