#include <gtest/gtest.h>

#include "app/config.hpp"

namespace clued::app {
namespace {

TEST(LookupConfig, SaysHowLongALookUpMayTake) {
  const auto shown = parse_config("sip: {}\n");
  ASSERT_TRUE(shown.has_value());
  EXPECT_EQ(shown->sip.lookup.time_limit, std::chrono::seconds(5));
  const auto given = parse_config("sip: {lookup_timeout: 1500ms}\n");
  ASSERT_TRUE(given.has_value());
  EXPECT_EQ(given->sip.lookup.time_limit, std::chrono::milliseconds(1500));
  EXPECT_FALSE(parse_config("sip: {lookup_timeout: 0s}\n").has_value());
}

}  // namespace
}  // namespace clued::app
