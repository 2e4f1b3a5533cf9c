// Names are looked up side by side, within a time limit, and never hold up anybody or anything.
#include "sip/resolver.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
// Boost 1.74 uses std::exchange without including it under C++20.
#include <boost/asio/io_context.hpp>
#include <utility>

namespace clued::sip::test {
namespace {

using namespace std::chrono_literals;

/// A name server that knows `fast*`, is out of order for `out*`, and lets whoever asks for `slow*` wait until it is
/// told to answer.
struct NameServer {
  std::mutex mutex;
  std::condition_variable answers;
  bool is_silent = true;
  std::map<std::string, int> asked;

  Lookup ask(const std::string& host) {
    std::unique_lock lock(mutex);
    ++asked[host];
    if (host.rfind("slow", 0) == 0) answers.wait(lock, [this] { return !is_silent; });
    if (host.rfind("none", 0) == 0) return {Lookup::Outcome::unknown, {}};
    if (host.rfind("out", 0) == 0) return {Lookup::Outcome::unavailable, {}};
    return {Lookup::Outcome::found, {"192.0.2.1"}};
  }
  void answer() {
    const std::lock_guard lock(mutex);
    is_silent = false;
    answers.notify_all();
  }
  int times(const std::string& host) {
    const std::lock_guard lock(mutex);
    return asked[host];
  }
};

class ResolverTest : public testing::Test {
 protected:
  ~ResolverTest() override { server->answer(); }

  LookupSettings settings() {
    LookupSettings with;
    with.time_limit = 60s;
    with.ask = [server = server](const std::string& host) { return server->ask(host); };
    return with;
  }
  Resolver& resolver(LookupSettings with, base::DescriptorBudget descriptors = {}) {
    return made.emplace(io, std::move(with), std::move(descriptors));
  }
  void look_up(const std::string& host, const std::string& owner = "conf-1") {
    made->look_up(host, owner, [this, host](const Lookup& found) {
      answers.push_back(host + " " + (found.addresses.empty() ? text_of(found.outcome) : found.addresses.front()));
    });
  }
  template <class Condition>
  bool until(Condition condition) {
    const auto end = std::chrono::steady_clock::now() + 10s;
    while (!condition() && std::chrono::steady_clock::now() < end) {
      io.restart();
      io.run_one_for(100ms);
    }
    return condition();
  }
  bool until_answered(std::size_t count) {
    return until([&] { return answers.size() >= count; });
  }

  std::shared_ptr<NameServer> server = std::make_shared<NameServer>();
  boost::asio::io_context io;
  std::optional<Resolver> made;
  std::vector<std::string> answers;
};

TEST_F(ResolverTest, AFastOneDoesNotWaitForSlowOnes) {
  resolver(settings());
  for (int i = 0; i < 20; ++i) look_up("slow" + std::to_string(i) + ".example");
  look_up("fast.example");
  ASSERT_TRUE(until_answered(1));
  EXPECT_EQ(answers, std::vector<std::string>{"fast.example 192.0.2.1"});
  server->answer();
  EXPECT_TRUE(until_answered(21));
}

TEST_F(ResolverTest, WhoAsksForMuchDoesNotHoldUpOthers) {
  auto few = settings();
  few.max_at_once_per_owner = 2;
  few.max_at_once = 3;
  Resolver& made_one = resolver(few);
  for (int i = 0; i < 5; ++i) look_up("slow" + std::to_string(i) + ".example", "conf-1");
  EXPECT_EQ(made_one.at_work(), 2U);
  look_up("fast.example", "conf-2");
  ASSERT_TRUE(until_answered(1));
  EXPECT_EQ(answers.front(), "fast.example 192.0.2.1");
  server->answer();
  EXPECT_TRUE(until_answered(6));
  EXPECT_TRUE(until([&] { return made_one.at_work() == 0; }));
}

TEST_F(ResolverTest, ATimeLimitHoldsWhateverTheSystemDoes) {
  auto quick = settings();
  quick.time_limit = 20ms;
  quick.max_at_once = 1;
  resolver(quick);
  look_up("slow.example");
  look_up("next.example");
  ASSERT_TRUE(until_answered(2));
  EXPECT_EQ(answers[0], "slow.example too slow");
  EXPECT_EQ(answers[1], "next.example too many") << "its turn did not come";
}

TEST_F(ResolverTest, TheQueueIsBounded) {
  auto few = settings();
  few.max_at_once = 1;
  few.max_waiting = 1;
  resolver(few);
  for (const char* host : {"slow1.example", "slow2.example", "slow3.example"}) look_up(host);
  ASSERT_EQ(answers, std::vector<std::string>{"slow3.example too many"});
}

TEST_F(ResolverTest, OneNameIsAskedForOnceAndAnsweredInOrder) {
  resolver(settings());
  made->look_up("slow.example", "", [this](const Lookup&) { answers.push_back("first"); });
  made->look_up("SLOW.example", "", [this](const Lookup&) { answers.push_back("second"); });
  server->answer();
  ASSERT_TRUE(until_answered(2));
  EXPECT_EQ(answers, (std::vector<std::string>{"first", "second"}));
  look_up("slow.example");
  EXPECT_EQ(answers.back(), "slow.example 192.0.2.1") << "remembered";
  EXPECT_EQ(server->times("slow.example"), 1);
}

TEST_F(ResolverTest, WhatIsNotFoundIsForgottenSooner) {
  auto forgetful = settings();
  forgetful.remember_failed = 0ms;
  resolver(forgetful);
  look_up("none.example");
  ASSERT_TRUE(until_answered(1));
  look_up("none.example");
  ASSERT_TRUE(until_answered(2));
  EXPECT_EQ(answers.back(), "none.example unknown");
  EXPECT_EQ(server->times("none.example"), 2);
}

TEST_F(ResolverTest, ANameServerThatIsOutOfOrderSaysNothingAboutTheName) {
  auto forgetful = settings();
  forgetful.remember_failed = 0ms;
  resolver(forgetful);
  look_up("out.example");
  look_up("none.example");
  ASSERT_TRUE(until_answered(2));
  EXPECT_THAT(answers, testing::UnorderedElementsAre("out.example unavailable", "none.example unknown"));
}

TEST_F(ResolverTest, WithoutDescriptorsNobodyIsAskedAndNothingIsRemembered) {
  bool has_some = false;
  std::size_t wanted = 0;
  resolver(settings(), {1000, [&](std::size_t count, std::size_t) {
                          wanted = count;
                          return has_some;
                        }});
  look_up("fast.example");
  ASSERT_TRUE(until_answered(1));
  EXPECT_EQ(answers.back(), "fast.example no descriptors");
  EXPECT_GE(wanted, 2U);
  EXPECT_EQ(server->times("fast.example"), 0);
  has_some = true;
  look_up("fast.example");
  ASSERT_TRUE(until_answered(2));
  EXPECT_EQ(answers.back(), "fast.example 192.0.2.1");
  has_some = false;
  look_up("fast.example");
  EXPECT_EQ(answers.back(), "fast.example 192.0.2.1") << "what is remembered needs none";
  EXPECT_EQ(made->at_work(), 0U);
}

// All of them could be about to open theirs when the next one asks whether there are some.
TEST_F(ResolverTest, AsManyAreAtWorkAsTheReserveOfDescriptorsCouldBear) {
  const base::DescriptorBudget few(160, [](std::size_t, std::size_t) { return true; });
  Resolver& made_one = resolver(settings(), few);
  for (int i = 0; i < 20; ++i) look_up("slow" + std::to_string(i) + ".example", "conf-" + std::to_string(i));
  EXPECT_EQ(made_one.at_work(), few.reserve() / 2);
  server->answer();
  EXPECT_TRUE(until_answered(20)) << "the others had their turn";
}

TEST_F(ResolverTest, NobodyIsAskedForNumbersAndForWhatIsNoName) {
  Resolver& made_one = resolver(settings());
  for (const char* host : {"192.0.2.7", "[2001:DB8::1]", "nobody.invalid", "127.1", "a b", ""}) look_up(host);
  EXPECT_EQ(answers, (std::vector<std::string>{"192.0.2.7 192.0.2.7", "[2001:DB8::1] 2001:db8::1",
                                               "nobody.invalid unknown", "127.1 unknown", "a b unknown", " unknown"}));
  EXPECT_EQ(made_one.at_work(), 0U);
}

TEST_F(ResolverTest, ItsEndWaitsForNobody) {
  resolver(settings());
  look_up("slow.example");
  const auto begun = std::chrono::steady_clock::now();
  made.reset();
  EXPECT_LT(std::chrono::steady_clock::now() - begun, 5s);
  server->answer();
  io.restart();
  io.run_for(50ms);
  EXPECT_TRUE(answers.empty());
}

TEST(SystemResolver, ReadsTheHostsFile) {
  boost::asio::io_context io;
  Resolver resolver(io, {});
  std::vector<std::string> found;
  bool answered = false;
  resolver.look_up("localhost", "", [&](const Lookup& lookup) {
    found = lookup.addresses;
    answered = true;
  });
  while (!answered && io.run_one_for(10s) > 0) {
  }
  ASSERT_FALSE(found.empty());
  EXPECT_TRUE(found.front() == "127.0.0.1" || found.front() == "::1") << found.front();
}

}  // namespace
}  // namespace clued::sip::test
