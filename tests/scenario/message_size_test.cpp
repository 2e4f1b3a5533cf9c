// What a participant is told fits the messages that it takes (RFC 8841 section 6) and is valid, whatever the limits
// are.
#include "clue/codec.hpp"
#include "clue/validation.hpp"
#include "support/budget.hpp"

namespace clued::testing {
namespace {

// Peers take messages of very different sizes; whoever joined first is large.
class MessageSize : public Budget, public ::testing::WithParamInterface<std::uint64_t> {};

INSTANTIATE_TEST_SUITE_P(Of, MessageSize, ::testing::Values(0, 8'192, 16'384, 65'536, 1'000'000));

TEST_P(MessageSize, IsKeptAndTheOthersAreSeenBesideALargeOne) {
  fill(4, {}, {.max_message_size = GetParam()});
  auto content = mallory().own_captures();
  content.captures.front().descriptions.assign(4, {"en", std::string(1000, 'd')});
  mallory().advertise(std::move(content));
  world.advance(5s);
  for (auto* one : others()) {
    for (const auto& message : one->messages()) {
      EXPECT_LE(message.size(), GetParam() == 0 ? 262'144 : GetParam());
    }
    const auto told = one->last_advertisement();
    EXPECT_TRUE(clue::validate(told).has_value());
    const auto told_of = [&](const std::string& number) {
      return std::any_of(told.captures.begin(), told.captures.end(),
                         [&](const auto& capture) { return capture.id.starts_with(number); });
    };
    for (const auto* other : others()) {
      if (other == one) continue;
      EXPECT_TRUE(told_of(other->name() + "-")) << one->name() << " of " << other->name();
    }
  }
  expect_nobody_is_worse_off();
}

class SmallMessages : public Budget, public ::testing::WithParamInterface<std::uint64_t> {};

INSTANTIATE_TEST_SUITE_P(Of, SmallMessages,
                         ::testing::Values(1, 100, 300, 400, 512, 600, 800, 1'024, 1'500, 1'700, 1'900, 2'100, 2'500,
                                           3'000));

TEST_P(SmallMessages, GetTheReducedFormOrARecordAndNothingIsWaitedFor) {
  world.join("anna");
  auto& ben = world.join("ben", {.max_message_size = GetParam()});
  auto& carl = world.join("carl");
  world.advance(2min);
  for (const auto& message : ben.messages()) EXPECT_LE(message.size(), GetParam());
  EXPECT_THAT(world.records("clue.stalled"), IsEmpty());
  const auto of_ben = [](const std::vector<std::string>& records) {
    return std::count_if(records.begin(), records.end(),
                         [](const auto& record) { return record.find("participant=p2 ") != std::string::npos; });
  };
  EXPECT_EQ(static_cast<std::size_t>(of_ben(world.records("advertisement.sent"))), ben.advertisements());
  const bool is_told = ben.advertisements() > 0;
  const auto told_why_not = of_ben(world.records("advertisement.withheld")) + of_ben(world.records("clue.failed"));
  EXPECT_EQ(told_why_not > 0, !is_told) << world.story();
  if (is_told) {
    EXPECT_TRUE(clue::validate(ben.last_advertisement()).has_value());
  }
  // Nobody waits for it when somebody leaves.
  carl.bye();
  world.advance(5s);
  EXPECT_THAT(world.records("removal.converged"), SizeIs(1));
  EXPECT_FALSE(ben.is_over());
  EXPECT_THAT(world.violations(), IsEmpty());
}

// --- every value of the limits that can be configured ---

struct Limit {
  const char* key;
  void (*set)(focus::Policy&, unsigned);
  std::vector<unsigned> values;
};

class ConfiguredLimit : public ::testing::TestWithParam<Limit> {};

INSTANTIATE_TEST_SUITE_P(
    Of, ConfiguredLimit,
    ::testing::Values(Limit{"max_video_encodings",
                            [](focus::Policy& p, unsigned v) { p.max_video_encodings = v; },
                            {0, 1, 2, 3, 4, 5, 6, 7, 9, 100}},
                      Limit{"max_receive_streams",
                            [](focus::Policy& p, unsigned v) { p.max_receive_streams = v; },
                            {0, 1, 2, 3, 100}},
                      Limit{"max_advertised_captures",
                            [](focus::Policy& p, unsigned v) { p.max_advertised_captures = v; },
                            {1, 2, 3, 4, 5, 6, 7, 1000}},
                      Limit{"max_captures", [](focus::Policy& p, unsigned v) { p.max_captures = v; }, {1, 2, 3, 1000}},
                      Limit{"max_bytes_per_second",
                            [](focus::Policy& p, unsigned v) { p.max_bytes_per_second = v; },
                            {4096, 1'000'000'000}}),
    [](const auto& one) { return one.param.key; });

TEST_P(ConfiguredLimit, LeavesEveryAdvertisementValid) {
  for (const auto value : GetParam().values) {
    auto policy = VirtualWorld::default_policy();
    GetParam().set(policy, value);
    VirtualWorld world(policy);
    std::vector<VirtualEndpoint*> all;
    for (const unsigned cameras : {2U, 3U, 0U, 1U}) {
      all.push_back(&world.join("room" + std::to_string(cameras), {.cameras = cameras}));
    }
    world.join("phone", {.telepresence = false});
    all[1]->bye();
    world.advance(1min);
    for (auto* one : all) {
      for (const auto& message : one->messages()) {
        const auto decoded = clue::decode(message);
        ASSERT_TRUE(decoded) << decoded.error().reason << "\n" << message;
        const auto* advertisement = std::get_if<clue::Advertisement>(&*decoded);
        if (advertisement == nullptr) continue;
        const auto valid = clue::validate(advertisement->content);
        EXPECT_TRUE(valid) << GetParam().key << "=" << value << ": " << valid.error().reason << "\n" << message;
        for (const auto& group : advertisement->content.encoding_groups)
          EXPECT_THAT(group.encoding_ids, Not(IsEmpty()));
        for (const auto& scene : advertisement->content.scenes) EXPECT_THAT(scene.views, Not(IsEmpty()));
        EXPECT_THAT(advertisement->content.captures, Not(IsEmpty()));
      }
    }
    // Who chooses what cannot be had together is refused, and need not choose again.
    if (world.records("configure.refused").empty()) {
      EXPECT_THAT(world.records("clue.stalled"), IsEmpty()) << GetParam().key << "=" << value;
    }
    EXPECT_THAT(world.records("removal.converged"), SizeIs(world.records("removal.started").size()))
        << GetParam().key << "=" << value;
    EXPECT_THAT(world.violations(), IsEmpty());
  }
}

}  // namespace
}  // namespace clued::testing
