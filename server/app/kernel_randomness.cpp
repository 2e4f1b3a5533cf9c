#include "app/kernel_randomness.hpp"

#include <sys/random.h>

#include <cerrno>
#include <cstdlib>
#include <utility>

namespace clued::app {

std::uint64_t KernelRandomness::next() {
  if (left_ == 0) {
    // 512 bytes: above 256 getrandom may be interrupted or short.
    auto* bytes = reinterpret_cast<unsigned char*>(numbers_.data());
    std::size_t filled = 0;
    while (filled < sizeof numbers_) {
      const ssize_t got = getrandom(bytes + filled, sizeof numbers_ - filled, 0);
      if (got > 0) {
        filled += static_cast<std::size_t>(got);
      } else if (errno != EINTR) {
        std::abort();
      }
    }
    left_ = numbers_.size();
  }
  // A number that was handed out stays nowhere.
  return std::exchange(numbers_[--left_], 0);
}

}  // namespace clued::app
