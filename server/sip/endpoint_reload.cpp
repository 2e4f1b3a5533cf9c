// Endpoint: what SIGHUP brings (settings.hpp says what it cannot).
#include <utility>

#include "sip/endpoint.hpp"

namespace clued::sip {

// Whatever can fail comes before the first change. From then on every decision asks the new settings; nonces under way
// stay good, as far as their realm does.
base::expected<void, std::string> Endpoint::reload(const Settings& fresh) {
  auto trusted = TrustedPeers::from(fresh.trusted_peers);
  if (!trusted) return base::unexpected("trusted peer " + trusted.error());
  if (tls_) {
    if (auto done = tls_->reload(fresh.tls); !done) return done;
  }
  trusted_ = *std::move(trusted);
  const std::vector<Listener> bound = std::move(settings_.listen);
  settings_ = fresh;
  settings_.listen = bound;
  buckets_.set_limits(settings_.max_rate_per_source, settings_.max_burst_per_source);
  pacer_.set_limits({settings_.max_unanswered, settings_.requests_per_turn, settings_.unanswered_hold});
  if (guard_) guard_->set_limit(settings_.max_connections_per_source);
  return {};
}

}  // namespace clued::sip
