// A conference that somebody watches (RFC 4575), for the scenario tests of watching.
#pragma once

#include <iostream>

#include "support/scenario.hpp"

namespace clued::testing {

/// The user entity under which an endpoint of this name is shown.
inline std::string entity(const std::string& name) { return "sip:" + name + "@ims.example.net"; }

class Watching : public ::testing::Test {
 protected:
  void TearDown() override {
    EXPECT_THAT(world.violations(), IsEmpty());
    if (HasFailure()) std::cout << world.story();
  }

  VirtualWatcher& watch_as(const VirtualEndpoint& endpoint) {
    auto& watcher = world.watcher(endpoint.name());
    watcher.in_dialog_of = &endpoint;
    watcher.subscribe();
    world.settle();
    return watcher;
  }

  VirtualWorld world;
  VirtualEndpoint& alice = world.join("alice");
};

}  // namespace clued::testing
