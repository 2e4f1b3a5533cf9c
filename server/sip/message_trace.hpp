// Every SIP message as it is on the wire, for `log.level: trace`. Private to server/sip.
#pragma once

#include <cstddef>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/record.hpp"

namespace clued::sip {

/// Writes whole messages, repetitions among them, with the ids by which a participant's other records are found. TLS
/// hides them from everybody else. A message itself says its Call-ID; of which conference the call is shows in our
/// Contact or the Request-URI of the peer, so it is remembered by the Call-ID. Costs nothing at other levels.
class MessageTrace {
 public:
  /// Calls whose conference is remembered; the oldest is forgotten first.
  static constexpr std::size_t max_calls = 20'000;

  explicit MessageTrace(base::RecordSink log) : log_(std::move(log)) {}

  bool is_wanted() const;
  /// `peer`: transport, address and port. What is no SIP message, like a keep-alive, is passed over.
  void received(const std::string& peer, std::string_view message);
  void sent(const std::string& peer, std::string_view message);

 private:
  void write(std::string_view direction, const std::string& peer, std::string_view message,
             std::string_view conference);
  const std::string& conference_of(const std::string& call_id, std::string_view told);

  base::RecordSink log_;
  std::unordered_map<std::string, std::string> conferences_;  ///< by Call-ID
  std::deque<std::string> order_;
};

}  // namespace clued::sip
