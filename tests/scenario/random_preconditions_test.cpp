// Callers with preconditions who do everything that they may, in any order: nothing of it breaks an invariant or leaves
// anything behind, and nobody waits for ever.
#include <set>

#include "support/random_faults.hpp"
#include "support/scenario.hpp"

namespace clued::testing {
namespace {

using Resources = EndpointTraits::Resources;

class RandomPreconditions : public ::testing::TestWithParam<std::uint64_t> {
 protected:
  bool one_in(unsigned many) { return chance.below(many) == 0; }

  void join() {
    EndpointTraits traits;
    traits.telepresence = one_in(2);
    traits.supports_100rel = !one_in(8);
    traits.resources = one_in(4) ? Resources::there : Resources::missing;
    traits.holds_prack = one_in(2);
    traits.holds_ack = one_in(8);
    traits.loses_ack = one_in(8);
    traits.loses_prack = one_in(8);
    traits.clue_frozen = one_in(4);
    everybody.push_back(&world.endpoint("ue" + std::to_string(everybody.size()), traits));
    everybody.back()->invite(world.conference());
  }

  /// One that is not over; its dialog is early or confirmed.
  void act(VirtualEndpoint& one) {
    const bool is_early = one.last_response().status == 183;
    const std::string more = one_in(3)   ? "m=audio 6500 RTP/AVP 0\r\n"
                             : one_in(3) ? "a=des:foo mandatory e2e send\r\n"
                                         : "";
    switch (chance.below(8)) {
      case 0:
      case 1:
        return is_early || one.is_confirmed() ? one.reserve(more) : void();
      case 2:
        if (is_early && !pracked.insert(&one).second) return;
        if (is_early && one.traits.holds_prack) return one_in(2) ? one.prack() : one.prack_with_offer(more);
        return;
      case 3:
        return one.is_confirmed() ? one.reinvite_without_resources() : one.cancel();
      case 4:
        return one_in(2) ? keeper.refer_bye(one) : void();
      case 5:
        return one.is_confirmed() || is_early ? one.bye() : void();
      case 6:
        if (is_early) world.post(focus::event::PrackTimedOut{one.dialog()});
        return;
      default:
        return world.advance(std::chrono::milliseconds(chance.below(8000)));
    }
  }

  VirtualWorld world{VirtualWorld::default_policy(), GetParam()};
  CountedRandomness chance{GetParam() * 7919};
  VirtualEndpoint& keeper = world.join("keeper", {.cameras = 1});
  std::vector<VirtualEndpoint*> everybody;
  std::set<VirtualEndpoint*> pracked;
};

TEST_P(RandomPreconditions, KeepTheInvariantsAndLeaveNothing) {
  for (int i = 0; i < 300; ++i) {
    if (everybody.empty() || one_in(3)) join();
    if (one_in(6)) world.hold_ports(one_in(2));
    if (one_in(6)) world.faults = random_faults(chance);
    if (auto& one = *everybody[chance.below(everybody.size())]; !one.is_over()) act(one);
    if (!one_in(3)) world.settle();
    ASSERT_THAT(world.violations(), IsEmpty()) << "after step " << i << "\n" << world.story();
  }
  world.hold_ports(false);
  world.faults = {};
  world.advance(10s);  // what comes late is there
  for (auto* one : everybody) {
    if (!one->is_over() && one->last_response().status == 183 && pracked.insert(one).second) one->prack();
  }
  world.advance(60s);
  for (auto* one : everybody) {
    EXPECT_TRUE(one->is_over() || one->last_response().status != 183) << one->name() << " waits for ever";
  }
  keeper.bye();
  world.settle();
  for (auto* one : everybody) {
    if (!one->is_over() && !one->is_confirmed()) one->ack();
  }
  world.advance(60s);
  const auto census = world.focus().census();
  EXPECT_EQ(census.participants, 0U) << world.story();
  EXPECT_EQ(census.open_refers, 0U);
  EXPECT_EQ(census.routes, 0U);
  EXPECT_EQ(world.open_requests(), 0U);
  EXPECT_EQ(world.open_ports(), 0U);
  EXPECT_EQ(world.open_channels(), 0U);
  EXPECT_THAT(world.violations(), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(Seeds, RandomPreconditions, ::testing::Range<std::uint64_t>(1, 25));

}  // namespace
}  // namespace clued::testing
