#include "focus/rights.hpp"

#include <algorithm>

namespace clued::focus {

bool Permission::includes(Role role, const ProvenIdentities& proven) const {
  const bool is_listed =
      std::any_of(users.begin(), users.end(), [&](const SipUri& user) { return proven.includes(user); }) ||
      std::any_of(proven.begin(), proven.end(), [&](const NameAddress& identity) {
        return std::find(domains.begin(), domains.end(), identity.uri.host) != domains.end();
      });
  if (is_listed) return true;
  switch (ring) {
    case Ring::nobody:
      return false;
    case Ring::moderators:
      return role >= Role::moderator;
    case Ring::participants:
      return role >= Role::participant;
    case Ring::identified:
      return role >= Role::participant || !proven.empty();
    case Ring::anyone:
      return true;
  }
  return false;
}

const Permission& Rights::of(Action action) const {
  switch (action) {
    case Action::create:
      return create;
    case Action::join:
      return join;
    case Action::invite:
      return invite;
    case Action::invite_list:
      return invite_list;
    case Action::remove:
      return remove;
    case Action::end:
      return end;
    case Action::subscribe:
      break;
  }
  return subscribe;
}

std::string_view name_of(Role role) {
  switch (role) {
    case Role::stranger:
      return "stranger";
    case Role::participant:
      return "participant";
    case Role::moderator:
      return "moderator";
    case Role::creator:
      break;
  }
  return "creator";
}

}  // namespace clued::focus
