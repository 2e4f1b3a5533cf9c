#include "app/turn_meter.hpp"

#include <time.h>

#include <algorithm>
#include <utility>

namespace clued::app {

namespace {

using std::chrono::microseconds;
using Clock = std::chrono::steady_clock;

microseconds cpu_time() noexcept {
  timespec used{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
  return std::chrono::duration_cast<microseconds>(std::chrono::seconds(used.tv_sec) +
                                                  std::chrono::nanoseconds(used.tv_nsec));
}

microseconds since(Clock::time_point begin) { return std::chrono::duration_cast<microseconds>(Clock::now() - begin); }

}  // namespace

// A handler that had to be waited for cannot be told from the waiting by the clock on the wall. It is one that reads;
// what the core does about it has a handler of its own.
void TurnMeter::run(boost::asio::io_context& io) {
  auto cpu = cpu_time();
  auto wall = Clock::now();
  while (!io.stopped()) {
    const bool was_ready = io.poll_one() > 0;
    if (!was_ready && io.run_one() == 0) break;
    const auto now = cpu_time();
    note({now - cpu, was_ready ? since(wall) : microseconds{0}});
    cpu = now;
    wall = Clock::now();
  }
}

TurnMeter::Turn TurnMeter::take_longest() { return std::exchange(recent_, Turn{}); }

void TurnMeter::note(const Turn& turn) {
  for (auto* const longest : {&recent_, &ever_}) {
    longest->cpu = std::max(longest->cpu, turn.cpu);
    longest->wall = std::max(longest->wall, turn.wall);
  }
}

}  // namespace clued::app
