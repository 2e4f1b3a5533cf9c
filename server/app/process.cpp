#include "app/process.hpp"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <csignal>

namespace clued::app {

std::uint64_t raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
  const rlim_t before = limit.rlim_cur;
  limit.rlim_cur = limit.rlim_max;
  return setrlimit(RLIMIT_NOFILE, &limit) == 0 ? limit.rlim_cur : before;
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
