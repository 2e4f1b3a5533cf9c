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

  /// Makes sure that `count` ports are ready or on their way, counting those that are spare.
  void request(std::size_t count, sdp::IpFamily family, const base::SharedSubject& subject, const Turn& turn);
  /// True when that many are ready to be taken.
  bool ready(std::size_t count) const noexcept { return spare_.size() >= count; }
  bool awaits_any() const noexcept { return !awaited_.empty(); }
  std::vector<sdp::LocalPort> take(std::size_t count);

  void bound(PortId port, std::uint16_t rtp_port);
  void failed(PortId port);
  bool has_failed() const noexcept { return failed_; }
  void forget_failure() noexcept { failed_ = false; }

  void release(std::span<const PortId> ports, const Turn& turn);
  /// Frees spare ports and those on their way.
  void release_unused(const Turn& turn);

 private:
  Services& services_;
  ParticipantId owner_;
  std::vector<sdp::LocalPort> spare_;
  std::unordered_set<PortId> awaited_;
  bool failed_ = false;
};

}  // namespace clued::focus
