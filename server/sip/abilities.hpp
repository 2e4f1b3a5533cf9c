// What the focus tells its peers that it can do (FOC-07), and what their requests may require: one place, so that a new
// extension, event package or body type is one row in abilities.cpp. Only what works is listed. Private to server/sip;
// pure.
#pragma once

#include <string>
#include <string_view>

namespace clued::sip {

/// Values of the headers Allow, Allow-Events and Accept.
const std::string& allowed_methods();
const std::string& allowed_events();
const std::string& accepted_types();

/// Values of Supported in what the focus answers, and in what it asks.
const std::string& supported_in_responses();
const std::string& supported_in_requests();

/// The same values where an INVITE may have a recipient-list: at the conference factory (RFC 5366 section 5).
const std::string& supported_by_factory();
const std::string& types_accepted_by_factory();

/// True for an option tag that a peer's Require may name (RFC 3261 section 8.2.2.3); some may only in an INVITE that
/// begins a dialog.
bool understands(std::string_view option_tag, bool begins_dialog);

}  // namespace clued::sip
