// From Sofia-SIP's structures to the core's values. Private to server/sip; pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "focus/address.hpp"
#include "sip/sofia.hpp"

namespace clued::sip {

/// Copies and unescapes; an IPv6 host loses its brackets and gets its canonical text (RFC 5952).
focus::SipUri to_uri(const url_t& url);

focus::NameAddress to_name_address(const char* display, const url_t& url);
focus::PeerContact to_contact(const sip_contact_t& contact);
/// With the method and the header fields of the URI.
focus::ReferTarget to_target(const url_t& url);
/// The same, with the method as header parameter too.
focus::ReferTarget to_refer_target(const sip_refer_to_t& refer_to);

/// The Privacy header; what it names besides is not ours to do.
focus::Privacy privacy_of(const sip_t& sip);

/// The value of a header that the library does not know (or of several of that name, the first), or nothing.
std::optional<std::string_view> unknown_header(const sip_t& sip, std::string_view name);

/// Supported or Require names the option tag.
bool supports(const sip_t& sip, const char* extension);

std::string_view text_or_empty(const char* text);
/// A text of the core as part of a header line: whatever it contains, it stays one line.
std::string one_line(std::string_view text);
bool equal_ignoring_case(std::string_view a, std::string_view b);

/// Where a message came from, or where it can be sent to.
struct Source {
  std::string address;  ///< without brackets
  std::uint16_t port = 0;
  std::string transport;                      ///< "udp", "tcp", "tls"
  std::vector<std::string> certificate = {};  ///< the names in the peer's verified certificate (RFC 5922)
  /// The domain that was called; the server proves by its certificate that it is the one for it. "": its address.
  std::string domain = {};

  std::string to_string() const;  ///< for logs: "udp:192.0.2.1:5060"
  std::string to_uri() const;     ///< "sip:192.0.2.1:5060;transport=udp"
};

}  // namespace clued::sip
