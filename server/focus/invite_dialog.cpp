#include "focus/invite_dialog.hpp"

#include <utility>

namespace clued::focus {

void InviteDialog::progress(std::string sdp, bool preconditions, const Turn& turn) {
  command::Respond response{invite_, 183};
  response.contact = contact_;
  response.sdp = std::move(sdp);
  response.reliable = true;
  response.preconditions = preconditions;
  turn.emit(std::move(response));
  state_ = State::early;
}

void InviteDialog::accept(std::optional<std::string> sdp, bool preconditions, const Turn& turn) {
  command::Respond response{invite_, 200};
  response.contact = contact_;
  response.sdp = std::move(sdp);
  response.session_timer = session_timer_;
  response.preconditions = preconditions;
  turn.emit(std::move(response));
  state_ = State::accepted;
}

void InviteDialog::acknowledge(const Turn& turn) {
  if (state_ != State::accepted) return;
  state_ = State::confirmed;
  if (owed_) bye(*std::exchange(owed_, std::nullopt), turn);
}

void InviteDialog::end(const Ending& ending, const Turn& turn) {
  switch (state_) {
    case State::invited:
    case State::early:
      return refuse(ending, turn);
    case State::accepted:
      if (!owed_) owed_ = ending;
      return;
    case State::preparing:
      state_ = State::terminated;
      return;
    case State::calling:
      owed_ = ending;
      turn.emit(command::WithdrawInvite{dialog_});
      state_ = State::withdrawn;
      return;
    case State::proceeding:
      owed_ = ending;
      return cancel_call(turn);
    case State::withdrawn:
    case State::cancelling:
      return;
    case State::confirmed:
      return bye(ending, turn);
    case State::ending:
    case State::terminated:
      return;
  }
}

void InviteDialog::acknowledge_timed_out(const Ending& ending, const Turn& turn) {
  if (state_ != State::accepted && state_ != State::confirmed) return;
  bye(owed_ ? *std::exchange(owed_, std::nullopt) : ending, turn);
}

void InviteDialog::cancel(const Turn& turn) {
  if (state_ != State::invited && state_ != State::early) return;
  turn.emit(command::Respond{invite_, 487});
  state_ = State::ending;
}

void InviteDialog::refuse(const Ending& ending, const Turn& turn) {
  command::Respond response{invite_, ending.refusal_status, ending.refusal_phrase};
  response.retry_after = ending.retry_after;
  if (!ending.reason.text.empty()) response.reason = ending.reason;
  if (!ending.refusal_sdp.empty()) response.sdp = ending.refusal_sdp;
  response.warning = ending.warning;
  turn.emit(std::move(response));
  state_ = State::ending;
}

void InviteDialog::bye(const Ending& ending, const Turn& turn) {
  turn.emit(command::SendBye{dialog_, ending.reason, ending.referred_by});
  state_ = State::ending;
}

}  // namespace clued::focus
