// The notification service: subscriptions in virtual time.
#include "event_package/conference_notifier.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "roster_support.hpp"
#include "support/conference_info_view.hpp"

namespace clued::event_package {
namespace {

using namespace std::chrono_literals;
using testing::ConferenceInfoView;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr SubscriptionId first{1}, second{2};
constexpr Roster::Key alice{1}, bob{2};

class Notifier : public ::testing::Test {
 protected:
  void subscribe(SubscriptionId id, std::chrono::seconds expires = 3600s, const std::string& owner = "sip:a@b") {
    Notifications out;
    notifier.subscribe(id, {conference_uri, owner, expires}, now, out);
    take(out);
  }
  bool answer(SubscriptionId id, int status = 200) {
    Notifications out;
    const bool alive = notifier.answered(id, status, now, out);
    take(out);
    return alive;
  }
  void put(Roster::Key key, const Roster::Member& one) {
    notifier.roster().put(key, one);
    notifier.roster_changed(now);
  }
  void depart(Roster::Key key) {
    notifier.roster().depart(key, DisconnectionMethod::departed, {});
    notifier.roster_changed(now);
  }
  /// Time passes; everything is answered with 200 at once unless held.
  void advance(base::Duration duration) {
    const auto until = now + duration;
    for (auto due = notifier.next_deadline(); due && *due <= until; due = notifier.next_deadline()) {
      now = std::max(now, *due);
      Notifications out;
      notifier.handle_timeout(now, 1000, out);
      take(out);
      if (answers) answer_all();
    }
    now = until;
  }
  void answer_all() {
    for (const auto id : std::exchange(unanswered, {})) answer(id);
  }
  void take(Notifications& out) {
    for (auto& one : out) {
      if (!one.document.empty()) views[one.subscription].apply(one.document);
      if (!one.ended) unanswered.push_back(one.subscription);
      sent.push_back(std::move(one));
    }
    out.clear();
  }
  void TearDown() override {
    for (const auto& [id, view] : views) EXPECT_THAT(view.faults(), IsEmpty());
  }

  ConferenceNotifier notifier{{}, description()};
  base::TimePoint now{std::chrono::hours(1)};
  std::vector<Notification> sent;
  std::vector<SubscriptionId> unanswered;
  std::map<SubscriptionId, ConferenceInfoView> views;
  bool answers = true;
};

// EVT-02, EVT-03
TEST_F(Notifier, SaysAllAtOnceAndThenOnlyWhatChanged) {
  put(alice, member("alice"));
  subscribe(first);
  answer_all();
  ASSERT_THAT(sent, SizeIs(1));
  EXPECT_TRUE(sent[0].is_full);
  EXPECT_EQ(sent[0].expires, 3600s);
  EXPECT_EQ(views[first].entity(), conference_uri);
  EXPECT_EQ(views[first].maximum_user_count(), 16U);
  advance(10s);
  put(bob, member("bob"));
  advance(0s);
  ASSERT_THAT(sent, SizeIs(2));
  EXPECT_FALSE(sent[1].is_full);
  EXPECT_EQ(sent[1].expires, 3590s);
  EXPECT_THAT(views[first].mentioned(), ElementsAre("sip:bob@example.net"));
  EXPECT_THAT(views[first].users(), SizeIs(2));
  EXPECT_THAT(views[first].history(), ElementsAre("full 1", "partial 2"));
}

// EVT-03
TEST_F(Notifier, EachSubscriptionHasItsOwnVersions) {
  subscribe(first);
  answer_all();
  advance(10s);
  put(alice, member("alice"));
  advance(10s);
  subscribe(second);
  answer_all();
  EXPECT_EQ(views[first].version(), 2U);
  EXPECT_EQ(views[second].version(), 1U);
  put(bob, member("bob"));
  advance(10s);
  EXPECT_EQ(views[first].version(), 3U);
  EXPECT_EQ(views[second].version(), 2U);
}

// EVT-02
TEST_F(Notifier, ARefreshIsAnsweredInFullWithTheNextVersion) {
  put(alice, member("alice"));
  subscribe(first);
  answer_all();
  subscribe(first, 600s);
  ASSERT_THAT(sent, SizeIs(2)) << "min_interval does not hold for it";
  EXPECT_EQ(sent[1].expires, 600s);
  EXPECT_THAT(views[first].history(), ElementsAre("full 1", "full 2"));
}

// EVT-08
TEST_F(Notifier, ManyChangesWithinTheIntervalAreOneNotify) {
  for (std::uint64_t i = 1; i <= 20; ++i) put(Roster::Key{i}, member("u" + std::to_string(i)));
  subscribe(first);
  answer_all();
  advance(10s);
  sent.clear();
  for (std::uint64_t i = 1; i <= 20; ++i) {
    depart(Roster::Key{i});
    advance(50ms);
  }
  EXPECT_THAT(sent, SizeIs(1));
  advance(4s);
  EXPECT_THAT(sent, SizeIs(2));
  advance(5s);
  EXPECT_THAT(sent, SizeIs(3)) << "that they are gone";
  EXPECT_THAT(views[first].users(), IsEmpty());
  advance(1min);
  EXPECT_THAT(sent, SizeIs(3)) << "nothing more to say";
}

// EVT-07
TEST_F(Notifier, ADepartureIsToldInTwoSteps) {
  put(alice, member("alice"));
  put(bob, member("bob"));
  subscribe(first);
  answer_all();
  advance(10s);
  depart(bob);
  advance(0s);
  EXPECT_EQ(views[first].endpoint("sip:bob@example.net").status, "disconnected");
  advance(4s);
  EXPECT_TRUE(views[first].has("sip:bob@example.net"));
  advance(1s);
  EXPECT_FALSE(views[first].has("sip:bob@example.net"));
  EXPECT_THAT(views[first].history(), ElementsAre("full 1", "partial 2", "partial 3"));
}

TEST_F(Notifier, OneSlowSubscriberHearsBothStepsAndHoldsUpNobody) {
  put(alice, member("alice"));
  put(bob, member("bob"));
  subscribe(first);
  subscribe(second);
  answer(second);
  answers = false;
  depart(bob);
  advance(30s);
  EXPECT_THAT(views[first].history(), ElementsAre("full 1")) << "its NOTIFY is not answered";
  EXPECT_EQ(views[second].history().back(), "partial 2");
  answer(second);
  advance(10s);
  EXPECT_FALSE(views[second].has("sip:bob@example.net"));
  answer(first);
  advance(0s);
  EXPECT_EQ(views[first].endpoint("sip:bob@example.net").status, "disconnected");
  answer(first);
  advance(10s);
  EXPECT_FALSE(views[first].has("sip:bob@example.net"));
}

TEST_F(Notifier, ARefreshWhileANotifyIsUnansweredWaitsForItsAnswer) {
  subscribe(first);
  subscribe(first);
  subscribe(first);
  EXPECT_THAT(sent, SizeIs(1));
  answer(first);
  EXPECT_THAT(sent, SizeIs(2)) << "and is one NOTIFY, at once";
  EXPECT_TRUE(sent[1].is_full);
}

// EVT-15
TEST_F(Notifier, AFetchIsOneFullNotifyThatEndsIt) {
  put(alice, member("alice"));
  subscribe(first, 0s);
  ASSERT_THAT(sent, SizeIs(1));
  EXPECT_EQ(sent[0].ended, EndReason::timeout);
  EXPECT_TRUE(views[first].has("sip:alice@example.net"));
  EXPECT_TRUE(notifier.empty());
  EXPECT_FALSE(notifier.next_deadline());
}

TEST_F(Notifier, UnsubscribingDoesNotWaitForAnAnswer) {
  subscribe(first);
  subscribe(first, 0s);
  ASSERT_THAT(sent, SizeIs(2));
  EXPECT_EQ(sent[1].ended, EndReason::timeout);
  EXPECT_FALSE(answer(first)) << "what comes late concerns nobody";
}

TEST_F(Notifier, ExpiryEndsItWithAnAnswerDueOrNot) {
  subscribe(first, 60s);
  subscribe(second, 60s);
  answer(second);
  unanswered.clear();
  advance(59s);
  EXPECT_EQ(notifier.size(), 2U);
  advance(1s);
  EXPECT_TRUE(notifier.empty());
  ASSERT_THAT(sent, SizeIs(4));
  EXPECT_EQ(sent[2].ended, EndReason::timeout);
  EXPECT_EQ(sent[3].ended, EndReason::timeout);
}

// END-10
TEST_F(Notifier, TheEndOfTheConferenceIsToldToEverybody) {
  put(alice, member("alice"));
  subscribe(first);
  subscribe(second);
  answer(second);
  Notifications out;
  notifier.end_all(out);
  take(out);
  EXPECT_TRUE(notifier.empty());
  for (const auto id : {first, second}) EXPECT_TRUE(views[id].is_deleted());
  EXPECT_EQ(sent.back().ended, EndReason::noresource);
}

// END-11
TEST_F(Notifier, WhoMayWatchNoMoreIsRejectedWithoutADocument) {
  subscribe(first, 3600s, "sip:alice@example.net");
  subscribe(second, 3600s, "sip:bob@example.net");
  sent.clear();
  Notifications out;
  notifier.reject("sip:bob@example.net", out);
  take(out);
  ASSERT_THAT(sent, SizeIs(1));
  EXPECT_EQ(sent[0].subscription, second);
  EXPECT_EQ(sent[0].ended, EndReason::rejected);
  EXPECT_EQ(sent[0].document, "");
  EXPECT_TRUE(notifier.contains(first));
}

// EVT-14
TEST_F(Notifier, AFailedNotifyEndsTheSubscription) {
  for (const int status : {404, 405, 408, 410, 416, 480, 481, 482, 483, 484, 485, 489, 501, 604}) {
    subscribe(first);
    EXPECT_FALSE(answer(first, status)) << status;
    EXPECT_TRUE(notifier.empty());
    views.clear();
  }
}

TEST_F(Notifier, AnErrorOfTheTransactionAloneIsMadeGoodInFull) {
  put(alice, member("alice"));
  subscribe(first);
  EXPECT_TRUE(answer(first, 500));
  sent.clear();
  advance(4s);
  EXPECT_THAT(sent, IsEmpty());
  answers = false;
  advance(1s);
  ASSERT_THAT(sent, SizeIs(1));
  EXPECT_TRUE(sent[0].is_full);
  EXPECT_TRUE(answer(first, 503));
  advance(5s);
  EXPECT_FALSE(answer(first, 500)) << "three in a row are enough";
}

TEST_F(Notifier, ASuccessInBetweenForgivesFailures) {
  subscribe(first);
  for (int i = 0; i < 10; ++i) {
    ASSERT_TRUE(answer(first, 500));
    answers = false;
    advance(5s);
    ASSERT_TRUE(answer(first, 200));
    put(alice, member(i % 2 == 0 ? "alice" : "alice2"));
    notifier.roster().depart(alice, DisconnectionMethod::departed, {});
    advance(5s);
  }
}

TEST_F(Notifier, WithoutSubscribersNothingIsRemembered) {
  for (std::uint64_t i = 1; i <= 100; ++i) {
    put(Roster::Key{i}, member("u" + std::to_string(i)));
    depart(Roster::Key{i});
  }
  EXPECT_EQ(notifier.roster().difference({}).find("<user "), std::string::npos);
  EXPECT_FALSE(notifier.next_deadline());
}

TEST_F(Notifier, SendsInPortions) {
  for (std::uint64_t i = 1; i <= 100; ++i) subscribe(SubscriptionId{i});
  answer_all();
  now += 10s;
  put(alice, member("alice"));
  Notifications out;
  notifier.handle_timeout(now, 32, out);
  EXPECT_THAT(out, SizeIs(32));
  EXPECT_EQ(notifier.next_deadline(), now);
  take(out);
}

// What a change costs each subscriber is in the number of changed users: a partial document does not grow with the
// conference.
TEST_F(Notifier, APartialDocumentIsAsLongAsTheChange) {
  for (std::uint64_t i = 10; i < 1010; ++i) put(Roster::Key{i}, member("u" + std::to_string(i)));
  subscribe(first);
  answer_all();
  advance(10s);
  put(alice, member("alice"));
  advance(0s);
  EXPECT_GT(sent[0].document.size(), 200'000U);
  EXPECT_LT(sent[1].document.size(), 1000U);
}

}  // namespace
}  // namespace clued::event_package
