#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>

#include "base/token_bucket.hpp"
#include "focus/services.hpp"
#include "sdp/data_channel.hpp"

namespace clued::focus {

/// The focus's knowledge of one participant's CLUE channel: is there one, can it be told to the peer, is it up.
///
///     prepare --gathered--> take_prepared --connect--> --established-->
///
/// What an offer or answer of ours will need is prepared beside the present channel, and takes its place when that is
/// said: a request that is refused has changed nothing (RFC 3261 section 14.2).
class ClueChannel {
 public:
  /// Of ours, where the peer sets no limit or a higher one.
  static constexpr std::uint64_t largest_message = std::uint64_t{256} * 1024;
  /// A peer may send two of the largest messages that are read, one after the other.
  static constexpr double least_byte_burst = 2.0 * 256 * 1024;

  enum class State { none, gathered, connecting, established };

  ClueChannel(Services& services, ParticipantId owner)
      : services_(services),
        owner_(owner),
        messages_(services.policy->max_messages_per_second, 4 * services.policy->max_messages_per_second),
        bytes_(services.policy->max_bytes_per_second,
               std::max(4 * services.policy->max_bytes_per_second, least_byte_burst)) {}

  /// `controlling`: our ICE role, which is the offerer's unless the offerer is ICE-lite (RFC 8445 section 6.1.1).
  ChannelId prepare(sdp::IpFamily family, bool controlling, const base::SharedSubject& subject, const Turn& turn);
  void gathered(const event::ChannelGathered& event);
  /// What was prepared and is gathered is the channel from now on; the one before is closed already.
  void take_prepared();
  void drop_prepared(const Turn& turn);
  ChannelId prepared() const noexcept { return prepared_ ? prepared_->id : ChannelId{}; }
  bool is_gathering() const noexcept { return prepared_ && !prepared_->local; }

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

  /// Counts a message of the peer; what it sends more of than anybody needs to, if it does (DC-23).
  const char* excess_of(std::size_t bytes, base::TimePoint now) {
    if (!messages_.take(now)) return "too many messages";
    return bytes_.take(now, static_cast<double>(bytes)) ? nullptr : "too many bytes";
  }
  /// It was the answer to a request of ours: the peer had to send it. Its bytes had to be read all the same.
  void was_answer() { messages_.give_back(); }

  State state() const noexcept { return state_; }
  ChannelId id() const noexcept { return id_; }
  bool is_current(ChannelId channel) const noexcept { return state_ != State::none && channel == id_; }
  /// Our end for the SDP once it is gathered, else nullptr.
  const sdp::DataChannel* local() const noexcept { return local_ ? &*local_ : nullptr; }
  /// What we send as one message: no more than the peer accepts, and than anybody needs to be told.
  std::uint64_t max_message_size() const noexcept {
    const bool any = !remote_ || remote_->max_message_size == 0;
    return any ? largest_message : std::min(remote_->max_message_size, largest_message);
  }
  /// No object of it is left.
  bool is_gone() const noexcept { return state_ == State::none && !prepared_ && closing_ == 0; }

 private:
  struct Prepared {
    ChannelId id;
    std::optional<sdp::DataChannel> local{};  ///< once it is gathered
  };

  Services& services_;
  ParticipantId owner_;
  std::optional<Prepared> prepared_;
  State state_ = State::none;
  ChannelId id_;
  std::optional<sdp::DataChannel> local_;
  std::optional<sdp::DataChannel> remote_;
  base::TokenBucket messages_;
  base::TokenBucket bytes_;
  unsigned closing_ = 0;  ///< closed and not yet released
};

}  // namespace clued::focus
