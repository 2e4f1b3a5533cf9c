// RFC 4028 at one dialog.
#include "focus/session_timer.hpp"

#include <gtest/gtest.h>

#include "support/counted_randomness.hpp"

namespace clued::focus {
namespace {

using namespace std::chrono_literals;
using Refresher = SessionRefresher;

class SessionTimerTest : public ::testing::Test {
 protected:
  CurrentPolicy policy{Policy{}};
  testing::CountedRandomness randomness{1};
  SessionTimer timer{policy, randomness};
  const base::TimePoint start{1h};

  template <class Change>
  void change(Change apply) {
    Policy fresh = *policy;
    apply(fresh);
    policy.replace(std::make_shared<const Policy>(std::move(fresh)));
  }

  SessionTimerFields asked(std::chrono::seconds expires, std::optional<Refresher> refresher = {}) {
    return {true, expires, refresher, {}};
  }
};

TEST_F(SessionTimerTest, NothingRunsBeforeTheFirst2xx) {
  EXPECT_EQ(timer.next_deadline(), std::nullopt);
  EXPECT_EQ(timer.interval(), 0s);
}

// RFC 4028 table 2, and `session.refresher` where it leaves the choice to us.
TEST_F(SessionTimerTest, WhoRefreshes) {
  struct Case {
    bool supported;
    std::optional<Refresher> asked;
    PreferredRefresher preferred;
    Refresher expected;
  };
  for (const auto& one : {
           Case{false, {}, PreferredRefresher::focus, Refresher::uas},
           Case{false, {}, PreferredRefresher::peer, Refresher::uas},
           Case{false, Refresher::uac, PreferredRefresher::peer, Refresher::uas},
           Case{true, {}, PreferredRefresher::focus, Refresher::uas},
           Case{true, {}, PreferredRefresher::peer, Refresher::uac},
           Case{true, Refresher::uac, PreferredRefresher::focus, Refresher::uac},
           Case{true, Refresher::uas, PreferredRefresher::peer, Refresher::uas},
       }) {
    change([&](Policy& to) { to.session_refresher = one.preferred; });
    const auto said = timer.accept({one.supported, 1800s, one.asked, {}}, start);
    EXPECT_EQ(said.refresher, one.expected);
    EXPECT_EQ(timer.we_refresh(), one.expected == Refresher::uas);
    EXPECT_EQ(said.supported, one.supported);
  }
}

TEST_F(SessionTimerTest, TheShorterIntervalCountsButNotBelowMinSe) {
  change([](Policy& to) { to.session_expires = 600s; });
  EXPECT_EQ(timer.accept(asked(1800s), start).expires, 600s);
  EXPECT_EQ(timer.accept(asked(300s), start).expires, 300s);
  EXPECT_EQ(timer.accept({true, {}, {}, {}}, start).expires, 600s);
  EXPECT_EQ(timer.accept({true, 1800s, {}, 900s}, start).expires, 900s);
}

TEST_F(SessionTimerTest, WeRefreshAtHalfTheIntervalOrALittleEarlier) {
  timer.accept(asked(1800s), start);
  EXPECT_FALSE(timer.is_refresh_due(start + 809s));
  EXPECT_TRUE(timer.is_refresh_due(start + 900s));
  EXPECT_FALSE(timer.has_expired(start + 1767s));
  EXPECT_TRUE(timer.has_expired(start + 1768s)) << "32 s before the end";
}

TEST_F(SessionTimerTest, AShortSessionEndsAThirdBeforeItsTime) {
  timer.accept(asked(90s, Refresher::uac), start);
  EXPECT_FALSE(timer.is_refresh_due(start + 90s)) << "the peer refreshes";
  EXPECT_FALSE(timer.has_expired(start + 59s));
  EXPECT_TRUE(timer.has_expired(start + 60s));
}

TEST_F(SessionTimerTest, ARequestOfOursKeepsTheRoles) {
  timer.accept(asked(1000s, Refresher::uac), start);
  EXPECT_EQ(timer.ask(), (SessionTimerFields{true, 1000s, Refresher::uas, {}})) << "the peer is the UAS of our request";
  timer.accept(asked(1000s, Refresher::uas), start);
  EXPECT_EQ(timer.ask(), (SessionTimerFields{true, 1000s, Refresher::uac, {}}));
}

TEST_F(SessionTimerTest, A2xxWithoutSessionExpiresLeavesTheRefreshingToUs) {
  timer.accept(asked(1000s, Refresher::uac), start);
  timer.confirmed({}, start + 10s);
  EXPECT_TRUE(timer.we_refresh());
  EXPECT_EQ(timer.interval(), 1000s);
  EXPECT_TRUE(timer.is_refresh_due(start + 510s));
}

TEST_F(SessionTimerTest, A2xxCanLowerTheIntervalAndPassTheRefreshing) {
  timer.accept(asked(1000s), start);
  timer.confirmed({true, 200s, Refresher::uas, {}}, start + 10s);
  EXPECT_FALSE(timer.we_refresh());
  EXPECT_TRUE(timer.has_expired(start + 210s));
}

TEST_F(SessionTimerTest, After422TheRefreshIsDueAtOnceWithALongerInterval) {
  timer.accept(asked(200s), start);
  timer.refreshing();
  timer.too_brief(500s, start + 100s);
  EXPECT_TRUE(timer.is_refresh_due(start + 100s));
  EXPECT_EQ(timer.ask(), (SessionTimerFields{true, 500s, Refresher::uac, 500s}));
  // The same again is no help: it would go round for ever.
  timer.refreshing();
  timer.too_brief(500s, start + 101s);
  EXPECT_FALSE(timer.is_refresh_due(start + 101s));
}

// RFC 4028 sections 4 and 8: less than what we bear is refused by 422 where the peer knows the timer; else it is our
// own.
TEST_F(SessionTimerTest, NobodyMakesUsRefreshAllTheTime) {
  for (const auto brief : {1s, 0s, -5s, 89s}) {
    const auto said = timer.accept({false, brief, {}, {}}, start);
    EXPECT_EQ(said.expires, policy->session_expires);
    EXPECT_FALSE(timer.is_refresh_due(start + 800s)) << brief.count();
    for (const auto refresher : {Refresher::uac, Refresher::uas}) {
      timer.confirmed({true, brief, refresher, {}}, start);
      EXPECT_FALSE(timer.is_refresh_due(start + 40s)) << brief.count();
      EXPECT_FALSE(timer.has_expired(start + 59s)) << brief.count();
      EXPECT_TRUE(timer.has_expired(start + 60s)) << brief.count();
      EXPECT_GE(*timer.ask().expires, 90s);
    }
  }
}

TEST_F(SessionTimerTest, NobodyMakesUsLookAwayForEver) {
  const auto never = std::chrono::seconds::max();
  const auto is_looked_after = [&] { return timer.we_refresh() && timer.is_refresh_due(start + 24h); };
  for (const auto refresher : {Refresher::uac, Refresher::uas}) {
    timer.confirmed({true, never, refresher, {}}, start);
    EXPECT_TRUE(is_looked_after());
    timer.accept({true, never, refresher, never}, start);
    EXPECT_TRUE(is_looked_after());
  }
  timer.accept({true, {}, {}, never}, start);
  EXPECT_TRUE(is_looked_after());
  EXPECT_LE(*timer.ask().expires, 720h);
}

TEST_F(SessionTimerTest, A422ThatSaysNothingUsefulIsNotAnsweredAtOnce) {
  timer.accept(asked(1800s), start);
  for (const auto min_se : {0s, -1s, 1800s, std::chrono::seconds::min()}) {
    timer.refreshing();
    timer.too_brief(min_se, start + 100s);
    EXPECT_FALSE(timer.is_refresh_due(start + 100s)) << min_se.count();
  }
  // More each time: once at once, then after the pause of any other refusal.
  timer.too_brief(2000s, start + 100s);
  EXPECT_TRUE(timer.is_refresh_due(start + 100s));
  timer.refreshing();
  timer.postpone(5s, start + 101s);
  timer.too_brief(2001s, start + 101s);
  EXPECT_FALSE(timer.is_refresh_due(start + 101s));
  EXPECT_TRUE(timer.is_refresh_due(start + 106s));
  timer.too_brief(std::chrono::seconds::max(), start + 106s);
  EXPECT_EQ(timer.ask().expires, 720h);
}

TEST_F(SessionTimerTest, ARefreshThatWasRefusedIsTriedAgain) {
  timer.accept(asked(1800s), start);
  timer.refreshing();
  EXPECT_FALSE(timer.is_refresh_due(start + 1000s));
  timer.postpone(5s, start + 1000s);
  EXPECT_TRUE(timer.is_refresh_due(start + 1005s));
  timer.stop();
  EXPECT_EQ(timer.next_deadline(), std::nullopt);
}

}  // namespace
}  // namespace clued::focus
