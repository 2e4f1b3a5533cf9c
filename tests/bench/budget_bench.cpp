// What one participant can cost within its limits: the largest legal message of each type from its bytes to catalogue
// and demand, beside a small one of the same run, and the refresh of the others that follows.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include "bench/core_world.hpp"
#include "bench/hostile_peer.hpp"

namespace clued::bench {

namespace {

constexpr std::size_t participants = 20;
constexpr unsigned cameras = 3;

focus::Policy policy() {
  focus::Policy policy;
  policy.media.address_v4 = "127.0.0.1";
  policy.media.audio_codecs = {{"PCMU/8000", 0, ""}};
  policy.media.video_codecs = {{"H264/90000", 97, "profile-level-id=42e01f;packetization-mode=1"}};
  return policy;
}

using Say = std::function<std::string(HostilePeer&, Filler, unsigned version)>;

/// The median of what a message costs; the last participant says it when everybody is quiet.
struct Cost {
  double message_ms = 0;
  double refresh_ms = 0;
};

Cost median_cost(CoreWorld& world, const Say& say, Filler filler, unsigned& version) {
  constexpr std::size_t rounds = 9;
  std::vector<double> messages, refreshes;
  for (std::size_t i = 0; i < rounds; ++i) {
    world.rest();
    const auto spent = world.say(say(world.hostile(), filler, ++version));
    messages.push_back(static_cast<double>(spent.message) * 1e-6);
    refreshes.push_back(static_cast<double>(spent.refresh) * 1e-6);
  }
  const auto median = [](std::vector<double>& values) {
    std::nth_element(values.begin(), values.begin() + rounds / 2, values.end());
    return values[rounds / 2];
  };
  return {median(messages), median(refreshes)};
}

/// `small` and `large` may say the same, as far as the filler does not make the difference.
void largest(benchmark::State& state, const Say& small, const Say& large) {
  Cost usual, worst;
  int slowest = 0;
  for (auto _ : state) {
    CoreWorld world(policy(), participants, cameras);
    world.join_hostile();
    unsigned version = 0;
    usual = median_cost(world, small, Filler::none, version);
    worst = median_cost(world, large, Filler::none, version);
    // The filler is ignored by then: each refresh is one more measurement of the same.
    std::vector<double> refreshes{worst.refresh_ms};
    for (const auto filler : fillers) {
      const auto cost = median_cost(world, large, filler, version);
      if (cost.message_ms > worst.message_ms) slowest = static_cast<int>(filler);
      worst.message_ms = std::max(worst.message_ms, cost.message_ms);
      refreshes.push_back(cost.refresh_ms);
    }
    std::nth_element(refreshes.begin(), refreshes.begin() + refreshes.size() / 2, refreshes.end());
    worst.refresh_ms = refreshes[refreshes.size() / 2];
    if (!world.trouble().empty()) return state.SkipWithError(world.trouble().c_str());
    state.SetIterationTime(worst.message_ms * 1e-3);
  }
  state.counters["small_ms"] = usual.message_ms;
  state.counters["largest_ms"] = worst.message_ms;
  state.counters["filler"] = slowest;
  state.counters["ratio"] = worst.message_ms / usual.message_ms;
  state.counters["refresh_small_ms"] = usual.refresh_ms;
  state.counters["refresh_ms"] = worst.refresh_ms;
  if (usual.refresh_ms > 0) state.counters["refresh_ratio"] = worst.refresh_ms / usual.refresh_ms;
}

void once(benchmark::internal::Benchmark* bench) {
  bench->UseManualTime()->Unit(benchmark::kMillisecond)->Iterations(1);
}

template <class Member>
Say by(Member member) {
  return [member](HostilePeer& peer, Filler filler, unsigned) { return (peer.*member)(filler); };
}

Say advertising(clue::AdvertisementContent (*content)(unsigned)) {
  return [content](HostilePeer& peer, Filler filler, unsigned version) {
    return peer.advertisement(content(version), filler);
  };
}

clue::AdvertisementContent most_encodings(unsigned version) { return many_encodings(version, 120, 500); }
clue::AdvertisementContent too_many_encodings(unsigned version) { return many_encodings(version, 500, 3500); }

}  // namespace

BENCHMARK_CAPTURE(largest, options, by(&HostilePeer::options), by(&HostilePeer::options))->Apply(once);
BENCHMARK_CAPTURE(largest, optionsResponse, by(&HostilePeer::options_response), by(&HostilePeer::options_response))
    ->Apply(once);
BENCHMARK_CAPTURE(largest, ack, by(&HostilePeer::ack), by(&HostilePeer::ack))->Apply(once);
BENCHMARK_CAPTURE(largest, configure, by(&HostilePeer::configure), by(&HostilePeer::configure))->Apply(once);
BENCHMARK_CAPTURE(largest, configureResponse, by(&HostilePeer::configure_response),
                  by(&HostilePeer::configure_response))
    ->Apply(once);
BENCHMARK_CAPTURE(largest, advertisement, advertising(small_room), advertising(large_room))->Apply(once);
BENCHMARK_CAPTURE(largest, advertisement_of_encodings, advertising(small_room), advertising(most_encodings))
    ->Apply(once);
BENCHMARK_CAPTURE(largest, advertisement_beyond_the_limits, advertising(small_room), advertising(too_many_encodings))
    ->Apply(once);

}  // namespace clued::bench
