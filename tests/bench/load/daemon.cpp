#include "bench/load/daemon.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <iterator>
#include <sstream>
#include <stdexcept>
#include <system_error>

namespace clued::bench {

namespace {

namespace fs = std::filesystem;

constexpr std::chrono::seconds start_time{10};
constexpr std::chrono::seconds stop_time{10};

std::string read_all(const fs::path& path) {
  std::ifstream stream(path);
  return {std::istreambuf_iterator<char>(stream), {}};
}

std::uint64_t number_after(const std::string& text, const std::string& name) {
  const auto at = text.find(name);
  return at == std::string::npos ? 0 : std::strtoull(text.c_str() + at + name.size(), nullptr, 10);
}

/// The value of `key=` in a log line, without quotes.
std::string value_of(const std::string& line, const std::string& key) {
  const auto at = line.find(" " + key + "=");
  if (at == std::string::npos) return {};
  auto begin = at + key.size() + 2;
  const char stop = begin < line.size() && line[begin] == '"' ? '"' : ' ';
  if (stop == '"') ++begin;
  return line.substr(begin, line.find(stop, begin) - begin);
}

/// Waits for the process to end, at most so long.
bool ended_within(pid_t pid, std::chrono::milliseconds time) {
  const auto descriptor = static_cast<int>(syscall(SYS_pidfd_open, pid, 0));
  pollfd waiting{descriptor, POLLIN, 0};
  const bool ended = descriptor >= 0 && poll(&waiting, 1, static_cast<int>(time.count())) == 1;
  if (descriptor >= 0) close(descriptor);
  return ended;
}

}  // namespace

Daemon::Daemon(const std::string& program, const std::string& extra_config) {
  auto pattern = (fs::temp_directory_path() / "clued-bench-XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr) throw std::system_error(errno, std::generic_category(), pattern);
  folder_ = pattern;
  // Loopback carries 64 KB in one packet. With the default for real networks the daemon would first try TCP for each
  // re-INVITE, which the load client does not speak.
  std::ofstream(folder_ + "/clued.yaml") << "sip:\n  udp_mtu: 65535\n  max_rate_per_source: 0\n"
                                         << "  listen:\n    - {address: 127.0.0.1, port: 0, udp: true, tcp: true}\n"
                                         << "log:\n  file: " << folder_ << "/clued.log\n"
                                         << extra_config;
  std::ofstream(folder_ + "/clued.log").flush();
  log_.open(folder_ + "/clued.log");
  try {
    spawn(program);
    wait_until_ready();
  } catch (...) {
    stop();
    throw;
  }
}

Daemon::~Daemon() { stop(); }

void Daemon::spawn(const std::string& program) {
  const std::string config = folder_ + "/clued.yaml";
  pid_ = fork();
  if (pid_ < 0) throw std::system_error(errno, std::generic_category(), "fork");
  if (pid_ > 0) return;
  const int output = open((folder_ + "/output").c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  dup2(output, STDOUT_FILENO);
  dup2(output, STDERR_FILENO);
  execl(program.c_str(), program.c_str(), "--config", config.c_str(), static_cast<char*>(nullptr));
  _exit(127);
}

void Daemon::wait_until_ready() {
  const auto end = std::chrono::steady_clock::now() + start_time;
  while (std::chrono::steady_clock::now() < end) {
    // "listening" is "sip:127.0.0.1:40123;transport=udp,..."
    for (const auto& listening : new_values("daemon.ready", "listening")) {
      const std::string host = "127.0.0.1:";
      const auto at = listening.find(host);
      if (at == std::string::npos) continue;
      port_ = static_cast<std::uint16_t>(std::strtoul(listening.c_str() + at + host.size(), nullptr, 10));
      return;
    }
    if (ended_within(pid_, std::chrono::milliseconds(20))) break;
  }
  throw std::runtime_error("the daemon did not become ready: " + read_all(folder_ + "/output"));
}

void Daemon::stop() {
  if (pid_ > 0) {
    kill(pid_, SIGTERM);
    if (!ended_within(pid_, stop_time)) kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
    pid_ = -1;
  }
  std::error_code ignored;
  if (std::getenv("CLUED_BENCH_KEEP") == nullptr) fs::remove_all(folder_, ignored);
}

std::chrono::nanoseconds Daemon::cpu_time() const {
  std::chrono::nanoseconds sum{0};
  for (const auto& task : fs::directory_iterator("/proc/" + std::to_string(pid_) + "/task")) {
    // Time on the CPU in nanoseconds comes first (Documentation/scheduler/sched-stats).
    sum += std::chrono::nanoseconds(std::strtoll(read_all(task.path() / "schedstat").c_str(), nullptr, 10));
  }
  return sum;
}

std::uint64_t Daemon::resident_kb() const {
  return number_after(read_all("/proc/" + std::to_string(pid_) + "/status"), "VmRSS:");
}

std::uint64_t Daemon::wake_ups() const {
  return number_after(read_all("/proc/" + std::to_string(pid_) + "/status"), "\nvoluntary_ctxt_switches:");
}

std::size_t Daemon::threads() const {
  return number_after(read_all("/proc/" + std::to_string(pid_) + "/status"), "Threads:");
}

std::size_t Daemon::descriptors() const {
  const auto folder = fs::directory_iterator("/proc/" + std::to_string(pid_) + "/fd");
  return static_cast<std::size_t>(std::distance(begin(folder), end(folder)));
}

std::vector<std::string> Daemon::new_values(const std::string& record, const std::string& key) {
  std::vector<std::string> values;
  log_.clear();
  std::ostringstream fresh;
  fresh << log_.rdbuf();
  rest_ += fresh.str();
  std::size_t begin = 0;
  for (auto end = rest_.find('\n'); end != std::string::npos; end = rest_.find('\n', begin)) {
    const auto line = rest_.substr(begin, end - begin);
    begin = end + 1;
    if (line.find(" " + record + " ") != std::string::npos) values.push_back(value_of(line, key));
  }
  rest_.erase(0, begin);
  return values;
}

}  // namespace clued::bench
