#pragma once

#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/ids.hpp"
#include "focus/address.hpp"

namespace clued::focus {

using base::ParticipantId;

/// Under which names a participant is known to others (REF-03).
struct ParticipantNames {
  NameAddress from;
  std::optional<NameAddress> asserted;
  PeerContact contact;
  /// It wants privacy (EVT-11): the others know it by numbers, of the user and of this leg.
  struct Anonymity {
    unsigned user = 0;
    unsigned leg = 0;
  };
  std::optional<Anonymity> anonymity{};

  /// The identity to show and to compare rights with: the asserted one, else From.
  const NameAddress& identity() const { return asserted ? *asserted : from; }
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

  /// All legs of the user that the URI names: by asserted identity, then by From, then by Contact, or by the name that
  /// the others know of somebody who wants privacy; one leg only when the URI names an endpoint by its `gr` parameter
  /// (REF-03). In the order of joining.
  std::vector<ParticipantId> find(const SipUri& uri) const;

 private:
  using Index = std::unordered_multimap<std::string, ParticipantId>;

  std::vector<ParticipantId> find_anonymous(const SipUri& uri) const;
  template <class UriOf>
  std::vector<ParticipantId> matches(const Index& index, const SipUri& uri, UriOf uri_of) const;

  std::unordered_map<ParticipantId, ParticipantNames> names_;
  Index by_asserted_;
  Index by_from_;
  Index by_contact_;
  Index by_anonymous_name_;
  Index by_instance_;
};

}  // namespace clued::focus
