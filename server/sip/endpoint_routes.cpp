// Endpoint: where messages leave and what our end is called there.
#include <sys/socket.h>
#include <unistd.h>

#include <charconv>

#include "sip/endpoint.hpp"
#include "sip/ims_service.hpp"
#include "sip/records.hpp"

namespace clued::sip {
namespace {

constexpr std::uint16_t default_port = 5060;
constexpr std::uint16_t default_tls_port = 5061;

/// True for a host that needs no look-up.
bool is_number(const char* host) { return host != nullptr && host_is_ip_address(host) != 0; }

bool is_secure(const url_t* url) { return url != nullptr && url->url_type == url_sips; }

/// Which of our addresses the kernel would use towards this peer: for listeners on all addresses.
std::string local_address_towards(const su_sockaddr_t& peer) {
  su_sockaddr_t local{};
  socklen_t size = sizeof local;
  const int fd = socket(peer.su_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return {};
  const socklen_t peer_size = peer.su_family == AF_INET6 ? sizeof(sockaddr_in6) : sizeof(sockaddr_in);
  const bool found = connect(fd, &peer.su_sa, peer_size) == 0 && getsockname(fd, &local.su_sa, &size) == 0;
  close(fd);
  return found ? address_text(local) : std::string{};
}

/// Whether the Contact of an answer has to be a SIPS URI (RFC 3261 section 12.1.1, RFC 5630 section 5.1.2).
bool asks_for_sips(const sip_t& sip) {
  if (is_secure(sip.sip_request->rq_url)) return true;
  if (sip.sip_record_route != nullptr) return is_secure(sip.sip_record_route->r_url);
  return sip.sip_contact != nullptr && is_secure(sip.sip_contact->m_url);
}

}  // namespace

const Listener* Endpoint::listener_of(const tport_t* primary) const {
  const std::string_view ident = text_or_empty(tport_ident(primary));
  if (ident.substr(0, listener_prefix.size()) != listener_prefix) return nullptr;
  std::size_t number = 0;
  std::from_chars(ident.data() + listener_prefix.size(), ident.data() + ident.size(), number);
  return number >= 1 && number <= settings_.listen.size() ? &settings_.listen[number - 1] : nullptr;
}

bool Endpoint::is_relayed(const tport_t* primary) const { return text_or_empty(tport_ident(primary)) == relay_ident; }

std::string Endpoint::local_text(const tport_t* primary, const su_sockaddr_t& peer) const {
  const tp_name_t* name = tport_name(primary);
  std::string host = without_brackets(name->tpn_host);
  const Listener* listener = listener_of(primary);
  if (listener != nullptr && !listener->advertise.empty()) {
    host = listener->advertise;
  } else if (host == "0.0.0.0" || host == "::" || host == "*") {
    host = local_address_towards(peer);
  }
  std::string text = settings_.domain.empty() ? bracketed(host) + ':' + name->tpn_port : settings_.domain;
  const std::string_view transport = name->tpn_proto;
  if (transport != "udp") text.append(";transport=").append(transport);
  return text;
}

std::string Endpoint::local_tls_text(const std::string& sent_by) const {
  return (settings_.domain.empty() ? sent_by : settings_.domain) + ";transport=tls";
}

const tport_t* Endpoint::listener_towards(const Source& hop) const {
  for (const tport_t* transport = tport_primaries(nta_agent_tports(agent_.get())); transport != nullptr;
       transport = tport_next(transport)) {
    if (is_relayed(transport)) continue;
    const tp_name_t* name = tport_name(transport);
    if (hop.transport == name->tpn_proto && is_ipv6(name->tpn_host) == is_ipv6(hop.address)) return transport;
  }
  return nullptr;
}

bool Endpoint::can_reach(const Source& hop) const {
  if (hop.transport == "tls") return tls_ && !tls_->sent_by(is_ipv6(hop.address)).empty();
  return listener_towards(hop) != nullptr;
}

std::string Endpoint::local_towards(const Source& hop) const {
  const bool ipv6 = is_ipv6(hop.address);
  if (hop.transport == "tls") return local_tls_text(tls_->sent_by(ipv6));
  su_sockaddr_t peer{};
  peer.su_family = ipv6 ? AF_INET6 : AF_INET;
  su_inet_pton(peer.su_family, hop.address.c_str(), SU_ADDR(&peer));
  peer.su_port = htons(hop.port);
  return local_text(listener_towards(hop), peer);
}

Flow Endpoint::flow_of(nta_incoming_t* irq) const {
  Flow flow;
  const MessageHandle message(nta_incoming_getrequest(irq));
  flow.transport.reset(nta_incoming_transport(agent_.get(), irq, message.get()));
  const su_sockaddr_t* from = msg_addr(message.get());
  if (!flow.transport || from == nullptr) return flow;
  flow.connection = tport_is_secondary(flow.transport.get()) != 0;
  const tport_t* primary = flow.connection ? tport_parent(flow.transport.get()) : flow.transport.get();
  const tp_name_t* name = tport_name(primary);
  flow.source = {address_text(*from), ntohs(from->su_port), name->tpn_proto};
  if (is_relayed(primary)) {
    // A connection that is not the relay's is somebody else's on this machine; it stays without a Contact.
    const TlsEdge::Peer* peer = tls_->peer(flow.source.port);
    if (peer == nullptr || flow.source.address != tls_->relay_address()) return flow;
    flow.source = peer->source;
    flow.local.text = local_tls_text(peer->sent_by);
    flow.local.secure = asks_for_sips(*sip_object(message.get()));
    return flow;
  }
  flow.local.text = local_text(primary, *from);
  return flow;
}

std::string Endpoint::contact_text(const OwnEnd& local, const focus::FocusContact& contact) const {
  std::string out = "<" + local.uri(contact.user) + ">;isfocus";
  if (contact.telepresence) out += ";+sip.clue";
  return out;
}

std::string Endpoint::contact_text(const Dialog& dialog, const focus::FocusContact& contact) const {
  const std::string text = contact_text(dialog.flow.local, contact);
  return dialog.knows_service ? text + ims_service_feature(settings_.ims.service) : text;
}

std::string Endpoint::focus_identity(const Dialog& dialog, const std::string& user) const {
  if (user.empty()) return {};
  OwnEnd end{settings_.domain.empty() ? dialog.flow.local.host() : settings_.domain, false};
  return end.uri(user);
}

Endpoint::NextHop Endpoint::next_hop(const Dialog& dialog) const {
  NextHop hop;
  tport_t* transport = dialog.flow.transport.get();
  const sip_route_t* route = nullptr;
  const sip_contact_t* target = nullptr;
  nta_leg_get_route(dialog.leg.get(), &route, &target);
  const url_t* url = route != nullptr ? route->r_url : target != nullptr ? target->m_url : nullptr;
  const bool secure = dialog.flow.local.secure || is_secure(url);
  // What asks for SIPS does not go by a connection without TLS (RFC 5630 section 4).
  if (dialog.flow.connection && transport != nullptr && (!secure || dialog.flow.source.transport == "tls")) {
    if (tport_is_clear_to_send(transport) != 0) {
      hop.connection = transport;
    } else {
      hop.lost = true;
    }
  }
  // The next hop must be a number; where it is a name, the request goes back to where the peer's request came from.
  const bool number = url != nullptr && is_number(url->url_host) && url_has_param(url, "maddr") == 0;
  if (!number) hop.uri = dialog.flow.source.to_uri();
  const bool ipv6 = is_ipv6(dialog.flow.source.address);
  if (transport != nullptr && (!number || ipv6 == (host_is_ip6_address(url->url_host) != 0))) {
    hop.listener = tport_ident(dialog.flow.connection ? tport_parent(transport) : transport);
  }
  if (hop.connection == nullptr) take_tls(dialog, number ? url : nullptr, secure, hop);
  return hop;
}

/// What began on TLS stays on it, whatever the Contact says, and a Contact or Route can ask for it.
void Endpoint::take_tls(const Dialog& dialog, const url_t* url, bool secure, NextHop& hop) const {
  const Source& source = dialog.flow.source;
  Source to{source.address, source.port, source.transport, {}, source.domain};
  if (url != nullptr) {
    const focus::SipUri next = to_uri(*url);
    // Where the peer was found under its domain, it is that domain that it proves again.
    if (next.host != source.address) to.domain.clear();
    to.address = next.host;
    to.port = next.port == 0 ? default_tls_port : next.port;
    if (const std::string* asked = next.param("transport"); asked != nullptr && to.transport != "tls") {
      to.transport = *asked;
    }
  }
  if (!secure && !equal_ignoring_case(to.transport, "tls")) return;
  to.transport = "tls";
  hop.relay = tls_ ? tls_->reach(to) : 0;
  if (hop.relay == 0) {
    hop.reachable = false;
    return;
  }
  hop.uri = tls_->relay_uri(hop.relay);
  hop.tls_address = to.address;
  hop.tls_port = to.port;
  hop.listener = relay_ident;
}

/// Whether what leaves this way stays among those whom we trust (RFC 3325 section 5): without a Record-Route of the
/// proxy the next hop is the user agent behind it.
bool Endpoint::trusts(const Dialog& dialog, const NextHop& hop) const {
  if (trusted_.empty() && settings_.trusted_certificates.empty()) return false;
  if (!hop.tls_address.empty()) return trusted_.contains(hop.tls_address, hop.tls_port);
  if (hop.connection != nullptr || !hop.uri.empty()) return trusts(dialog.flow.source);
  const sip_route_t* route = nullptr;
  const sip_contact_t* target = nullptr;
  nta_leg_get_route(dialog.leg.get(), &route, &target);
  const url_t* url = route != nullptr ? route->r_url : target != nullptr ? target->m_url : nullptr;
  if (url == nullptr) return false;
  const focus::SipUri next = to_uri(*url);
  return trusted_.contains(next.host, next.port == 0 ? default_port : next.port);
}

void Endpoint::log_failure(const std::string& call_id, const char* method, int status, std::uint16_t relay) const {
  std::string why = relay != 0 && tls_ ? tls_->why_failed(relay) : std::string{};
  if (why.empty()) why = status == 408 ? "no answer" : "the transport failed";
  log_({&record::request_failed, {{"call_id", call_id}, {"method", method}, {"status", status}, {"why", why}}});
}

}  // namespace clued::sip
