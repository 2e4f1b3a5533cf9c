#include "app/event_pump.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <chrono>
#include <functional>
#include <string>
#include <variant>
#include <vector>

#include "gtest/gtest.h"

namespace clued::app {
namespace {

using namespace std::chrono_literals;

class CountedRandomness : public base::Randomness {
 public:
  std::uint64_t next() override { return ++last_; }

 private:
  std::uint64_t last_ = 0;
};

class EventPumpTest : public testing::Test {
 protected:
  static focus::Policy policy() {
    focus::Policy policy;
    policy.media.address_v4 = "127.0.0.1";
    policy.media.audio_codecs = {{"PCMU/8000", 0, ""}};
    policy.resource_wait = 1ms;
    return policy;
  }

  /// OPTIONS is what the core answers with exactly one command.
  static focus::Event options(std::uint64_t n) {
    focus::event::OptionsReceived event;
    event.request = base::RequestId{n};
    event.request_uri.user = "factory";
    event.request_uri.host = "example.com";
    return event;
  }

  static focus::Event invite() {
    focus::event::InviteReceived event;
    event.request = base::RequestId{1};
    event.dialog = base::DialogId{1};
    event.call_id = "call";
    event.request_uri.user = "factory";
    event.request_uri.host = "example.com";
    event.from.uri.user = "alice";
    event.from.uri.host = "example.com";
    event.contact.uri = event.from.uri;
    event.sdp =
        "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
        "m=audio 40000 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\n";
    return event;
  }

  void execute(const focus::Command& command) {
    if (const auto* respond = std::get_if<focus::command::Respond>(&command)) {
      done_.push_back(std::to_string(respond->request.value()) + ":" + std::to_string(respond->status));
      if (on_respond_) on_respond_();
    } else if (std::holds_alternative<focus::command::BindPort>(command)) {
      done_.push_back("bind");
    }
  }

  void run_until_done(std::size_t count) {
    const auto deadline = base::Clock::now() + 5s;
    while (done_.size() < count && base::Clock::now() < deadline) io_.run_one_for(100ms);
  }

  boost::asio::io_context io_;
  CountedRandomness randomness_;
  focus::Policy policy_ = policy();
  focus::Focus focus_{policy_, randomness_};
  std::vector<std::string> done_;
  std::function<void()> on_respond_;
  bool is_congested_ = false;
  std::vector<bool> holds_;
  EventPump pump_{io_, focus_, [this](focus::Command command) { execute(command); },
                  EventPump::Flow{[this] { return is_congested_; }, [this](bool hold) { holds_.push_back(hold); }}};
};

TEST_F(EventPumpTest, PostOnlyQueues) {
  pump_.post(options(1));
  EXPECT_TRUE(done_.empty());
  io_.poll();
  EXPECT_EQ(done_, std::vector<std::string>{"1:200"});
}

TEST_F(EventPumpTest, HandlesEventsInTheirOrder) {
  for (std::uint64_t n = 1; n <= 3; ++n) pump_.post(options(n));
  EXPECT_EQ(io_.poll(), 1U) << "what is quick is done in one turn";
  EXPECT_EQ(done_, (std::vector<std::string>{"1:200", "2:200", "3:200"}));
}

TEST_F(EventPumpTest, WhatACommandCausesComesAfterwards) {
  on_respond_ = [this] {
    if (done_.size() == 1) {
      pump_.post(options(9));
      EXPECT_EQ(done_.size(), 1U) << "nothing is entered twice";
    }
  };
  pump_.post(options(1));
  pump_.post(options(2));
  io_.poll();
  EXPECT_EQ(done_, (std::vector<std::string>{"1:200", "2:200", "9:200"}));
}

TEST_F(EventPumpTest, ManyEventsLeaveTheLoopToOthers) {
  std::vector<std::size_t> seen;
  std::function<void()> other = [&] {
    seen.push_back(done_.size());
    if (done_.size() < 100) boost::asio::post(io_, other);
  };
  for (std::uint64_t n = 1; n <= 100; ++n) pump_.post(options(n));
  boost::asio::post(io_, other);
  io_.poll();
  EXPECT_EQ(done_.size(), 100U);
  EXPECT_EQ(seen, (std::vector<std::size_t>{32, 64, 96, 100}));
}

TEST_F(EventPumpTest, CallsTheCoreWhenItsDeadlineHasCome) {
  pump_.post(invite());
  // Nobody answers BindPort, so the core gives the INVITE up when resource_wait is over.
  run_until_done(2);
  ASSERT_EQ(done_.size(), 2U);
  EXPECT_EQ(done_[0], "bind");
  EXPECT_TRUE(done_[1].starts_with("1:4") || done_[1].starts_with("1:5")) << done_[1];
}

TEST_F(EventPumpTest, ATimeoutIsNotHeldUpByAFloodOfEvents) {
  policy_.resource_wait = 0ms;
  pump_.post(focus::event::PolicyChanged{std::make_shared<const focus::Policy>(policy_)});
  pump_.post(invite());
  for (std::uint64_t n = 2; n <= 60; ++n) pump_.post(options(n));
  run_until_done(2);
  io_.run_one_for(0ms);
  const auto answered =
      std::find_if(done_.begin(), done_.end(), [](const auto& text) { return text.starts_with("1:"); });
  ASSERT_NE(answered, done_.end());
  EXPECT_LT(answered - done_.begin(), 10);
}

TEST_F(EventPumpTest, HoldsTheInputWhileTooMuchWaits) {
  for (std::uint64_t n = 1; n <= 255; ++n) pump_.post(options(n));
  EXPECT_TRUE(holds_.empty());
  for (std::uint64_t n = 256; n <= 300; ++n) pump_.post(options(n));
  EXPECT_EQ(holds_, std::vector<bool>{true}) << "once";
  EXPECT_EQ(pump_.events_waiting(), 300U);
  while (holds_.size() < 2 && io_.poll_one() > 0) {
  }
  EXPECT_EQ(holds_, (std::vector<bool>{true, false}));
  EXPECT_LE(pump_.events_waiting(), 64U);
  io_.poll();
  EXPECT_EQ(done_.size(), 300U) << "nothing is lost";
  EXPECT_EQ(pump_.events_waiting(), 0U);
  EXPECT_EQ(pump_.most_events_waiting(), 300U);
  EXPECT_EQ(holds_.size(), 2U);
}

TEST_F(EventPumpTest, HoldsTheInputWhileFewButLargeMessagesWait) {
  for (int n = 0; n < 40; ++n) {
    pump_.post(focus::event::ChannelMessageReceived{base::ChannelId{1}, std::string(std::size_t{256} * 1024, 'x')});
  }
  EXPECT_EQ(holds_, std::vector<bool>{true});
  io_.poll();
  EXPECT_EQ(holds_, (std::vector<bool>{true, false}));
}

TEST_F(EventPumpTest, WhatIsDueWaitsWhileMoreIsToBeSentThanCanBe) {
  is_congested_ = true;
  policy_.resource_wait = 0ms;
  pump_.post(invite());
  pump_.post(options(2));
  for (int n = 0; n < 10; ++n) io_.poll_one();
  EXPECT_EQ(done_, (std::vector<std::string>{"bind", "2:200"})) << "but events are handled";
  is_congested_ = false;
  run_until_done(3);
  ASSERT_EQ(done_.size(), 3U);
  EXPECT_TRUE(done_[2].starts_with("1:4") || done_[2].starts_with("1:5")) << done_[2];
}

TEST_F(EventPumpTest, CountsTheCommandsThatWait) {
  std::size_t waiting = 1;
  on_respond_ = [&] { waiting = pump_.commands_waiting(); };
  pump_.post(options(1));
  io_.poll();
  EXPECT_EQ(waiting, 0U);
}

TEST_F(EventPumpTest, AnIdleOneWaitsForNothing) {
  pump_.post(options(1));
  EXPECT_EQ(io_.run_for(5s), 1U) << "the loop ends because no timer is armed";
}

}  // namespace
}  // namespace clued::app
