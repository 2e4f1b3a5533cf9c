// The pure core with many participants around it, in virtual time: adapters that do at once what they are told, and
// endpoints that answer at once. Only the time inside the core is counted.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "bench/hostile_peer.hpp"
#include "bench/telepresence_peer.hpp"
#include "focus/focus.hpp"
#include "support/counted_randomness.hpp"

namespace clued::bench {

/// CPU time of this thread inside the core, in nanoseconds.
struct CoreCost {
  std::int64_t until_told = 0;       ///< from the REFER until the last advertisement was handed out
  std::int64_t until_converged = 0;  ///< ... until everybody acknowledged, configured and answered the re-INVITE
  std::size_t advertisements = 0;
  std::size_t reinvites = 0;
  std::uint64_t advertisement_bytes = 0;
  std::string trouble;  ///< "" when everybody who stayed was refreshed
};

class CoreWorld {
 public:
  CoreWorld(focus::Policy policy, std::size_t participants, unsigned cameras);
  ~CoreWorld();

  /// The creator removes the participant that was shown first to everybody else, by REFER in its dialog.
  CoreCost remove_shown();
  /// One more, so that the conference is as large as before.
  void join();

  /// One more, who behaves well until it is in and quiet, and then says what it is made to say.
  void join_hostile();
  HostilePeer& hostile() { return *hostile_; }
  /// CPU time in nanoseconds of one message of that one: until it was handled, and of all that follows at the others.
  struct MessageCost {
    std::int64_t message = 0;
    std::int64_t refresh = 0;
  };
  MessageCost say(std::string message);
  /// Long enough that nothing that was said before is held against what is said next. What is said has to be made
  /// after it, because the answers that are due meanwhile take numbers, too.
  void rest();

  const std::string& trouble() const noexcept { return trouble_; }

 private:
  struct Member {
    std::string name;
    focus::DialogId dialog{};
    focus::ChannelId channel{};
    std::unique_ptr<TelepresencePeer> peer;
    std::size_t advertisements_before = 0;
  };

  void invite(const std::string& user);
  /// Handles what is queued and due until `horizon` has passed without anything to do; returns nothing queued.
  void run(base::Duration horizon);
  /// One turn: all queued events into the core, or the next deadline if it is due before `end`; then their commands.
  bool turn(base::TimePoint end);
  void post(focus::Event event) { queue_.push_back(std::move(event)); }
  void flush_messages(Member& member);
  Member* find(focus::ChannelId channel);

  void perform(focus::command::Respond& command);
  void perform(const focus::command::SendInvite&) {}  // nobody is called
  void perform(const focus::command::WithdrawInvite&) {}
  void perform(const focus::command::SendCancel&) {}
  void perform(focus::command::SendReinvite& command);
  void perform(focus::command::SendUpdate& command);
  void perform(focus::command::SendBye& command);
  void perform(focus::command::OpenChannel& command);
  void perform(focus::command::ConnectChannel& command);
  void perform(focus::command::SendOnChannel& command);
  void perform(focus::command::CloseChannel& command);
  void perform(focus::command::BindPort& command);
  void perform(focus::command::NotifyRefer& command);
  void perform(focus::command::Log& command);
  template <class Other>
  void perform(Other&) {}

  focus::Policy policy_;
  testing::CountedRandomness randomness_;
  focus::Focus focus_;
  base::TimePoint now_{std::chrono::hours(1)};
  std::deque<focus::Event> queue_;
  std::map<focus::DialogId, Member> members_;  ///< in the order of joining
  std::unordered_map<focus::RequestId, focus::DialogId> invites_;
  std::unordered_map<focus::ChannelId, focus::DialogId> channels_;
  std::vector<focus::DialogId> owed_channels_;  ///< who invited and has no channel yet, in order
  base::IdSequence<focus::RequestId> request_ids_;
  base::IdSequence<focus::DialogId> dialog_ids_;
  base::IdSequence<focus::SubscriptionId> subscription_ids_;
  unsigned cameras_;
  unsigned last_name_ = 0;
  std::uint16_t last_port_ = 40'000;
  std::unique_ptr<HostilePeer> hostile_;  ///< once it speaks, in the place of its `peer`
  focus::ChannelId hostile_channel_{};
  std::string conference_;
  std::int64_t spent_ = 0;
  bool converged_ = false;
  CoreCost cost_;
  std::string trouble_;
};

}  // namespace clued::bench
