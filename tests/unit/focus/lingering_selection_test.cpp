#include "focus/lingering_selection.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace clued::focus {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr ParticipantId ben{1}, carl{2};
const base::TimePoint start{1h};

LingeringSelection::Selection wanted(std::initializer_list<const char*> captures) {
  LingeringSelection::Selection encodings;
  for (const char* capture : captures) encodings.push_back({"c", capture, "e", {}});
  return encodings;
}

std::vector<std::string> ids(const LingeringSelection::Selection& selection) {
  std::vector<std::string> found;
  for (const auto& encoding : selection) found.push_back(encoding.capture_id);
  return found;
}

TEST(LingeringSelection, CountsAtOnceWhatIsWantedAndForAMomentWhatIsNotWantedAnyMore) {
  LingeringSelection selections;
  EXPECT_THAT(ids(selections.select(ben, wanted({"a", "b"}), start)), ElementsAre("a", "b"));
  EXPECT_FALSE(selections.next_deadline());
  EXPECT_THAT(ids(selections.select(ben, wanted({"c", "b"}), start)), ElementsAre("c", "b", "a"));
  ASSERT_EQ(selections.next_deadline(), start + 1s);
  EXPECT_FALSE(selections.take_due(start + 999ms));
  EXPECT_EQ(selections.take_due(start + 1s), ben);
  EXPECT_THAT(ids(selections.counted(ben)), ElementsAre("c", "b"));
  EXPECT_FALSE(selections.next_deadline());
}

TEST(LingeringSelection, ForgetsTheMomentWhenTheSameIsWantedAgain) {
  LingeringSelection selections;
  selections.select(ben, wanted({"a"}), start);
  selections.select(ben, {}, start);
  EXPECT_TRUE(selections.next_deadline());
  EXPECT_THAT(ids(selections.select(ben, wanted({"a"}), start + 500ms)), ElementsAre("a"));
  EXPECT_FALSE(selections.next_deadline());
}

TEST(LingeringSelection, IsReleasedTheLaterTheMoreOftenItIsToggled) {
  LingeringSelection selections;
  int releases = 0;
  for (auto now = start; now < start + 60s; now += 20ms) {
    while (selections.take_due(now)) ++releases;
    selections.select(ben, (now - start) / 20ms % 2 == 0 ? wanted({"a"}) : wanted({}), now);
  }
  EXPECT_LE(releases, 8);
}

TEST(LingeringSelection, IsGoneWithItsConsumerAndBounded) {
  LingeringSelection selections;
  selections.select(ben, wanted({"a"}), start);
  selections.select(ben, {}, start);
  selections.forget(ben);
  EXPECT_FALSE(selections.next_deadline());
  EXPECT_THAT(ids(selections.select(ben, {}, start)), IsEmpty());
  std::size_t most = 0;
  for (int i = 0; i < 5000; ++i) {
    most = std::max(most, selections.select(carl, wanted({("x" + std::to_string(i)).c_str()}), start).size());
  }
  EXPECT_LE(most, 1000U);
}

}  // namespace
}  // namespace clued::focus
