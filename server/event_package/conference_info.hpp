// The conference-info document of RFC 4575 as values. Element order and the words are the RFC's.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace clued::event_package {

/// Section 5.7.2.
enum class EndpointStatus {
  pending,
  dialing_out,
  dialing_in,
  alerting,
  on_hold,
  connected,
  muted_via_focus,
  disconnecting,
  disconnected
};
enum class JoiningMethod { dialed_in, dialed_out, focus_owner };    ///< section 5.7.3
enum class DisconnectionMethod { departed, booted, failed, busy };  ///< section 5.7.5
enum class MediaStatus { sendrecv, sendonly, recvonly, inactive };  ///< section 5.8.5, seen from the participant

/// Moments as they are shown to people: to the second, in UTC.
using DateTime = std::chrono::sys_seconds;

/// When, why and by whom something was done to an endpoint (section 5.7.4).
struct Execution {
  std::optional<DateTime> when;
  std::string reason;
  std::string by;  ///< a URI
  bool operator==(const Execution&) const = default;
};

/// One stream of an endpoint (section 5.8).
struct Media {
  std::string id;     ///< unique among the endpoint's
  std::string type;   ///< "audio", "video"
  std::string label;  ///< of SDP (RFC 4574); "": none
  MediaStatus status = MediaStatus::sendrecv;
  bool operator==(const Media&) const = default;
};

/// One device with which a user takes part (section 5.7). Empty strings are left out of the document.
struct Endpoint {
  std::string entity;
  std::string display_text;
  std::optional<Execution> referred;
  EndpointStatus status = EndpointStatus::connected;
  std::optional<JoiningMethod> joining_method;
  std::optional<Execution> joining_info;
  std::optional<DisconnectionMethod> disconnection_method;
  std::optional<Execution> disconnection_info;
  std::vector<Media> media;
  bool operator==(const Endpoint&) const = default;
};

/// Section 5.6. The entity is compared byte by byte (section 4.5).
struct User {
  std::string entity;
  std::string display_text;
  std::vector<std::string> roles;
  std::vector<Endpoint> endpoints;
  bool operator==(const User&) const = default;
};

/// What is the same for everybody who watches (sections 5.3 and 5.4). The conference's own URI is not among it: each
/// subscriber knows it by the name under which it subscribed.
struct Description {
  std::string display_text;
  std::string subject;
  std::uint32_t maximum_user_count = 0;  ///< 0: not said
  std::string host_display_text;         ///< host-info; "": none
  std::string host_web_page;
  bool operator==(const Description&) const = default;
};

/// Section 5.5.
struct ConferenceState {
  std::uint32_t user_count = 0;
  bool active = true;
  bool locked = false;
  bool operator==(const ConferenceState&) const = default;
};

}  // namespace clued::event_package
