// A conference in which one misbehaves, and what the others get of it.
#pragma once

#include <functional>
#include <iostream>
#include <map>
#include <string>
#include <vector>

#include "support/scenario.hpp"

namespace clued::testing {

/// A conference of twenty, the first of whom misbehaves.
class Budget : public ::testing::Test {
 protected:
  explicit Budget(focus::Policy rules = VirtualWorld::default_policy()) : world(std::move(rules)) {}

  void fill(std::size_t participants = 20, EndpointTraits first = {}, EndpointTraits rest = {}) {
    world.join("p1", std::move(first));
    for (std::size_t i = 2; i <= participants; ++i) world.join("p" + std::to_string(i), rest);
    for (std::size_t i = 1; i <= participants; ++i) all.push_back(world.find_endpoint("p" + std::to_string(i)));
    world.advance(120s);
  }

  VirtualEndpoint& mallory() { return *all.front(); }
  std::vector<VirtualEndpoint*> others() const { return {all.begin() + 1, all.end()}; }

  /// What happens at each of the others while something goes on.
  struct Seen {
    std::size_t advertisements = 0;
    std::size_t configures = 0;
    std::uint64_t bytes = 0;
  };
  Seen most_seen(const std::function<void()>& meanwhile) {
    std::map<VirtualEndpoint*, Seen> before;
    for (auto* one : others()) before[one] = {one->count("advertisement"), one->count("configure"), one->bytes()};
    meanwhile();
    Seen most;
    for (auto* one : others()) {
      if (one->is_over()) continue;
      most.advertisements = std::max(most.advertisements, one->count("advertisement") - before[one].advertisements);
      most.configures = std::max(most.configures, one->count("configure") - before[one].configures);
      most.bytes = std::max(most.bytes, one->bytes() - before[one].bytes);
    }
    return most;
  }
  /// Something so often a second, for so long.
  void repeat(unsigned per_second, std::chrono::seconds duration, const std::function<void(unsigned)>& what) {
    const auto times = per_second * static_cast<unsigned>(duration.count());
    for (unsigned i = 0; i < times; ++i) {
      what(i);
      world.advance(base::Duration(1s) / per_second);
    }
  }
  void note(const char* what, const Seen& seen) {
    RecordProperty(std::string(what) + "_advertisements", static_cast<int>(seen.advertisements));
    RecordProperty(std::string(what) + "_configures", static_cast<int>(seen.configures));
    RecordProperty(std::string(what) + "_bytes", static_cast<int>(seen.bytes));
    std::cout << what << ": each of the others got at most " << seen.advertisements << " advertisements, "
              << seen.configures << " configures, " << seen.bytes << " bytes\n";
  }
  void expect_nobody_is_worse_off() {
    for (auto* one : all) EXPECT_TRUE(one->is_over() || one->has_clue()) << one->name();
    EXPECT_THAT(world.records("channel.failed"), IsEmpty());
    EXPECT_THAT(world.violations(), IsEmpty());
  }

  VirtualWorld world;
  std::vector<VirtualEndpoint*> all;
};

}  // namespace clued::testing
