#include "base/expected.hpp"

#include <memory>
#include <string>
#include <utility>

#include "gtest/gtest.h"

namespace clued::base {
namespace {

expected<int, std::string> half(int number) {
  if (number % 2 != 0) return unexpected("odd: " + std::to_string(number));
  return number / 2;
}

TEST(Expected, HoldsAValue) {
  const auto result = half(8);
  ASSERT_TRUE(result);
  EXPECT_TRUE(result.has_value());
  EXPECT_EQ(*result, 4);
  EXPECT_EQ(result.value_or(7), 4);
}

TEST(Expected, HoldsTheReasonWhyThereIsNoValue) {
  const auto result = half(3);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error(), "odd: 3");
  EXPECT_EQ(result.value_or(7), 7);
}

TEST(Expected, AnErrorMayBeMadeFromAnotherType) {
  const expected<int, std::string> result = unexpected("literal");
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error(), "literal");
}

TEST(Expected, KeepsValueAndErrorApartWhenTheyHaveOneType) {
  const expected<std::string, std::string> value = std::string("same");
  const expected<std::string, std::string> error = unexpected(std::string("same"));
  EXPECT_TRUE(value.has_value());
  EXPECT_FALSE(error.has_value());
}

TEST(Expected, MovesOutWhatCannotBeCopied) {
  expected<std::unique_ptr<int>, std::string> result = std::make_unique<int>(5);
  const std::unique_ptr<int> taken = *std::move(result);
  ASSERT_NE(taken, nullptr);
  EXPECT_EQ(*taken, 5);
}

TEST(Expected, WithoutValueTellsSuccessFromFailure) {
  const expected<void, int> success;
  const expected<void, int> failure = unexpected(9);
  EXPECT_TRUE(success.has_value());
  ASSERT_FALSE(failure);
  EXPECT_EQ(failure.error(), 9);
}

}  // namespace
}  // namespace clued::base
