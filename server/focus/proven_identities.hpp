#pragma once

#include <cstddef>
#include <vector>

#include "focus/address.hpp"

namespace clued::focus {

/// The names of one user that somebody vouches for: a trusted peer (RFC 3325: a SIP URI, a tel URI or both), a
/// certificate with all its URIs, a password. Each of them is the user; a From header is none of them.
class ProvenIdentities {
 public:
  /// RFC 3325 section 9.1 has two, a certificate may have some more.
  static constexpr std::size_t max_identities = 8;

  ProvenIdentities() = default;
  explicit ProvenIdentities(NameAddress identity) { add(std::move(identity)); }

  /// Once, however often it is said, and not if it is nobody's name (anonymous.invalid; RFC 2606).
  void add(NameAddress identity);
  void add(const ProvenIdentities& others);

  bool empty() const noexcept { return identities_.empty(); }
  std::size_t size() const noexcept { return identities_.size(); }
  auto begin() const noexcept { return identities_.begin(); }
  auto end() const noexcept { return identities_.end(); }

  /// The one to show: a SIP URI before a number, as it names the user in our world. Not of none.
  const NameAddress& primary() const noexcept { return identities_.front(); }

  bool includes(const SipUri& uri) const;
  /// Two that have one name in common are one user.
  bool is_same_user(const ProvenIdentities& other) const;

 private:
  std::vector<NameAddress> identities_;  ///< SIP URIs first
};

}  // namespace clued::focus
