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

/// The mids of the CLUE channel and of all enabled CLUE-controlled m-lines, in m-line order. Empty without a channel
/// (DC-19: no CLUE group without it) - and never that of an m-line with port 0 (OA-10).
std::vector<std::string> clue_mids(const State& state);

}  // namespace clued::sdp
