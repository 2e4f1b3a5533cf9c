#include "component/channel/virtual_wall_clock.hpp"

#include <sys/time.h>
#include <time.h>

namespace {

std::chrono::microseconds advanced{0};

}  // namespace

/// Found by the shared libraries before that of the C library.
extern "C" int gettimeofday(struct timeval* now, void* /*zone*/) noexcept {
  timespec real{};
  ::clock_gettime(CLOCK_REALTIME, &real);
  const auto time = std::chrono::seconds(real.tv_sec) +
                    std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::nanoseconds(real.tv_nsec)) +
                    advanced;
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(time);
  now->tv_sec = seconds.count();
  now->tv_usec = std::chrono::duration_cast<std::chrono::microseconds>(time - seconds).count();
  return 0;
}

namespace clued::channel::test {

void advance_wall_clock(std::chrono::microseconds by) noexcept { advanced += by; }

}  // namespace clued::channel::test
