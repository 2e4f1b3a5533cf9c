#include "channel/full_ice_agent.hpp"

#include <agent.h>
#include <interfaces.h>

#include <array>
#include <memory>
#include <string_view>
#include <utility>

// Two functions that take the place of libnice's own. Those dump all interfaces and addresses of the machine from the
// kernel, three times per agent: 250 us of each join.

/// libnice looks up at which place of this list a candidate's address is, so that the candidates of a host with several
/// addresses get different priorities (RFC 8445 section 5.1.2.1). Our agents have one local address each.
extern "C" GList* nice_interfaces_get_local_ips(gboolean /*include_loopback*/) { return nullptr; }

/// libnice ties its sockets to the interface that has this index. 0 leaves the way out to the kernel's routes, as for
/// the SIP and RTP sockets: all are bound to the configured address.
extern "C" guint nice_interfaces_get_if_index_by_addr(NiceAddress* /*address*/) { return 0; }

namespace clued::channel {
namespace {

constexpr unsigned kComponent = 1;
/// After READY libnice's check timer only waits for better pairs, at 50 Hz: once more is enough.
constexpr unsigned kIdleTimeout = 50;

struct NiceDeleter {
  void operator()(NiceCandidate* candidate) const noexcept { nice_candidate_free(candidate); }
  void operator()(gchar* text) const noexcept { g_free(text); }
};
using CandidateHandle = std::unique_ptr<NiceCandidate, NiceDeleter>;
using TextHandle = std::unique_ptr<gchar, NiceDeleter>;

/// A list that owns its candidates.
class CandidateList {
 public:
  explicit CandidateList(GSList* list = nullptr) : list_(list) {}
  ~CandidateList() {
    g_slist_free_full(list_, [](gpointer each) { nice_candidate_free(static_cast<NiceCandidate*>(each)); });
  }
  CandidateList(const CandidateList&) = delete;
  CandidateList& operator=(const CandidateList&) = delete;

  void add(CandidateHandle candidate) { list_ = g_slist_append(list_, candidate.release()); }
  GSList* get() const noexcept { return list_; }

 private:
  GSList* list_;
};

std::string address_text(const NiceAddress& address) {
  std::array<gchar, NICE_ADDRESS_STRING_LEN> text{};
  nice_address_to_string(&address, text.data());
  return text.data();
}

const char* type_text(NiceCandidateType type) noexcept {
  switch (type) {
    case NICE_CANDIDATE_TYPE_HOST:
      return "host";
    case NICE_CANDIDATE_TYPE_SERVER_REFLEXIVE:
      return "srflx";
    case NICE_CANDIDATE_TYPE_PEER_REFLEXIVE:
      return "prflx";
    case NICE_CANDIDATE_TYPE_RELAYED:
      return "relay";
  }
  return "unknown";
}

std::string candidate_text(const NiceCandidate& candidate) {
  return std::string(type_text(candidate.type)) + " " + address_text(candidate.addr) + ":" +
         std::to_string(nice_address_get_port(&candidate.addr));
}

NiceCandidateType nice_type(CandidateType type) noexcept {
  switch (type) {
    case CandidateType::host:
      return NICE_CANDIDATE_TYPE_HOST;
    case CandidateType::server_reflexive:
      return NICE_CANDIDATE_TYPE_SERVER_REFLEXIVE;
    case CandidateType::peer_reflexive:
      return NICE_CANDIDATE_TYPE_PEER_REFLEXIVE;
    case CandidateType::relayed:
      return NICE_CANDIDATE_TYPE_RELAYED;
  }
  return NICE_CANDIDATE_TYPE_HOST;
}

CandidateHandle nice_candidate(const Candidate& from, unsigned stream) {
  CandidateHandle candidate(nice_candidate_new(nice_type(from.type)));
  candidate->transport = NICE_CANDIDATE_TRANSPORT_UDP;
  candidate->stream_id = stream;
  candidate->component_id = kComponent;
  candidate->priority = from.priority;
  g_strlcpy(candidate->foundation, from.foundation.c_str(), sizeof candidate->foundation);
  if (nice_address_set_from_string(&candidate->addr, from.address.c_str()) == FALSE) return nullptr;
  nice_address_set_port(&candidate->addr, from.port);
  candidate->base_addr = candidate->addr;
  if (!from.related_address.empty() &&
      nice_address_set_from_string(&candidate->base_addr, from.related_address.c_str()) != FALSE) {
    nice_address_set_port(&candidate->base_addr, from.related_port);
  }
  return candidate;
}

/// RFC 8839 section 4.2.1.2: the one most likely to work with a peer that knows no ICE. libnice's own choice leaves
/// IPv6 out.
const NiceCandidate* default_candidate(const GSList* list) noexcept {
  const NiceCandidate* best = nullptr;
  for (; list != nullptr; list = list->next) {
    const auto* const each = static_cast<const NiceCandidate*>(list->data);
    // The enumeration rises from host to relayed.
    if (best == nullptr || each->type > best->type) best = each;
  }
  return best;
}

}  // namespace

FullIceAgent::FullIceAgent(boost::asio::io_context& io, Turns& turns, const Settings& settings, Listener& listener)
    : settings_(settings), listener_(listener), pump_(io, turns) {
  agent_ = nice_agent_new_full(pump_.context(), NICE_COMPATIBILITY_RFC5245, NICE_AGENT_OPTION_CONSENT_FRESHNESS);
  // UPnP and TCP would cost eleven descriptors and a thread per agent.
  g_object_set(agent_, "upnp", FALSE, "ice-tcp", FALSE, nullptr);
  if (!settings_.stun_server.empty()) {
    g_object_set(agent_, "stun-server", settings_.stun_server.c_str(), "stun-server-port",
                 static_cast<guint>(settings_.stun_port), nullptr);
  }
  g_signal_connect(agent_, "candidate-gathering-done", G_CALLBACK(&FullIceAgent::on_gathered), this);
  g_signal_connect(agent_, "component-state-changed", G_CALLBACK(&FullIceAgent::on_state), this);
}

FullIceAgent::~FullIceAgent() {
  // The order matters: Asio lets go of the descriptors, libnice forgets this object, and only then closes them.
  pump_.stop();
  g_signal_handlers_disconnect_by_data(agent_, this);
  if (stream_ != 0) {
    nice_agent_attach_recv(agent_, stream_, kComponent, pump_.context(), nullptr, nullptr);
    nice_agent_remove_stream(agent_, stream_);
  }
  g_object_unref(agent_);
}

base::expected<void, std::string> FullIceAgent::gather(sdp::IpFamily family, bool controlling) {
  g_object_set(agent_, "controlling-mode", controlling ? TRUE : FALSE, nullptr);
  const std::string& text = family == sdp::IpFamily::v4 ? settings_.address_v4 : settings_.address_v6;
  if (text.empty()) return base::unexpected(std::string("no local address of the requested family is configured"));
  NiceAddress address;
  nice_address_init(&address);
  if (nice_address_set_from_string(&address, text.c_str()) == FALSE ||
      nice_agent_add_local_address(agent_, &address) == FALSE) {
    return base::unexpected("the local address " + text + " is not usable");
  }
  stream_ = nice_agent_add_stream(agent_, 1);
  if (stream_ == 0) return base::unexpected(std::string("libnice adds no stream"));
  if (settings_.min_port != 0) {
    nice_agent_set_port_range(agent_, stream_, kComponent, settings_.min_port, settings_.max_port);
  }
  nice_agent_attach_recv(agent_, stream_, kComponent, pump_.context(), &FullIceAgent::on_datagram, this);
  const bool gathering = nice_agent_gather_candidates(agent_, stream_) != FALSE;
  pump_.kick();
  if (!gathering) return base::unexpected("no UDP port could be bound at " + text);
  return {};
}

base::expected<void, std::string> FullIceAgent::connect(Remote remote) {
  CandidateList list;
  for (const Candidate& each : remote.candidates) {
    if (auto candidate = nice_candidate(each, stream_)) list.add(std::move(candidate));
  }
  const bool known =
      nice_agent_set_remote_credentials(agent_, stream_, remote.ufrag.c_str(), remote.password.c_str()) != FALSE;
  const bool set =
      list.get() == nullptr || nice_agent_set_remote_candidates(agent_, stream_, kComponent, list.get()) >= 0;
  pump_.kick();
  if (!known || !set) return base::unexpected(std::string("libnice refuses the peer's credentials or candidates"));
  return {};
}

bool FullIceAgent::send(Bytes datagram) {
  // Over UDP this leaves no source behind in the context: no kick is needed.
  const auto length = static_cast<guint>(datagram.size());
  return nice_agent_send(agent_, stream_, kComponent, length, reinterpret_cast<const gchar*>(datagram.data())) >= 0;
}

base::expected<IceAgent::Description, std::string> FullIceAgent::description() const {
  Description description;
  gchar* ufrag = nullptr;
  gchar* password = nullptr;
  if (nice_agent_get_local_credentials(agent_, stream_, &ufrag, &password) == FALSE) {
    return base::unexpected(std::string("libnice has no credentials"));
  }
  description.ufrag = TextHandle(ufrag).get();
  description.password = TextHandle(password).get();
  const CandidateList list(nice_agent_get_local_candidates(agent_, stream_, kComponent));
  for (const GSList* each = list.get(); each != nullptr; each = each->next) {
    const TextHandle line(nice_agent_generate_local_candidate_sdp(agent_, static_cast<NiceCandidate*>(each->data)));
    if (line == nullptr) continue;
    std::string_view value = line.get();
    constexpr std::string_view kPrefix = "a=candidate:";
    if (value.starts_with(kPrefix)) value.remove_prefix(kPrefix.size());
    description.candidates.emplace_back(value);
  }
  const NiceCandidate* const chosen = default_candidate(list.get());
  if (chosen == nullptr) return base::unexpected(std::string("libnice has no candidate"));
  description.address = address_text(chosen->addr);
  description.port = static_cast<std::uint16_t>(nice_address_get_port(&chosen->addr));
  return description;
}

std::string FullIceAgent::selected_pair() const {
  NiceCandidate* local = nullptr;
  NiceCandidate* remote = nullptr;
  if (nice_agent_get_selected_pair(agent_, stream_, kComponent, &local, &remote) == FALSE) return "";
  return candidate_text(*local) + " - " + candidate_text(*remote);
}

void FullIceAgent::on_gathered(_NiceAgent* /*agent*/, unsigned /*stream*/, void* self) noexcept {
  static_cast<FullIceAgent*>(self)->listener_.ice_gathered();
}

void FullIceAgent::on_state(_NiceAgent* /*agent*/, unsigned /*stream*/, unsigned /*component*/, unsigned state,
                            void* self) noexcept {
  static_cast<FullIceAgent*>(self)->state_changed(state);
}

void FullIceAgent::on_datagram(_NiceAgent* /*agent*/, unsigned /*stream*/, unsigned /*component*/, unsigned length,
                               char* data, void* self) noexcept {
  static_cast<FullIceAgent*>(self)->listener_.ice_received({reinterpret_cast<const std::uint8_t*>(data), length});
}

void FullIceAgent::state_changed(unsigned state) noexcept {
  if (state == NICE_COMPONENT_STATE_FAILED) {
    if (!std::exchange(suspected_, true)) listener_.ice_suspected();
    return;
  }
  if (state != NICE_COMPONENT_STATE_CONNECTED && state != NICE_COMPONENT_STATE_READY) return;
  if (state == NICE_COMPONENT_STATE_READY) g_object_set(agent_, "idle-timeout", kIdleTimeout, nullptr);
  if (std::exchange(suspected_, false)) listener_.ice_recovered();
  if (!std::exchange(connected_, true)) listener_.ice_connected();
}

}  // namespace clued::channel
