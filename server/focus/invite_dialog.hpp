#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "focus/services.hpp"

namespace clued::focus {

/// The life of a dialog from the focus's side (RFC 3261 sections 9, 13 to 15). When a peer calls us:
///
///     invited --183--> early --200--> accepted --ACK--> confirmed --BYE--> ending --> terminated
///        |               |               |                  ^
///        +-- >=300 ------+--> ending     +-- end wanted: BYE waits for the ACK (END-02)
///
/// When we call, a CANCEL waits for a provisional response, and a 2xx that crosses it is followed by a BYE (END-03). An
/// INVITE that waits for the address of its next hop is withdrawn before:
///
///     preparing --INVITE--> calling --1xx--> proceeding --2xx--> confirmed
///        |                     |                 +-- end wanted: CANCEL --> cancelling --2xx: BYE, >=300--> ending
///        |                     +-- end wanted: WITHDRAW --> withdrawn --1xx: CANCEL--> cancelling
///        |                                            +-- 2xx: BYE, >=300--> ending
///        +-- end wanted --> terminated
class InviteDialog {
 public:
  enum class State {
    invited,     ///< has no final response of ours
    early,       ///< has a reliable 183 of ours
    accepted,    ///< has our 2xx and no ACK
    preparing,   ///< our INVITE is to be sent
    calling,     ///< it was sent
    proceeding,  ///< it has a provisional response
    withdrawn,   ///< it is to be cancelled at the first provisional response
    cancelling,  ///< it was cancelled
    confirmed,
    ending,  ///< what is left comes from sip/: DialogTerminated
    terminated
  };

  /// How the dialog is ended, in the words of each state.
  struct Ending {
    int refusal_status = 480;  ///< while the INVITE has no final response
    std::string refusal_phrase;
    std::string refusal_sdp;         ///< of a 580: what failed (RFC 3312 section 7)
    std::optional<Warning> warning;  ///< of the refusal
    std::optional<std::chrono::seconds> retry_after;
    Reason reason;            ///< of the BYE and of the refusal
    std::string referred_by;  ///< copied into the BYE (REF-09)
  };

  /// A peer calls.
  InviteDialog(DialogId dialog, RequestId invite, FocusContact contact)
      : dialog_(dialog), invite_(invite), contact_(std::move(contact)) {}
  /// We are to call.
  InviteDialog(DialogId dialog, FocusContact contact)
      : dialog_(dialog), contact_(std::move(contact)), state_(State::preparing) {}

  // --- we call (invite_dialog_calling.cpp) ---

  /// Sends the INVITE; its dialog and contact are filled in.
  void call(command::SendInvite invite, const Turn& turn);
  /// A provisional response came. The CANCEL that waited for it goes out.
  void progressed(const Turn& turn);
  /// The final response came. A 2xx that nobody wants any more is followed by a BYE.
  void answered(int status, const Turn& turn);
  /// The answer was no 2xx, and the next INVITE of the same call goes out under this id.
  void call_again(DialogId dialog);

  // --- a peer calls ---

  /// A reliable 183 with the answer: the peer can bring up its channel before the 200 (TP-02).
  void progress(std::string sdp, bool preconditions, const Turn& turn);
  void prack_received() noexcept { pracked_ = true; }
  /// 200, with SDP unless the 183 had it.
  void accept(std::optional<std::string> sdp, bool preconditions, const Turn& turn);
  void acknowledge(const Turn& turn);

  /// Ends it as its state allows: final response, or BYE, or BYE once the ACK is there. Again: nothing.
  void end(const Ending& ending, const Turn& turn);
  /// No ACK will come (RFC 3261 section 13.3.1.4): the BYE that waited for it may go, or one is due now.
  void acknowledge_timed_out(const Ending& ending, const Turn& turn);
  /// The caller cancelled: 487, if there was no final response yet.
  void cancel(const Turn& turn);
  /// The peer's BYE was answered.
  void peer_ended() noexcept { state_ = State::ending; }
  /// Nothing of it is left; `status` is what was answered last, to our BYE if there was one, and 0 when nobody was
  /// asked.
  void terminate(int status) noexcept {
    state_ = State::terminated;
    final_status_ = status;
  }
  int final_status() const noexcept { return final_status_; }
  bool is_terminated() const noexcept { return state_ == State::terminated; }

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
  /// Our INVITE has no final response, or is not even sent, and nobody gave it up.
  bool is_calling() const noexcept {
    return state_ == State::preparing || state_ == State::calling || state_ == State::proceeding;
  }
  /// The BYE waits for the ACK.
  bool is_bye_owed() const noexcept { return state_ == State::accepted && owed_.has_value(); }

 private:
  void refuse(const Ending& ending, const Turn& turn);
  void cancel_call(const Turn& turn);
  void bye(const Ending& ending, const Turn& turn);

  DialogId dialog_;
  RequestId invite_;
  FocusContact contact_;
  std::optional<SessionTimerFields> session_timer_;
  State state_ = State::invited;
  bool pracked_ = false;
  int final_status_ = 0;
  std::optional<Ending> owed_;  ///< ended between 2xx and ACK, or while we call
};

}  // namespace clued::focus
