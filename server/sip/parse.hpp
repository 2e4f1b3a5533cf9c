// Texts of SIP headers as values, with Sofia-SIP's parser behind it. Pure; everything is bounded; any input is allowed.
#pragma once

#include <string>
#include <string_view>

#include "base/expected.hpp"
#include "focus/address.hpp"

namespace clued::sip {

/// Longer header values than this are refused before the parser sees them.
inline constexpr std::size_t max_header_value = 8192;

/// A Refer-To value (RFC 3515), with the method as URI parameter (inside <>) or as header parameter (without <>).
/// Schemes other than sip are kept for the core to refuse. Error: a sentence.
base::expected<focus::ReferTarget, std::string> parse_refer_to(std::string_view text);

/// A URI alone: "sip:alice@example.net". Error: a sentence.
base::expected<focus::SipUri, std::string> parse_uri(std::string_view text);

/// A URI with what it says of the request to it: "sip:alice@example.net;method=INVITE?Subject=x". Schemes other than
/// sip are kept for the core to refuse. Error: a sentence.
base::expected<focus::ReferTarget, std::string> parse_target(std::string_view text);

/// The first Contact of a header value, with its feature tags (RFC 3840). Error: a sentence.
base::expected<focus::PeerContact, std::string> parse_contact(std::string_view text);

}  // namespace clued::sip
