// One end of one CLUE channel (RFC 8847 figure 9), with its Media Provider (figure 10) and Media Consumer (figure 11).
// Pure: messages and time in, actions out.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"
#include "clue/actions.hpp"
#include "clue/codec.hpp"
#include "clue/composed_advertisement.hpp"
#include "clue/media_consumer.hpp"
#include "clue/media_provider.hpp"
#include "clue/messages.hpp"
#include "clue/sequence.hpp"
#include "clue/timers.hpp"

namespace clued::clue {

/// Channel Initiator is who is DTLS client (RFC 8848 section 8): it sends `options`.
enum class ChannelRole { initiator, receiver };

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
  /// As consumer: this is what we want now. Sends a configure now, or as soon as figure 11 allows; only the newest
  /// waits.
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
