// The part of the policy that is about conferences: who may do what with them, and how many there may be.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/time.hpp"
#include "focus/address.hpp"
#include "focus/rights.hpp"

namespace clued::focus {

/// END-07. A permanent conference never ends.
enum class EndWhen { creator_leaves, last_leaves };

/// Who takes the creator's place in a conference that goes on without it.
enum class ModeratorSuccession {
  none,             ///< nobody but the configured moderators
  longest_present,  ///< who joined first of those who are in
};

/// Who may take a participant's place by INVITE with Replaces (RFC 3891), knowing the tags of its dialog.
enum class Replacing {
  nobody,
  same_user,  ///< the same user on another device
  anyone,     ///< who was told the tags: a seat is handed to somebody else
};

/// A conference that the configuration names: it is there from the start and when nobody is in it.
struct PermanentConference {
  std::vector<SipUri> moderators;               ///< besides those of all conferences
  std::optional<std::size_t> max_participants;  ///< none: as for all
  bool locked = false;                          ///< nobody joins but its moderators
  std::optional<Permission> join;               ///< none: as for all
};

/// Why an INVITE is refused by policy (FOC-05).
struct NotAdmitted {
  int status = 403;
  const char* why = "";
};

struct ConferencePolicy {
  std::string factory_user = "factory";
  std::vector<std::string> domains;  ///< hosts that are ours in a Request-URI; empty: any
  EndWhen end_when = EndWhen::creator_leaves;
  ModeratorSuccession moderator_succession = ModeratorSuccession::none;
  base::Duration lock_after{};  ///< from its creation on until a conference locks itself; 0: never
  std::vector<SipUri> moderators;
  Rights rights;
  Replacing replace = Replacing::same_user;
  std::size_t max_conferences = 1000;
  std::size_t max_participants = 5000;  ///< in all
  /// Of those that are there for all, what one proven user, or one address of those who prove nothing, may hold.
  std::size_t max_conferences_per_source = 500;
  std::size_t max_participants_per_source = 2000;
  std::size_t max_participants_per_conference = 1000;
  std::map<std::string, PermanentConference> permanent;  ///< by the user part of their URI
};

}  // namespace clued::focus
