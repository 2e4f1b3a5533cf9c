#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "base/time.hpp"
#include "channel/bytes.hpp"

struct socket;

namespace clued::channel {

class SctpAssociation;

/// The one owner of usrsctp's process-wide state, shared by everybody who has associations. usrsctp runs without
/// threads: its timers pass only in advance(), and all calls come from one thread.
class SctpStack : public std::enable_shared_from_this<SctpStack> {
 public:
  /// The stack of the process, initialised on first use and finished with its last owner.
  static std::shared_ptr<SctpStack> acquire();
  ~SctpStack();

  SctpStack(const SctpStack&) = delete;
  SctpStack& operator=(const SctpStack&) = delete;

  /// Lets usrsctp's timers catch up with `now`, on a grid of a few milliseconds, because each catching up looks at all
  /// timers. To be called before sending and receiving too: what starts a timer must not find yesterday's clock.
  void advance(base::TimePoint now);

  /// When advance() is wanted next: soon while packets flow and for a while after, rarely when all are quiet, never
  /// without associations. `now` is the time of the call.
  base::Deadline next_deadline(base::TimePoint now) const;

  /// From now on nothing is read from the associations: their buffers fill up, and their peers stop.
  void hold_input() noexcept { held_ = true; }
  /// Reads what has come meanwhile, unless held again by what comes of it.
  void release_input();

  std::size_t associations() const noexcept { return by_id_.size(); }

  // --- for SctpAssociation ---

  /// What names an association within usrsctp. Ids step by one, because usrsctp spreads them over few hash buckets;
  /// the port is used by no other association, because setting up on a shared port costs O(associations).
  struct Slot {
    std::uintptr_t id = 0;
    std::uint16_t port = 0;
  };
  /// An empty slot when all ports are in use.
  Slot enter(SctpAssociation& association);
  void leave(Slot slot) noexcept;
  /// False: nothing is to be read now; the association is drained when it may be.
  bool may_read(Slot slot) noexcept;
  /// Packets flow: timers must be precise for a while.
  void note_activity() noexcept { active_ = true; }
  /// Room for one message part, shared by all reads.
  std::span<std::uint8_t> read_buffer() noexcept { return read_buffer_; }

 private:
  SctpStack();

  static int output(void* address, void* buffer, std::size_t length, std::uint8_t tos, std::uint8_t set_df) noexcept;
  static void upcall(struct socket* from, void* id, int flags) noexcept;
  friend SctpAssociation;

  SctpAssociation* find(const void* id) const noexcept;

  std::unordered_map<std::uintptr_t, SctpAssociation*> by_id_;
  std::unordered_set<std::uint16_t> ports_;
  std::vector<std::uintptr_t> signalled_;      // by upcalls, read when usrsctp has returned
  std::unordered_set<std::uintptr_t> unread_;  // have something to read, while input is held
  bool held_ = false;
  std::vector<std::uint8_t> read_buffer_;
  std::uintptr_t last_id_ = 0;
  std::uint16_t last_port_ = 0;
  base::Deadline advanced_;  // up to where timers were told that time has passed
  base::Deadline busy_until_;
  bool active_ = false;
};

}  // namespace clued::channel
