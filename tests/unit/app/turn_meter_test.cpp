#include "app/turn_meter.hpp"

#include <time.h>

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>

#include "gtest/gtest.h"

namespace clued::app {
namespace {

using namespace std::chrono_literals;

void keep_busy(std::chrono::milliseconds time) {
  timespec begin{}, now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &begin);
  const auto passed = [&] {
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return std::chrono::seconds(now.tv_sec - begin.tv_sec) + std::chrono::nanoseconds(now.tv_nsec - begin.tv_nsec);
  };
  while (passed() < time) {
  }
}

TEST(TurnMeter, KnowsTheLongestHandlerSinceItWasAskedAndEver) {
  boost::asio::io_context io;
  TurnMeter meter;
  boost::asio::post(io, [] { keep_busy(30ms); });
  boost::asio::post(io, [] {});
  meter.run(io);
  const auto first = meter.take_longest();
  EXPECT_GE(first.cpu, 30ms);
  EXPECT_GE(first.wall, 30ms);
  io.restart();
  boost::asio::post(io, [] { keep_busy(1ms); });
  meter.run(io);
  EXPECT_GE(meter.take_longest().cpu, 1ms);
  EXPECT_EQ(meter.take_longest().cpu, 0us);
  EXPECT_GE(meter.longest_ever().cpu, 30ms);
}

TEST(TurnMeter, WaitingIsNoTurn) {
  boost::asio::io_context io;
  TurnMeter meter;
  boost::asio::steady_timer timer(io, 300ms);
  timer.async_wait([](const boost::system::error_code&) {});
  meter.run(io);
  EXPECT_EQ(meter.take_longest().wall, 0us);
}

TEST(TurnMeter, EndsWhenTheLoopIsStopped) {
  boost::asio::io_context io;
  TurnMeter meter;
  boost::asio::steady_timer never(io, 1h);
  never.async_wait([](const boost::system::error_code&) {});
  boost::asio::post(io, [&] { io.stop(); });
  meter.run(io);
  EXPECT_TRUE(io.stopped());
}

}  // namespace
}  // namespace clued::app
