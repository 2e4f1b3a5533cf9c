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
                                        [](const auto&) { return std::string("?"); }},
                       command);
  }
  return text;
}

InviteDialog in(State state, Commands& out) {
  const Turn turn{{}, out};
  InviteDialog dialog(DialogId{1}, RequestId{1}, {"conf-1", true});
  switch (state) {
    case State::invited:
      break;
    case State::early:
      dialog.progress("sdp", turn);
      break;
    case State::accepted:
      dialog.accept("sdp", turn);
      break;
    case State::confirmed:
      dialog.accept("sdp", turn);
      dialog.acknowledge(turn);
      break;
    case State::ending:
      dialog.peer_ended();
      break;
    case State::terminated:
      dialog.terminate();
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
    {State::confirmed, "BYE", State::ending, "", State::confirmed, "BYE", State::ending, State::confirmed},
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
