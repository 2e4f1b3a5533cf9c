// The route set of a dialog and the remote target: which Request-URI and Route a request of ours has, and whose
// address it is sent to (RFC 3261 sections 8.1.2, 12.1, 12.2.1.1, 16.12). The library never hears of either, as it
// would look up whatever name stands in them. Private to server/sip; pure.
#pragma once

#include <string>
#include <vector>

#include "focus/address.hpp"

namespace clued::sip {

/// A URI of a Contact, Record-Route or Route: as it came, and taken apart.
struct RouteUri {
  std::string text;  ///< without <> and without what it may not have there (RFC 3261 section 19.1.1, table 1)
  focus::SipUri uri;
  std::string params{};   ///< of the header around it, which a Route repeats: ";name=value"
  bool is_usable = true;  ///< a SIP or SIPS URI with a host and, if any, a port that exists
};

class RouteSet {
 public:
  /// What a request says of its way, and the URI that leads it to the next hop.
  struct Path {
    std::string request_uri;
    std::string route;    ///< the value of Route, or ""
    focus::SipUri first;  ///< of the next hop
    bool has_route = false;
    bool is_usable = true;  ///< `first` leads somewhere
  };

  /// In the order in which requests of ours meet them: Record-Route as it is in a request, reversed from a response.
  void set_routes(std::vector<RouteUri> routes) { routes_ = std::move(routes); }
  /// The peer's Contact, which a target refresh replaces.
  void set_target(RouteUri target) { target_ = std::move(target); }
  bool has_target() const { return !target_.text.empty(); }
  const focus::SipUri& target() const { return target_.uri; }

  Path path() const;

 private:
  std::vector<RouteUri> routes_;
  RouteUri target_;
};

}  // namespace clued::sip
