// What a departure costs the core, per participant that stays.
#include <benchmark/benchmark.h>

#include <string>

#include "bench/core_world.hpp"

namespace clued::bench {

namespace {

constexpr unsigned cameras = 3;  // and a microphone: four captures each

/// Advertised captures are capped alike in all sizes, else 1000 participants would be told of more than 10 are.
focus::Policy policy() {
  focus::Policy policy;
  policy.max_advertised_captures = 16;
  policy.media.address_v4 = "127.0.0.1";
  policy.media.audio_codecs = {{"PCMU/8000", 0, ""}};
  policy.media.video_codecs = {{"H264/90000", 97, "profile-level-id=42e01f;packetization-mode=1"}};
  return policy;
}

void removal(benchmark::State& state, focus::RefreshSdp refresh) {
  auto rules = policy();
  rules.refresh_sdp = refresh;
  const auto participants = static_cast<std::size_t>(state.range(0));
  CoreWorld world(rules, participants, cameras);
  CoreCost sum;
  for (auto _ : state) {
    const auto cost = world.remove_shown();
    if (!cost.trouble.empty()) {
      state.SkipWithError(cost.trouble.c_str());
      return;
    }
    state.SetIterationTime(static_cast<double>(cost.until_converged) * 1e-9);
    sum.until_told += cost.until_told;
    sum.until_converged += cost.until_converged;
    sum.advertisements += cost.advertisements;
    sum.reinvites += cost.reinvites;
    sum.advertisement_bytes += cost.advertisement_bytes;
    world.join();
  }
  const auto remaining = static_cast<double>(state.iterations()) * static_cast<double>(participants - 1);
  state.counters["us_per_remaining"] = static_cast<double>(sum.until_converged) / remaining * 1e-3;
  state.counters["us_told"] = static_cast<double>(sum.until_told) / remaining * 1e-3;
  state.counters["advertisements"] = static_cast<double>(sum.advertisements) / remaining;
  state.counters["reinvites"] = static_cast<double>(sum.reinvites) / remaining;
  state.counters["bytes"] = static_cast<double>(sum.advertisement_bytes) / static_cast<double>(sum.advertisements);
}

/// As many removals that each size gives some thousands of refreshes.
void sizes(benchmark::internal::Benchmark* bench) { bench->UseManualTime()->Unit(benchmark::kMicrosecond); }

}  // namespace

BENCHMARK_CAPTURE(removal, told, focus::RefreshSdp::when_encodings_change)->Apply(sizes)->Arg(10)->Iterations(400);
BENCHMARK_CAPTURE(removal, told, focus::RefreshSdp::when_encodings_change)->Apply(sizes)->Arg(100)->Iterations(60);
BENCHMARK_CAPTURE(removal, told, focus::RefreshSdp::when_encodings_change)->Apply(sizes)->Arg(1000)->Iterations(10);
BENCHMARK_CAPTURE(removal, offered, focus::RefreshSdp::always)->Apply(sizes)->Arg(10)->Iterations(400);
BENCHMARK_CAPTURE(removal, offered, focus::RefreshSdp::always)->Apply(sizes)->Arg(100)->Iterations(60);
BENCHMARK_CAPTURE(removal, offered, focus::RefreshSdp::always)->Apply(sizes)->Arg(1000)->Iterations(10);

}  // namespace clued::bench
