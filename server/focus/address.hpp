// Who somebody is in SIP's words, as values that sip/ makes and the core compares.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace clued::focus {

/// A SIP, SIPS or tel URI taken apart and unescaped (RFC 3261 section 19.1, RFC 3966).
struct SipUri {
  std::string scheme = "sip";                                 ///< lower case
  std::string user{};                                         ///< for tel: the number
  std::string host{};                                         ///< lower case; IPv6 without brackets
  std::uint16_t port = 0;                                     ///< 0: none given
  std::vector<std::pair<std::string, std::string>> params{};  ///< names in lower case; value "" when it has none

  const std::string* param(std::string_view name) const;
  std::string to_string() const;
  bool operator==(const SipUri&) const = default;  ///< to the letter
};

/// RFC 3261 section 19.1.4, with the `method` parameter and all headers left out of account (REF-03). tel URIs and
/// sip URIs with user=phone are equal when their numbers are, visual separators aside.
bool equivalent(const SipUri& a, const SipUri& b);

/// Whether a URI can be that of somebody who calls or is called.
bool can_name_participant(const SipUri& uri);

/// The identity under which a URI is looked up: scheme class, user, host and port, without parameters. Two equivalent
/// URIs have the same key (the reverse need not hold).
std::string lookup_key(const SipUri& uri);

/// The identity of a user agent instance, from +sip.instance or `gr`: a URN (RFC 5626 section 4.1), whose name and
/// namespace are equal in any case (RFC 8141 section 3.1), as is all of a UUID (RFC 4122 section 3) or IMEI (RFC 7254).
std::string instance_key(std::string_view instance);

/// RFC 3323 section 4.1.1.3: the host of those who do not say who they are.
inline constexpr const char* anonymous_host = "anonymous.invalid";

struct NameAddress {
  std::string display_name{};
  SipUri uri{};
};

/// A peer's Contact with what it says about its user agent (RFC 3840).
struct PeerContact {
  SipUri uri{};
  bool is_focus = false;      ///< isfocus
  bool telepresence = false;  ///< +sip.clue (FOC-08)
  bool ims = false;           ///< an ICSI in +g.3gpp.icsi-ref
  std::string instance{};     ///< +sip.instance, or the `gr` parameter of a GRUU; "" when none
  bool operator==(const PeerContact&) const = default;
};

/// What a caller wants withheld from the others (RFC 3323 section 4.2, RFC 3325 section 9.3). `none`: all are false.
struct Privacy {
  bool id = false;
  bool user = false;
  bool header = false;
  bool session = false;  ///< our own addresses are in the others' SDP anyway
  /// The others are not told who it is (EVT-11).
  bool hides_user() const { return id || user || header; }
};

/// A Refer-To value (RFC 3515) with the method wherever the client put it: URI parameter or header parameter.
struct ReferTarget {
  SipUri uri{};
  std::string method = "INVITE";                               ///< upper case
  std::vector<std::pair<std::string, std::string>> headers{};  ///< `?Replaces=...`, unescaped
};

}  // namespace clued::focus
