// Thousands of random events: whatever happens in whatever order, the invariants of the world hold, what everybody
// knows in the end is true, and nothing is left behind.
#include <set>

#include "clue/validation.hpp"
#include "support/random_faults.hpp"
#include "support/scenario.hpp"

namespace clued::testing {
namespace {

class RandomEvents : public ::testing::TestWithParam<std::uint64_t> {
 protected:
  static focus::Policy policy() {
    auto policy = VirtualWorld::default_policy();
    policy.conference.end_when = focus::EndWhen::last_leaves;
    policy.conference.moderator_succession = focus::ModeratorSuccession::longest_present;
    policy.reinvite_spread = 50ms;
    policy.max_video_encodings = 6;
    policy.max_advertised_captures = 12;
    return policy;
  }

  EndpointTraits random_traits() {
    EndpointTraits traits;
    traits.telepresence = chance.below(5) != 0;
    traits.cameras = static_cast<unsigned>(chance.below(4));
    traits.supports_100rel = chance.below(3) == 0;
    traits.offerless = chance.below(6) == 0;
    traits.holds_prack = chance.below(8) == 0;
    traits.holds_ack = chance.below(10) == 0;
    traits.loses_ack = chance.below(12) == 0;
    traits.loses_prack = chance.below(12) == 0;
    traits.bye_unanswered = chance.below(8) == 0;
    traits.bye_status = random_failure(chance).value_or(200);
    traits.source = "udp:192.0.2." + std::to_string(chance.below(3)) + ":5060";
    traits.refuses_advertisements = chance.below(20) == 0;
    traits.is_private = chance.below(6) == 0;
    return traits;
  }

  /// SIGHUP with other rights and limits.
  void reload() {
    using Ring = focus::Permission::Ring;
    auto fresh = std::make_shared<focus::Policy>(policy());
    auto& changed = fresh->conference;
    changed.rights.remove.ring = static_cast<Ring>(chance.below(4));
    changed.rights.join.ring = chance.below(4) == 0 ? Ring::nobody : Ring::anyone;
    changed.replace = static_cast<focus::Replacing>(chance.below(3));
    changed.max_participants_per_conference = chance.below(5) == 0 ? 4 : 1000;
    changed.max_participants_per_source = chance.below(5) == 0 ? 3 : 1000;
    if (chance.below(2) == 0) changed.permanent.emplace("boardroom", focus::PermanentConference{});
    fresh->clue_enabled = chance.below(4) != 0;
    fresh->max_video_encodings = 1 + static_cast<unsigned>(chance.below(9));
    fresh->max_receive_streams = chance.below(9);
    fresh->refresh_window = std::chrono::milliseconds(chance.below(500));
    fresh->media.video_codecs.resize(chance.below(2));
    world.post(focus::event::PolicyChanged{std::move(fresh)});
  }

  VirtualEndpoint* random_member() {
    std::vector<VirtualEndpoint*> members;
    for (auto* one : everybody) {
      if (!one->is_over()) members.push_back(one);
    }
    return members.empty() ? nullptr : members[chance.below(members.size())];
  }

  /// Somebody subscribes, refreshes, ends it, or answers in another way than before.
  void watch() {
    if (watchers.size() < 20 && (watchers.empty() || chance.below(3) == 0)) {
      auto* one = random_member();
      watchers.push_back(&world.watcher(one != nullptr ? one->user() : "keeper"));
      watchers.back()->in_dialog_of = one != nullptr ? one : &keeper;
      watchers.back()->holds_answers = chance.below(4) == 0;
      watchers.back()->subscribe();
      return world.settle();
    }
    auto& watcher = *watchers[chance.below(watchers.size())];
    switch (chance.below(4)) {
      case 0:
        watcher.subscribe(chance.below(4) == 0 ? 0s : 3600s);
        return world.settle();
      case 1:
        return watcher.answer(chance.below(8) == 0 ? 481 : chance.below(8) == 0 ? 500 : 200);
      default:
        watcher.holds_answers = !watcher.holds_answers;
    }
  }

  /// EVT-02 to EVT-09: what each one rebuilt from its NOTIFYs is who is in.
  void expect_true_documents() {
    std::set<std::string> named, leaving;
    std::size_t unnamed = 0;
    // Who was removed before its ACK does not know it yet.
    for (const auto& line : world.records("participant.leaving")) leaving.insert(value_of(line, "call_id="));
    auto all = everybody;
    all.push_back(&keeper);
    for (const auto* one : all) {
      const auto& responses = one->responses();
      const auto call_id = "call-" + one->name() + "-" + std::to_string(one->dialog().value());
      if (one->is_over() || leaving.contains(call_id) ||
          std::find(responses.begin(), responses.end(), 200) == responses.end())
        continue;
      one->traits.is_private ? ++unnamed : named.insert("sip:" + one->user() + "@" + one->traits.host).second;
    }
    for (const auto* watcher : watchers) {
      if (!watcher->is_subscribed()) continue;
      ++compared;
      std::set<std::string> told;
      std::size_t anonymous = 0;
      for (const auto& [entity, user] : watcher->view().users()) {
        for (const auto& [name, endpoint] : user.endpoints) {
          EXPECT_THAT(endpoint.status, ::testing::AnyOf("connected", "on-hold")) << name;
        }
        if (entity.find("anonymous.invalid") == std::string::npos) {
          told.insert(entity);
        } else {
          ++anonymous;
        }
      }
      EXPECT_EQ(told, named);
      EXPECT_EQ(anonymous, unnamed);
      EXPECT_EQ(watcher->view().user_count(), named.size() + unnamed);
    }
  }

  void step() {
    if (chance.below(6) == 0) watch();
    auto* one = random_member();
    const auto what = chance.below(20);
    if (what == 0 && one != nullptr) {  // FOC-11: a device takes the place of another one
      auto traits = random_traits();
      traits.user = one->user();
      auto& joiner = world.endpoint("ue" + std::to_string(everybody.size()), traits);
      joiner.replace(*one, chance.below(10) == 0);
      everybody.push_back(&joiner);
    } else if (what < 6 || one == nullptr) {
      auto& joiner = world.endpoint("ue" + std::to_string(everybody.size()), random_traits());
      joiner.invite(world.conference());
      everybody.push_back(&joiner);
    } else if (what < 8) {
      if (one->is_confirmed()) one->bye();
    } else if (what < 9) {
      if (!one->is_confirmed()) one->cancel();
    } else if (what < 11) {
      if (auto* target = random_member(); one->is_confirmed()) one->refer_bye(*target, chance.below(2) == 0);
    } else if (what < 12) {
      keeper.refer_bye(*one);
    } else if (what < 13) {
      if (one->is_confirmed()) one->reinvite();
    } else if (what < 14) {
      static constexpr const char* ways[] = {"sendonly", "inactive", "0.0.0.0", "sendrecv"};
      if (one->is_confirmed()) one->hold(ways[chance.below(4)]);
    } else if (what < 15) {
      if (one->has_clue()) one->lose_channel();
    } else if (what < 16) {
      if (one->has_clue()) one->advertise(static_cast<unsigned>(chance.below(5)));
    } else if (what < 17) {
      one->traits.clue_frozen = !one->traits.clue_frozen;
    } else if (what < 18) {
      one->traits.refuses_reinvite = random_failure(chance);
      one->traits.refuses_update = random_failure(chance);
      one->traits.retry_after = std::chrono::seconds(chance.below(100));
    } else {
      world.advance(std::chrono::milliseconds(chance.below(chance.below(20) == 0 ? 1'500'000 : 3000)));
    }
    if (chance.below(8) == 0) world.faults = random_faults(chance);
    if (chance.below(20) == 0) reload();
    if (chance.below(3) != 0) world.settle();
  }

  /// Everybody behaves from now on, and enough time passes for every retry.
  void calm_down() {
    world.faults = {};
    for (auto* one : everybody) {
      one->traits.refuses_reinvite.reset();
      one->traits.refuses_update.reset();
      one->traits.bye_unanswered = false;
    }
    for (auto* watcher : watchers) {
      watcher->holds_answers = false;
      watcher->answer();
    }
    watchers.push_back(&world.watcher("keeper"));
    watchers.back()->subscribe();
    world.advance(300s);
  }

  static std::string value_of(const std::string& record, const std::string& key) {
    const auto start = record.find(key) + key.size();
    return record.substr(start, record.find(' ', start) - start);
  }
  static std::string token_of(const std::string& record) { return value_of(record, "participant="); }

  VirtualWorld world{policy(), GetParam()};
  CountedRandomness chance{GetParam() * 7919};
  VirtualEndpoint& keeper = world.join("keeper", {.cameras = 1});
  std::vector<VirtualEndpoint*> everybody;
  std::vector<VirtualWatcher*> watchers;
  std::size_t compared = 0;
};

TEST_P(RandomEvents, KeepTheInvariantsAndLeaveNothing) {
  for (int i = 0; i < 400; ++i) {
    step();
    ASSERT_THAT(world.violations(), IsEmpty()) << "after step " << i << "\n" << world.story();
  }
  calm_down();
  ASSERT_THAT(world.violations(), IsEmpty()) << world.story();

  expect_true_documents();
  EXPECT_GT(compared, 0U);

  // Every advertised capture has a living origin: the tokens of those who are in.
  std::set<std::string> living;
  for (const auto& line : world.records("participant.joined")) living.insert(token_of(line));
  for (const auto& line : world.records("participant.leaving")) living.erase(token_of(line));
  for (const auto& capture : keeper.last_advertisement().captures) {
    if (capture.id.rfind("mcc-", 0) == 0) continue;
    EXPECT_TRUE(living.contains(capture.id.substr(0, capture.id.find('-')))) << capture.id;
  }
  const auto valid = clue::validate(keeper.last_advertisement());
  EXPECT_TRUE(valid) << valid.error().reason;

  for (auto* one : everybody) {
    if (one->is_over()) continue;
    one->confirm_silently();
    one->bye();
    world.settle();
  }
  keeper.bye();
  world.advance(60s);
  world.post(focus::event::PolicyChanged{std::make_shared<const focus::Policy>(policy())});
  world.settle();
  const auto census = world.focus().census();
  EXPECT_EQ(census.conferences, 0U) << world.story();
  EXPECT_EQ(census.participants, 0U);
  EXPECT_EQ(census.channels, 0U);
  EXPECT_EQ(census.ports, 0U);
  EXPECT_EQ(census.open_refers, 0U);
  EXPECT_EQ(census.subscriptions, 0U);
  EXPECT_EQ(census.routes, 0U);
  EXPECT_EQ(world.open_ports(), 0U);
  EXPECT_EQ(world.open_channels(), 0U);
  EXPECT_EQ(world.open_requests(), 0U) << world.story();
  EXPECT_THAT(world.violations(), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(Seeds, RandomEvents, ::testing::Range<std::uint64_t>(1, 25));

}  // namespace
}  // namespace clued::testing
