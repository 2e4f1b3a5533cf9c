#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace clued::app {

/// What systemd wants to hear of a Type=notify service (sd_notify(3)); nothing happens without one.
class ServiceManager {
 public:
  /// From NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID, which are then removed from the environment.
  static ServiceManager from_environment();

  /// Sends one datagram such as "READY=1". Never blocks; a manager that does not listen is not an error.
  void notify(std::string_view state) const;
  /// How often notify("WATCHDOG=1") is wanted at the latest, or none.
  std::optional<std::chrono::microseconds> watchdog() const noexcept { return watchdog_; }

 private:
  std::string socket_;
  std::optional<std::chrono::microseconds> watchdog_;
};

}  // namespace clued::app
