// The header fields of RFC 4028. Private to server/sip; pure.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "focus/events.hpp"
#include "sip/request_checks.hpp"
#include "sip/sofia.hpp"

namespace clued::sip {

focus::SessionTimerFields session_timer_of(const sip_t& sip);

/// Header lines for a request of ours.
std::string session_timer_request(const focus::SessionTimerFields& fields);
/// Header lines for a 2xx: with Require when the peer is to refresh (RFC 4028 section 9).
std::string session_timer_response(const focus::SessionTimerFields& fields);

/// 422 for an interval that is shorter than `min_expires`, to who understands it (RFC 4028 section 9).
std::optional<Refusal> session_timer_refusal(const sip_t& sip, std::chrono::seconds min_expires);

}  // namespace clued::sip
