#pragma once

#include <optional>
#include <string>

#include "base/token_bucket.hpp"
#include "focus/services.hpp"
#include "sdp/data_channel.hpp"

namespace clued::focus {

/// The focus's knowledge of one participant's CLUE channel: is there one, can it be told to the peer, is it up.
class ClueChannel {
 public:
  enum class State { none, gathering, gathered, connecting, established };

  ClueChannel(Services& services, ParticipantId owner)
      : services_(services),
        owner_(owner),
        messages_(services.policy->max_messages_per_second, 4 * services.policy->max_messages_per_second) {}

  /// `controlling`: our ICE role, which is the offerer's unless the offerer is ICE-lite (RFC 8445 section 6.1.1).
  void open(sdp::IpFamily family, bool controlling, const base::SharedSubject& subject, const Turn& turn);
  void gathered(const event::ChannelGathered& event);
  /// Our end as it answers this offer: stream id echoed, DTLS role by its parity (hosting: passive for an even dcmap
  /// id, active for an odd one) where the offer leaves the choice.
  void answer(const sdp::DataChannel& remote);
  /// Our end as an offer has it.
  void offer();
  /// Both ends are known. `remote.setup` of an answer to our offer decides our role.
  void connect(const sdp::DataChannel& remote, const Turn& turn);
  void established() noexcept { state_ = State::established; }
  /// Has it removed; nothing that arrives from it later counts (until released() it is still a living object).
  void close(const Turn& turn);
  void released(ChannelId channel);

  /// Counts a message of the peer; false when it sends more than anybody needs to (DC-23).
  bool may_receive(base::TimePoint now) { return messages_.take(now); }

  State state() const noexcept { return state_; }
  ChannelId id() const noexcept { return id_; }
  bool is_current(ChannelId channel) const noexcept { return state_ != State::none && channel == id_; }
  /// Our end for the SDP once it is gathered, else nullptr.
  const sdp::DataChannel* local() const noexcept { return local_ ? &*local_ : nullptr; }
  /// What the peer accepts as one message; 0: any size.
  std::uint64_t max_message_size() const noexcept { return remote_ ? remote_->max_message_size : 0; }
  /// No object of it is left.
  bool is_gone() const noexcept { return state_ == State::none && closing_ == 0; }

 private:
  Services& services_;
  ParticipantId owner_;
  State state_ = State::none;
  ChannelId id_;
  std::optional<sdp::DataChannel> local_;
  std::optional<sdp::DataChannel> remote_;
  base::TokenBucket messages_;
  unsigned closing_ = 0;  ///< closed and not yet released
};

}  // namespace clued::focus
