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

/// So many messages in a row that cannot be processed make a channel useless: whoever sends them is not a CLUE
/// Participant, and reading on would only cost us.
inline constexpr unsigned max_unprocessed_messages = 100;

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
  DecodeLimits limits;                  ///< on what the peer says
  std::uint64_t max_message_bytes = 0;  ///< what the peer accepts as one message (RFC 8841 section 6); 0: any size
};

/// RFC 8847 figure 9:
///
///     IDLE --start channel--> CHANNEL SETUP --channel established--> OPTIONS --OPTIONS phase success--> ACTIVE (MP,
///     MC) OPTIONS --OPTIONS phase failure--> IDLE CHANNEL SETUP, OPTIONS, ACTIVE --channel error or session ends-->
///     IDLE
///
/// In ACTIVE the Media Provider (figure 10) and the Media Consumer (figure 11) run independently of each other (CP-20).
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
  // What arrives, by message.
  void on(Options& options, base::TimePoint now, Actions& out);
  void on(OptionsResponse& response, base::TimePoint now, Actions& out);
  void on(Advertisement& advertisement, base::TimePoint now, Actions& out);
  void on(Ack& ack, base::TimePoint now, Actions& out);
  void on(Configure& configure, base::TimePoint now, Actions& out);
  void on(ConfigureResponse& response, base::TimePoint now, Actions& out);

  // What is wrong with it.
  void on_unusable(const DecodeError& error, base::TimePoint now, Actions& out);
  void note_number(const DecodeError& error);
  bool follows(IncomingSequence& stream, const Header& header, const char* name, Actions& out);
  bool is_same_peer(const Header& header);
  void refuse_request(const DecodeError& error, base::TimePoint now, Actions& out);
  bool may_process(IncomingSequence& stream, const Header& header, const char* name, base::TimePoint now, Actions& out);
  void ignore(std::string reason, Actions& out);
  void fail(std::string reason, Actions& out);

  // What is sent.
  void perform(MediaProvider::Outputs outputs, base::TimePoint now, Actions& out);
  void perform(MediaConsumer::Outputs outputs, base::TimePoint now, Actions& out);
  /// Its number; nothing, and the machine has failed, when the peer does not accept messages of that size.
  std::optional<std::uint32_t> transmit(Message message, OutgoingSequence& numbers, Actions& out);
  void send_advertisement(const ComposedAdvertisement& advertisement, base::TimePoint now, Actions& out);
  bool is_accepted(std::size_t bytes) const noexcept;
  void cut_to_size(std::vector<CaptureEncoding>& encodings, Actions& out) const;
  Header header(std::uint32_t sequence) const;
  void become_active(Version version, bool peer_provides, bool peer_consumes, Actions& out);

  Settings settings_;
  State state_ = State::idle;
  ChannelRole role_ = ChannelRole::initiator;
  base::Deadline options_deadline_;
  Version version_ = own_version;            ///< negotiated in the OPTIONS phase (CP-05)
  std::optional<std::string> peer_clue_id_;  ///< CP-25
  std::optional<MediaProvider> provider_;
  std::optional<MediaConsumer> consumer_;
  OutgoingSequence initiation_numbers_;
  OutgoingSequence provider_numbers_;
  OutgoingSequence consumer_numbers_;
  IncomingSequence peer_provider_numbers_;  ///< its advertisements and configureResponses
  IncomingSequence peer_consumer_numbers_;  ///< its configures and acks
  unsigned unprocessed_ = 0;                ///< messages in a row that were ignored or refused as unusable
};

}  // namespace clued::clue
