#include "sip/endpoint.hpp"

#include <openssl/rand.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <stdexcept>

#include "sip/message_class.hpp"
#include "sip/records.hpp"

namespace clued::sip {
namespace {

/// The library counts the unused rest of its buffers as part of a message.
constexpr std::size_t buffer_slack = 1024;

/// With an advertised host, `maddr` says to the library which address it really binds.
std::string listener_uri(const Listener& listener, std::uint16_t port, const char* transport) {
  const bool as_it_is = listener.advertise.empty();
  return "sip:" + bracketed(as_it_is ? listener.address : listener.advertise) + ':' +
         (port == 0 ? "*" : std::to_string(port)) + ";transport=" + transport +
         (as_it_is ? "" : ";maddr=" + bracketed(listener.address));
}

base::unexpected<std::string> bind_error(const Listener& listener, const char* transport) {
  const int error = errno;
  return base::unexpected("cannot listen on " + std::string(transport) + ' ' + bracketed(listener.address) + " port " +
                          std::to_string(listener.port) + ": " + std::strerror(error));
}

}  // namespace

Endpoint::Endpoint(boost::asio::io_context& io, Settings settings, std::function<void(focus::Event)> post,
                   base::RecordSink log, base::DescriptorBudget descriptors)
    : settings_(std::move(settings)),
      post_(std::move(post)),
      log_(std::move(log)),
      descriptors_(std::move(descriptors)),
      buckets_(settings_.max_rate_per_source, settings_.max_burst_per_source),
      library_(Library::acquire()),
      loop_(io),
      heap_(io, settings_.t1x64 + settings_.t4, [this] { return census().lingering; }),
      pacer_(io, {settings_.max_unanswered, settings_.requests_per_turn, settings_.unanswered_hold}),
      timers_(io),
      resolver_(io, settings_.lookup, descriptors_) {
  library_->set_log(this, log_);
}

Endpoint::~Endpoint() {
  set_admission(nullptr);
  set_stream_gate(nullptr);
  resolver_.stop();
  post_ = [](const focus::Event&) {};
  for (const auto& [id, one] : requests_) {
    if (!one->final_sent) reply(one->irq.get(), 503, "", "");
  }
  requests_.clear();
  clients_.clear();
  calls_.clear();
  late_answers_.clear();
  subscriptions_.clear();
  usages_.clear();
  outside_.reset();
  guard_.reset();
  agent_.reset();
  tls_.reset();
  library_->unset_log(this);
}

base::expected<void, std::string> Endpoint::start() {
  auto trusted = TrustedPeers::from(settings_.trusted_peers);
  if (!trusted) return base::unexpected("trusted peer " + trusted.error());
  trusted_ = *std::move(trusted);
  DigestAuthenticator::Key key{};
  if (RAND_bytes(key.data(), static_cast<int>(key.size())) != 1) {
    return base::unexpected(std::string("OpenSSL has no random numbers for the nonces"));
  }
  digest_.emplace(settings_.auth, key);
  gate_ = std::make_unique<StreamGate>(
      loop_.io(), StreamGate::Settings{settings_.max_message_size, settings_.t1x64}, admission_,
      [this](const su_sockaddr_t& address) { return source_of(address); }, [this] { return refused_by_library(); },
      log_);
  const auto before_step = [this] {
    set_admission(&admission_);
    set_stream_gate(gate_.get());
  };
  if (auto started = loop_.start(before_step); !started) return started;
  const msg_mclass_t* messages = message_class();
  if (messages == nullptr) return base::unexpected(std::string("Sofia-SIP does not parse Via as expected"));
  const Loop::Use use(loop_);
  agent_.reset(nta_agent_create(
      loop_.root(), reinterpret_cast<url_string_t*>(-1), clued_sip_on_stray, this,
      // A user agent: 2xx are repeated until the ACK, a merged request gets 482, 100 Trying goes out after 200 ms.
      NTATAG_MCLASS(messages), NTATAG_UA(1), NTATAG_MERGE_482(1), NTATAG_EXTRA_100(1),
      // The core sends the 487 itself.
      NTATAG_CANCEL_487(0), NTATAG_SERVER_RPORT(1),
      // Headers keep their text beside what was parsed of them: some are passed on as they came. For that the library
      // copies the start line too, from where the line ends before it begin: StreamGate gives it none.
      NTATAG_SIPFLAGS(MSG_DO_CANONIC | MSG_DO_EXTRACT_COPY),
      // Names are not looked up: next hops are numbers (next_hop.hpp). What the library would send by itself to
      // whatever a peer named goes by a transport that there is not; the answer that it was for comes to
      // clued_sip_on_stray.
      NTATAG_DEFAULT_PROXY("sip:0.0.0.0;transport=none"), NTATAG_USE_NAPTR(0), NTATAG_USE_SRV(0),
      NTATAG_SIP_T1X64(static_cast<unsigned>(settings_.t1x64.count())),
      NTATAG_SIP_T4(static_cast<unsigned>(settings_.t4.count())),
      NTATAG_MAX_PROCEEDING(static_cast<usize_t>(settings_.max_proceeding)),
      NTATAG_MAXSIZE(static_cast<usize_t>(settings_.max_message_size + buffer_slack)),
      NTATAG_UDP_MTU(settings_.udp_mtu), TAG_END()));
  if (!agent_) return base::unexpected(std::string("Sofia-SIP cannot create its agent"));
  outside_ = std::make_shared<Dialog>(*this, nullptr);
  outside_->leg.reset(
      nta_leg_tcreate(agent_.get(), clued_sip_on_request, outside_.get(), NTATAG_NO_DIALOG(1), TAG_END()));
  for (const Listener& listener : settings_.listen) {
    if (auto done = bind(listener); !done) return done;
  }
  if (auto done = start_tls(); !done) return done;
  if (auto done = start_guard(); !done) return done;
  check_receive_buffer();
  for (const std::string& uri : bound()) log_({&record::listening, {{"uri", uri}}});
  return {};
}

std::uint64_t Endpoint::refused_by_library() const {
  usize_t count = 0;
  if (agent_) nta_agent_get_stats(agent_.get(), NTATAG_S_BAD_REQUEST_REF(count), TAG_END());
  return count;
}

base::expected<void, std::string> Endpoint::bind(const Listener& listener) {
  // UDP and TCP of one listener share the name, so that a request can change between the two.
  const std::string ident = std::string(listener_prefix) + std::to_string(++last_listener_);
  std::uint16_t port = listener.port;
  // One at a time: the library keeps a pointer into a dead stack frame when it is given a list of transports.
  if (listener.udp) {
    if (!bind(listener, port, "udp", ident)) return bind_error(listener, "udp");
    if (port == 0 && listener.tcp) port = newest_port();
  }
  if (listener.tcp && !bind(listener, port, "tcp", ident)) {
    if (listener.port != 0 || port == 0 || !bind(listener, 0, "tcp", ident)) return bind_error(listener, "tcp");
  }
  return {};
}

bool Endpoint::bind(const Listener& listener, std::uint16_t port, const char* transport, const std::string& ident) {
  const std::string uri = listener_uri(listener, port, transport);
  errno = 0;
  return nta_agent_add_tport(agent_.get(), reinterpret_cast<const url_string_t*>(uri.c_str()),
                             TPTAG_IDENT(ident.c_str()), TPTAG_UDP_RMEM(settings_.udp_receive_buffer),
                             TPTAG_IDLE(static_cast<unsigned>(settings_.idle_connection.count())), TPTAG_PONG2PING(1),
                             // A closed connection fails the requests on it at once, not after 64*T1.
                             TPTAG_SDWN_ERROR(1),
                             // No STUN service on the SIP port: nobody asked for one, and it writes to stderr.
                             TPTAG_STUN_SERVER(0), TAG_END()) == 0;
}

std::uint16_t Endpoint::newest_port() const {
  std::uint16_t port = 0;
  for (tport_t* transport = tport_primaries(nta_agent_tports(agent_.get())); transport != nullptr;
       transport = tport_next(transport)) {
    port = static_cast<std::uint16_t>(std::strtoul(tport_name(transport)->tpn_port, nullptr, 10));
  }
  return port;
}

base::expected<void, std::string> Endpoint::start_guard() {
  std::vector<std::uint16_t> ports;
  for (tport_t* transport = tport_primaries(nta_agent_tports(agent_.get())); transport != nullptr;
       transport = tport_next(transport)) {
    if (tport_is_tcp(transport) == 0) continue;
    ports.push_back(static_cast<std::uint16_t>(std::strtoul(tport_name(transport)->tpn_port, nullptr, 10)));
  }
  if (ports.empty()) return {};
  // The relay's were counted when they came to the edge.
  const auto is_trusted = [this](const Source& source) {
    return (tls_ && source.address == tls_->relay_address()) || trusts(source);
  };
  guard_ =
      std::make_unique<ConnectionGuard>(loop_, settings_.max_connections_per_source, is_trusted, log_, descriptors_);
  return guard_->start(std::move(ports));
}

void Endpoint::check_receive_buffer() const {
  std::ifstream file("/proc/sys/net/core/rmem_max");
  unsigned limit = 0;
  if (geteuid() == 0 || !(file >> limit) || settings_.udp_receive_buffer <= limit) return;
  log_({&record::receive_buffer_capped, {{"wanted", settings_.udp_receive_buffer}, {"net.core.rmem_max", limit}}});
}

std::vector<std::string> Endpoint::bound() const {
  std::vector<std::string> uris;
  if (!agent_) return uris;
  for (tport_t* transport = tport_primaries(nta_agent_tports(agent_.get())); transport != nullptr;
       transport = tport_next(transport)) {
    if (is_relayed(transport)) continue;
    const tp_name_t* name = tport_name(transport);
    uris.push_back("sip:" + bracketed(without_brackets(name->tpn_host)) + ':' + name->tpn_port +
                   ";transport=" + name->tpn_proto);
  }
  if (tls_) {
    for (std::string& uri : tls_->bound()) uris.push_back(std::move(uri));
  }
  return uris;
}

Census Endpoint::census() const {
  Census census;
  census.dialogs = live_dialogs_;
  census.incoming = requests_.size();
  census.outgoing = clients_.size();
  census.subscriptions = subscriptions_.size();
  census.heap_trims = heap_.trims();
  census.tls_connections = tls_ ? tls_->connections() : 0;
  if (agent_) {
    usize_t incoming = 0;
    usize_t outgoing = 0;
    usize_t legs = 0;
    nta_agent_get_stats(agent_.get(), NTATAG_S_IRQ_HASH_USED_REF(incoming), NTATAG_S_ORQ_HASH_USED_REF(outgoing),
                        NTATAG_S_LEG_HASH_USED_REF(legs), TAG_END());
    census.lingering = incoming + outgoing + legs;
  }
  return census;
}

base::expected<void, std::string> Endpoint::start_tls() {
  const auto wants_tls = [](const Listener& one) { return one.tls; };
  if (std::none_of(settings_.listen.begin(), settings_.listen.end(), wants_tls)) return {};
  tls_ = std::make_unique<TlsEdge>(loop_.io(), settings_.tls, log_, descriptors_);
  if (auto done = tls_->start(); !done) return done;
  const Listener relay{tls_->relay_address(), 0, false, true};
  if (!bind(relay, 0, "tcp", relay_ident)) return bind_error(relay, "tcp");
  tls_->set_relay_port(newest_port());
  for (const Listener& listener : settings_.listen) {
    if (!listener.tls) continue;
    if (auto done = tls_->listen(listener.address, listener.tls_port, listener.advertise); !done) return done;
  }
  return {};
}

Agent::Agent(boost::asio::io_context& io, Settings settings, std::function<void(focus::Event)> post,
             base::RecordSink log, base::DescriptorBudget descriptors)
    : endpoint_(std::make_unique<Endpoint>(io, std::move(settings), std::move(post), std::move(log),
                                           std::move(descriptors))) {}
Agent::~Agent() = default;

base::expected<void, std::string> Agent::reload(const Settings& settings) { return endpoint_->reload(settings); }
base::expected<void, std::string> Agent::start() { return endpoint_->start(); }
void Agent::execute(const focus::command::Respond& command) { endpoint_->execute(command); }
void Agent::execute(const focus::command::AcceptRefer& command) { endpoint_->execute(command); }
void Agent::execute(const focus::command::NotifyRefer& command) { endpoint_->execute(command); }
void Agent::execute(const focus::command::AcceptSubscribe& command) { endpoint_->execute(command); }
void Agent::execute(const focus::command::NotifyConference& command) { endpoint_->execute(command); }
void Agent::execute(const focus::command::ForgetSubscription& command) { endpoint_->execute(command); }
void Agent::execute(const focus::command::SendInvite& command) { endpoint_->execute(command); }
void Agent::execute(const focus::command::WithdrawInvite& command) { endpoint_->execute(command); }
void Agent::execute(const focus::command::SendCancel& command) { endpoint_->execute(command); }
void Agent::execute(const focus::command::SendReinvite& command) { endpoint_->execute(command); }
void Agent::execute(const focus::command::SendUpdate& command) { endpoint_->execute(command); }
void Agent::execute(const focus::command::SendBye& command) { endpoint_->execute(command); }
void Agent::hold_input(bool hold) { endpoint_->hold_input(hold); }
Census Agent::census() const { return endpoint_->census(); }
std::vector<std::string> Agent::bound() const { return endpoint_->bound(); }

}  // namespace clued::sip
