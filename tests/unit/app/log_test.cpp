#include "app/log.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>
#include <string>
#include <system_error>
#include <thread>
#include <utility>

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

  /// Of a log that has written everything.
  std::string contents(Log& log) const {
    EXPECT_TRUE(log.flush(std::chrono::minutes(1)));
    std::ostringstream text;
    text << std::ifstream(file_).rdbuf();
    return text.str();
  }

  std::filesystem::path file_;
};

TEST_F(LogTest, WritesALineOfTimeLevelNameAndFields) {
  Log log({base::Severity::info, LogFormat::text, file_});
  log.write({&happened, {{"a", 1}}});
  const std::string text = contents(log);
  const std::regex line(R"([0-9-]{10}T[0-9:]{8}\.[0-9]{3}[+-][0-9:]{5} info thing\.happened a=1\n)");
  EXPECT_TRUE(std::regex_match(text, line)) << text;
}

TEST_F(LogTest, WritesJsonLines) {
  Log log({base::Severity::info, LogFormat::json, file_});
  log.write({&happened, {{"a", "x\ny"}}});
  log.write({&happened, {}});
  const std::string text = contents(log);
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
  const std::string text = contents(log);
  EXPECT_NE(text.find("thing.debugged n=2"), std::string::npos);
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1) << text;
}

TEST_F(LogTest, ShowsIdentitiesInFullOnlyAtDebug) {
  Log log({base::Severity::info, LogFormat::text, file_});
  const base::Record record{&happened, {{"from", base::Identity{"sip:alice@example.com"}}}};
  log.write(record);
  EXPECT_EQ(contents(log).find("alice"), std::string::npos);
  log.set_level(base::Severity::debug);
  log.write(record);
  EXPECT_NE(contents(log).find("from=sip:alice@example.com"), std::string::npos);
}

TEST_F(LogTest, BodiesAreWholeOnlyInTraceRecords) {
  Log log({base::Severity::trace, LogFormat::text, file_});
  log.write({&traced, {{"body", std::string(5000, 'x')}}});
  EXPECT_EQ(contents(log).find("...("), std::string::npos);
  log.write({&happened, {{"body", std::string(5000, 'x')}}});
  EXPECT_NE(contents(log).find("...(+4488)"), std::string::npos);
}

TEST_F(LogTest, ReopensUnderItsNameAfterRotation) {
  Log log({base::Severity::info, LogFormat::text, file_});
  log.write({&happened, {{"n", 1}}});
  std::filesystem::remove(file_);
  EXPECT_TRUE(log.reopen());
  log.write({&happened, {{"n", 2}}});
  EXPECT_NE(contents(log).find("n=2"), std::string::npos);
  EXPECT_EQ(contents(log).find("n=1"), std::string::npos);
}

TEST_F(LogTest, AFileThatCannotBeOpenedIsAnErrorAtTheStart) {
  const LogSettings settings{base::Severity::info, LogFormat::text, file_ / "is_no_folder" / "x.log"};
  std::ofstream(file_) << "a file";
  EXPECT_THROW(Log log(settings), std::system_error);
}

/// Both ends of a pipe as descriptors, and its size.
struct Pipe {
  Pipe() { EXPECT_EQ(pipe2(ends, O_CLOEXEC), 0); }
  ~Pipe() {
    close(ends[0]);
    if (ends[1] >= 0) close(ends[1]);
  }
  std::string read_all() const {
    std::string text;
    char buffer[65536];
    for (ssize_t size = 0; (size = read(ends[0], buffer, sizeof buffer)) > 0;)
      text.append(buffer, static_cast<std::size_t>(size));
    return text;
  }
  int ends[2] = {-1, -1};
};

TEST(LogWriterTest, APipeThatNobodyReadsHoldsUpNobodyAndTakesNoMoreThanItsBound) {
  Pipe pipe;
  std::string text;
  {
    LogWriter writer(std::exchange(pipe.ends[1], -1));
    const std::string line(99, 'x');
    std::size_t taken = 0;
    while (writer.write(line + '\n')) ++taken;
    EXPECT_GE(taken, LogWriter::max_waiting_bytes / 100);
    EXPECT_LE(taken, (LogWriter::max_waiting_bytes + 2 * 65536) / 100 + 1);
    EXPECT_FALSE(writer.flush(std::chrono::milliseconds(1)));
    std::thread reader([&] { text = pipe.read_all(); });
    EXPECT_TRUE(writer.flush(std::chrono::minutes(1)));
    EXPECT_EQ(writer.waiting(), 0U);
    EXPECT_TRUE(writer.write("the end\n"));
    EXPECT_TRUE(writer.flush(std::chrono::minutes(1)));
    writer.change(open("/dev/null", O_WRONLY | O_CLOEXEC));
    reader.join();
    EXPECT_EQ(text.size(), taken * 100 + 8) << "no line is lost, none is there twice";
  }
  EXPECT_TRUE(text.ends_with("x\nthe end\n"));
}

TEST(LogWriterTest, AFullDiskIsTriedAgainUntilThereIsAnother) {
  Pipe pipe;
  LogWriter writer(open("/dev/full", O_WRONLY | O_CLOEXEC));
  EXPECT_TRUE(writer.write("first\n"));
  writer.change(std::exchange(pipe.ends[1], -1));
  EXPECT_TRUE(writer.flush(std::chrono::minutes(1)));
  writer.change(open("/dev/null", O_WRONLY | O_CLOEXEC));
  EXPECT_EQ(pipe.read_all(), "first\n");
}

TEST_F(LogTest, CountsWhatIsLostAndTellsItWhenThereIsRoomAgain) {
  ASSERT_EQ(mkfifo(file_.c_str(), 0600), 0);
  const int reader = open(file_.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  ASSERT_GE(reader, 0);
  Log log({base::Severity::trace, LogFormat::text, file_});
  const base::Record record{&traced, {{"body", std::string(5000, 'x')}}};
  auto now = base::Clock::now();
  int written = 0;
  for (; !log.next_deadline(); ++written) log.write(record, now);
  for (int n = 0; n < 10; ++n) log.write(record, now);
  ASSERT_TRUE(log.next_deadline());
  std::string text;
  const auto drain = [&] {
    char buffer[65536];
    bool is_written = false;
    while (true) {
      const ssize_t size = read(reader, buffer, sizeof buffer);
      if (size > 0) {
        text.append(buffer, static_cast<std::size_t>(size));
      } else if (is_written) {
        return;
      } else {
        is_written = log.flush(std::chrono::milliseconds(1));
      }
    }
  };
  drain();
  log.handle_timeout(now + std::chrono::minutes(1));
  EXPECT_FALSE(log.next_deadline());
  log.write(record, now);
  drain();
  close(reader);
  EXPECT_NE(text.find(" error log.lost count=11\n"), std::string::npos) << text.substr(text.size() - 200);
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), written + 1);
}

TEST_F(LogTest, SumsUpAFlood) {
  Log log({base::Severity::info, LogFormat::text, file_});
  const auto now = base::Clock::now();
  for (int n = 0; n < 1000; ++n) log.write({&happened, {{"source", "udp:192.0.2.1:5060"}, {"n", n}}}, now);
  ASSERT_TRUE(log.next_deadline());
  log.handle_timeout(*log.next_deadline());
  EXPECT_FALSE(log.next_deadline());
  const std::string text = contents(log);
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 21) << text;
  EXPECT_NE(text.find("warning log.summed_up kind=thing.happened count=980\n"), std::string::npos) << text;
}

TEST(JournalTest, IsKnownByItsDeviceAndInode) {
  struct stat status {};
  ASSERT_EQ(fstat(STDERR_FILENO, &status), 0);
  const std::string own = std::to_string(status.st_dev) + ':' + std::to_string(status.st_ino);
  EXPECT_TRUE(is_journal(STDERR_FILENO, own.c_str()));
  EXPECT_FALSE(is_journal(STDERR_FILENO, ("1" + own).c_str()));
  EXPECT_FALSE(is_journal(STDERR_FILENO, ""));
  EXPECT_FALSE(is_journal(STDERR_FILENO, nullptr));
}

}  // namespace
}  // namespace clued::app
