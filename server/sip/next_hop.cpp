#include "sip/next_hop.hpp"

#include "sip/addresses.hpp"
#include "sip/values.hpp"

namespace clued::sip {
namespace {

constexpr std::uint16_t default_port = 5060;
constexpr std::uint16_t default_tls_port = 5061;

/// Whom a URI leads to.
struct Place {
  std::string host;                   ///< maddr counts more (RFC 3263 section 4)
  std::optional<std::string> number;  ///< the same, if it is one
  std::uint16_t port = 0;             ///< as given
  std::string transport;              ///< "": none given, or none that there is here
  bool is_foreign = false;            ///< by a transport that there is not
  bool secure = false;                ///< sips, or by TLS
};

std::string lower(std::string text) {
  for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return text;
}

Place place_of(const focus::SipUri& uri) {
  Place place;
  const std::string* maddr = uri.param("maddr");
  place.host = without_brackets(lower(maddr != nullptr && !maddr->empty() ? *maddr : uri.host));
  place.number = number_of(place.host);
  place.port = uri.port;
  if (const std::string* asked = uri.param("transport"); asked != nullptr && !asked->empty()) {
    place.transport = lower(*asked);
    // What was escaped in it could otherwise end up as another parameter.
    place.is_foreign = place.transport != "udp" && place.transport != "tcp" && place.transport != "tls";
    if (place.is_foreign) place.transport.clear();
  }
  place.secure = uri.scheme == "sips" || place.transport == "tls";
  return place;
}

std::uint16_t port_or_default(std::uint16_t port, bool tls) {
  return port != 0 ? port : tls ? default_tls_port : default_port;
}

bool leads_to_peer(const Place& place, const PeerWay& way, bool tls) {
  const std::uint16_t port = port_or_default(place.port, tls);
  const bool same_port = port == way.source.port || port == port_or_default(way.sent_by_port, tls);
  if (!same_port) return false;
  if (!place.number) return equal_ignoring_case(place.host, way.sent_by);
  return *place.number == way.source.address || place.number == number_of(way.sent_by);
}

NextHop nowhere() { return {}; }

NextHop to_address(Source to) { return {NextHop::By::address, std::move(to), {}}; }

/// Back to where the peer was reached, or where its requests come from; `certificate` is of that connection alone.
Source back_to(const PeerWay& way, bool tls) {
  Source to = way.source;
  to.certificate.clear();
  if (tls) to.transport = "tls";
  return to;
}

NextHop hop_to_number(const Place& place, const PeerWay& way, bool tls) {
  if (place.is_foreign && !tls) return nowhere();
  Source to = back_to(way, tls);
  // Where the peer was found under its domain, it is that domain that it proves again.
  if (*place.number != to.address) to.domain.clear();
  to.address = *place.number;
  to.port = port_or_default(place.port, tls);
  if (!tls) to.transport = place.transport;
  return to_address(std::move(to));
}

NextHop hop_to_name(const Place& place, const PeerWay& way, bool tls) {
  const bool by_tls = way.source.transport == "tls";
  const bool back_is_secure = !tls || by_tls;
  // The place that we called, and where datagrams come from, can be reached once more; the far end of a connection that
  // is lost cannot.
  const bool can_go_back = back_is_secure && (way.called || !way.connection);
  if (can_go_back && (!way.called || leads_to_peer(place, way, tls))) return to_address(back_to(way, tls));
  if ((place.is_foreign && !tls) || !is_host_name(place.host)) {
    return can_go_back ? to_address(back_to(way, tls)) : nowhere();
  }
  NextHop hop{NextHop::By::name, {"", port_or_default(place.port, tls), tls ? "tls" : place.transport}, {}};
  hop.to.domain = place.host;
  if (can_go_back) hop.otherwise = back_to(way, tls);
  return hop;
}

}  // namespace

NextHop next_hop(const RouteSet::Path& path, const PeerWay& way, bool secure) {
  const Place place = place_of(path.first);
  const bool by_tls = way.source.transport == "tls";
  // What began on TLS stays on it, whatever the Contact says, and a Contact or Route can ask for it.
  const bool tls = secure || by_tls || place.secure;
  // What asks for SIPS does not go by a connection without TLS (RFC 5630 section 4). On TLS the peer has proved who it
  // is, which a number could not.
  const bool connection_fits = way.connection && way.alive && (!tls || by_tls);
  const bool leads_elsewhere = path.has_route && path.is_usable && !by_tls && place.number && !place.is_foreign &&
                               !leads_to_peer(place, way, tls);
  if (connection_fits && !leads_elsewhere) return {NextHop::By::connection, way.source, {}};
  if (!path.is_usable) return nowhere();
  return place.number ? hop_to_number(place, way, tls) : hop_to_name(place, way, tls);
}

NextHop first_hop(const focus::SipUri& uri) {
  const Place place = place_of(uri);
  if (place.is_foreign && !place.secure) return nowhere();
  Source to{place.number.value_or(""), port_or_default(place.port, place.secure),
            place.secure              ? "tls"
            : place.transport.empty() ? "udp"
                                      : place.transport};
  if (place.number) return to_address(std::move(to));
  to.domain = place.host;
  return {NextHop::By::name, std::move(to), {}};
}

ResponseHop response_hop(std::string_view sent_by, const std::string& source_address, bool datagram, bool rport) {
  return {number_of(sent_by) != source_address, datagram && rport};
}

}  // namespace clued::sip
