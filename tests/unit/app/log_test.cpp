#include "app/log.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>
#include <string>
#include <system_error>

#include "gtest/gtest.h"

namespace clued::app {
namespace {

constexpr base::RecordKind debugged{"thing.debugged", base::Severity::debug};
constexpr base::RecordKind happened{"thing.happened", base::Severity::info};
constexpr base::RecordKind traced{"thing.traced", base::Severity::trace};

class LogTest : public testing::Test {
 protected:
  LogTest()
      : file_(std::filesystem::path(testing::TempDir()) /
              ("clued_log_" + std::string(testing::UnitTest::GetInstance()->current_test_info()->name()) + ".log")) {
    std::filesystem::remove(file_);
  }
  ~LogTest() override { std::filesystem::remove(file_); }

  std::string contents() const {
    std::ostringstream text;
    text << std::ifstream(file_).rdbuf();
    return text.str();
  }

  std::filesystem::path file_;
};

TEST_F(LogTest, WritesALineOfTimeLevelNameAndFields) {
  Log log({base::Severity::info, LogFormat::text, file_});
  log.write({&happened, {{"a", 1}}});
  const std::string text = contents();
  const std::regex line(R"([0-9-]{10}T[0-9:]{8}\.[0-9]{3}[+-][0-9:]{5} info thing\.happened a=1\n)");
  EXPECT_TRUE(std::regex_match(text, line)) << text;
}

TEST_F(LogTest, WritesJsonLines) {
  Log log({base::Severity::info, LogFormat::json, file_});
  log.write({&happened, {{"a", "x\ny"}}});
  log.write({&happened, {}});
  const std::string text = contents();
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 2);
  EXPECT_TRUE(text.starts_with("{\"time\":\""));
  EXPECT_NE(text.find(R"(","level":"info","record":"thing.happened","a":"x\ny"})"), std::string::npos) << text;
}

TEST_F(LogTest, LeavesOutWhatIsBelowTheLevel) {
  Log log({base::Severity::info, LogFormat::text, file_});
  log.write({&debugged, {}});
  log.set_level(base::Severity::debug);
  log.write({&debugged, {{"n", 2}}});
  log.set_level(base::Severity::warning);
  log.write({&happened, {}});
  log.write({nullptr, {}});
  const std::string text = contents();
  EXPECT_NE(text.find("thing.debugged n=2"), std::string::npos);
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1) << text;
}

TEST_F(LogTest, ShowsIdentitiesInFullOnlyAtDebug) {
  Log log({base::Severity::info, LogFormat::text, file_});
  const base::Record record{&happened, {{"from", base::Identity{"sip:alice@example.com"}}}};
  log.write(record);
  EXPECT_EQ(contents().find("alice"), std::string::npos);
  log.set_level(base::Severity::debug);
  log.write(record);
  EXPECT_NE(contents().find("from=sip:alice@example.com"), std::string::npos);
}

TEST_F(LogTest, BodiesAreWholeOnlyInTraceRecords) {
  Log log({base::Severity::trace, LogFormat::text, file_});
  log.write({&traced, {{"body", std::string(5000, 'x')}}});
  EXPECT_EQ(contents().find("...("), std::string::npos);
  log.write({&happened, {{"body", std::string(5000, 'x')}}});
  EXPECT_NE(contents().find("...(+4488)"), std::string::npos);
}

TEST_F(LogTest, ReopensUnderItsNameAfterRotation) {
  Log log({base::Severity::info, LogFormat::text, file_});
  log.write({&happened, {{"n", 1}}});
  std::filesystem::remove(file_);
  EXPECT_TRUE(log.reopen());
  log.write({&happened, {{"n", 2}}});
  EXPECT_NE(contents().find("n=2"), std::string::npos);
  EXPECT_EQ(contents().find("n=1"), std::string::npos);
}

TEST_F(LogTest, AFileThatCannotBeOpenedIsAnErrorAtTheStart) {
  const LogSettings settings{base::Severity::info, LogFormat::text, file_ / "is_no_folder" / "x.log"};
  std::ofstream(file_) << "a file";
  EXPECT_THROW(Log log(settings), std::system_error);
}

}  // namespace
}  // namespace clued::app
