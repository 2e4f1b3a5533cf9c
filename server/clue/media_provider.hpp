// The Media Provider of RFC 8847 section 6.1. Pure: inputs and time in, outputs out.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "base/time.hpp"
#include "clue/actions.hpp"
#include "clue/composed_advertisement.hpp"
#include "clue/messages.hpp"
#include "clue/timers.hpp"

namespace clued::clue {

/// RFC 8847 figure 10:
///
///     ADV --advertisement sent--> WAIT FOR ACK --ack--> WAIT FOR CONF --configure--> CONF RESPONSE
///     WAIT FOR ACK --NACK--> ADV          WAIT FOR ACK --configure+ack--> CONF RESPONSE
///     CONF RESPONSE --200 sent--> ESTABLISHED          CONF RESPONSE --error sent--> WAIT FOR CONF
///     ESTABLISHED --configure--> CONF RESPONSE         any --telepresence settings changed--> ADV
///
/// What a state does not show changes nothing. At most one advertisement is unanswered: in WAIT FOR ACK the newest
/// content waits for the answer, or for the guard (CP-21) where the peer never answers.
///
/// Whoever carries out a Send output numbers the message, and reports it by the matching ..._sent (or ..._withheld)
/// before any other input.
class MediaProvider {
 public:
  enum class State { adv, wait_for_ack, wait_for_conf, conf_response, established };  ///< figure 10

  struct SendAdvertisement {
    std::shared_ptr<const ComposedAdvertisement> advertisement;
  };
  struct SendConfigureResponse {
    ResponseCode code;
    std::string reason;  ///< empty: none
    std::uint32_t configure_sequence;
  };
  using Output = std::variant<SendAdvertisement, SendConfigureResponse, action::AdvertisementAcknowledged,
                              action::AdvertisementRefused, action::Configured, action::ConfigureRefused,
                              action::GuardExpired, action::Ignored>;
  using Outputs = std::vector<Output>;

  explicit MediaProvider(const Timers& timers) : timers_(timers) {}

  /// "Changed telepresence settings": this is what the peer is to know. Content that it knows already is not sent
  /// again.
  void advertise(std::shared_ptr<const ComposedAdvertisement> wanted, Outputs& out);
  void receive(const Ack& ack, base::TimePoint now, Outputs& out);
  void receive(const Configure& configure, Outputs& out);
  /// A configure that must not be processed (unreadable, wrongly numbered): answered with this code.
  void refuse_configure(std::uint32_t configure_sequence, ResponseCode code, std::string reason, Outputs& out);

  void advertisement_sent(std::uint32_t sequence, base::TimePoint now);
  /// It was not sent, because no peer with such limits can be told it: nothing is waited for.
  void advertisement_withheld() { sending_.reset(); }
  void configure_response_sent(ResponseCode code, base::TimePoint now, Outputs& out);

  base::Deadline next_deadline() const noexcept { return deadline_; }
  void handle_timeout(base::TimePoint now, Outputs& out);

  State state() const noexcept { return state_; }
  /// The advertisement sent last, acknowledged or not; nullptr before the first.
  const std::shared_ptr<const ComposedAdvertisement>& told() const noexcept { return told_; }
  std::uint32_t told_sequence() const noexcept { return told_sequence_; }
  /// The configure answered with 200 last. It outlives a new advertisement until the next configure (section 6.1).
  const std::vector<CaptureEncoding>& configured() const noexcept { return configured_; }

 private:
  enum class Reference { current, stale, unknown };  ///< which advertisement a configure or ack names

  Reference reference(std::uint32_t advertisement_sequence) const;
  void judge(const Configure& configure, Outputs& out);
  void answer_without_transition(const Configure& configure, ResponseCode code, std::string reason, Outputs& out);
  void send(std::shared_ptr<const ComposedAdvertisement> advertisement, Outputs& out);
  void enter_wait_for_conf(base::TimePoint now);
  void refused(const Ack& ack, base::TimePoint now, Outputs& out);

  Timers timers_;
  State state_ = State::adv;
  std::shared_ptr<const ComposedAdvertisement> told_;
  std::shared_ptr<const ComposedAdvertisement> wanted_;   ///< differs from told_, or nullptr
  std::shared_ptr<const ComposedAdvertisement> sending_;  ///< handed out as SendAdvertisement, not yet reported as sent
  std::uint32_t told_sequence_ = 0;
  std::vector<CaptureEncoding> configured_;
  base::Deadline deadline_;       ///< guard of WAIT FOR ACK and WAIT FOR CONF, or end of the back-off in ADV
  unsigned nacks_ = 0;            ///< of the content that was sent last
  bool repeated_ = false;         ///< the content sent last was sent again because nobody answered
  bool ack_written_off_ = false;  ///< in WAIT FOR ACK: the guard has run out, the answer is not waited for any more
};

/// The state's name in figure 10.
const char* name_of(MediaProvider::State state);

}  // namespace clued::clue
