#include "fuzz_process/daemon_process.hpp"

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>

namespace clued::fuzz {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t most_lines = 400;
constexpr std::size_t most_complaints = 50;
constexpr std::size_t longest_line = 4096;

std::string read_all(const fs::path& path) {
  std::ifstream stream(path);
  return {std::istreambuf_iterator<char>(stream), {}};
}

/// All `key=number` of a record.
void read_numbers(const std::string& record, Counts& counts) {
  std::size_t at = 0;
  while ((at = record.find('=', at)) != std::string::npos) {
    const auto begin = record.rfind(' ', at) + 1;
    counts[record.substr(begin, at - begin)] = std::strtoull(record.c_str() + at + 1, nullptr, 10);
    ++at;
  }
}

std::uint16_t port_after(const std::string& text, const std::string& what) {
  const auto at = text.find(what);
  return at == std::string::npos
             ? std::uint16_t{0}
             : static_cast<std::uint16_t>(std::strtoul(text.c_str() + at + what.size(), nullptr, 10));
}

/// Where this transport listens, in "sip:127.0.0.1:5060;transport=udp,...".
std::uint16_t port_of(const std::string& listening, const std::string& transport) {
  const auto at = listening.find("transport=" + transport);
  if (at == std::string::npos) return 0;
  return port_after(listening.substr(listening.rfind("127.0.0.1:", at)), "127.0.0.1:");
}

bool is_complaint(const std::string& line) {
  for (const char* word : {" bug.", "CRITICAL", "runtime error:", "Sanitizer", "ssertion", "terminate called"}) {
    if (line.find(word) != std::string::npos) return true;
  }
  return false;
}

}  // namespace

DaemonProcess::DaemonProcess(Reactor& reactor, const std::vector<std::string>& command, const std::string& folder,
                             const std::string& config_file)
    : reactor_(reactor), folder_(folder) {
  spawn(command, config_file);
  reactor_.watch(output_.get(), EPOLLIN, [this](std::uint32_t) { read_output(); });
}

DaemonProcess::~DaemonProcess() {
  if (output_) reactor_.forget(output_.get());
  if (!is_running()) return;
  kill(pid_, SIGKILL);
  waitpid(pid_, &status_, 0);
}

void DaemonProcess::spawn(const std::vector<std::string>& command, const std::string& config_file) {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) throw std::system_error(errno, std::generic_category(), "pipe");
  output_ = Descriptor(ends[0]);
  const Descriptor input(ends[1]);
  fcntl(output_.get(), F_SETFL, O_NONBLOCK);
  std::vector<std::string> words = command;
  words.insert(words.end(), {"--config", config_file});
  std::vector<char*> arguments;
  for (auto& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  pid_ = fork();
  if (pid_ < 0) throw std::system_error(errno, std::generic_category(), "fork");
  if (pid_ == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);  // nobody else would end it when the fuzzer is interrupted
    dup2(input.get(), STDOUT_FILENO);
    dup2(input.get(), STDERR_FILENO);
    execv(arguments.front(), arguments.data());
    _exit(127);
  }
  running_ = true;
}

bool DaemonProcess::is_running() {
  if (running_ && waitpid(pid_, &status_, WNOHANG) == pid_) {
    running_ = false;
    read_output();
  }
  return running_;
}

std::string DaemonProcess::ending() const {
  if (running_) return "is running";
  if (WIFSIGNALED(status_)) return std::string("was ended by ") + strsignal(WTERMSIG(status_));
  return "ended with status " + std::to_string(WEXITSTATUS(status_));
}

void DaemonProcess::signal(int number) noexcept {
  if (running_) kill(pid_, number);
}

std::chrono::milliseconds DaemonProcess::cpu_time() const {
  long long nanoseconds = 0;
  std::error_code error;
  for (const auto& task : fs::directory_iterator("/proc/" + std::to_string(pid_) + "/task", error)) {
    // Time on the CPU in nanoseconds comes first (Documentation/scheduler/sched-stats).
    nanoseconds += std::strtoll(read_all(task.path() / "schedstat").c_str(), nullptr, 10);
  }
  return std::chrono::milliseconds(nanoseconds / 1'000'000);
}

std::uint64_t DaemonProcess::resident_kb() const {
  const auto status = read_all("/proc/" + std::to_string(pid_) + "/status");
  const std::string name = "VmRSS:";
  const auto at = status.find(name);
  return at == std::string::npos ? 0 : std::strtoull(status.c_str() + at + name.size(), nullptr, 10);
}

void DaemonProcess::read_output() {
  std::array<char, 65536> buffer;
  while (true) {
    const auto count = read(output_.get(), buffer.data(), buffer.size());
    if (count <= 0) {
      if (count == 0) reactor_.forget(output_.get());
      return;
    }
    rest_.append(buffer.data(), static_cast<std::size_t>(count));
    std::size_t begin = 0;
    for (auto end = rest_.find('\n'); end != std::string::npos; end = rest_.find('\n', begin)) {
      take_line(rest_.substr(begin, end - begin));
      begin = end + 1;
    }
    rest_.erase(0, begin);
  }
}

void DaemonProcess::take_line(const std::string& line) {
  last_lines_.push_back(line.substr(0, longest_line));
  if (last_lines_.size() > most_lines) last_lines_.pop_front();
  if (complaints_.size() < most_complaints && is_complaint(line)) complaints_.push_back(line.substr(0, longest_line));
  if (const auto at = line.find(" state.c"); at != std::string::npos) {
    read_numbers(line.substr(at), counts_);
    if (line.compare(at + 1, 14, "state.counters") == 0) ++counts_told_;
  } else if (line.find(" channel.listening ") != std::string::npos) {
    lite_port_ = port_after(line, "udp_port=");
  } else if (line.find(" daemon.ready ") != std::string::npos) {
    udp_port_ = port_of(line, "udp");
    tls_port_ = port_of(line, "tls");
    ready_ = true;
  }
}

std::string DaemonProcess::sanitizer_report() const {
  std::string report;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder_, error)) {
    if (entry.path().filename().string().rfind("sanitizer.", 0) == 0) report += read_all(entry.path());
  }
  return report;
}

}  // namespace clued::fuzz
