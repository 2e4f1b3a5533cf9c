#include "channel/turns.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <chrono>
#include <functional>
#include <string>
#include <vector>

namespace clued::channel::test {
namespace {

using testing::ElementsAre;
using namespace std::chrono_literals;

class TurnsTest : public testing::Test {
 protected:
  Turns::Job job(const char* name) {
    return [this, name] { order.emplace_back(name); };
  }

  boost::asio::io_context io;
  Turns turns{io};
  std::vector<std::string> order;
};

TEST_F(TurnsTest, OnlyQueue) {
  turns.read(job("read"));
  turns.send(job("send"));
  EXPECT_THAT(order, ElementsAre());
  EXPECT_EQ(turns.sends_waiting(), 1U);
  io.poll();
  EXPECT_EQ(order.size(), 2U);
  EXPECT_EQ(turns.sends_waiting(), 0U);
}

TEST_F(TurnsTest, FinishWhatHasBegunFirstButAlwaysSendSomething) {
  turns.send(job("send 1"));
  turns.send(job("send 2"));
  turns.read(job("read 1"));
  turns.read([this] {
    order.emplace_back("read 2");
    turns.read(job("read 3"));
  });
  io.poll();
  EXPECT_THAT(order, ElementsAre("send 1", "read 1", "read 2", "read 3", "send 2"));
}

TEST_F(TurnsTest, OthersWaitForOneTurnAndNotForAll) {
  std::size_t done = 0;
  const auto slow = [&] {
    const auto end = base::Clock::now() + 1ms;
    while (base::Clock::now() < end) {
    }
    ++done;
  };
  for (int i = 0; i < 100; ++i) {
    turns.send(slow);
    turns.read(slow);
  }
  std::size_t before = 0, most = 0;
  std::function<void()> other = [&] {
    most = std::max(most, done - before);
    before = done;
    if (done < 200) boost::asio::post(io, other);
  };
  boost::asio::post(io, other);
  io.poll();
  EXPECT_EQ(done, 200U);
  EXPECT_LE(most, 4U) << "of a millisecond each";
}

TEST_F(TurnsTest, DropWhatIsLeftWhenTheyGo) {
  {
    Turns others(io);
    others.read(job("read"));
    others.send(job("send"));
  }
  io.poll();
  EXPECT_THAT(order, ElementsAre());
}

}  // namespace
}  // namespace clued::channel::test
