#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "focus/participant_log.hpp"
#include "focus/port_pool.hpp"
#include "focus/services.hpp"
#include "sdp/offer_answer.hpp"

namespace clued::focus {

/// The offers and answers of one dialog: never two at once in either direction (OA-01, OA-02), glare (OA-03, OA-04),
/// and our own offers as the difference between the streams that are wanted and those that are signalled.
///
///     idle --peer's offer--> answering --answer sent, ACK--> idle
///     idle --INVITE, re-INVITE or UPDATE--> offered --2xx--> idle
///                         offered --491--> glare_wait --> idle
class Negotiation {
 public:
  enum class State { idle, offered, answering, glare_wait };
  enum class Method { invite, reinvite, update, prack };

  struct Refusal {
    int status = 488;
    std::string reason;
    std::string description{};  ///< the body of a 580
    std::optional<Warning> warning{};
  };

  Negotiation(Services& services, ParticipantId owner, DialogId dialog, const ParticipantLog& log);

  /// The peer knows preconditions (RFC 3312): those of its offers count.
  void use_preconditions() noexcept { session_.use_preconditions(); }

  // --- the peer offers ---

  /// Takes an offer that came in this request and asks for the ports that its answer will need. The refusals of glare
  /// (491) and of overlapping requests (500) are the caller's, by may_receive().
  base::expected<sdp::OfferPlan, Refusal> receive_offer(const std::string& text, RequestId request, Method method,
                                                        const Turn& turn);
  /// The same for a request without SDP that asks us to offer in its 2xx (OA-18).
  void receive_offerless(RequestId request, Method method, std::vector<sdp::WantedStream> streams, const Turn& turn);
  /// All ports for the answer (or the offer in the 2xx) are there.
  bool is_answer_ready() const noexcept;
  bool answer_lacks_ports() const noexcept { return open_request_ && ports_.lacks(open_request_->ports); }
  /// The body of the response to the request received last; `channel` is our end, if it is part of the session.
  std::string make_response_body(const sdp::DataChannel* channel, const Turn& turn);
  /// An INVITE's exchange is over for OA-02 when its 2xx is acknowledged. With SDP when our 2xx had the offer.
  base::expected<std::optional<sdp::AnswerOutcome>, std::string> acknowledge(const std::optional<std::string>& sdp,
                                                                             const Turn& turn);
  /// Refuses the request that is still open, if there is one.
  void refuse_open_request(int status, const Turn& turn);
  bool has_open_request() const noexcept { return open_request_.has_value(); }
  RequestId open_request() const noexcept { return open_request_ ? open_request_->request : RequestId{}; }
  Method open_method() const noexcept { return open_request_ ? open_request_->method : Method::invite; }

  // --- our INVITE offers (negotiation_calling.cpp) ---

  /// Asks for the ports that the offer of an INVITE of ours will need. In a dialog that we begin it is ours to wait
  /// longer after glare (OA-04).
  void begin_offer(std::vector<sdp::WantedStream> streams, bool preconditions, const Turn& turn);
  bool exceeds_share_of_ports() const noexcept { return ports_.exceeds_share(); }
  bool is_offer_ready() const noexcept { return ports_.ready(session_.ports_needed(response_streams_)); }
  bool offer_lacks_ports() const noexcept { return ports_.lacks(session_.ports_needed(response_streams_)); }
  /// The body of the INVITE; `channel` is our end, or nullptr for an offer without CLUE.
  std::string make_first_offer(const sdp::DataChannel* channel);
  /// The answer to it, from whichever response. An error leaves the offer as it was.
  base::expected<sdp::AnswerOutcome, std::string> receive_first_answer(const std::string& sdp, const Turn& turn);
  /// Another device than the one whose answer was taken has the call: the offer is unanswered again. False when it is
  /// too late for that.
  bool forget_first_answer();
  /// The call is answered for good.
  void commit_first_answer(const Turn& turn) { settle_ports(turn); }
  bool awaits_first_answer() const noexcept {
    return first_offer_ != nullptr && state_ == State::offered && !confirming_;
  }
  /// The answer to our INVITE asks to be told that our resources are there: an UPDATE in the early dialog with that
  /// device says so (RFC 3312 section 5.2). What comes of it is told to reinvite_answered().
  void confirm_resources(const FocusContact& contact, const std::string& fork, const sdp::DataChannel* channel,
                         const Turn& turn);
  /// A new INVITE in a new dialog: nothing was ever said.
  void restart(DialogId dialog, const Turn& turn);

  // --- we offer ---

  /// The streams that the session should have. Sent as soon as proceed() may.
  void want(std::vector<sdp::WantedStream> streams);
  /// Offer also when nothing differs (`refresh.sdp: always`).
  void want_reoffer() noexcept { reoffer_ = true; }
  /// Sends the re-INVITE if one is due and all is ready. Called whenever something changed; `may_offer` says whether
  /// the dialog is confirmed and the advertisement went out before (SIG-09).
  void proceed(bool may_offer, const FocusContact& contact, const sdp::DataChannel* channel,
               const SessionTimerFields& timer, const Turn& turn);
  /// Sends a re-INVITE that says what is signalled already: a refresh of the session (RFC 4028 section 7.4). False
  /// while another exchange is under way.
  bool refresh(const FocusContact& contact, const sdp::DataChannel* channel, const SessionTimerFields& timer,
               const Turn& turn);
  /// What came of our re-INVITE. `dialog_lost`: 481 or 408, the leg is gone (OA-15).
  struct Outcome {
    bool dialog_lost = false;
    std::optional<sdp::AnswerOutcome> answer;
  };
  Outcome reinvite_answered(const event::ReinviteAnswered& answered, const Turn& turn);

  void port_bound(PortId port, std::uint16_t rtp_port) { ports_.bound(port, rtp_port); }
  void port_failed(PortId port, const Turn& turn);
  /// Ports that were asked for are still to come.
  bool awaits_ports() const noexcept { return ports_.awaits_any(); }

  // --- the end ---

  /// Refuses what is open with 487 (END-01) and frees all ports.
  void abandon(const Turn& turn);

  State state() const noexcept { return state_; }
  /// OA-02: an INVITE of the peer that has our 2xx and not yet its ACK.
  bool awaits_ack() const noexcept { return awaits_ack_; }
  bool has_unsent_difference(const sdp::DataChannel* channel) const;
  /// Nothing is under way, and nothing is to be offered or it was refused too often.
  bool is_settled(const sdp::DataChannel* channel) const;
  const sdp::OfferAnswer& session() const noexcept { return session_; }

  /// Re-INVITEs of ours, and the UPDATE that confirms resources.
  std::uint64_t offers_sent() const noexcept { return offers_sent_; }

  base::Deadline next_deadline() const noexcept { return not_before_; }
  void handle_timeout(base::TimePoint now);

 private:
  struct OpenRequest {
    RequestId request;
    Method method = Method::invite;
    bool offer_wanted = false;  ///< it had no SDP
    std::size_t ports = 0;
  };

  base::Duration glare_wait();
  base::Duration back_off_time(unsigned failures) const;
  void ask_for_ports(std::size_t needed, const Turn& turn);
  void defer(base::Duration wait, const char* cause, const Turn& turn);
  void back_off(const event::ReinviteAnswered& answered, bool is_refresh, const Turn& turn);
  Outcome refused(int status, const std::string& reason, const Turn& turn);
  void settle_ports(const Turn& turn);
  void send(const sdp::SessionDescription& offer, command::SendReinvite request, const Turn& turn);

  sdp::OfferAnswer new_session() const;
  /// The text taken apart, with what is odd in it in the log; an error names the line.
  base::expected<sdp::SessionDescription, std::string> read(const std::string& text, const Turn& turn) const;
  void note(const std::vector<std::string>& remarks, const Turn& turn) const;

  Services& services_;
  DialogId dialog_;
  const ParticipantLog& log_;
  sdp::OfferAnswer session_;
  std::unique_ptr<sdp::OfferAnswer> first_offer_;  ///< as our INVITE left it, until the call is answered for good
  bool owns_call_id_ = false;                      ///< we began the dialog
  bool confirming_ = false;                        ///< what is offered is no first offer any more
  PortPool ports_;
  State state_ = State::idle;
  std::optional<OpenRequest> open_request_;
  std::vector<sdp::WantedStream> response_streams_;  ///< what an offer in a 2xx brings
  bool awaits_ack_ = false;
  bool awaits_answer_in_ack_ = false;
  std::optional<std::vector<sdp::WantedStream>> wanted_;
  bool reoffer_ = false;
  std::uint64_t offers_sent_ = 0;
  unsigned refusals_ = 0;        ///< of the present difference in a row
  bool refreshing_ = false;      ///< the offer under way is that of the session timer, and says nothing new
  unsigned shortages_ = 0;       ///< of ports for it, in a row
  std::size_t asked_ports_ = 0;  ///< so many were asked for to offer it
  base::Deadline not_before_;    ///< glare, back-off or spreading in time
  bool spread_ = false;          ///< the random delay of OA-17 was taken for the present difference
};

}  // namespace clued::focus
