#include "focus/proven_identities.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

namespace clued::focus {

namespace {

/// RFC 2606 section 2: no host has such a name, so nobody is called that.
bool is_nobodys(const SipUri& uri) {
  static constexpr std::string_view nowhere = ".invalid";
  return !can_name_participant(uri) || uri.host == nowhere.substr(1) || std::string_view(uri.host).ends_with(nowhere);
}

bool is_number(const NameAddress& identity) { return identity.uri.scheme == "tel"; }

}  // namespace

void ProvenIdentities::add(NameAddress identity) {
  if (identities_.size() == max_identities || is_nobodys(identity.uri) || includes(identity.uri)) return;
  const auto place =
      is_number(identity) ? identities_.end() : std::find_if(identities_.begin(), identities_.end(), is_number);
  identities_.insert(place, std::move(identity));
}

void ProvenIdentities::add(const ProvenIdentities& others) {
  for (const auto& identity : others) add(identity);
}

bool ProvenIdentities::includes(const SipUri& uri) const {
  return std::any_of(identities_.begin(), identities_.end(),
                     [&](const NameAddress& identity) { return equivalent(identity.uri, uri); });
}

bool ProvenIdentities::is_same_user(const ProvenIdentities& other) const {
  return std::any_of(other.begin(), other.end(), [&](const NameAddress& identity) { return includes(identity.uri); });
}

}  // namespace clued::focus
