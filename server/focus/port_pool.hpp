#pragma once

#include <cstddef>
#include <span>
#include <unordered_set>
#include <vector>

#include "focus/services.hpp"
#include "sdp/offer_answer.hpp"

namespace clued::focus {

/// The RTP port pairs of one participant between "asked for" and "in an m-line". What is in m-lines, the offer/answer
/// state knows; this pool frees everything at the end.
class PortPool {
 public:
  PortPool(Services& services, ParticipantId owner) : services_(services), owner_(owner) {}

  /// Makes sure that `count` ports are ready or on their way, counting those that are spare; no more than the account
  /// of the participant may have.
  void request(std::size_t count, sdp::IpFamily family, const base::SharedSubject& subject, const Turn& turn);
  /// True when that many are ready to be taken.
  bool ready(std::size_t count) const noexcept { return spare_.size() >= count; }
  bool awaits_any() const noexcept { return !awaited_.empty(); }
  /// True when that many will not be ready, because some that were asked for cannot be had. It is the failure of the
  /// exchange that they were asked for: the next one asks again.
  bool lacks(std::size_t count) const noexcept { return spare_.size() + awaited_.size() < count; }
  /// That it lacks some is because its account has all that it may have.
  bool exceeds_share() const noexcept { return exceeds_share_; }
  std::vector<sdp::LocalPort> take(std::size_t count);

  void bound(PortId port, std::uint16_t rtp_port);
  /// False when nobody waits for it any more.
  bool failed(PortId port);

  void release(std::span<const PortId> ports, const Turn& turn);
  /// Frees spare ports and those on their way.
  void release_unused(const Turn& turn);

 private:
  void forget(PortId port);

  Services& services_;
  ParticipantId owner_;
  std::vector<sdp::LocalPort> spare_;
  std::unordered_set<PortId> awaited_;
  bool exceeds_share_ = false;
};

}  // namespace clued::focus
