// What one participant can cause at the others is bounded, whatever it does within its limits: in messages and bytes,
// and in what they lose.
#include "support/budget.hpp"

#include "clue/codec.hpp"

namespace clued::testing {
namespace {

using ::testing::AllOf;
using ::testing::Ge;
using ::testing::Le;

// --- changes of what one offers ---

TEST_F(Budget, WhoAdvertisesAgainAndAgainIsToldOfLessAndLessOften) {
  fill();
  const auto seen = most_seen([&] { repeat(23, 9s, [&](unsigned i) { mallory().advertise(1 + i % 3); }); });
  note("23 advertisements a second, 9 s", seen);
  EXPECT_LE(seen.advertisements, 7U);
  const auto later = most_seen([&] { repeat(23, 20s, [&](unsigned i) { mallory().advertise(1 + i % 3); }); });
  note("20 s more", later);
  EXPECT_LE(later.advertisements, 5U);

  mallory().advertise(3);
  world.advance(10s);
  for (auto* one : others()) {
    EXPECT_THAT(one->messages(), Contains(HasSubstr("captureID=\"p1-v"))) << one->name();
  }
  expect_nobody_is_worse_off();
}

TEST_F(Budget, TheOthersAreToldOfItsLastChangeInTheEnd) {
  fill(5);
  repeat(23, 9s, [&](unsigned i) { mallory().advertise(1 + i % 3); });
  mallory().advertise(2);
  world.advance(6s);
  for (auto* one : others()) {
    std::size_t cameras = 0;
    for (const auto& capture : one->last_advertisement().captures) cameras += capture.id.starts_with("p1-v") ? 1 : 0;
    EXPECT_EQ(cameras, 2U) << one->name();
  }
  // And when it has been quiet for long, it is heard as soon as anybody.
  world.advance(5min);
  const auto seen = most_seen([&] {
    mallory().advertise(1);
    world.advance(200ms);
  });
  EXPECT_EQ(seen.advertisements, 1U);
}

TEST_F(Budget, NeitherDeparturesNorTheChangesOfOthersWaitForIt) {
  fill();
  repeat(23, 9s, [&](unsigned i) { mallory().advertise(1 + i % 3); });
  all[5]->bye();
  for (int i = 0; i < 10; ++i) {
    mallory().advertise(1 + static_cast<unsigned>(i % 2));
    world.advance(40ms);
  }
  ASSERT_THAT(world.records("removal.converged"), SizeIs(1));
  for (auto* one : others()) {
    if (one == all[5]) continue;
    EXPECT_THAT(one->last_advertisement().captures,
                Each(::testing::Field(&clue::MediaCapture::id, Not(StartsWith("p6-")))));
  }
  all[3]->advertise(1);
  world.advance(400ms);
  for (auto* one : others()) {
    if (one == all[5] || one == all[3]) continue;
    const auto& told = one->last_advertisement().captures;
    EXPECT_EQ(std::count_if(told.begin(), told.end(), [](const auto& c) { return c.id.starts_with("p4-v"); }), 1)
        << one->name();
  }
  expect_nobody_is_worse_off();
}

TEST_F(Budget, WhoLeavesAndComesBackAgainAndAgainIsToldOfLessAndLessOften) {
  fill(5);
  const auto seen = most_seen([&] {
    for (int i = 0; i < 18; ++i) {
      auto& comer = world.endpoint("comer", {.asserted = true});
      comer.invite(world.conference());
      world.advance(1s);
      comer.bye();
      world.advance(100ms);
    }
  });
  note("one who comes and goes 18 times", seen);
  EXPECT_LE(seen.advertisements, 20U) << "36 if each time were the first";
  // Whoever comes to stay is told of,
  auto& comer = world.join("comer", {.asserted = true});
  world.advance(5s);
  const auto told_of = [](const VirtualEndpoint& one, const std::string& prefix) {
    const auto& captures = one.last_advertisement().captures;
    return std::any_of(captures.begin(), captures.end(), [&](const auto& c) { return c.id.starts_with(prefix); });
  };
  for (auto* one : others()) EXPECT_TRUE(told_of(*one, "p24-")) << one->name();
  comer.bye();
  world.advance(100ms);
  for (auto* one : others()) EXPECT_FALSE(told_of(*one, "p24-")) << one->name();
  // and somebody else meanwhile as soon as ever.
  world.join("other", {.asserted = true});
  for (auto* one : others()) EXPECT_TRUE(told_of(*one, "p25-")) << one->name();
  expect_nobody_is_worse_off();
}

// --- changes of what one wants ---

TEST_F(Budget, TwoWhoCannotDecideDoNotDriveTheSource) {
  world.join("anna");
  auto& ben = world.join("ben", {.wants_nothing = true});
  auto& carl = world.join("carl", {.wants_nothing = true});
  world.advance(60s);
  auto& anna = *world.find_endpoint("anna");
  const auto before = anna.count("configure");
  repeat(46, 10s, [&](unsigned i) {
    ben.configure(i % 2 == 0 ? std::vector<std::string>{"p1-v1"} : std::vector<std::string>{});
    carl.configure(i % 3 == 0 ? std::vector<std::string>{"p1-v1"} : std::vector<std::string>{});
  });
  std::cout << "46 configures a second of two consumers, 10 s: the source got " << anna.count("configure") - before
            << "\n";
  EXPECT_LE(anna.count("configure") - before, 8U);
  EXPECT_TRUE(anna.has_clue());
  EXPECT_THAT(world.records("channel.failed"), IsEmpty());

  ben.configure({"p1-v2"});
  carl.configure({});
  world.advance(40s);
  EXPECT_THAT(world.configured("anna"), ElementsAre("VC1")) << "in the end it is asked for what is wanted";
}

TEST_F(Budget, OneWhoTogglesAConferenceCaptureDrivesNobody) {
  fill(20, {.wants_nothing = true}, {.wants_nothing = true});
  const auto seen = most_seen([&] {
    repeat(46, 10s, [&](unsigned i) {
      mallory().configure(i % 2 == 0 ? std::vector<std::string>{"mcc-v0", "mcc-a0"} : std::vector<std::string>{});
    });
  });
  note("46 configures a second of a conference capture, 10 s", seen);
  EXPECT_THAT(seen.configures, AllOf(Ge(1U), Le(8U)));
  expect_nobody_is_worse_off();
}

TEST_F(Budget, AllWhoToggleEverythingDoNotDriveTheSource) {
  fill(12, {.wants_nothing = true}, {.wants_nothing = true});
  const auto before = mallory().count("configure");
  repeat(40, 10s, [&](unsigned i) {
    for (std::size_t at = 1; at < all.size(); ++at) {
      std::vector<std::string> wanted;
      if ((i + at) % 2 == 0) wanted.emplace_back("p1-v1");
      if ((i + at) % 3 == 0) wanted.emplace_back("p1-v2");
      if ((i / 7 + at) % 5 == 0) wanted.emplace_back("mcc-v0");
      all[at]->configure(wanted);
    }
  });
  EXPECT_LE(mallory().count("configure") - before, 10U);
  expect_nobody_is_worse_off();
}

TEST_F(Budget, WhatIsWantedAnewIsAskedForAtOnce) {
  world.join("anna");
  auto& ben = world.join("ben", {.wants_nothing = true});
  ben.configure({});
  world.advance(60s);
  ben.configure({"p1-v1"});
  world.settle();
  EXPECT_THAT(world.configured("anna"), ElementsAre("VC0"));
  ben.configure({});
  world.advance(2s);
  EXPECT_THAT(world.configured("anna"), IsEmpty());
}

// --- answers ---

/// Ten messages at once, and then few.
focus::Policy few_messages() {
  auto policy = VirtualWorld::default_policy();
  policy.max_messages_per_second = 2.5;
  return policy;
}

class FewMessages : public Budget {
 protected:
  FewMessages() : Budget(few_messages()) {}
};

TEST_F(FewMessages, AnswersToWhatWeAskAreNotCounted) {
  fill(12, {.wants_nothing = true}, {.wants_nothing = true});
  const auto before = mallory().advertisements();
  // Five advertisements a second, each because somebody else changed something.
  for (unsigned i = 0; i < 150; ++i) {
    all[1 + i % 11]->advertise(1 + i / 11 % 2);
    world.advance(200ms);
  }
  EXPECT_GE(mallory().advertisements() - before, 140U);
  expect_nobody_is_worse_off();
}

TEST_F(FewMessages, AnswersThatNobodyAskedForAre) {
  auto& anna = world.join("anna", {.wants_nothing = true});
  auto& ben = world.join("ben", {.wants_nothing = true});
  world.advance(60s);
  for (unsigned i = 0; i < 12; ++i) {
    clue::Ack ack;
    ack.advertisement_sequence = 1;
    ack.header.sequence = 100 + i;
    ben.say(clue::encode(ack));
  }
  world.settle();
  EXPECT_THAT(world.records("channel.failed"), ElementsAre(HasSubstr("cause=flood detail=too many messages")));
  EXPECT_TRUE(anna.has_clue());
}

TEST_F(Budget, ManyBytesAreAFloodToo) {
  world.join("anna");
  auto& ben = world.join("ben");
  world.advance(60s);
  const std::string large = "<unknown>" + std::string(250'000, ' ') + "</unknown>";
  ben.say(large);
  ben.say(large);
  world.settle();
  EXPECT_THAT(world.records("channel.failed"), IsEmpty()) << "two of the largest are always taken";
  ben.say(large);
  world.settle();
  EXPECT_THAT(world.records("channel.failed"), ElementsAre(HasSubstr("cause=flood detail=too many bytes")));
}

// --- the size of what one offers ---

clue::AdvertisementContent with_view(clue::AdvertisementContent content, std::size_t bytes) {
  content.captures.front().view = std::string(bytes, 'v');
  return content;
}

clue::AdvertisementContent with_description(clue::AdvertisementContent content, std::size_t bytes) {
  content.captures.front().descriptions = {{"en", std::string(bytes, 'd')}};
  return content;
}

/// The largest that is taken of one, as far as its bytes go: all lists and texts full.
clue::AdvertisementContent largest(clue::AdvertisementContent content, unsigned version) {
  const clue::DecodeLimits limits;
  content.captures.resize(1);
  const auto example = content.captures.front();
  for (std::size_t i = 1; i < limits.captures; ++i) {
    auto capture = example;
    capture.id = "X" + std::to_string(i) + std::string(100, 'x');
    if (i % 2 == 0) {
      capture.type = clue::MediaType::audio;
      capture.media_type = "audio";
    }
    capture.view = std::string(60, 'v');
    capture.descriptions = {{"en", std::to_string(version) + std::string(100, 'd')}};
    content.captures.push_back(std::move(capture));
  }
  for (auto& scene : content.scenes) scene.views.clear();
  for (std::size_t i = 2; i < limits.people; ++i) {
    content.people.push_back({"P" + std::to_string(i), clue::PersonCard{std::string(60, 'n')}, {}});
  }
  return content;
}

bool has_name(const clue::AdvertisementContent& told, const std::string& name) {
  return std::any_of(told.people.begin(), told.people.end(),
                     [&](const auto& person) { return person.card && person.card->full_name == name; });
}

/// Everybody is told of everybody else with cameras and name.
void expect_all_see_each_other(const std::vector<VirtualEndpoint*>& all) {
  for (const auto* one : all) {
    const auto told = one->last_advertisement();
    for (const auto* other : all) {
      if (other == one) continue;
      EXPECT_TRUE(has_name(told, other->name())) << one->name() << " of " << other->name();
    }
  }
}

TEST_F(Budget, ALongWordIsRefusedAndConcernsNobodyElse) {
  fill(5);
  mallory().advertise(with_view(mallory().own_captures(), 100'000));
  world.advance(1s);
  all.push_back(&world.join("late"));
  world.advance(5s);
  EXPECT_THAT(world.records("advertisement.rejected"), Contains(HasSubstr("code=302")));
  expect_all_see_each_other({all.begin() + 1, all.end()});
  expect_nobody_is_worse_off();
}

TEST_F(Budget, ALongTextIsCutAndConcernsNobodyElse) {
  fill(5);
  mallory().advertise(with_description(mallory().own_captures(), 70'000));
  world.advance(1s);
  all.push_back(&world.join("late"));
  world.advance(5s);
  EXPECT_THAT(world.records("advertisement.shortened"), ElementsAre(HasSubstr("texts=1")));
  EXPECT_THAT(world.records("advertisement.reduced"), IsEmpty());
  expect_all_see_each_other(all);
  expect_nobody_is_worse_off();
}

TEST_F(Budget, WhoTakesMoreThanItsPartIsToldWithoutNamesAlone) {
  fill(5);
  for (unsigned version = 1; version <= 3; ++version) {
    auto content = mallory().own_captures();
    for (auto& capture : content.captures) {
      capture.descriptions.assign(12, {"en", std::to_string(version) + std::string(800, 'd')});
    }
    mallory().advertise(std::move(content));
    world.advance(60s);
  }
  EXPECT_THAT(world.records("captures.reduced"), ElementsAre(HasSubstr("shown=without_names"))) << "said once";
  EXPECT_THAT(world.records("advertisement.reduced"), SizeIs(4)) << "once for each of the others";
  expect_all_see_each_other({all.begin() + 1, all.end()});
  for (auto* one : others()) {
    EXPECT_THAT(one->last_advertisement().captures, Contains(::testing::Field(&clue::MediaCapture::id, "p1-v1")));
  }
}

TEST_F(Budget, TheLargestThatIsTakenOfOneCostsTheOthersLittleMoreThanAnyChange) {
  fill();
  const auto usual = most_seen([&] {
    mallory().advertise(1);
    world.advance(10s);
  });
  note("an ordinary change", usual);
  const auto seen = most_seen([&] {
    mallory().advertise(largest(mallory().own_captures(), 1));
    world.advance(10s);
  });
  note("the largest advertisement", seen);
  EXPECT_THAT(world.records("advertisement.rejected"), IsEmpty());
  EXPECT_EQ(seen.advertisements, 1U);
  EXPECT_LE(static_cast<double>(seen.bytes), 1.2 * static_cast<double>(usual.bytes));
  all.push_back(&world.join("late"));
  world.advance(5s);
  for (auto* one : all) EXPECT_GE(one->last_advertisement().people.size(), 8U) << one->name();
  expect_nobody_is_worse_off();
}

}  // namespace
}  // namespace clued::testing
