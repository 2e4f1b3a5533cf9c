#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "focus/proven_identities.hpp"

namespace clued::focus {

/// Of a text such as "udp:192.0.2.1:5060" or "tcp:[2001:db8::1]:5060" the address, by whatever transport.
std::string_view host_of(std::string_view source);

/// Whose share of what is there for all a request counts against (focus/shares.hpp).
struct Account {
  std::string name;
  std::vector<std::string> others{};  ///< further names that were proven with it

  std::vector<std::string> names() const {
    auto all = others;
    all.insert(all.begin(), name);
    return all;
  }
};

/// Of who sends a request: a proven user's; for somebody whom a trusted peer
/// does not name (RFC 3325) what that peer lets through as the name; else the address, of IPv6 the /64 network. A name
/// that anybody can write is nobody's.
Account account_of(const ProvenIdentities& proven, bool is_from_trusted_peer, const NameAddress& from,
                   std::string_view source);
/// The name of the account of a user who goes by this proven name.
std::string account_name_of(const NameAddress& proven);

/// The same of a request, by its fields.
template <class Request>
Account account_of(const Request& request) {
  return account_of(request.proven, request.is_from_trusted_peer, request.from, request.source);
}

}  // namespace clued::focus
