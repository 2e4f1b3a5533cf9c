// Two SCTP associations joined by byte strings, in virtual time.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "channel/sctp_association.hpp"
#include "component/channel/lossy_link.hpp"

namespace clued::channel::test {

/// One end with all that it was told, in order.
struct SctpEnd final : SctpAssociation::Listener {
  explicit SctpEnd(LossyLink& out) : link(out) {}

  void sctp_output(Bytes packet) noexcept override;
  void sctp_established() noexcept override { ++established; }
  void sctp_received(std::string message) noexcept override { messages.push_back(std::move(message)); }
  void sctp_failed(SctpFailure failure, const std::string& why) noexcept override;
  void sctp_closed(bool gracefully) noexcept override { closed.push_back(gracefully); }

  LossyLink& link;
  std::vector<std::uint8_t> chunks;  ///< types of the first chunks of the packets sent
  std::size_t largest = 0;
  int established = 0;
  std::vector<std::string> messages;
  std::vector<SctpFailure> failures;
  std::string detail;
  std::vector<bool> closed;
};

class SctpPair {
 public:
  /// `delay` is that of one direction.
  explicit SctpPair(unsigned percent_lost = 0, unsigned percent_reordered = 0, std::uint32_t seed = 1,
                    std::chrono::milliseconds delay = std::chrono::milliseconds(0));

  /// To be changed before make().
  SctpParameters a_parameters;
  SctpParameters b_parameters;
  void make();
  bool connect();

  void deliver();
  /// Delivers and lets time pass until the condition holds.
  bool until(const std::function<bool()>& condition, std::chrono::milliseconds limit = std::chrono::seconds(120));
  void pass(std::chrono::milliseconds time);

  std::shared_ptr<SctpStack> stack = SctpStack::acquire();
  LossyLink to_a;
  LossyLink to_b;
  SctpEnd a_end{to_b};
  SctpEnd b_end{to_a};
  std::unique_ptr<SctpAssociation> a;
  std::unique_ptr<SctpAssociation> b;
  base::TimePoint now{std::chrono::hours(1)};
};

/// A packet with these chunks, ports and checksum right.
std::string sctp_packet(std::uint16_t source, std::uint16_t destination, std::uint32_t tag, const std::string& chunks);

}  // namespace clued::channel::test
