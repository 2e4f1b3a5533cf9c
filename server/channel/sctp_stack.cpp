#include "channel/sctp_stack.hpp"

#include <usrsctp.h>

#include <utility>

#include "channel/sctp_association.hpp"

namespace clued::channel {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kGrid{10};
constexpr milliseconds kBusyTick{10};
constexpr milliseconds kQuietTick{200};
constexpr milliseconds kBusyFor{2'000};  // a delayed or lost acknowledgement is dealt with by then
constexpr std::size_t kReadBufferSize = 64 * 1024;
constexpr std::uint16_t kLastPort = 65535;

/// usrsctp has one state per process and gives its callbacks nothing of ours but ids: this is where they find the
/// stack.
SctpStack* live_stack = nullptr;

}  // namespace

std::shared_ptr<SctpStack> SctpStack::acquire() {
  if (live_stack != nullptr) return live_stack->shared_from_this();
  return std::shared_ptr<SctpStack>(new SctpStack());
}

SctpStack::SctpStack() : read_buffer_(kReadBufferSize) {
  // An endpoint of ours has one association; the default table for 256 of them would be a fifth of its memory.
  usrsctp_tunable_set_sctp_pcbtblsize(1);
  usrsctp_init_nothreads(0, &SctpStack::output, nullptr);
  // The checksum is computed where the ports are translated.
  usrsctp_enable_crc32c_offload();
  // RFC 8850 section 3.2.5: stream reset and nothing else of RFC 5061. RFC 8261 has no use for ECN: DTLS hides it.
  usrsctp_sysctl_set_sctp_ecn_enable(0);
  usrsctp_sysctl_set_sctp_asconf_enable(0);
  usrsctp_sysctl_set_sctp_auto_asconf(0);
  usrsctp_sysctl_set_sctp_auth_enable(0);
  usrsctp_sysctl_set_sctp_nrsack_enable(0);
  usrsctp_sysctl_set_sctp_pktdrop_enable(0);
  // An association ends after so many repetitions in a row (sctp_options.cpp), and not when one chunk was unlucky.
  usrsctp_sysctl_set_sctp_max_retran_chunk(0);
  live_stack = this;
}

SctpStack::~SctpStack() {
  live_stack = nullptr;
  // Associations own the stack, so no socket is open. It fails all the same when the library has lost count of an
  // endpoint's users over a packet without sense; its tables then wait for the next stack.
  usrsctp_finish();
}

void SctpStack::advance(base::TimePoint now) {
  if (by_id_.empty()) return;
  if (!advanced_) advanced_ = now;
  const auto passed = std::chrono::duration_cast<milliseconds>(now - *advanced_);
  if (passed >= kGrid) {
    *advanced_ += passed;
    usrsctp_handle_timers(static_cast<std::uint32_t>(passed.count()));
  }
  while (!signalled_.empty()) {
    for (const std::uintptr_t id : std::exchange(signalled_, {})) {
      if (const auto found = by_id_.find(id); found != by_id_.end()) found->second->drain();
    }
  }
  if (std::exchange(active_, false)) busy_until_ = now + kBusyFor;
}

base::Deadline SctpStack::next_deadline(base::TimePoint now) const {
  if (by_id_.empty()) return std::nullopt;
  const bool busy = active_ || (busy_until_ && now < *busy_until_);
  return now + (busy ? kBusyTick : kQuietTick);
}

bool SctpStack::may_read(Slot slot) noexcept {
  if (held_) unread_.insert(slot.id);
  return !held_;
}

void SctpStack::release_input() {
  held_ = false;
  while (!held_ && !unread_.empty()) {
    const std::uintptr_t id = *unread_.begin();
    unread_.erase(unread_.begin());
    if (const auto found = by_id_.find(id); found != by_id_.end()) found->second->drain();
  }
}

SctpStack::Slot SctpStack::enter(SctpAssociation& association) {
  if (ports_.size() >= kLastPort) return {};
  do {
    last_port_ = last_port_ == kLastPort ? std::uint16_t{1} : static_cast<std::uint16_t>(last_port_ + 1);
  } while (ports_.contains(last_port_));
  ports_.insert(last_port_);
  by_id_.emplace(++last_id_, &association);
  // usrsctp takes a "pointer" as the address of an AF_CONN peer and puts it on the wire in cookies (CVE-2020-6514):
  // a number tells nothing about our memory.
  usrsctp_register_address(reinterpret_cast<void*>(last_id_));
  note_activity();
  return {last_id_, last_port_};
}

void SctpStack::leave(Slot slot) noexcept {
  if (slot.id == 0) return;
  by_id_.erase(slot.id);
  if (by_id_.empty()) advanced_.reset();  // nobody's time passes
  ports_.erase(slot.port);
  usrsctp_deregister_address(reinterpret_cast<void*>(slot.id));
}

SctpAssociation* SctpStack::find(const void* id) const noexcept {
  const auto found = by_id_.find(reinterpret_cast<std::uintptr_t>(id));
  return found != by_id_.end() ? found->second : nullptr;
}

int SctpStack::output(void* address, void* buffer, std::size_t length, std::uint8_t /*tos*/,
                      std::uint8_t /*set_df*/) noexcept {
  if (live_stack == nullptr) return 0;
  if (SctpAssociation* const association = live_stack->find(address)) {
    association->output({static_cast<std::uint8_t*>(buffer), length});
  }
  return 0;
}

void SctpStack::upcall(struct socket* /*from*/, void* id, int /*flags*/) noexcept {
  if (live_stack != nullptr) live_stack->signalled_.push_back(reinterpret_cast<std::uintptr_t>(id));
}

}  // namespace clued::channel
