#include "focus/invite_dialog.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/overloaded.hpp"

namespace clued::focus {
namespace {

using State = InviteDialog::State;

/// What the commands say, in a few letters.
std::string said(const Commands& commands) {
  std::string text;
  for (const auto& command : commands) {
    if (!text.empty()) text += ' ';
    text += std::visit(base::overloaded{[](const command::Respond& r) { return std::to_string(r.status); },
                                        [](const command::SendBye&) { return std::string("BYE"); },
                                        [](const command::SendInvite&) { return std::string("INVITE"); },
                                        [](const command::WithdrawInvite&) { return std::string("WITHDRAW"); },
                                        [](const command::SendCancel&) { return std::string("CANCEL"); },
                                        [](const auto&) { return std::string("?"); }},
                       command);
  }
  return text;
}

InviteDialog in(State state, Commands& out) {
  const Turn turn{{}, out};
  const bool we_call = state == State::preparing || state == State::calling || state == State::proceeding ||
                       state == State::withdrawn || state == State::cancelling;
  InviteDialog dialog =
      we_call ? InviteDialog(DialogId{1}, {"conf-1", true}) : InviteDialog(DialogId{1}, RequestId{1}, {"conf-1", true});
  switch (state) {
    case State::preparing:
      break;
    case State::calling:
      dialog.call({}, turn);
      break;
    case State::proceeding:
      dialog.call({}, turn);
      dialog.progressed(turn);
      break;
    case State::withdrawn:
      dialog.call({}, turn);
      dialog.end({}, turn);
      break;
    case State::cancelling:
      dialog.call({}, turn);
      dialog.progressed(turn);
      dialog.end({}, turn);
      break;
    case State::invited:
      break;
    case State::early:
      dialog.progress("sdp", false, turn);
      break;
    case State::accepted:
      dialog.accept("sdp", false, turn);
      break;
    case State::confirmed:
      dialog.accept("sdp", false, turn);
      dialog.acknowledge(turn);
      break;
    case State::ending:
      dialog.peer_ended();
      break;
    case State::terminated:
      dialog.terminate(200);
      break;
  }
  out.clear();
  return dialog;
}

struct Row {
  State state;
  const char* end;  ///< what end() says
  State after_end;
  const char* cancel;
  State after_cancel;
  const char* no_ack;
  State after_no_ack;
  State after_ack;
};

/// Every state times every input (RFC 3261 sections 9.2, 13.3.1.4, 15).
const Row matrix[] = {
    {State::invited, "603", State::ending, "487", State::ending, "", State::invited, State::invited},
    {State::early, "603", State::ending, "487", State::ending, "", State::early, State::early},
    {State::accepted, "", State::accepted, "", State::accepted, "BYE", State::ending, State::confirmed},
    {State::preparing, "", State::terminated, "", State::preparing, "", State::preparing, State::preparing},
    {State::calling, "WITHDRAW", State::withdrawn, "", State::calling, "", State::calling, State::calling},
    {State::proceeding, "CANCEL", State::cancelling, "", State::proceeding, "", State::proceeding, State::proceeding},
    {State::withdrawn, "", State::withdrawn, "", State::withdrawn, "", State::withdrawn, State::withdrawn},
    {State::cancelling, "", State::cancelling, "", State::cancelling, "", State::cancelling, State::cancelling},
    {State::confirmed, "BYE", State::ending, "", State::confirmed, "BYE", State::ending, State::confirmed},
    {State::ending, "", State::ending, "", State::ending, "", State::ending, State::ending},
    {State::terminated, "", State::terminated, "", State::terminated, "", State::terminated, State::terminated},
};

/// Every state times what comes of a call (RFC 3261 sections 9.1, 13.2; END-03).
struct CallRow {
  State state;
  const char* call;
  State after_call;
  const char* progress;
  State after_progress;
  const char* success;
  State after_success;
  State after_failure;
};

const CallRow call_matrix[] = {
    {State::invited, "", State::invited, "", State::invited, "", State::invited, State::invited},
    {State::early, "", State::early, "", State::early, "", State::early, State::early},
    {State::accepted, "", State::accepted, "", State::accepted, "", State::accepted, State::accepted},
    {State::preparing, "INVITE", State::calling, "", State::preparing, "", State::preparing, State::preparing},
    {State::calling, "", State::calling, "", State::proceeding, "", State::confirmed, State::ending},
    {State::proceeding, "", State::proceeding, "", State::proceeding, "", State::confirmed, State::ending},
    {State::withdrawn, "", State::withdrawn, "CANCEL", State::cancelling, "BYE", State::ending, State::ending},
    {State::cancelling, "", State::cancelling, "", State::cancelling, "BYE", State::ending, State::ending},
    {State::confirmed, "", State::confirmed, "", State::confirmed, "", State::confirmed, State::confirmed},
    {State::ending, "", State::ending, "", State::ending, "", State::ending, State::ending},
    {State::terminated, "", State::terminated, "", State::terminated, "", State::terminated, State::terminated},
};

InviteDialog::Ending removal() {
  InviteDialog::Ending ending;
  ending.refusal_status = 603;
  ending.reason = {200, "Removed"};
  ending.referred_by = "<sip:alice@example.net>";
  return ending;
}

TEST(InviteDialog, EndsInEachStateByTheBook) {
  for (const auto& row : matrix) {
    SCOPED_TRACE(static_cast<int>(row.state));
    Commands out;
    auto dialog = in(row.state, out);
    dialog.end(removal(), Turn{{}, out});
    EXPECT_EQ(said(out), row.end);
    EXPECT_EQ(dialog.state(), row.after_end);
    dialog.end(removal(), Turn{{}, out});
    EXPECT_EQ(said(out), row.end) << "a second end says nothing";
  }
}

TEST(InviteDialog, WhatComesOfACallInEachState) {
  for (const auto& row : call_matrix) {
    SCOPED_TRACE(static_cast<int>(row.state));
    const auto expect = [&](auto input, const char* commands, State after) {
      Commands out;
      auto dialog = in(row.state, out);
      input(dialog, Turn{{}, out});
      EXPECT_EQ(said(out), commands);
      EXPECT_EQ(dialog.state(), after);
    };
    expect([](auto& dialog, const Turn& turn) { dialog.call({}, turn); }, row.call, row.after_call);
    expect([](auto& dialog, const Turn& turn) { dialog.progressed(turn); }, row.progress, row.after_progress);
    expect([](auto& dialog, const Turn& turn) { dialog.answered(200, turn); }, row.success, row.after_success);
    expect([](auto& dialog, const Turn& turn) { dialog.answered(486, turn); }, "", row.after_failure);
  }
}

TEST(InviteDialog, TheNextInviteOfACallGoesOutUnderItsOwnId) {
  Commands out;
  auto dialog = in(State::calling, out);
  dialog.answered(488, Turn{{}, out});
  dialog.call_again(DialogId{2});
  command::SendInvite invite;
  invite.call_id = "second";
  dialog.call(std::move(invite), Turn{{}, out});
  ASSERT_EQ(said(out), "INVITE");
  EXPECT_EQ(std::get<command::SendInvite>(out.back()).dialog, DialogId{2});
  EXPECT_EQ(std::get<command::SendInvite>(out.back()).contact.user, "conf-1");
}

TEST(InviteDialog, IsCancelledOnlyBeforeItsFinalResponse) {
  for (const auto& row : matrix) {
    SCOPED_TRACE(static_cast<int>(row.state));
    Commands out;
    auto dialog = in(row.state, out);
    dialog.cancel(Turn{{}, out});
    EXPECT_EQ(said(out), row.cancel);
    EXPECT_EQ(dialog.state(), row.after_cancel);
  }
}

TEST(InviteDialog, WithoutAckIsEndedByBye) {
  for (const auto& row : matrix) {
    SCOPED_TRACE(static_cast<int>(row.state));
    Commands out;
    auto dialog = in(row.state, out);
    dialog.acknowledge_timed_out(removal(), Turn{{}, out});
    EXPECT_EQ(said(out), row.no_ack);
    EXPECT_EQ(dialog.state(), row.after_no_ack);
  }
}

TEST(InviteDialog, IsConfirmedByTheAckOfItsAcceptance) {
  for (const auto& row : matrix) {
    SCOPED_TRACE(static_cast<int>(row.state));
    Commands out;
    auto dialog = in(row.state, out);
    dialog.acknowledge(Turn{{}, out});
    EXPECT_EQ(said(out), "");
    EXPECT_EQ(dialog.state(), row.after_ack);
  }
}

TEST(InviteDialog, AByeThatIsOwedWaitsForTheAck) {
  Commands out;
  auto dialog = in(State::accepted, out);
  dialog.end(removal(), Turn{{}, out});
  EXPECT_TRUE(dialog.is_bye_owed());
  EXPECT_EQ(said(out), "");
  dialog.acknowledge(Turn{{}, out});
  ASSERT_EQ(said(out), "BYE");
  const auto& bye = std::get<command::SendBye>(out.back());
  EXPECT_EQ(bye.reason.text, "Removed");
  EXPECT_EQ(bye.referred_by, "<sip:alice@example.net>");
}

TEST(InviteDialog, ARefusalCarriesReasonAndRetryAfter) {
  Commands out;
  auto dialog = in(State::invited, out);
  auto ending = removal();
  ending.refusal_status = 503;
  ending.retry_after = std::chrono::seconds(5);
  dialog.end(ending, Turn{{}, out});
  const auto& response = std::get<command::Respond>(out.back());
  EXPECT_EQ(response.retry_after, std::chrono::seconds(5));
  EXPECT_EQ(response.reason->text, "Removed");
}

}  // namespace
}  // namespace clued::focus
