// Runs the benchmarks of the pure parts; with --markdown prints the rows of the table in README.md instead of Google
// Benchmark's report.
#include <benchmark/benchmark.h>

#include <cstdio>
#include <cstring>
#include <map>
#include <string>

namespace {

/// Collects the figures that the table shows.
class Collector final : public benchmark::BenchmarkReporter {
 public:
  bool ReportContext(const Context&) override { return true; }

  void ReportRuns(const std::vector<Run>& runs) override {
    for (const auto& run : runs) {
      const auto name = run.benchmark_name();
      if (run.error_occurred) {
        std::fprintf(stderr, "%s: %s\n", name.c_str(), run.error_message.c_str());
        failed_ = true;
        continue;
      }
      for (const auto& [counter, value] : run.counters) figures_[base_of(name) + " " + counter] = value;
    }
  }

  /// False when a benchmark failed.
  bool print() const {
    for (const char* flavour : {"told", "offered"}) print_removal(flavour);
    for (const char* direction : {"decode", "encode"}) {
      const auto found = figures_.find(std::string(direction) + " bytes_per_second");
      if (found == figures_.end()) continue;
      std::printf("| %s the advertisement of RFC 8847 section 9 | %.0f MB/s | |\n", direction, found->second * 1e-6);
    }
    return !failed_;
  }

 private:
  /// "removal/told/1000/iterations:10/manual_time" is "removal/told/1000".
  static std::string base_of(const std::string& name) { return name.substr(0, name.find("/iterations")); }

  double figure(const std::string& name) const {
    const auto found = figures_.find(name);
    return found == figures_.end() ? 0 : found->second;
  }

  void print_removal(const std::string& flavour) const {
    const std::string prefix = "removal/" + flavour + "/";
    const double at_10 = figure(prefix + "10 us_per_remaining");
    if (at_10 <= 0) return;
    for (const char* size : {"10", "100", "1000"}) {
      const double cost = figure(prefix + size + " us_per_remaining");
      std::printf("| core, one removal of %s, per remaining participant (%s%.1f KB advertisement) | %.0f us", size,
                  flavour == "offered" ? "re-INVITE and " : "", figure(prefix + size + " bytes") * 1e-3, cost);
      if (std::strcmp(size, "1000") == 0) {
        std::printf(", %.2f times that of 10 | at most 2 times |\n", cost / at_10);
      } else {
        std::printf(" | |\n");
      }
    }
  }

  std::map<std::string, double> figures_;
  bool failed_ = false;
};

}  // namespace

int main(int count, char** values) {
  bool markdown = false;
  int kept = 1;
  for (int i = 1; i < count; ++i) {
    if (std::strcmp(values[i], "--markdown") == 0) {
      markdown = true;
    } else {
      values[kept++] = values[i];
    }
  }
  benchmark::Initialize(&kept, values);
  if (benchmark::ReportUnrecognizedArguments(kept, values)) return 1;
  if (!markdown) {
    benchmark::RunSpecifiedBenchmarks();
    return 0;
  }
  Collector collector;
  benchmark::RunSpecifiedBenchmarks(&collector);
  return collector.print() ? 0 : 1;
}
