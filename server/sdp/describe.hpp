// From what the focus remembers of its m-lines to the description that says it.
#pragma once

#include <string>
#include <vector>

#include "sdp/session_description.hpp"
#include "sdp/slots.hpp"

namespace clued::sdp {

/// `clue_mids`: what a=group:CLUE names; without any there is no group.
SessionDescription describe(const State& state, const LocalMedia& media, const Origin& origin,
                            std::vector<std::string> clue_mids);

/// What goes into a 580 (RFC 3312 section 7): every m-line with port 0, and of each what could not be met; `failures`
/// are as many as the slots. Neither an offer nor an answer.
SessionDescription describe_failure(const std::vector<Slot>& slots, std::vector<std::vector<Attribute>> failures,
                                    const LocalMedia& media, const Origin& origin);

/// The mids of the CLUE channel and of all enabled CLUE-controlled m-lines, in m-line order. Empty without a channel
/// (DC-19: no CLUE group without it) - and never that of an m-line with port 0 (OA-10).
std::vector<std::string> clue_mids(const State& state);

}  // namespace clued::sdp
