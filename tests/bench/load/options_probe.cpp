#include "bench/load/options_probe.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <string>
#include <string_view>

namespace clued::bench {

namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr auto pause = 3ms;
constexpr int patience_ms = 1000;

/// A socket with an address that it can be answered at.
struct Socket {
  explicit Socket(std::uint16_t port) : descriptor(socket(AF_INET, SOCK_DGRAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connect(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address);
    socklen_t size = sizeof address;
    getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &size);
    own_port = ntohs(address.sin_port);
  }
  ~Socket() { close(descriptor); }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;

  int descriptor;
  unsigned own_port = 0;
};

std::string request(const Socket& from, std::uint16_t port, unsigned number) {
  const auto here = "127.0.0.1:" + std::to_string(from.own_port);
  const auto focus = "sip:factory@127.0.0.1:" + std::to_string(port);
  const auto text = std::to_string(number);
  return "OPTIONS " + focus + " SIP/2.0\r\nVia: SIP/2.0/UDP " + here + ";branch=z9hG4bK-probe-" + text +
         "\r\nMax-Forwards: 70\r\nFrom: <sip:probe@" + here + ">;tag=probe\r\nTo: <" + focus + ">\r\nCall-ID: probe-" +
         text + "@" + here + "\r\nCSeq: " + text + " OPTIONS\r\nContent-Length: 0\r\n\r\n";
}

/// Whether the answer to that request comes in time; late ones to those before are passed over.
bool is_answered(const Socket& socket, unsigned number) {
  const auto wanted = "probe-" + std::to_string(number) + "@";
  std::array<char, 8192> buffer;
  pollfd waiting{socket.descriptor, POLLIN, 0};
  while (poll(&waiting, 1, patience_ms) == 1) {
    const auto size = recv(socket.descriptor, buffer.data(), buffer.size(), 0);
    if (size <= 0) return false;
    const std::string_view text(buffer.data(), static_cast<std::size_t>(size));
    if (text.find(wanted) != std::string_view::npos) return true;
  }
  return false;
}

double at(const std::vector<double>& sorted, double part) {
  if (sorted.empty()) return 0;
  return sorted[static_cast<std::size_t>(static_cast<double>(sorted.size() - 1) * part)];
}

}  // namespace

OptionsProbe::OptionsProbe(std::uint16_t port) : thread_([this, port] { run(port); }) {}

OptionsProbe::~OptionsProbe() { finish(); }

void OptionsProbe::run(std::uint16_t port) {
  const Socket socket(port);
  for (unsigned number = 1; !ending_; ++number) {
    const auto text = request(socket, port, number);
    const auto began = Clock::now();
    send(socket.descriptor, text.data(), text.size(), 0);
    if (is_answered(socket, number)) {
      milliseconds_.push_back(std::chrono::duration<double, std::milli>(Clock::now() - began).count());
    } else {
      ++lost_;
    }
    std::this_thread::sleep_for(pause);
  }
}

OptionsProbe::Figures OptionsProbe::finish() {
  ending_ = true;
  if (thread_.joinable()) thread_.join();
  std::sort(milliseconds_.begin(), milliseconds_.end());
  return {milliseconds_.size(), lost_, at(milliseconds_, 0.5), at(milliseconds_, 0.99), at(milliseconds_, 1)};
}

}  // namespace clued::bench
