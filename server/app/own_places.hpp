#pragma once

#include "focus/policy.hpp"
#include "sip/settings.hpp"

namespace clued::app {

/// Tells the core which places and names are this focus's own, so that it calls none of them.
void note_own_places(const sip::Settings& sip, focus::DialOut& dial_out);

}  // namespace clued::app
