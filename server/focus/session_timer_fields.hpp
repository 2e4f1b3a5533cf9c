// What requests and responses say about the session timer (RFC 4028), as values.
#pragma once

#include <chrono>
#include <optional>

namespace clued::focus {

/// Who refreshes, in the terms of the transaction that says it (RFC 4028 section 4).
enum class SessionRefresher { uac, uas };

struct SessionTimerFields {
  bool supported = false;                             ///< Supported or Require: timer
  std::optional<std::chrono::seconds> expires{};      ///< Session-Expires
  std::optional<SessionRefresher> refresher{};        ///< its parameter
  std::optional<std::chrono::seconds> min_expires{};  ///< Min-SE

  bool operator==(const SessionTimerFields&) const = default;
};

}  // namespace clued::focus
