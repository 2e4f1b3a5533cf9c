#include "focus/participant_registry.hpp"

#include <algorithm>

namespace clued::focus {

namespace {

void erase_entry(std::unordered_multimap<std::string, ParticipantId>& index, const std::string& key,
                 ParticipantId participant) {
  const auto [first, last] = index.equal_range(key);
  for (auto entry = first; entry != last; ++entry) {
    if (entry->second != participant) continue;
    index.erase(entry);
    return;
  }
}

}  // namespace

NameAddress ParticipantNames::shown() const {
  if (!anonymity) return identity();
  NameAddress name;
  name.display_name = "Anonymous " + std::to_string(anonymity->user);
  name.uri.user = "anonymous" + std::to_string(anonymity->user);
  name.uri.host = anonymous_host;
  return name;
}

SipUri ParticipantNames::shown_contact() const {
  if (!anonymity) return contact.uri;
  SipUri uri = shown().uri;
  uri.params.emplace_back("gr", "leg" + std::to_string(anonymity->leg));
  return uri;
}

void ParticipantRegistry::add(ParticipantId participant, const ParticipantNames& names) {
  if (names.asserted) by_asserted_.emplace(lookup_key(names.asserted->uri), participant);
  by_from_.emplace(lookup_key(names.from.uri), participant);
  by_contact_.emplace(lookup_key(names.contact.uri), participant);
  if (names.anonymity) by_anonymous_name_.emplace(lookup_key(names.shown().uri), participant);
  if (!names.contact.instance.empty()) by_instance_.emplace(names.contact.instance, participant);
  names_.insert_or_assign(participant, names);
}

void ParticipantRegistry::remove(ParticipantId participant) {
  const auto found = names_.find(participant);
  if (found == names_.end()) return;
  const auto& names = found->second;
  if (names.asserted) erase_entry(by_asserted_, lookup_key(names.asserted->uri), participant);
  erase_entry(by_from_, lookup_key(names.from.uri), participant);
  erase_entry(by_contact_, lookup_key(names.contact.uri), participant);
  if (names.anonymity) erase_entry(by_anonymous_name_, lookup_key(names.shown().uri), participant);
  if (!names.contact.instance.empty()) erase_entry(by_instance_, names.contact.instance, participant);
  names_.erase(found);
}

template <class UriOf>
std::vector<ParticipantId> ParticipantRegistry::matches(const Index& index, const SipUri& uri, UriOf uri_of) const {
  std::vector<ParticipantId> found;
  const auto [first, last] = index.equal_range(lookup_key(uri));
  for (auto entry = first; entry != last; ++entry) {
    if (equivalent(uri_of(names_.at(entry->second)), uri)) found.push_back(entry->second);
  }
  std::sort(found.begin(), found.end());
  return found;
}

std::vector<ParticipantId> ParticipantRegistry::find_anonymous(const SipUri& uri) const {
  SipUri user = uri;
  user.params.clear();
  auto found = matches(by_anonymous_name_, user, [](const auto& names) { return names.shown().uri; });
  if (const auto* leg = uri.param("gr"); leg != nullptr && !leg->empty()) {
    std::erase_if(found, [&](ParticipantId one) { return *names_.at(one).shown_contact().param("gr") != *leg; });
  }
  return found;
}

std::vector<ParticipantId> ParticipantRegistry::find(const SipUri& uri) const {
  if (uri.host == anonymous_host) {
    if (auto found = find_anonymous(uri); !found.empty()) return found;
  }
  if (const auto* endpoint = uri.param("gr"); endpoint != nullptr && !endpoint->empty()) {
    std::vector<ParticipantId> found;
    const auto [first, last] = by_instance_.equal_range(*endpoint);
    for (auto entry = first; entry != last; ++entry) {
      const auto& names = names_.at(entry->second);
      const bool same_user = names.contact.uri.user == uri.user || names.identity().uri.user == uri.user;
      if (same_user) found.push_back(entry->second);
    }
    std::sort(found.begin(), found.end());
    return found;
  }
  auto found = matches(by_asserted_, uri, [](const auto& names) -> const SipUri& { return names.asserted->uri; });
  if (found.empty()) found = matches(by_from_, uri, [](const auto& names) -> const SipUri& { return names.from.uri; });
  if (found.empty()) {
    found = matches(by_contact_, uri, [](const auto& names) -> const SipUri& { return names.contact.uri; });
  }
  return found;
}

}  // namespace clued::focus
