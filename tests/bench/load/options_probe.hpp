// Somebody who asks the daemon for its OPTIONS again and again, in a thread of its own, so that the endpoints' work is
// not measured with the daemon's.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <thread>
#include <vector>

namespace clued::bench {

class OptionsProbe {
 public:
  struct Figures {
    std::size_t answered = 0;
    std::size_t lost = 0;  ///< not answered within a second
    double p50_ms = 0;
    double p99_ms = 0;
    double worst_ms = 0;
  };

  /// Begins to ask whoever listens on this port of 127.0.0.1, one request after the other, some milliseconds apart.
  explicit OptionsProbe(std::uint16_t port);
  ~OptionsProbe();
  OptionsProbe(const OptionsProbe&) = delete;
  OptionsProbe& operator=(const OptionsProbe&) = delete;

  /// Ends it.
  Figures finish();

 private:
  void run(std::uint16_t port);

  std::atomic<bool> ending_ = false;
  std::vector<double> milliseconds_;
  std::size_t lost_ = 0;
  std::thread thread_;
};

}  // namespace clued::bench
