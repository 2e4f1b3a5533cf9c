#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "focus/services.hpp"

namespace clued::focus {

/// The life of a dialog that a peer's INVITE began, from the focus's side (RFC 3261 sections 13.3, 15):
///
///     invited --183--> early --200--> accepted --ACK--> confirmed --BYE--> ending --> terminated
///        |               |               |                  ^
///        +-- >=300 ------+--> ending     +-- end wanted: BYE waits for the ACK (END-02)
class InviteDialog {
 public:
  enum class State { invited, early, accepted, confirmed, ending, terminated };

  /// How the dialog is ended, in the words of each state.
  struct Ending {
    int refusal_status = 480;  ///< while the INVITE has no final response
    std::string refusal_phrase;
    std::optional<std::chrono::seconds> retry_after;
    Reason reason;            ///< of the BYE and of the refusal
    std::string referred_by;  ///< copied into the BYE (REF-09)
  };

  InviteDialog(DialogId dialog, RequestId invite, FocusContact contact)
      : dialog_(dialog), invite_(invite), contact_(std::move(contact)) {}

  /// A reliable 183 with the answer: the peer can bring up its channel before the 200 (TP-02).
  void progress(std::string sdp, const Turn& turn);
  void prack_received() noexcept { pracked_ = true; }
  /// 200, with SDP unless the 183 had it.
  void accept(std::optional<std::string> sdp, const Turn& turn);
  void acknowledge(const Turn& turn);

  /// Ends it as its state allows: final response, or BYE, or BYE once the ACK is there. Again: nothing.
  void end(const Ending& ending, const Turn& turn);
  /// No ACK will come (RFC 3261 section 13.3.1.4): the BYE that waited for it may go, or one is due now.
  void acknowledge_timed_out(const Ending& ending, const Turn& turn);
  /// The caller cancelled: 487, if there was no final response yet.
  void cancel(const Turn& turn);
  /// The peer's BYE was answered.
  void peer_ended() noexcept { state_ = State::ending; }
  void terminate() noexcept { state_ = State::terminated; }

  DialogId id() const noexcept { return dialog_; }
  State state() const noexcept { return state_; }
  const FocusContact& contact() const noexcept { return contact_; }
  /// What the 2xx says of the session timer.
  void set_session_timer(const SessionTimerFields& fields) { session_timer_ = fields; }
  void set_telepresence(bool telepresence) { contact_.telepresence = telepresence; }
  bool has_final_response() const noexcept { return state_ != State::invited && state_ != State::early; }
  bool is_pracked() const noexcept { return pracked_; }
  bool is_confirmed() const noexcept { return state_ == State::confirmed; }
  bool is_over() const noexcept { return state_ == State::ending || state_ == State::terminated; }
  /// The BYE waits for the ACK.
  bool is_bye_owed() const noexcept { return owed_.has_value(); }

 private:
  void refuse(const Ending& ending, const Turn& turn);
  void bye(const Ending& ending, const Turn& turn);

  DialogId dialog_;
  RequestId invite_;
  FocusContact contact_;
  std::optional<SessionTimerFields> session_timer_;
  State state_ = State::invited;
  bool pracked_ = false;
  std::optional<Ending> owed_;  ///< ended between 2xx and ACK
};

}  // namespace clued::focus
