#include "base/shared_optional.hpp"

#include <gtest/gtest.h>

#include <string>

namespace clued::base {
namespace {

struct Text {
  std::string text{};
  bool operator==(const Text&) const = default;
};

TEST(SharedOptional, IsEmptyUntilItHasAValue) {
  SharedOptional<Text> one;
  EXPECT_FALSE(one);
  EXPECT_EQ(one, SharedOptional<Text>(std::nullopt));
  one = Text{"a"};
  ASSERT_TRUE(one.has_value());
  EXPECT_EQ(one->text, "a");
  EXPECT_FALSE(one == SharedOptional<Text>());
  EXPECT_EQ(one.emplace().text, "");
  one.reset();
  EXPECT_FALSE(one);
}

TEST(SharedOptional, CopiesShareTheValueUntilOneChangesIt) {
  SharedOptional<Text> one(Text{"a"});
  SharedOptional<Text> other = one;
  EXPECT_EQ(&*std::as_const(one), &*std::as_const(other));
  other->text = "b";
  EXPECT_EQ(std::as_const(one)->text, "a");
  EXPECT_EQ(std::as_const(other)->text, "b");
  const Text* const alone = &*std::as_const(other);
  other->text = "c";
  EXPECT_EQ(&*std::as_const(other), alone) << "nobody else has it";
}

TEST(SharedOptional, ComparesByValue) {
  SharedOptional<Text> one(Text{"a"});
  const SharedOptional<Text> other(Text{"a"});
  EXPECT_EQ(one, other);
  EXPECT_EQ(one, Text{"a"});
  EXPECT_FALSE(one == Text{"b"});
  one.share(other);
  EXPECT_EQ(&*std::as_const(one), &*other);
}

}  // namespace
}  // namespace clued::base
