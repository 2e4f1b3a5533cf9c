// Who may do what with a conference, as the operator decided it (RFC 4353 section 3.3: conference policy). Pure: a
// table and its look-up.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "focus/proven_identities.hpp"

namespace clued::focus {

/// What somebody is to a conference. Each role may do all that the one before it may.
enum class Role {
  stranger,     ///< not in it
  participant,  ///< has a dialog of it
  moderator,    ///< named in the configuration, or heir of the creator (`moderator_succession`)
  creator,      ///< called the factory
};

enum class Action { create, join, invite, invite_list, remove, end, subscribe };

/// Whom one action is open to: a ring, each around the one before, and single users besides.
struct Permission {
  enum class Ring {
    nobody,
    moderators,    ///< the creator too
    participants,  ///< whoever is in the conference
    identified,    ///< whoever's identity is proven (RFC 3325 and the like), besides the participants
    anyone,
  };

  Ring ring = Ring::nobody;
  std::vector<SipUri> users;         ///< one of whose identities has to be proven to be this
  std::vector<std::string> domains;  ///< hosts of proven identities, in lower case

  bool includes(Role role, const ProvenIdentities& proven) const;
};

/// One permission per action. Removing oneself is nobody's to forbid and not asked here (REF-05).
struct Rights {
  Permission create{Permission::Ring::anyone, {}, {}};
  Permission join{Permission::Ring::anyone, {}, {}};  ///< the conference URI is the secret
  Permission invite{Permission::Ring::moderators, {}, {}};
  /// Asked before there is a conference, so that its creator is a stranger yet. RFC 5363 section 7: nobody who is not
  /// known may have many called at once.
  Permission invite_list{Permission::Ring::identified, {}, {}};
  Permission remove{Permission::Ring::moderators, {}, {}};
  Permission end{Permission::Ring::moderators, {}, {}};
  Permission subscribe{Permission::Ring::participants, {}, {}};

  const Permission& of(Action action) const;

  /// Each of the proven identities has what it is given.
  bool allow(Action action, Role role, const ProvenIdentities& proven) const {
    return of(action).includes(role, proven);
  }
};

/// For the log: "stranger", "participant", "moderator", "creator".
std::string_view name_of(Role role);

}  // namespace clued::focus
