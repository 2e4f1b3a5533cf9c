// What a request is refused for before the core hears of it. Private to server/sip; pure.
#pragma once

#include <optional>
#include <string>

#include "sip/body.hpp"
#include "sip/sofia.hpp"

namespace clued::sip {

/// RFC 3261 section 8.2 in its order: method, Request-URI, Require, content.
struct Refusal {
  int status = 0;
  std::string phrase;   ///< "": the standard one
  std::string headers;  ///< header lines that explain it
  std::string why;      ///< for the log
};

/// What SIPS URIs are judged by (RFC 5630).
struct Security {
  bool over_tls = false;    ///< the request came by TLS
  bool serves_tls = false;  ///< others could
};

/// Checks that hold for every method but ACK and CANCEL.
std::optional<Refusal> refusal_of(const sip_t& sip, Security security);

/// INVITE, REFER and SUBSCRIBE need one Contact that requests can be sent to (RFC 3261 section 12.1.1). A SIPS URI is
/// one only where the dialog is on TLS.
std::optional<Refusal> contact_refusal(const sip_t& sip, bool over_tls);

/// Who requires preconditions cannot do without reliable provisional responses (RFC 3312 section 11).
std::optional<Refusal> precondition_refusal(const sip_t& sip);

/// A Replaces header is complete and has no Join beside it (RFC 3891 section 3, RFC 3911 section 4; FOC-12). A Join
/// alone is none of our business: at a conference URI everybody joins.
std::optional<Refusal> replaces_refusal(const sip_t& sip);

/// Exactly one Refer-To (RFC 3515 section 2.4.2) and no list of targets (REF-21). The library already refused what it
/// cannot parse.
std::optional<Refusal> refer_refusal(const sip_t& sip);

Body body_of(const sip_t& sip);
/// An INVITE that begins a dialog may have more than a session description.
Refusal content_refusal(const std::string& why, bool begins_dialog);
/// A recipient-list in a re-INVITE or UPDATE (RFC 5366 section 5.1), also from who forgot its Require.
Refusal list_refusal();
Refusal too_busy(const std::string& why);
/// Of somebody who has his share. Not 503: the focus has room, and a proxy would take it for overloaded (RFC 3261
/// section 21.5.4).
Refusal too_many_of_one(const std::string& why);

}  // namespace clued::sip
