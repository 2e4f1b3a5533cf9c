#include "focus/port_pool.hpp"

namespace clued::focus {

void PortPool::request(std::size_t count, sdp::IpFamily family, const base::SharedSubject& subject, const Turn& turn) {
  const Account account{services_.seats.holder_of(owner_)};
  exceeds_share_ = false;
  while (spare_.size() + awaited_.size() < count) {
    if (services_.ports.held_by(account) >= services_.policy->max_port_pairs_per_account) {
      exceeds_share_ = true;
      return;
    }
    const PortId port = services_.port_ids.next();
    awaited_.insert(port);
    services_.routes.ports.emplace(port, owner_);
    services_.ports.add(port, account, true);
    turn.emit(command::BindPort{port, family, subject});
  }
}

std::vector<sdp::LocalPort> PortPool::take(std::size_t count) {
  const auto first = spare_.end() - static_cast<std::ptrdiff_t>(count);
  std::vector<sdp::LocalPort> taken(first, spare_.end());
  spare_.erase(first, spare_.end());
  return taken;
}

void PortPool::bound(PortId port, std::uint16_t rtp_port) {
  if (awaited_.erase(port) != 0) spare_.push_back({port, rtp_port});
}

bool PortPool::failed(PortId port) {
  if (awaited_.erase(port) == 0) return false;
  forget(port);
  return true;
}

void PortPool::forget(PortId port) {
  services_.routes.ports.erase(port);
  services_.ports.remove(port);
}

void PortPool::release(std::span<const PortId> ports, const Turn& turn) {
  for (const PortId port : ports) {
    forget(port);
    turn.emit(command::ReleasePort{port});
  }
}

void PortPool::release_unused(const Turn& turn) {
  std::vector<PortId> unused(awaited_.begin(), awaited_.end());
  for (const auto& port : spare_) unused.push_back(port.id);
  spare_.clear();
  awaited_.clear();
  release(unused, turn);
}

}  // namespace clued::focus
