// Endpoint: where messages leave and what our end is called there.
#include <sys/socket.h>
#include <unistd.h>

#include <charconv>

#include "sip/endpoint.hpp"
#include "sip/ims_service.hpp"
#include "sip/records.hpp"

namespace clued::sip {
namespace {

/// Why a request is not sent.
constexpr const char* no_way = "there is no way to the peer";
constexpr const char* no_name = "the name of the next hop leads nowhere";

constexpr unsigned largest_datagram = 65535;

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

std::uint16_t port_of(const char* text) {
  std::uint16_t port = 0;
  const std::string_view digits = text_or_empty(text);
  std::from_chars(digits.data(), digits.data() + digits.size(), port);
  return port;
}

/// Whether an address is one of this machine: only those can be bound.
bool is_own_address(const std::string& address) {
  const bool ipv6 = is_ipv6(address);
  su_sockaddr_t own{};
  own.su_family = ipv6 ? AF_INET6 : AF_INET;
  if (su_inet_pton(own.su_family, address.c_str(), SU_ADDR(&own)) != 1) return false;
  const int fd = socket(own.su_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return false;
  const bool bound = ::bind(fd, &own.su_sa, ipv6 ? sizeof(sockaddr_in6) : sizeof(sockaddr_in)) == 0;
  close(fd);
  return bound;
}

/// Whether the library has a connection to that place.
bool is_connected(const tport_t* listener, const Source& to) {
  const std::string port = std::to_string(to.port);
  tp_name_t name{};
  name.tpn_proto = "tcp";
  name.tpn_canon = name.tpn_host = to.address.c_str();
  name.tpn_port = port.c_str();
  const tport_t* found = tport_by_name(listener, &name);
  return found != nullptr && tport_is_secondary(found) != 0 && tport_is_clear_to_send(found) != 0;
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

/// Of the sockets for this address family and transport the one that shares its name with `preferred`, or else the
/// first.
const tport_t* Endpoint::listener_towards(const Source& hop, const tport_t* preferred) const {
  const std::string_view ident = preferred == nullptr ? std::string_view{} : text_or_empty(tport_ident(preferred));
  const tport_t* first = nullptr;
  for (const tport_t* transport = tport_primaries(nta_agent_tports(agent_.get())); transport != nullptr;
       transport = tport_next(transport)) {
    if (is_relayed(transport)) continue;
    const tp_name_t* name = tport_name(transport);
    if (hop.transport != name->tpn_proto || is_ipv6(name->tpn_host) != is_ipv6(hop.address)) continue;
    if (ident.empty() || ident == text_or_empty(tport_ident(transport))) return transport;
    if (first == nullptr) first = transport;
  }
  return first;
}

bool Endpoint::can_reach(const Source& hop) const {
  if (hop.transport == "tls") return tls_ && !tls_->sent_by(is_ipv6(hop.address)).empty();
  return listener_towards(hop) != nullptr;
}

/// Whether what is sent there comes back to us.
bool Endpoint::is_ours(const Source& hop) const {
  const bool is_local = is_own_address(hop.address);
  const auto is_it = [&](std::string_view host, std::uint16_t port, std::string_view transport) {
    if (port != hop.port || transport != hop.transport) return false;
    const auto number = number_of(host);
    const bool listens_on_all = number == "0.0.0.0" || number == "::";
    // What is sent to the unspecified address goes to this machine.
    const bool means_any = hop.address == "0.0.0.0" || hop.address == "::";
    return number == hop.address || (is_local && (listens_on_all || means_any));
  };
  for (const tport_t* transport = tport_primaries(nta_agent_tports(agent_.get())); transport != nullptr;
       transport = tport_next(transport)) {
    const tp_name_t* name = tport_name(transport);
    const Listener* listener = listener_of(transport);
    if (listener == nullptr) continue;
    const std::uint16_t port = port_of(name->tpn_port);
    if (is_it(listener->address, port, name->tpn_proto) || is_it(listener->advertise, port, name->tpn_proto))
      return true;
  }
  for (const Listener& listener : settings_.listen) {
    if (!listener.tls) continue;
    if (is_it(listener.address, listener.tls_port, "tls") || is_it(listener.advertise, listener.tls_port, "tls"))
      return true;
  }
  return false;
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
  flow.source = {number_of(address_text(*from)).value_or(""), ntohs(from->su_port), name->tpn_proto};
  if (const sip_via_t* via = sip_object(message.get())->sip_via; via != nullptr) {
    flow.sent_by = without_brackets(text_or_empty(via->v_host));
    flow.sent_by_port = port_of(via->v_port);
  }
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

bool Endpoint::forget_lost_connection(Dialog& dialog) const {
  Flow& flow = dialog.flow;
  if (!flow.connection || !flow.transport || tport_is_clear_to_send(flow.transport.get()) != 0) return false;
  flow.transport.reset();
  return true;
}

void Endpoint::find_exit(const std::shared_ptr<Dialog>& dialog, bool goes_back, std::function<void(const Exit&)> then) {
  const Flow& flow = dialog->flow;
  const PeerWay way{
      flow.source, flow.sent_by, flow.sent_by_port, flow.connection, flow.connection && flow.transport != nullptr,
      flow.called};
  NextHop hop = next_hop(dialog->routes.path(), way, flow.local.secure);
  if (goes_back && way.alive) hop = {NextHop::By::connection, flow.source, {}};
  switch (hop.by) {
    case NextHop::By::connection: {
      Exit exit;
      exit.connection = flow.transport.get();
      exit.listener = tport_ident(tport_parent(exit.connection));
      exit.to = std::move(hop.to);
      return then(exit);
    }
    case NextHop::By::address:
      return then(exit_to(*dialog, std::move(hop.to)));
    case NextHop::By::name:
      return look_up_exit(dialog, std::move(hop), std::move(then));
    case NextHop::By::nothing:
      Exit none;
      none.problem = no_way;
      return then(none);
  }
}

void Endpoint::look_up_exit(const std::shared_ptr<Dialog>& dialog, NextHop hop, std::function<void(const Exit&)> then) {
  const std::string name = hop.to.domain;
  resolver_.look_up(name, dialog->focus_user,
                    [this, dialog, hop = std::move(hop), then = std::move(then)](const Lookup& found) {
                      const Loop::Use use(loop_);
                      log_lookup(dialog->focus_user, dialog->call_id, hop.to.domain, found);
                      Exit exit;
                      exit.problem = no_name;
                      for (const std::string& address : found.addresses) {
                        Source to = hop.to;
                        to.address = address;
                        exit = exit_to(*dialog, std::move(to));
                        if (exit.problem == nullptr) return then(exit);
                      }
                      then(hop.otherwise ? exit_to(*dialog, *hop.otherwise) : exit);
                    });
}

Exit Endpoint::exit_to(const Dialog& dialog, Source to) const {
  Exit exit;
  if (to.transport == "tls") {
    exit.relay = tls_ ? tls_->reach(to) : 0;
    if (exit.relay == 0) {
      exit.problem = no_tls;
    } else {
      exit.uri = tls_->relay_uri(exit.relay);
      exit.listener = relay_ident;
    }
    exit.to = std::move(to);
    return exit;
  }
  // From the socket that the peer knows, if it reaches there.
  const tport_t* known = dialog.flow.transport.get();
  if (known != nullptr && tport_is_secondary(known) != 0) known = tport_parent(known);
  const bool any = to.transport.empty();
  if (any) to.transport = "udp";
  const tport_t* from = listener_towards(to, known);
  if (from == nullptr && any) {
    to.transport = "tcp";
    from = listener_towards(to, known);
  }
  return exit_from(from, std::move(to));
}

/// The library opens the connection, or takes one that it has: that costs no descriptor.
Exit Endpoint::exit_from(const tport_t* listener, Source to) const {
  Exit exit;
  if (listener == nullptr) {
    exit.problem = no_way;
  } else if (to.transport == "tcp" && !may_connect() && !is_connected(listener, to)) {
    exit.problem = no_descriptors;
  } else {
    exit.uri = to.to_uri();
    exit.listener = tport_ident(listener);
  }
  exit.to = std::move(to);
  return exit;
}

/// The library changes to TCP by itself.
void Endpoint::send_large_datagrams(bool whatever_their_size) const {
  nta_agent_set_params(agent_.get(), NTATAG_UDP_MTU(whatever_their_size ? largest_datagram : settings_.udp_mtu),
                       TAG_END());
}

/// Whether what leaves this way stays among those whom we trust (RFC 3325 section 5): without a Record-Route of the
/// proxy the next hop is the user agent behind it.
bool Endpoint::trusts(const Dialog& dialog, const Exit& exit) const {
  if (trusted_.empty() && settings_.trusted_certificates.empty()) return false;
  if (exit.connection != nullptr) return trusts(dialog.flow.source);
  return trusted_.contains(exit.to.address, exit.to.port);
}

void Endpoint::log_lookup(const std::string& conference, const std::string& call_id, const std::string& host,
                          const Lookup& found) const {
  if (!found.addresses.empty()) return;
  log_(record_of_call(record::lookup_failed, conference, call_id, {{"host", host}, {"why", text_of(found.outcome)}}));
}

void Endpoint::log_failure(Dialog& dialog, const char* method, int status, std::uint16_t relay) const {
  std::string why = relay != 0 && tls_ ? tls_->why_failed(relay) : std::string{};
  if (why.empty()) why = status == 408 ? "no answer" : "the transport failed";
  log_failure(dialog, method, status, why);
}

/// Who cannot be reached is tried again and again; the first time is news.
void Endpoint::log_failure(Dialog& dialog, const char* method, int status, const std::string& why) const {
  const bool is_known = std::exchange(dialog.is_failing, true);
  log_(record_of_call(is_known ? record::request_failed_again : record::request_failed, dialog,
                      {{"method", method}, {"status", status}, {"why", why}}));
}

}  // namespace clued::sip
