// 410 for what was, 404 for what never was (FOC-05, END-08), with bounded memory.
#include "focus/ended_conferences.hpp"

#include <gtest/gtest.h>

namespace clued::focus {
namespace {

using namespace std::chrono_literals;

TEST(EndedConferences, AreRememberedForAWhile) {
  EndedConferences ended;
  const base::TimePoint start{1h};
  EXPECT_FALSE(ended.contains("conf-1", start));
  ended.add("conf-1", start);
  EXPECT_TRUE(ended.contains("conf-1", start + 9min));
  EXPECT_FALSE(ended.contains("conf-1", start + 10min));
  EXPECT_FALSE(ended.contains("conf-2", start));
  ended.add("conf-2", start + 11min);
  EXPECT_EQ(ended.size(), 1U) << "what is too old costs nothing any more";
}

TEST(EndedConferences, AreBoundedInNumber) {
  EndedConferences ended;
  const base::TimePoint now{1h};
  for (std::size_t i = 0; i < EndedConferences::max_remembered + 5; ++i) ended.add("conf-" + std::to_string(i), now);
  EXPECT_EQ(ended.size(), EndedConferences::max_remembered);
  EXPECT_FALSE(ended.contains("conf-4", now));
  EXPECT_TRUE(ended.contains("conf-5", now));
}

TEST(EndedConferences, AreForgottenWhenTheirUriIsInUseAgain) {
  EndedConferences ended;
  const base::TimePoint start{1h};
  ended.add("boardroom", start);
  ended.remove("boardroom");
  EXPECT_FALSE(ended.contains("boardroom", start));
  ended.add("boardroom", start + 5min);
  ended.add("conf-1", start + 11min);
  EXPECT_TRUE(ended.contains("boardroom", start + 11min)) << "the older entry of the same name does not take it along";
}

}  // namespace
}  // namespace clued::focus
