#include "sip/route_set.hpp"

namespace clued::sip {
namespace {

void append(std::string& route, const RouteUri& one) {
  route += (route.empty() ? "<" : ", <") + one.text + '>' + one.params;
}

}  // namespace

RouteSet::Path RouteSet::path() const {
  Path path{target_.text, "", target_.uri, !routes_.empty(), target_.is_usable};
  if (routes_.empty()) return path;
  const RouteUri& first = routes_.front();
  path.first = first.uri;
  path.is_usable = first.is_usable;
  if (first.uri.param("lr") != nullptr) {
    for (const RouteUri& one : routes_) append(path.route, one);
    return path;
  }
  // RFC 3261 section 12.2.1.1: to a strict router the request goes as it wants it, with the target behind the others.
  path.request_uri = first.text;
  for (std::size_t i = 1; i < routes_.size(); ++i) append(path.route, routes_[i]);
  append(path.route, target_);
  return path;
}

}  // namespace clued::sip
