// clued-load: real endpoints against a real daemon; prints rows of the table in README.md.
#include <sys/resource.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "bench/load/scenarios.hpp"

namespace {

using namespace clued::bench;

constexpr const char* usage =
    "usage: clued-load --daemon PROGRAM [--only WHAT] [--participants N] [--per-conference N] [--in-flight N]\n"
    "  [--idle SECONDS] [--ice full|lite] [--crowd N [--loss PERCENT] [--delay MS]]\n"
    "  WHAT: wake-ups, alone, joins, lite, large, removal, crowd; all of them without --only. lite is joins with --ice "
    "lite.\n"
    "  crowd compares removals from conferences of 100 and of N; with fewer than 100 it is one of N alone.\n";

struct Arguments {
  std::string daemon;
  std::string only;
  bool lite = false;  ///< channel.ice of the daemon, except where both are compared
  JoinSettings joins;
  std::size_t removal_participants = 100;
  std::size_t removals = 10;
  std::size_t crowd = 1000;
  NetworkSettings network;  ///< of the crowd
};

/// Half of the descriptors are the endpoints' agents; the daemon raises its own limit.
void raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values.empty() ? 0 : values[values.size() / 2];
}

double largest(const std::vector<double>& values) {
  return values.empty() ? 0 : *std::max_element(values.begin(), values.end());
}

std::string ice_config(bool lite) { return lite ? "channel: {ice: lite}\n" : ""; }

void print_wake_ups(const Arguments& arguments) {
  const auto wake_ups = idle_wake_ups(arguments.daemon, std::chrono::seconds(10), ice_config(arguments.lite));
  std::printf("| daemon without participants, wake-ups per second | %.1f | at most 2 |\n", wake_ups);
}

void print_alone(const Arguments& arguments) {
  auto settings = arguments.joins;
  settings.extra_config = ice_config(arguments.lite);
  settings.per_conference = 1;
  settings.idle = settings.settle = std::chrono::seconds(0);
  const auto figures = join_conferences(arguments.daemon, settings);
  std::printf("| daemon CPU per complete join, %zu endpoints, each in a conference of its own | %.2f ms | |\n",
              settings.participants, figures.cpu_ms_per_join);
}

void print_joins_with(const Arguments& arguments, bool lite) {
  auto settings = arguments.joins;
  settings.extra_config = ice_config(lite);
  const auto figures = join_conferences(arguments.daemon, settings);
  std::printf("| daemon CPU per complete join, %zu endpoints in conferences of %zu%s | %.2f ms | at most 3 ms |\n",
              settings.participants, settings.per_conference, lite ? ", ice: lite" : "", figures.cpu_ms_per_join);
  std::printf("| ... with %lld s of ICE checks after it | %.2f ms | |\n",
              static_cast<long long>(settings.settle.count()), figures.settled_cpu_ms_per_join);
  std::printf("| joins per CPU-second | %.0f | |\n", 1000 / figures.cpu_ms_per_join);
  std::printf("| resident memory per participant | %.0f KB | at most 120 KB |\n", figures.kb_per_participant);
  std::printf(
      "| idle with %zu participants for %lld s | %.2f %% of a core, %.0f wake-ups per second | at most 3 %% |\n",
      settings.participants, static_cast<long long>(settings.idle.count()), figures.idle_cpu_percent,
      figures.idle_wake_ups);
  std::printf("| descriptors per participant, threads in all | %.1f, %zu | |\n", figures.descriptors_per_participant,
              figures.threads);
  std::fprintf(stderr, "joins took %.1f s, %.1f re-INVITEs and %.1f advertisements each, %zu SIP repetitions\n",
               figures.seconds, figures.reinvites_per_join, figures.advertisements_per_join, figures.repeats);
}

void print_joins(const Arguments& arguments) { print_joins_with(arguments, arguments.lite); }

void print_lite(const Arguments& arguments) { print_joins_with(arguments, true); }

void print_large(const Arguments& arguments) {
  auto settings = arguments.joins;
  settings.extra_config = ice_config(arguments.lite);
  settings.per_conference = settings.participants;
  settings.idle = settings.settle = std::chrono::seconds(0);
  const auto figures = join_conferences(arguments.daemon, settings);
  std::printf(
      "| daemon CPU per complete join, one conference of %zu (%.1f advertisements, %.1f re-INVITEs each) "
      "| %.2f ms | |\n",
      settings.participants, figures.advertisements_per_join, figures.reinvites_per_join, figures.cpu_ms_per_join);
}

void print_removal(const Arguments& arguments) {
  for (const bool always : {false, true}) {
    const auto figures = remove_participants(arguments.daemon, arguments.removal_participants, arguments.removals,
                                             ice_config(arguments.lite) + (always ? "refresh:\n  sdp: always\n" : ""));
    std::printf(
        "| REFER to the last refreshed of %zu participants (%s), median and worst of %zu "
        "| %.0f and %.0f ms seen, %.0f and %.0f ms logged | at most 1000 ms |\n",
        arguments.removal_participants, always ? "advertisement and re-INVITE" : "advertisement", arguments.removals,
        median(figures.seen_ms), largest(figures.seen_ms), median(figures.logged_ms), largest(figures.logged_ms));
    std::printf("| ... daemon CPU | %.0f ms | |\n", median(figures.cpu_ms));
  }
}

CrowdFigures print_crowd_of(const Arguments& arguments, std::size_t participants) {
  const auto figures =
      remove_from_crowd(arguments.daemon, participants, 3, arguments.network, ice_config(arguments.lite));
  const auto& told = figures.told_ms;
  std::printf(
      "| REFER to each of %zu participants told, median and last of 3 removals | %.0f and %.0f ms, %zu stalled | |\n",
      participants, told[told.size() / 2], told.back(), figures.stalled);
  std::printf(
      "| ... OPTIONS meanwhile, p50 and p99 (idle) | %.1f and %.1f ms (%.1f and %.1f), %zu of %zu lost "
      "| p99 at most 50 ms |\n",
      figures.removal.p50_ms, figures.removal.p99_ms, figures.idle.p50_ms, figures.idle.p99_ms, figures.removal.lost,
      figures.removal.answered + figures.removal.lost);
  std::printf("| ... daemon CPU per participant told, longest turn of the loop | %.2f ms, %.1f ms | %s |\n",
              figures.cpu_ms_per_told, figures.longest_turn_ms, participants <= 100 ? "turn at most 20 ms" : "");
  std::fflush(stdout);
  return figures;
}

void print_crowd(const Arguments& arguments) {
  constexpr std::size_t few = 100;
  if (arguments.crowd <= few) {
    print_crowd_of(arguments, arguments.crowd);
    return;
  }
  const auto small = print_crowd_of(arguments, few);
  const auto large = print_crowd_of(arguments, arguments.crowd);
  std::printf("| daemon CPU per participant told, of %zu against of %zu | %.2f times | at most 1.2 times |\n",
              arguments.crowd, few, large.cpu_ms_per_told / small.cpu_ms_per_told);
}

bool parse(int count, char** values, Arguments& arguments) {
  for (int i = 1; i + 1 < count; i += 2) {
    const std::string_view name = values[i];
    const char* value = values[i + 1];
    const auto number = static_cast<std::size_t>(std::strtoul(value, nullptr, 10));
    if (name == "--daemon") {
      arguments.daemon = value;
    } else if (name == "--only") {
      arguments.only = value;
    } else if (name == "--participants" && number > 0) {
      arguments.joins.participants = number;
    } else if (name == "--per-conference" && number > 0) {
      arguments.joins.per_conference = number;
    } else if (name == "--in-flight" && number > 0) {
      arguments.joins.in_flight = number;
    } else if (name == "--ice" && (std::string_view(value) == "full" || std::string_view(value) == "lite")) {
      arguments.lite = std::string_view(value) == "lite";
    } else if (name == "--crowd" && number > 4) {
      arguments.crowd = number;
    } else if (name == "--loss" && number < 100) {
      arguments.network.percent_lost = static_cast<unsigned>(number);
    } else if (name == "--delay") {
      arguments.network.delay = std::chrono::milliseconds(number);
    } else if (name == "--idle") {
      arguments.joins.idle = std::chrono::seconds(number);
    } else {
      return false;
    }
  }
  return count % 2 == 1 && !arguments.daemon.empty();
}

}  // namespace

int main(int count, char** values) {
  Arguments arguments;
  if (!parse(count, values, arguments)) {
    std::fputs(usage, stderr);
    return 64;
  }
  raise_descriptor_limit();
  const std::pair<const char*, void (*)(const Arguments&)> parts[] = {
      {"wake-ups", print_wake_ups}, {"alone", print_alone},     {"joins", print_joins}, {"lite", print_lite},
      {"large", print_large},       {"removal", print_removal}, {"crowd", print_crowd}};
  bool failed = false;
  for (const auto& [name, print] : parts) {
    if (!arguments.only.empty() && arguments.only != name) continue;
    try {
      print(arguments);
    } catch (const std::exception& error) {
      std::fprintf(stderr, "%s: %s\n", name, error.what());
      failed = true;
    }
    std::fflush(stdout);
  }
  return failed ? 1 : 0;
}
