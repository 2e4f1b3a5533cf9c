#include "app/process.hpp"

#include <fcntl.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <memory>

namespace clued::app {
namespace {

/// More are never asked for at once.
constexpr std::size_t most_asked_for = 32;

/// A descriptor of our own, to be duplicated.
class Sample {
 public:
  Sample() : descriptor_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}
  Sample(const Sample&) = delete;
  Sample& operator=(const Sample&) = delete;
  ~Sample() {
    if (descriptor_ >= 0) close(descriptor_);
  }

  /// Takes as many as are asked for, looks at their numbers, and gives them back.
  bool fits(std::size_t count, std::size_t end) const {
    std::array<int, most_asked_for> taken{};
    std::size_t size = 0;
    bool fits = count <= taken.size();
    while (fits && size < count) {
      const int one = fcntl(descriptor_, F_DUPFD_CLOEXEC, 0);
      fits = one >= 0 && static_cast<std::size_t>(one) < end;
      if (one >= 0) taken[size++] = one;
    }
    while (size > 0) close(taken[--size]);
    return fits;
  }

 private:
  int descriptor_;
};

}  // namespace

std::uint64_t raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
  const rlim_t before = limit.rlim_cur;
  limit.rlim_cur = limit.rlim_max;
  return setrlimit(RLIMIT_NOFILE, &limit) == 0 ? limit.rlim_cur : before;
}

base::DescriptorBudget descriptor_budget(std::uint64_t limit) {
  return {limit, [sample = std::make_shared<Sample>()](std::size_t count, std::size_t end) {
            return sample->fits(count, end);
          }};
}

void ignore_broken_pipes() {
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
}

void open_standard_descriptors() noexcept {
  for (int wanted = STDIN_FILENO; wanted <= STDERR_FILENO; ++wanted) {
    if (syscall(SYS_fcntl, wanted, F_GETFD) >= 0) continue;
    // The lowest free descriptor is this one, as all below are open.
    syscall(SYS_openat, AT_FDCWD, "/dev/null", wanted == STDIN_FILENO ? O_RDONLY : O_WRONLY);
  }
}

}  // namespace clued::app
