#include "channel/glib_log.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

// As glib.h has it, which the tests are not built with.
extern "C" void g_log(const char* domain, int level, const char* format, ...);

namespace clued::channel {
namespace {

constexpr int warning = 1 << 4;

TEST(GlibLogTest, WhatTheLibrarySaysIsARecordAndNotOnStandardError) {
  std::vector<std::string> said;
  ::testing::internal::CaptureStderr();
  {
    const GlibLog log([&said](const base::Record& record) {
      EXPECT_EQ(record.kind->name, "channel.library_said");
      said.push_back(std::get<std::string>(record.fields.at(1).value));
    });
    g_log("libnice", warning, "no route to %s", "host");
  }
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
  EXPECT_EQ(said, std::vector<std::string>{"no route to host"});
}

}  // namespace
}  // namespace clued::channel
