// A participant in the words of the conference event package (RFC 4575). Pure functions.
#pragma once

#include <string>
#include <vector>

#include "event_package/roster.hpp"
#include "focus/participant.hpp"

namespace clued::focus {

/// The URI under which the others know the user: the identity without what belongs to one device.
std::string user_entity(const ParticipantNames& names);

/// It has a session with the focus: its INVITE has a 2xx, and it is not leaving.
bool is_in_roster(const Participant& participant);

/// How it shows while it is in the roster. `roles` are words of the document.
event_package::Roster::Member roster_entry(const Participant& participant, std::vector<std::string> roles,
                                           const base::Calendar* calendar);

/// How it left.
event_package::DisconnectionMethod disconnection_method(const Departure& departure);
event_package::Execution disconnection_info(const Departure& departure, base::TimePoint now,
                                            const base::Calendar* calendar);

}  // namespace clued::focus
