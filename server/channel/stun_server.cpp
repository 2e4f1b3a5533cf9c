#include "channel/stun_server.hpp"

#include <algorithm>
#include <utility>

#include "channel/stun_response.hpp"

namespace clued::channel {
namespace {

/// The addresses from which one peer may prove itself, more than any host has; the oldest is forgotten for a new one.
constexpr std::size_t kMostAddresses = 16;

constexpr unsigned kBadRequest = 400;
constexpr unsigned kUnauthenticated = 401;
constexpr unsigned kUnknownAttribute = 420;
constexpr unsigned kRoleConflict = 487;

/// RFC 7983 section 7: the first octet tells STUN from what else comes to the port.
bool is_stun(Bytes datagram) noexcept { return !datagram.empty() && datagram[0] <= 3; }

}  // namespace

std::size_t StunServer::EndpointHash::operator()(const Endpoint& endpoint) const noexcept {
  const auto address = endpoint.address();
  if (address.is_v4()) {
    return std::hash<std::uint64_t>{}(std::uint64_t{address.to_v4().to_uint()} << 16U | endpoint.port());
  }
  const auto octets = address.to_v6().to_bytes();
  return std::hash<std::string_view>{}(text_of(octets)) ^ endpoint.port();
}

bool StunServer::add(const std::string& ufrag, Agent& agent) {
  return agents_.try_emplace(ufrag, Entry{&agent, false, {}}).second;
}

void StunServer::remove(const std::string& ufrag) noexcept {
  const auto found = agents_.find(ufrag);
  if (found == agents_.end()) return;
  for (const Endpoint& address : found->second.addresses) owners_.erase(address);
  agents_.erase(found);
}

bool StunServer::claim(const std::string& ufrag, const Endpoint& address, base::TimePoint now) {
  const auto found = agents_.find(ufrag);
  return found != agents_.end() && take_address(found->second, address, now, base::TimePoint::max());
}

void StunServer::yield(const std::string& ufrag) noexcept {
  const auto found = agents_.find(ufrag);
  if (found != agents_.end()) found->second.yields = true;
}

void StunServer::receive(Bytes datagram, const Endpoint& source, base::TimePoint now) {
  if (!is_stun(datagram)) {
    const auto found = owners_.find(source);
    if (found == owners_.end()) {
      ++counters_.dropped;
    } else {
      found->second.entry->agent->received(datagram);
    }
    return;
  }
  const auto message = parse_stun(datagram);
  if (message && message->method == kBinding && message->message_class == StunClass::request) {
    return check(*message, source, now);
  }
  // An indication keeps a NAT's binding alive (RFC 8445 section 11) and has no further meaning. Responses answer
  // nobody: lite agents send no requests.
  const bool is_keepalive = message && message->message_class == StunClass::indication;
  if (!is_keepalive) ++counters_.dropped;
}

/// RFC 8489 section 9.1.3, then 6.3.1, then RFC 8445 section 7.3.
void StunServer::check(const StunMessage& request, const Endpoint& source, base::TimePoint now) {
  if (!request.username || request.integrity.empty()) return refuse(request, kBadRequest, source, nullptr);
  const std::size_t colon = request.username->find(':');
  const auto found = colon == std::string_view::npos ? agents_.end() : agents_.find(request.username->substr(0, colon));
  if (found == agents_.end()) return refuse(request, kUnauthenticated, source, nullptr);
  Entry& entry = found->second;
  Agent& agent = *entry.agent;
  if (!integrity_.verify(agent.password(), request.covered, request.integrity)) {
    return refuse(request, kUnauthenticated, source, nullptr);
  }
  if (request.unknown_count > 0) return refuse(request, kUnknownAttribute, source, &agent);
  if (request.ice_controlled && request.ice_controlling) return refuse(request, kBadRequest, source, &agent);
  // Who checks is full, and so it controls (RFC 8445 section 6.1.1): without a tie-breaker, as we cannot change.
  if (request.ice_controlled) return refuse(request, kRoleConflict, source, &agent);
  if (!take_address(entry, source, now, now + kCheckLifetime)) {
    ++counters_.refused;
    return;
  }
  StunResponse response(request, source);
  if (response.protect(integrity_, agent.password())) send_(response.finish(), source);
  // After the response, so that the peer knows the pair to be valid when data come over it.
  agent.checked(source, request.use_candidate, now);
}

void StunServer::refuse(const StunMessage& request, unsigned code, const Endpoint& source, const Agent* authenticated) {
  ++counters_.refused;
  StunResponse response(request, code);
  if (authenticated != nullptr && !response.protect(integrity_, authenticated->password())) return;
  send_(response.finish(), source);
}

/// Notes that the agent's peer is at this address. Not while it is another one's that was heard there lately: else
/// somebody who forges sources could draw the data of others to a channel of his own.
bool StunServer::take_address(Entry& entry, const Endpoint& address, base::TimePoint now, base::TimePoint kept_until) {
  const auto [place, is_new] = owners_.try_emplace(address, Owner{&entry, kept_until});
  Owner& owner = place->second;
  if (!is_new && owner.entry != &entry) {
    if (!owner.entry->yields && now < owner.kept_until) return false;
    std::erase(owner.entry->addresses, address);
    owner.entry = &entry;
    entry.addresses.push_back(address);
  } else if (is_new) {
    entry.addresses.push_back(address);
  }
  owner.kept_until = kept_until;
  if (entry.addresses.size() > kMostAddresses) forget_oldest(entry);
  return true;
}

void StunServer::forget_oldest(Entry& entry) {
  const auto oldest = std::min_element(
      entry.addresses.begin(), entry.addresses.end(),
      [this](const Endpoint& a, const Endpoint& b) { return owners_.at(a).kept_until < owners_.at(b).kept_until; });
  owners_.erase(*oldest);
  entry.addresses.erase(oldest);
}

}  // namespace clued::channel
