#pragma once

#include <functional>
#include <optional>
#include <string>

#include "focus/address.hpp"
#include "focus/conference_policy.hpp"
#include "focus/policy.hpp"

namespace clued::focus {

/// Whom a conference may call. The one place that is asked, whoever names the target: a REFER, a recipient-list, or a
/// callee that redirects us. Nobody is called who is this focus, under any of its names, or is outside of
/// `dialout.domains`. What only the network can tell (a name that leads to an address of ours) sip/ refuses likewise.
/// `conference_user`: the user part of the conference's own URI. Pure.
std::optional<NotAdmitted> callee_refusal(const SipUri& callee, const DialOut& dial_out, const ConferencePolicy& policy,
                                          const std::string& conference_user);

/// The same for one conference, as those ask who know nothing of its policy.
using CalleeCheck = std::function<std::optional<NotAdmitted>(const SipUri&)>;

/// Whether the host of this URI is ours beyond doubt: a domain of ours or a place where we listen.
bool is_at_our_host(const SipUri& uri, const DialOut& dial_out, const ConferencePolicy& policy);

/// A host as it is compared: in lower case, without the dot of the root, an IPv4 address that is dressed as IPv6 as
/// IPv4 (RFC 4291 section 2.5.5.2).
std::string comparable_host(std::string_view host);

}  // namespace clued::focus
