#include "channel/lite_ice_agent.hpp"

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <utility>

#include "channel/ice_credentials.hpp"

namespace clued::channel {
namespace {

using base::TimePoint;

/// RFC 8445 section 5.1.2.1: a host candidate, the only address of its host, component 1.
constexpr std::uint32_t kPriority = 126U << 24U | 65535U << 8U | 255U;

StunServer::Endpoint endpoint_of(const Candidate& candidate) {
  return {boost::asio::ip::make_address(candidate.address), candidate.port};
}

const char* type_text(CandidateType type) noexcept {
  switch (type) {
    case CandidateType::host:
      return "host";
    case CandidateType::server_reflexive:
      return "srflx";
    case CandidateType::peer_reflexive:
      return "prflx";
    case CandidateType::relayed:
      return "relay";
  }
  return "unknown";
}

std::string endpoint_text(const StunServer::Endpoint& endpoint) {
  return endpoint.address().to_string() + ":" + std::to_string(endpoint.port());
}

/// So that the agents of all channels share a wake-up.
TimePoint next_full_second(TimePoint when) { return std::chrono::ceil<std::chrono::seconds>(when); }

}  // namespace

LiteIceAgent::~LiteIceAgent() {
  if (port_ != nullptr) port_->server().remove(ufrag_);
}

base::expected<void, std::string> LiteIceAgent::gather(sdp::IpFamily family, bool /*controlling*/) {
  const auto& port = family == sdp::IpFamily::v4 ? ports_.v4 : ports_.v6;
  if (port == nullptr) return base::unexpected(std::string("no local address of the requested family is configured"));
  do {
    ufrag_ = random_ice_characters(kUfragCharacters);
  } while (!port->server().add(ufrag_, *this));
  port_ = port;
  password_ = random_ice_characters(kPasswordCharacters);
  listener_.ice_gathered();
  return {};
}

base::expected<void, std::string> LiteIceAgent::connect(Remote remote) {
  remote_ = std::move(remote);
  if (remote_->lite) {
    if (auto selected = select_by_candidates(); !selected) return selected;
  }
  conclude();
  return {};
}

/// RFC 8445 section 8.2.2: without any checks, the pair of the best of the peer's candidates that is of our family.
base::expected<void, std::string> LiteIceAgent::select_by_candidates() {
  const Candidate* best = nullptr;
  const bool is_v6 = port_->endpoint().address().is_v6();
  for (const Candidate& each : remote_->candidates) {
    if (endpoint_of(each).address().is_v6() != is_v6) continue;
    if (best == nullptr || each.priority > best->priority) best = &each;
  }
  if (best == nullptr) return base::unexpected(std::string("the lite peer has no candidate of our address family"));
  selected_ = endpoint_of(*best);
  if (!port_->server().claim(ufrag_, *selected_, base::Clock::now())) {
    return base::unexpected(endpoint_text(*selected_) + " is the peer of another channel, and both ends are lite");
  }
  return {};
}

/// RFC 8445 section 8.2.1: completed with the first nominated pair, once the peer is known.
void LiteIceAgent::conclude() {
  if (!remote_ || !selected_ || std::exchange(connected_, true)) return;
  listener_.ice_connected();
}

bool LiteIceAgent::send(Bytes datagram) {
  // RFC 8445 section 12.1.2: not before there is a nominated pair.
  return selected_ && port_->send(datagram, *selected_);
}

void LiteIceAgent::closing() noexcept {
  if (port_ != nullptr) port_->server().yield(ufrag_);
}

base::expected<IceAgent::Description, std::string> LiteIceAgent::description() const {
  Description description;
  description.ufrag = ufrag_;
  description.password = password_;
  description.address = port_->endpoint().address().to_string();
  description.port = port_->endpoint().port();
  description.candidates = {"1 1 UDP " + std::to_string(kPriority) + " " + description.address + " " +
                            std::to_string(description.port) + " typ host"};
  description.lite = true;
  return description;
}

std::string LiteIceAgent::selected_pair() const {
  if (!remote_ || !selected_) return "";
  const auto known = std::ranges::find_if(
      remote_->candidates, [this](const Candidate& candidate) { return endpoint_of(candidate) == *selected_; });
  // An address that no candidate told is one that the check itself showed (RFC 8445 section 7.3.1.3).
  const auto type = known == remote_->candidates.end() ? CandidateType::peer_reflexive : known->type;
  return "host " + endpoint_text(port_->endpoint()) + " - " + type_text(type) + " " + endpoint_text(*selected_);
}

void LiteIceAgent::checked(const Endpoint& from, bool nominated, TimePoint now) noexcept {
  if (nominated) selected_ = from;
  if (selected_ != from) return;
  checked_at_ = now;
  conclude();
  if (std::exchange(suspected_, false)) listener_.ice_recovered();
}

base::Deadline LiteIceAgent::next_deadline() const {
  if (!connected_ || suspected_ || remote_->lite) return std::nullopt;
  return next_full_second(checked_at_ + kCheckLifetime);
}

void LiteIceAgent::handle_timeout(TimePoint now) {
  const auto due = next_deadline();
  if (!due || *due > now) return;
  suspected_ = true;
  listener_.ice_suspected();
}

}  // namespace clued::channel
