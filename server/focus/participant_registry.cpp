#include "focus/participant_registry.hpp"

#include <algorithm>
#include <utility>

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

SipUri without_port(SipUri uri) {
  uri.port = 0;
  uri.params.clear();
  return uri;
}

}  // namespace

NameAddress ParticipantNames::shown() const {
  if (!anonymity) return known_as ? *known_as : identity();
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

template <class Entry>
void ParticipantRegistry::for_each_key(const ParticipantNames& names, Entry entry) {
  for (const auto& identity : names.proven) entry(by_proven_, lookup_key(identity.uri));
  entry(by_from_, lookup_key(names.from.uri));
  entry(by_contact_, lookup_key(names.contact.uri));
  if (names.anonymity || names.known_as) entry(by_shown_name_, lookup_key(names.shown().uri));
  if (!names.contact.instance.empty()) entry(by_instance_, instance_key(names.contact.instance));
  const auto place = [&](const SipUri& uri) {
    if (uri.port != 0) entry(by_place_, lookup_key(without_port(uri)));
  };
  for (const auto& identity : names.proven) place(identity.uri);
  for (const SipUri* uri : {&names.from.uri, &names.contact.uri}) place(*uri);
  if (names.known_as) place(names.known_as->uri);
}

void ParticipantRegistry::add(ParticipantId participant, const ParticipantNames& names) {
  for_each_key(names, [&](Index& index, std::string key) { index.emplace(std::move(key), participant); });
  names_.insert_or_assign(participant, names);
}

void ParticipantRegistry::remove(ParticipantId participant) {
  const auto found = names_.find(participant);
  if (found == names_.end()) return;
  for_each_key(found->second, [&](Index& index, const std::string& key) { erase_entry(index, key, participant); });
  names_.erase(found);
}

template <class IsNamed>
std::vector<ParticipantId> ParticipantRegistry::matches(const Index& index, const SipUri& uri, IsNamed is_named) const {
  std::vector<ParticipantId> found;
  const auto [first, last] = index.equal_range(lookup_key(uri));
  for (auto entry = first; entry != last; ++entry) {
    if (is_named(names_.at(entry->second))) found.push_back(entry->second);
  }
  std::sort(found.begin(), found.end());
  // Two proven names may differ in nothing that the key has.
  found.erase(std::unique(found.begin(), found.end()), found.end());
  return found;
}

std::vector<ParticipantId> ParticipantRegistry::find_shown(const SipUri& uri) const {
  SipUri user = uri;
  std::erase_if(user.params, [](const auto& param) { return param.first == "gr"; });
  auto found = matches(by_shown_name_, user, [&](const auto& names) { return equivalent(names.shown().uri, user); });
  if (const auto* leg = uri.param("gr"); leg != nullptr && !leg->empty()) {
    std::erase_if(found, [&](ParticipantId one) {
      const SipUri shown = names_.at(one).shown_contact();
      const auto* own = shown.param("gr");
      return own == nullptr || *own != *leg;
    });
  }
  return found;
}

/// RFC 5627 section 3.3: a public GRUU is the address of record with the instance in `gr`.
std::vector<ParticipantId> ParticipantRegistry::find_endpoint(const SipUri& uri, const std::string& instance) const {
  std::vector<ParticipantId> found;
  const auto [first, last] = by_instance_.equal_range(instance_key(instance));
  for (auto entry = first; entry != last; ++entry) {
    const auto& names = names_.at(entry->second);
    // Of a Contact that is a GRUU the port may be left out.
    const auto is_named = [&](const SipUri& name) { return name.user == uri.user && name.host == uri.host; };
    const bool is_proven = std::any_of(names.proven.begin(), names.proven.end(),
                                       [&](const NameAddress& identity) { return is_named(identity.uri); });
    if (is_proven || is_named(names.from.uri) || is_named(names.contact.uri)) found.push_back(entry->second);
  }
  std::sort(found.begin(), found.end());
  return found;
}

std::vector<ParticipantId> ParticipantRegistry::find(const SipUri& uri) const {
  if (uri.host == anonymous_host) {
    if (auto found = find_shown(uri); !found.empty()) return found;
  }
  if (const auto* endpoint = uri.param("gr"); endpoint != nullptr && !endpoint->empty()) {
    return find_endpoint(uri, *endpoint);
  }
  auto found = matches(by_proven_, uri, [&](const auto& names) { return names.proven.includes(uri); });
  if (found.empty()) found = matches(by_from_, uri, [&](const auto& names) { return equivalent(names.from.uri, uri); });
  if (found.empty()) found = find_shown(uri);
  if (found.empty()) {
    found = matches(by_contact_, uri, [&](const auto& names) { return equivalent(names.contact.uri, uri); });
  }
  return found;
}

// RFC 3261 section 19.1.4: a URI with a port is another one than that without. But who was called at a port is written
// down by user and host.
std::optional<ParticipantId> ParticipantRegistry::find_at_any_port(const SipUri& uri) const {
  if (uri.port != 0 || uri.user.empty() || uri.param("gr") != nullptr) return std::nullopt;
  const auto found = matches(by_place_, without_port(uri), [](const auto&) { return true; });
  return found.size() == 1 ? std::optional(found.front()) : std::nullopt;
}

std::vector<ParticipantId> ParticipantRegistry::find_proven(const ProvenIdentities& user) const {
  std::vector<ParticipantId> found;
  for (const auto& identity : user) {
    const auto legs =
        matches(by_proven_, identity.uri, [&](const auto& names) { return names.proven.includes(identity.uri); });
    found.insert(found.end(), legs.begin(), legs.end());
  }
  std::sort(found.begin(), found.end());
  found.erase(std::unique(found.begin(), found.end()), found.end());
  return found;
}

}  // namespace clued::focus
