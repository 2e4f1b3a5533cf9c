#include "base/token_bucket.hpp"

#include <gtest/gtest.h>

namespace clued::base {
namespace {

using namespace std::chrono_literals;

const TimePoint start{1h};

int taken(TokenBucket& bucket, TimePoint now, int tries) {
  int count = 0;
  for (int i = 0; i < tries; ++i) count += bucket.take(now) ? 1 : 0;
  return count;
}

TEST(TokenBucket, LetsABurstThroughAndThenItsRate) {
  TokenBucket bucket(2, 5);
  EXPECT_EQ(taken(bucket, start, 10), 5);
  EXPECT_EQ(taken(bucket, start + 400ms, 10), 0);
  EXPECT_EQ(taken(bucket, start + 500ms, 10), 1);
  EXPECT_EQ(taken(bucket, start + 2s, 10), 3);
}

TEST(TokenBucket, GivesSeveralAtOnceAndTakesThemBack) {
  TokenBucket bucket(2, 5);
  EXPECT_FALSE(bucket.take(start, 6));
  EXPECT_TRUE(bucket.take(start, 5));
  EXPECT_FALSE(bucket.take(start));
  bucket.give_back(2);
  EXPECT_TRUE(bucket.take(start, 2));
  bucket.give_back(100);
  EXPECT_EQ(taken(bucket, start, 10), 5) << "never more than its burst";
}

TEST(TokenBucket, IsNeverFullerThanItsBurst) {
  TokenBucket bucket(2, 5);
  EXPECT_TRUE(bucket.is_full(start));
  EXPECT_EQ(taken(bucket, start, 3), 3);
  EXPECT_FALSE(bucket.is_full(start + 1s));
  EXPECT_TRUE(bucket.is_full(start + 1500ms));
  EXPECT_EQ(taken(bucket, start + 24h, 10), 5);
}

TEST(TokenBucket, GainsNothingFromTimeThatGoesBackwards) {
  TokenBucket bucket(1, 1);
  EXPECT_TRUE(bucket.take(start));
  EXPECT_FALSE(bucket.take(start - 10s));
  EXPECT_FALSE(bucket.take(start + 900ms));
  EXPECT_TRUE(bucket.take(start + 1s));
}

}  // namespace
}  // namespace clued::base
