// The part of a dialog's life in which we call (END-03).
#include <utility>

#include "focus/invite_dialog.hpp"

namespace clued::focus {

void InviteDialog::call(command::SendInvite invite, const Turn& turn) {
  if (state_ != State::preparing) return;
  invite.dialog = dialog_;
  invite.contact = contact_;
  turn.emit(std::move(invite));
  state_ = State::calling;
}

void InviteDialog::progressed(const Turn& turn) {
  if (state_ == State::calling) state_ = State::proceeding;
  if (state_ == State::withdrawn) cancel_call(turn);
}

void InviteDialog::cancel_call(const Turn& turn) {
  turn.emit(command::SendCancel{dialog_, owed_->reason});
  state_ = State::cancelling;
}

void InviteDialog::answered(int status, const Turn& turn) {
  const bool unwanted = state_ == State::withdrawn || state_ == State::cancelling;
  if (!unwanted && state_ != State::calling && state_ != State::proceeding) return;
  if (status >= 300) {
    state_ = State::ending;
  } else if (unwanted) {
    bye(*std::exchange(owed_, std::nullopt), turn);
  } else {
    state_ = State::confirmed;
  }
}

void InviteDialog::call_again(DialogId dialog) {
  dialog_ = dialog;
  state_ = State::preparing;
}

}  // namespace clued::focus
