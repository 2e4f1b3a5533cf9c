// How fast CLUE messages are read and written.
#include <benchmark/benchmark.h>

#include <fstream>
#include <iterator>
#include <string>
#include <variant>

#include "bench/peer_captures.hpp"
#include "clue/codec.hpp"
#include "support/paths.hpp"

namespace clued::bench {

namespace {

std::string read_file(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

/// The advertisement of RFC 8847 section 9.3; where the RFC's examples are not at hand, one of the same kind and size.
const std::string& example() {
  static const std::string text = [] {
    auto rfc = read_file(clued::testing::spec_dir() + "/data/fixed/rfc8847-msg3-advertisement.xml");
    return rfc.empty() ? read_file(clued::testing::test_data_dir() + "/large-advertisement.xml") : rfc;
  }();
  return text;
}

void decode(benchmark::State& state) {
  std::int64_t bytes = 0;
  for (auto _ : state) {
    auto message = clue::decode(example());
    if (!message) {
      state.SkipWithError(message.error().reason.c_str());
      return;
    }
    benchmark::DoNotOptimize(message);
    bytes += static_cast<std::int64_t>(example().size());
  }
  state.SetBytesProcessed(bytes);
}

void encode(benchmark::State& state) {
  const auto message = clue::decode(example());
  if (!message) {
    state.SkipWithError(message.error().reason.c_str());
    return;
  }
  std::int64_t bytes = 0;
  for (auto _ : state) {
    auto text = clue::encode(*message);
    benchmark::DoNotOptimize(text);
    bytes += static_cast<std::int64_t>(text.size());
  }
  state.SetBytesProcessed(bytes);
}

}  // namespace

BENCHMARK(decode);
BENCHMARK(encode);

}  // namespace clued::bench
