#include "focus/refer_handler.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/counted_randomness.hpp"

namespace clued::focus {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class ReferHandlerTest : public ::testing::Test {
 protected:
  ReferHandler::Refer refer(NotifyMode mode, std::unordered_set<ParticipantId> targets) {
    return {SubscriptionId{7}, base::OperationId{1}, "conf-1", "call", {"account"}, mode, std::move(targets)};
  }

  /// "100", "100 end", "200 end": the NOTIFYs so far.
  std::vector<std::string> notifies() const {
    std::vector<std::string> texts;
    for (const auto& command : out) {
      if (const auto* notify = std::get_if<command::NotifyRefer>(&command)) {
        texts.push_back(std::to_string(notify->status) + (notify->terminated ? " end" : ""));
      }
    }
    return texts;
  }

  Policy policy;
  testing::CountedRandomness randomness;
  Services services{CurrentPolicy(policy), randomness, {}, {}, {}, {}, {}};
  ReferHandler handler{services, ConferenceId{1}};
  Commands out;
  Turn turn{{}, out};
};

TEST_F(ReferHandlerTest, SaysTryingAndThenTheResult) {
  handler.open(refer(NotifyMode::progress_and_result, {ParticipantId{3}}), turn);
  EXPECT_THAT(notifies(), ElementsAre("100"));
  EXPECT_EQ(handler.size(), 1U);
  handler.dialog_over(ParticipantId{3}, turn);
  EXPECT_THAT(notifies(), ElementsAre("100", "200 end"));
  EXPECT_EQ(handler.size(), 0U);
  EXPECT_THAT(services.routes.subscriptions, IsEmpty());
}

TEST_F(ReferHandlerTest, WaitsForAllLegsOfTheTarget) {
  handler.open(refer(NotifyMode::progress_and_result, {ParticipantId{3}, ParticipantId{4}}), turn);
  handler.dialog_over(ParticipantId{3}, turn);
  EXPECT_THAT(notifies(), ElementsAre("100"));
  handler.dialog_over(ParticipantId{4}, turn);
  EXPECT_THAT(notifies(), ElementsAre("100", "200 end"));
}

TEST_F(ReferHandlerTest, SaysTheResultAtOnceWhenTheTargetIsGoneAlready) {
  handler.open(refer(NotifyMode::progress_and_result, {}), turn);
  EXPECT_THAT(notifies(), ElementsAre("200 end"));
  EXPECT_EQ(handler.size(), 0U);
}

TEST_F(ReferHandlerTest, SaysTryingOnceAndNothingAfter) {
  handler.open(refer(NotifyMode::trying_once, {ParticipantId{3}}), turn);
  handler.dialog_over(ParticipantId{3}, turn);
  EXPECT_THAT(notifies(), ElementsAre("100 end"));
}

TEST_F(ReferHandlerTest, SaysNothingToASubscriptionThatIsLost) {
  for (const int status : {481, 408, 404, 489}) {
    out.clear();
    handler.open(refer(NotifyMode::progress_and_result, {ParticipantId{3}}), turn);
    handler.notify_answered({SubscriptionId{7}, status}, turn);
    const bool is_told = std::any_of(out.begin(), out.end(), [](const auto& one) {
      return std::holds_alternative<command::ForgetSubscription>(one);
    });
    EXPECT_EQ(is_told, status != 481 && status != 408) << "of those sip/ knows";
    handler.dialog_over(ParticipantId{3}, turn);
    EXPECT_THAT(notifies(), ElementsAre("100")) << status;
    EXPECT_EQ(handler.size(), 0U);
  }
}

// RFC 5057 section 5.1
TEST_F(ReferHandlerTest, BearsFailuresThatSayNothingOfTheSubscription) {
  handler.open(refer(NotifyMode::progress_and_result, {ParticipantId{3}}), turn);
  for (const int status : {500, 500, 200, 503, 500}) handler.notify_answered({SubscriptionId{7}, status}, turn);
  handler.dialog_over(ParticipantId{3}, turn);
  EXPECT_THAT(notifies(), ElementsAre("100", "200 end"));

  out.clear();
  handler.open(refer(NotifyMode::progress_and_result, {ParticipantId{3}}), turn);
  for (int i = 0; i < 3; ++i) handler.notify_answered({SubscriptionId{7}, 500}, turn);
  handler.dialog_over(ParticipantId{3}, turn);
  EXPECT_THAT(notifies(), ElementsAre("100"));
}

TEST_F(ReferHandlerTest, CountsWhatIsOpenByWhoseItIs) {
  handler.open(refer(NotifyMode::progress_and_result, {ParticipantId{3}}), turn);
  auto silent = refer(NotifyMode::silent, {ParticipantId{4}});
  silent.subscription = SubscriptionId{8};
  handler.open(std::move(silent), turn);
  handler.open(refer(NotifyMode::progress_and_result, {}), turn);
  EXPECT_EQ(handler.open_of({"account"}), 2U);
  EXPECT_EQ(handler.open_of({"another"}), 0U);
  handler.dialog_over(ParticipantId{3}, turn);
  handler.dialog_over(ParticipantId{4}, turn);
  EXPECT_EQ(handler.open_of({"account"}), 0U);
  EXPECT_EQ(services.refers.size(), 0U);
}

TEST_F(ReferHandlerTest, ForgetsASubscriptionThatIsToHearNothing) {
  handler.open(refer(NotifyMode::silent, {ParticipantId{3}}), turn);
  EXPECT_TRUE(std::holds_alternative<command::ForgetSubscription>(out.front()));
  handler.dialog_over(ParticipantId{3}, turn);
  EXPECT_THAT(notifies(), IsEmpty());
}

TEST(NotifyModeTest, FollowsTheSettingAndWhoRefers) {
  event::ReferReceived in_dialog, out_of_dialog;
  in_dialog.dialog = DialogId{1};
  in_dialog.refer_to.method = out_of_dialog.refer_to.method = "BYE";
  const bool aware = true, plain = false;
  EXPECT_EQ(notify_mode(FinalNotify::automatic, in_dialog, plain), NotifyMode::trying_once);
  EXPECT_EQ(notify_mode(FinalNotify::automatic, in_dialog, aware), NotifyMode::progress_and_result);
  EXPECT_EQ(notify_mode(FinalNotify::automatic, out_of_dialog, plain), NotifyMode::progress_and_result);
  EXPECT_EQ(notify_mode(FinalNotify::rfc3515, in_dialog, plain), NotifyMode::progress_and_result);
  EXPECT_EQ(notify_mode(FinalNotify::trying, out_of_dialog, aware), NotifyMode::trying_once);
  EXPECT_EQ(notify_mode(FinalNotify::none, out_of_dialog, aware), NotifyMode::silent);
  in_dialog.refer_sub = false;
  EXPECT_EQ(notify_mode(FinalNotify::rfc3515, in_dialog, aware), NotifyMode::silent) << "RFC 4488";
  in_dialog.refer_sub = true;
  EXPECT_EQ(notify_mode(FinalNotify::rfc3515, in_dialog, aware), NotifyMode::progress_and_result);
}

// REF-10: only a removal is taken for the end of the referrer's own call.
TEST(NotifyModeTest, AnInvitationIsReportedByTheBook) {
  event::ReferReceived in_dialog;
  in_dialog.dialog = DialogId{1};
  in_dialog.refer_to.method = "INVITE";
  EXPECT_EQ(notify_mode(FinalNotify::automatic, in_dialog, false), NotifyMode::progress_and_result);
  EXPECT_EQ(notify_mode(FinalNotify::trying, in_dialog, false), NotifyMode::trying_once);
}

}  // namespace
}  // namespace clued::focus
