#include "base/deadline_queue.hpp"

#include <map>
#include <random>
#include <set>

#include "base/ids.hpp"
#include "gtest/gtest.h"

namespace clued::base {
namespace {

using namespace std::chrono_literals;

constexpr TimePoint start{};

TEST(DeadlineQueue, AnEmptyOneHasNoDeadline) {
  DeadlineQueue<ParticipantId> queue;
  EXPECT_TRUE(queue.empty());
  EXPECT_EQ(queue.next(), std::nullopt);
  EXPECT_EQ(queue.take_due(TimePoint::max()), ParticipantId{});
}

TEST(DeadlineQueue, YieldsTheEarliestFirstAndEachOnce) {
  DeadlineQueue<ParticipantId> queue;
  queue.set(ParticipantId{1}, start + 3s);
  queue.set(ParticipantId{2}, start + 1s);
  queue.set(ParticipantId{3}, start + 2s);
  EXPECT_EQ(queue.next(), start + 1s);
  EXPECT_EQ(queue.take_due(start + 999ms), ParticipantId{});
  EXPECT_EQ(queue.take_due(start + 2s), ParticipantId{2});
  EXPECT_EQ(queue.take_due(start + 2s), ParticipantId{3}) << "due at exactly its moment";
  EXPECT_EQ(queue.take_due(start + 2s), ParticipantId{});
  EXPECT_EQ(queue.next(), start + 3s);
}

TEST(DeadlineQueue, AChildHasOneDeadlineTheNewest) {
  DeadlineQueue<ParticipantId> queue;
  queue.set(ParticipantId{1}, start + 3s);
  queue.set(ParticipantId{1}, start + 5s);
  EXPECT_EQ(queue.next(), start + 5s);
  queue.set(ParticipantId{1}, start + 1s);
  EXPECT_EQ(queue.next(), start + 1s);
  queue.set(ParticipantId{1}, std::nullopt);
  EXPECT_TRUE(queue.empty());
  queue.set(ParticipantId{1}, std::nullopt);
  EXPECT_TRUE(queue.empty());
}

TEST(DeadlineQueue, ChildrenWithTheSameDeadlineAreAllTaken) {
  DeadlineQueue<ParticipantId> queue;
  std::set<ParticipantId> taken;
  for (std::uint64_t n = 1; n <= 5; ++n) queue.set(ParticipantId{n}, start + 1s);
  while (const auto key = queue.take_due(start + 1s)) EXPECT_TRUE(taken.insert(key).second);
  EXPECT_EQ(taken.size(), 5U);
}

TEST(DeadlineQueue, AgreesWithAPlainMapUnderRandomUse) {
  DeadlineQueue<ParticipantId> queue;
  std::map<ParticipantId, TimePoint> model;
  std::mt19937 random(20240501);
  for (int n = 0; n < 20'000; ++n) {
    const ParticipantId key{1 + random() % 20};
    const TimePoint moment = start + std::chrono::milliseconds(random() % 1000);
    switch (random() % 4) {
      case 0:
        queue.set(key, std::nullopt);
        model.erase(key);
        break;
      case 1:
        if (const auto due = queue.take_due(moment)) {
          ASSERT_TRUE(model.contains(due));
          ASSERT_LE(model.at(due), moment);
          model.erase(due);
        } else {
          for (const auto& [other, deadline] : model) ASSERT_GT(deadline, moment);
        }
        break;
      default:
        queue.set(key, moment);
        model[key] = moment;
    }
    Deadline earliest;
    for (const auto& [other, deadline] : model) earliest = earlier(earliest, deadline);
    ASSERT_EQ(queue.next(), earliest);
  }
}

TEST(Earlier, NoneIsLaterThanEverything) {
  EXPECT_EQ(earlier(std::nullopt, std::nullopt), std::nullopt);
  EXPECT_EQ(earlier(start, std::nullopt), start);
  EXPECT_EQ(earlier(std::nullopt, start), start);
  EXPECT_EQ(earlier(start + 1s, start), start);
}

}  // namespace
}  // namespace clued::base
