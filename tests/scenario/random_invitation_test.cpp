// Random histories of invitations: whatever callees do and in whatever order calls are withdrawn, no CANCEL comes too
// early, no REFER is left without its last word, and nothing is left behind (END-03, REF-10).
#include <map>
#include <set>

#include "support/random_faults.hpp"
#include "support/scenario.hpp"

namespace clued::testing {
namespace {

using Called = EndpointTraits::Called;

class RandomInvitations : public ::testing::TestWithParam<std::uint64_t> {
 protected:
  EndpointTraits random_traits() {
    EndpointTraits traits;
    traits.telepresence = chance.below(3) != 0;
    traits.cameras = static_cast<unsigned>(chance.below(3));
    traits.called = static_cast<Called>(chance.below(3));
    traits.early_answer = chance.below(3) == 0;
    if (chance.below(4) == 0) traits.refuses_clue = 488;
    if (chance.below(5) == 0) traits.refuses_call = 486;
    if (chance.below(6) == 0) traits.redirects = {"ue0", "ue1", "nobody"};
    return traits;
  }

  void step() {
    auto& one = *callees[chance.below(callees.size())];
    switch (chance.below(8)) {
      case 0:
      case 1:
        return keeper.refer_invite(one.name());
      case 2:
        if (one.dialog() && !one.is_over()) keeper.refer_bye(one);
        return;
      case 3:
        if (is_ringing(one)) one.answer_call(chance.below(4) == 0 ? "b" : "a");
        return;
      case 4:
        if (is_ringing(one)) one.refuse_call(603);
        return;
      case 5:
        if (is_ringing(one)) one.ring(chance.below(2) == 0 ? 180 : 183);
        return;
      case 6:
        if (one.is_confirmed() && !one.is_over()) one.bye();
        return;
      default:
        world.faults = random_faults(chance);
        return world.advance(std::chrono::milliseconds(chance.below(20'000)));
    }
  }

  static bool is_ringing(const VirtualEndpoint& one) { return one.dialog() && !one.is_over() && !one.is_confirmed(); }

  static focus::Policy policy() {
    auto policy = VirtualWorld::default_policy();
    if (has_list()) policy.dial_out.max_outstanding = 3;
    return policy;
  }

  /// Every second keeper creates the conference with a list of them all.
  static bool has_list() { return GetParam() % 2 == 0; }
  static EndpointTraits keeper_traits() {
    EndpointTraits traits{.cameras = 1, .asserted = true, .holds_ack = true};
    if (!has_list()) return traits;
    auto& list = traits.recipient_list.emplace();
    for (int i = 0; i < 9; ++i) {
      auto& target = list.entries.emplace_back().target;
      target.uri.user = "ue" + std::to_string(i % 8);
      target.uri.host = traits.host;
    }
    return traits;
  }

  VirtualWorld world{policy(), GetParam()};
  CountedRandomness chance{GetParam() * 104729};
  VirtualEndpoint& keeper = world.join("keeper", keeper_traits());
  std::vector<VirtualEndpoint*> callees;
};

TEST_P(RandomInvitations, EndWithOneLastWordEachAndLeaveNothing) {
  for (int i = 0; i < 8; ++i) callees.push_back(&world.endpoint("ue" + std::to_string(i), random_traits()));
  keeper.ack();
  for (int i = 0; i < 300; ++i) {
    step();
    if (chance.below(3) != 0) world.settle();
    ASSERT_THAT(world.violations(), IsEmpty()) << "after step " << i << "\n" << world.story();
  }
  world.faults = {};
  // Everybody gives a sign of life, so that what was withdrawn can be cancelled.
  world.settle();
  for (auto* one : callees) {
    if (is_ringing(*one)) one->ring(100);
  }
  world.advance(300s);
  std::map<std::uint64_t, unsigned> last_words;
  for (const auto& notify : world.notifies()) last_words[notify.subscription.value()] += notify.terminated ? 1 : 0;
  std::set<std::uint64_t> lost;
  for (const auto id : world.failed_subscriptions()) lost.insert(id.value());
  // Whose NOTIFYs failed is told nothing more.
  for (const auto& [subscription, count] : last_words) {
    EXPECT_EQ(count, lost.contains(subscription) ? std::min(count, 1U) : 1U) << subscription;
  }
  EXPECT_EQ(world.focus().census().open_refers, 0U) << world.story();
  keeper.bye();
  world.settle();
  for (auto* one : callees) {
    if (is_ringing(*one)) one->ring(100);
  }
  world.advance(120s);
  const auto census = world.focus().census();
  EXPECT_EQ(census.conferences, 0U) << world.story();
  EXPECT_EQ(census.participants, 0U);
  EXPECT_EQ(census.channels, 0U);
  EXPECT_EQ(census.ports, 0U);
  EXPECT_EQ(census.routes, 0U);
  EXPECT_EQ(world.open_requests(), 0U);
  EXPECT_EQ(world.open_ports(), 0U);
  EXPECT_EQ(world.open_channels(), 0U);
  EXPECT_THAT(world.violations(), IsEmpty());
  EXPECT_THAT(world.records("list.concluded"), SizeIs(has_list() ? 1 : 0)) << world.story();
}

INSTANTIATE_TEST_SUITE_P(Seeds, RandomInvitations, ::testing::Range<std::uint64_t>(1, 25));

}  // namespace
}  // namespace clued::testing
