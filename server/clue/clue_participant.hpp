// One end of one CLUE channel (RFC 8847 figure 9), with its Media Provider (figure 10) and Media Consumer (figure 11).
// Pure: messages and time in, actions out.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/time.hpp"
#include "clue/codec.hpp"
#include "clue/composed_advertisement.hpp"
#include "clue/media_consumer.hpp"
#include "clue/media_provider.hpp"
#include "clue/messages.hpp"

namespace clued::clue {

/// What the owner has to do or to know, in order.
namespace action {
struct Transmit {  ///< put these bytes on the channel as one message
  std::string bytes;
  const char* message_name;
  std::uint32_t sequence;
};
struct BecameActive {  ///< OPTIONS phase success
  Version version;
  bool provides;  ///< we are Media Provider on this channel: own mediaProvider and the peer's mediaConsumer (CP-22)
  bool consumes;  ///< we are Media Consumer on this channel
};
struct AdvertisementReceived {  ///< valid; the owner answers with accept_advertisement or reject_advertisement, now or later
  std::shared_ptr<const Advertisement> advertisement;
};
struct AdvertisementAcknowledged {  ///< by ack or configure+ack
  std::uint32_t sequence;
};
struct AdvertisementRefused {  ///< NACK; the machine tries again by itself up to its limit, then says `gave_up`
  std::uint32_t sequence;
  ResponseCode code;
  std::string reason;
  bool gave_up;
};
struct Configured {  ///< as provider: the peer's configure was answered with 200 and is in force now
  std::vector<CaptureEncoding> encodings;
};
struct ConfigureRefused {  ///< as provider: the peer's configure was answered with this; the one before stays in force
  ResponseCode code;
  std::string reason;
};
struct ConfigureAnswered {  ///< as consumer: response to our configure
  ResponseCode code;
};
struct GuardExpired {  ///< a state without RFC timer lasted too long (CP-21): to be logged
  const char* state;
};
struct Ignored {  ///< a message that was not processed and why: to be logged
  std::string reason;
};
struct Failed {  ///< the machine is IDLE: the channel is of no use any more; the call goes on without (CP-08)
  std::string reason;
};
}  // namespace action

using Action = std::variant<action::Transmit, action::BecameActive, action::AdvertisementReceived,
                            action::AdvertisementAcknowledged, action::AdvertisementRefused, action::Configured,
                            action::ConfigureRefused, action::ConfigureAnswered, action::GuardExpired, action::Ignored,
                            action::Failed>;
using Actions = std::vector<Action>;

/// Channel Initiator is who is DTLS client (RFC 8848 section 8): it sends `options`.
enum class ChannelRole { initiator, receiver };

struct Timers {
  base::Duration options = std::chrono::seconds(10);     ///< CP-08
  base::Duration guard = std::chrono::seconds(30);       ///< CP-21
  base::Duration nack_backoff = std::chrono::seconds(1); ///< CP-19: doubled at each NACK of the same content
  unsigned nack_retries = 3;                             ///< CP-19
  unsigned sequence_errors = 3;                          ///< CP-11: consecutive 402 before the channel counts as broken
};

/// Where the three independent sequence streams start (CP-09): random, below 2^31.
struct SequenceStarts {
  std::uint32_t initiation = 1;
  std::uint32_t provider = 1;
  std::uint32_t consumer = 1;
};

struct Settings {
  std::string clue_id;
  bool media_provider = true;
  bool media_consumer = true;
  Timers timers;
  SequenceStarts starts;
};

class ClueParticipant {
 public:
  enum class State { idle, channel_setup, options, active };  ///< figure 9

  explicit ClueParticipant(Settings settings);

  /// IDLE -> CHANNEL SETUP.
  void start_channel();
  /// CHANNEL SETUP -> OPTIONS; the initiator sends `options`.
  void channel_established(ChannelRole role, base::TimePoint now, Actions& out);
  /// Any state -> IDLE. Nothing is sent any more; sequence numbers start anew with the next channel.
  void session_ended();

  /// One message from the peer, as it came.
  void receive(std::string_view bytes, base::TimePoint now, Actions& out);

  /// As provider: this is what the peer is to know. Sends it now, or as soon as figure 10 allows; only the newest one
  /// waits. Ignored before ACTIVE or when we are not provider (tell it again at BecameActive).
  void advertise(std::shared_ptr<const ComposedAdvertisement> advertisement, base::TimePoint now, Actions& out);
  /// The advertisement sent last, whether acknowledged or not (told), or nullptr.
  const std::shared_ptr<const ComposedAdvertisement>& advertised() const noexcept;
  /// An advertisement is on its way and not acknowledged yet.
  bool awaits_ack() const noexcept;

  /// As consumer: answers the advertisement of the last AdvertisementReceived; with encodings as configure+ack, with
  /// nullopt as plain ack (a configure has to follow, CP-14).
  void accept_advertisement(std::optional<std::vector<CaptureEncoding>> encodings, base::TimePoint now, Actions& out);
  void reject_advertisement(ResponseCode code, std::string reason, base::TimePoint now, Actions& out);
  /// As consumer: this is what we want now. Sends a configure now, or as soon as figure 11 allows; only the newest waits.
  void configure(std::vector<CaptureEncoding> encodings, base::TimePoint now, Actions& out);

  State state() const noexcept { return state_; }
  const MediaProvider* provider() const noexcept { return provider_ ? &*provider_ : nullptr; }
  const MediaConsumer* consumer() const noexcept { return consumer_ ? &*consumer_ : nullptr; }

  base::Deadline next_deadline() const noexcept;
  void handle_timeout(base::TimePoint now, Actions& out);

 private:
  Settings settings_;
  State state_ = State::idle;
  std::optional<MediaProvider> provider_;
  std::optional<MediaConsumer> consumer_;
};

}  // namespace clued::clue
