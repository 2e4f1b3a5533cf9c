// The notification service: every input in every state of a subscription.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "event_package/conference_notifier.hpp"
#include "roster_support.hpp"
#include "support/conference_info_view.hpp"

namespace clued::event_package {
namespace {

using namespace std::chrono_literals;
using testing::ConferenceInfoView;
using ::testing::IsEmpty;

constexpr SubscriptionId first{1};
constexpr Roster::Key alice{1}, bob{2};

/// Every input in every state: the subscription is alive or not as it should, and the document never has a fault.
TEST(NotifierMatrix, EveryInputInEveryState) {
  enum State { none, answer_due, idle, change_waits, refresh_waits, state_count };
  enum Input { subscribe, fetch, ok, gone, failed, change, expiry, reject, end, input_count };
  for (int state = 0; state < state_count; ++state) {
    for (int input = 0; input < input_count; ++input) {
      SCOPED_TRACE("state " + std::to_string(state) + " input " + std::to_string(input));
      ConferenceNotifier notifier({}, description());
      base::TimePoint now{1h};
      Notifications out;
      const ConferenceNotifier::Request request{conference_uri, "sip:a@b", 100s};
      if (state != none) notifier.subscribe(first, request, now, out);
      if (state == idle || state == change_waits) notifier.answered(first, 200, now, out);
      if (state == change_waits) {
        notifier.roster().put(alice, member("alice"));
        notifier.roster_changed(now);
      }
      if (state == refresh_waits) notifier.subscribe(first, request, now, out);
      ConferenceInfoView view;
      for (const auto& one : out) view.apply(one.document);
      out.clear();

      switch (input) {
        case subscribe:
          notifier.subscribe(first, request, now, out);
          break;
        case fetch:
          notifier.subscribe(first, {conference_uri, "sip:a@b", 0s}, now, out);
          break;
        case ok:
        case gone:
        case failed: {
          const int status = input == ok ? 200 : input == gone ? 481 : 500;
          EXPECT_EQ(notifier.answered(first, status, now, out), state != none && input != gone);
          break;
        }
        case change:
          notifier.roster().put(bob, member("bob"));
          notifier.roster_changed(now);
          break;
        case expiry:
          now += 200s;
          notifier.handle_timeout(now, 10, out);
          break;
        case reject:
          notifier.reject("sip:a@b", out);
          break;
        default:
          notifier.end_all(out);
      }
      const bool ends = input == fetch || input == gone || input == expiry || input == reject || input == end;
      EXPECT_EQ(notifier.contains(first), !ends && (state != none || input == subscribe));
      EXPECT_LE(out.size(), 1U);
      const bool answer_came = input == ok || input == gone || input == failed;
      const bool may_notify = input == subscribe ? state == none || state == idle || state == change_waits
                                                 : answer_came && state == refresh_waits && input != gone;
      const bool ends_aloud = input == fetch || (ends && input != gone && state != none);
      EXPECT_EQ(out.size(), may_notify || ends_aloud ? 1U : 0U);
      for (const auto& one : out) {
        EXPECT_EQ(one.ended.has_value(), ends);
        if (!one.document.empty()) view.apply(one.document);
      }
      EXPECT_THAT(view.faults(), IsEmpty());
      EXPECT_EQ(notifier.next_deadline().has_value(), !notifier.empty()) << "only what lives has a deadline";
    }
  }
}

}  // namespace
}  // namespace clued::event_package
