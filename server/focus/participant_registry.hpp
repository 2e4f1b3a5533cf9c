#pragma once

#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/ids.hpp"
#include "focus/proven_identities.hpp"

namespace clued::focus {

using base::ParticipantId;

/// Under which names a participant is known to others (REF-03).
struct ParticipantNames {
  NameAddress from;
  ProvenIdentities proven;
  PeerContact contact;
  /// The name that the others know the user by, where it is neither: that of a leg which came before, or under which it
  /// was called.
  std::optional<NameAddress> known_as{};
  /// It wants privacy (EVT-11): the others know it by numbers, of the user and of this leg.
  struct Anonymity {
    unsigned user = 0;
    unsigned leg = 0;
  };
  std::optional<Anonymity> anonymity{};

  /// The identity to show: a proven one, else From.
  const NameAddress& identity() const { return proven.empty() ? from : proven.primary(); }
  /// What the others are told: the identity, or "Anonymous 1" <sip:anonymous1@anonymous.invalid> (RFC 3323).
  NameAddress shown() const;
  /// What they are told of the device: the Contact, or the anonymous user's leg.
  SipUri shown_contact() const;
};

/// Finds the participants that a Refer-To URI means, by hash lookups.
class ParticipantRegistry {
 public:
  void add(ParticipantId participant, const ParticipantNames& names);
  void remove(ParticipantId participant);

  /// All legs of the user that the URI names: by a proven identity, then by From, then by the name that the others
  /// know, then by Contact; one leg only when the URI names an endpoint by its `gr` parameter
  /// (REF-03). In the order of joining.
  std::vector<ParticipantId> find(const SipUri& uri) const;
  /// Where the URI has no port and nobody is called exactly so: the one participant whose name or Contact has its user
  /// and host, and some port. Nobody if there are two of them.
  std::optional<ParticipantId> find_at_any_port(const SipUri& uri) const;
  /// All legs of the user who has proven to be all of these, in the order of joining.
  std::vector<ParticipantId> find_proven(const ProvenIdentities& user) const;

 private:
  using Index = std::unordered_multimap<std::string, ParticipantId>;

  std::vector<ParticipantId> find_shown(const SipUri& uri) const;
  std::vector<ParticipantId> find_endpoint(const SipUri& uri, const std::string& instance) const;
  template <class IsNamed>
  std::vector<ParticipantId> matches(const Index& index, const SipUri& uri, IsNamed is_named) const;
  /// Calls `entry(index, key)` for each name.
  template <class Entry>
  void for_each_key(const ParticipantNames& names, Entry entry);

  std::unordered_map<ParticipantId, ParticipantNames> names_;
  Index by_proven_;
  Index by_from_;
  Index by_contact_;
  Index by_shown_name_;  ///< of those whose name is none of their own
  Index by_instance_;
  Index by_place_;  ///< of those with a port: user and host
};

}  // namespace clued::focus
