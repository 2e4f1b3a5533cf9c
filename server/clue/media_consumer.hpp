// The Media Consumer of RFC 8847 section 6.2. Pure: inputs and time in, outputs out.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/time.hpp"
#include "clue/actions.hpp"
#include "clue/messages.hpp"
#include "clue/timers.hpp"

namespace clued::clue {

/// RFC 8847 figure 11:
///
///     WAIT FOR ADV --advertisement--> ADV PROCESSING --ack sent--> CONF --configure sent--> WAIT FOR CONF RESPONSE
///     ADV PROCESSING --NACK sent--> WAIT FOR ADV     ADV PROCESSING --configure+ack sent--> WAIT FOR CONF RESPONSE
///     WAIT FOR CONF RESPONSE --200--> ESTABLISHED    WAIT FOR CONF RESPONSE --error--> CONF
///     ESTABLISHED --configure sent--> WAIT FOR CONF RESPONSE
///     CONF, WAIT FOR CONF RESPONSE, ESTABLISHED --advertisement--> ADV PROCESSING
///
/// What a state does not show changes nothing, with one addition: an advertisement that arrives in ADV PROCESSING takes
/// the place of the one that is being processed, because it replaces it completely (section 5.3).
///
/// Whoever carries out a Send output numbers the message, and reports it by the matching ..._sent before any other
/// input.
class MediaConsumer {
 public:
  /// Figure 11.
  enum class State { wait_for_adv, adv_processing, conf, wait_for_conf_response, established };

  struct SendAck {
    ResponseCode code;
    std::string reason;  ///< empty: none
    std::uint32_t advertisement_sequence;
  };
  struct SendConfigure {
    bool with_ack;  ///< configure+ack
    std::uint32_t advertisement_sequence;
    std::vector<CaptureEncoding> encodings;
  };
  using Output = std::variant<SendAck, SendConfigure, action::AdvertisementReceived, action::ConfigureAnswered,
                              action::GuardExpired, action::Ignored>;
  using Outputs = std::vector<Output>;

  explicit MediaConsumer(const Timers& timers) : timers_(timers) {}

  void receive(Advertisement advertisement, Outputs& out);
  void receive(const ConfigureResponse& response, Outputs& out);
  /// An advertisement that must not be processed (unreadable, wrongly numbered): answered with this code.
  void refuse_advertisement(std::uint32_t sequence, ResponseCode code, std::string reason, Outputs& out);

  /// The owner's answer to the AdvertisementReceived last; without effect when there is none to answer. A configure
  /// that waited from before the advertisement is forgotten: it was decided on other captures.
  void accept(std::optional<std::vector<CaptureEncoding>> encodings, Outputs& out);
  void reject(ResponseCode code, std::string reason, Outputs& out);
  /// What we want now: sent at once, or when the answer to the configure before or the owner's `accept` is there. Not
  /// sent again when it is in force already for the same advertisement. Without effect in WAIT FOR ADV: there is
  /// nothing to choose from.
  void configure(std::vector<CaptureEncoding> encodings, Outputs& out);

  void ack_sent(ResponseCode code, Outputs& out);
  void configure_sent(std::uint32_t sequence, base::TimePoint now);

  base::Deadline next_deadline() const noexcept { return deadline_; }
  void handle_timeout(base::TimePoint now, Outputs& out);

  State state() const noexcept { return state_; }
  /// The advertisement acknowledged last; nullptr before the first.
  const std::shared_ptr<const Advertisement>& advertisement() const noexcept { return advertisement_; }
  /// What the peer answered with 200 last.
  const std::vector<CaptureEncoding>& configured() const noexcept { return configured_; }

 private:
  void send_configure(std::vector<CaptureEncoding> encodings, bool with_ack, Outputs& out);
  void enter_adv_processing();

  Timers timers_;
  State state_ = State::wait_for_adv;
  std::shared_ptr<const Advertisement> processing_;     ///< in ADV PROCESSING: what the owner is asked about
  std::shared_ptr<const Advertisement> advertisement_;  ///< the one acknowledged last
  std::vector<CaptureEncoding> configured_;
  std::vector<CaptureEncoding> in_flight_;  ///< of the configure that is not answered yet
  std::uint32_t in_flight_sequence_ = 0;    ///< its number
  bool in_flight_with_ack_ = false;
  bool renumbered_ = false;                             ///< it repeats one that was answered with 402
  std::optional<std::vector<CaptureEncoding>> wanted_;  ///< to be sent as soon as figure 11 allows
  base::Deadline deadline_;                             ///< guard of WAIT FOR CONF RESPONSE (CP-21)
  bool response_written_off_ = false;                   ///< the guard has run out: the response is not waited for
};

/// The state's name in figure 11.
const char* name_of(MediaConsumer::State state);

}  // namespace clued::clue
