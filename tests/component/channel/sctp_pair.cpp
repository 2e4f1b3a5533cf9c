#include "component/channel/sctp_pair.hpp"

#include <algorithm>

#include "channel/sctp_packet.hpp"
#include "component/channel/virtual_wall_clock.hpp"

namespace clued::channel::test {

void SctpEnd::sctp_output(Bytes packet) noexcept {
  largest = std::max(largest, packet.size());
  if (packet.size() > kSctpHeaderSize) chunks.push_back(packet[kSctpHeaderSize]);
  link.put(packet);
}

void SctpEnd::sctp_failed(SctpFailure failure, const std::string& why) noexcept {
  failures.push_back(failure);
  detail = why;
}

SctpPair::SctpPair(unsigned percent_lost, unsigned percent_reordered, std::uint32_t seed,
                   std::chrono::milliseconds delay)
    : to_a(percent_lost, percent_reordered, seed, delay), to_b(percent_lost, percent_reordered, seed + 1000, delay) {}

void SctpPair::make() {
  a = std::make_unique<SctpAssociation>(stack, a_parameters, a_end);
  b = std::make_unique<SctpAssociation>(stack, b_parameters, b_end);
}

bool SctpPair::connect() {
  make();
  if (!a->connect() || !b->connect()) return false;
  return until([this] { return a_end.established == 1 && b_end.established == 1; });
}

void SctpPair::deliver() {
  while (!to_a.empty() || !to_b.empty()) {
    if (const auto packet = to_a.take(); packet && a != nullptr) a->receive(bytes_of(*packet));
    if (const auto packet = to_b.take(); packet && b != nullptr) b->receive(bytes_of(*packet));
  }
}

bool SctpPair::until(const std::function<bool()>& condition, std::chrono::milliseconds limit) {
  const auto end = now + limit;
  while (true) {
    deliver();
    if (condition()) return true;
    if (now >= end) return false;
    constexpr std::chrono::milliseconds step{10};
    now += step;
    to_a.pass(step);
    to_b.pass(step);
    advance_wall_clock(step);
    stack->advance(now);
  }
}

void SctpPair::pass(std::chrono::milliseconds time) {
  until([] { return false; }, time);
}

std::string sctp_packet(std::uint16_t source, std::uint16_t destination, std::uint32_t tag, const std::string& chunks) {
  std::vector<std::uint8_t> packet(kSctpHeaderSize, 0);
  packet.insert(packet.end(), chunks.begin(), chunks.end());
  set_ports(packet, {source, destination});
  for (unsigned i = 0; i < 4; ++i) packet[4 + i] = static_cast<std::uint8_t>((tag >> (24 - 8 * i)) & 0xFF);
  stamp_checksum(packet);
  return std::string(text_of(packet));
}

}  // namespace clued::channel::test
