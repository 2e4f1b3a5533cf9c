#include "focus/roster_entry.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

namespace clued::focus {

namespace {

using event_package::DisconnectionMethod;
using event_package::EndpointStatus;
using event_package::MediaStatus;

/// URIs that are longer are not shown: one participant must not fill everybody's document.
constexpr std::size_t max_uri_bytes = 512;

std::optional<event_package::DateTime> date_time(base::TimePoint moment, const base::Calendar* calendar) {
  if (calendar == nullptr) return std::nullopt;
  return std::chrono::floor<std::chrono::seconds>(calendar->at(moment));
}

MediaStatus status_of(const sdp::NegotiatedStream& stream) {
  if (stream.peer_sends) return stream.peer_receives ? MediaStatus::sendrecv : MediaStatus::sendonly;
  return stream.peer_receives ? MediaStatus::recvonly : MediaStatus::inactive;
}

// RFC 3264 section 8.4: who holds does not want to hear us. With CLUE that says nothing about one line, because each
// sends in one direction; there all of them have to rest.
bool is_on_hold(const std::vector<sdp::NegotiatedStream>& streams) {
  const auto is_main = [](const auto& stream) { return stream.role == sdp::StreamRole::main; };
  if (std::any_of(streams.begin(), streams.end(), is_main)) {
    return std::none_of(streams.begin(), streams.end(),
                        [&](const auto& stream) { return is_main(stream) && stream.peer_receives; });
  }
  return !streams.empty() && std::none_of(streams.begin(), streams.end(),
                                          [](const auto& stream) { return stream.peer_receives || stream.peer_sends; });
}

/// RFC 3326, as it goes into the BYE.
std::string reason_text(const Reason& reason) {
  std::string text = "SIP;cause=" + std::to_string(reason.cause);
  if (!reason.text.empty()) text += ";text=\"" + reason.text + "\"";
  return text;
}

}  // namespace

std::string user_entity(const ParticipantNames& names) {
  SipUri uri = names.shown().uri;
  // `user=phone` tells a number from a name; everything else is of one device or one request.
  std::erase_if(uri.params, [](const auto& param) { return param.first != "user"; });
  return uri.to_string();
}

bool is_in_roster(const Participant& participant) {
  return !participant.is_leaving() && participant.dialog().has_final_response() && !participant.dialog().is_over() &&
         !participant.is_called_unseen();
}

event_package::Roster::Member roster_entry(const Participant& participant, std::vector<std::string> roles,
                                           const base::Calendar* calendar) {
  const auto& names = participant.names();
  event_package::Roster::Member member;
  member.user = user_entity(names);
  member.display_text = names.shown().display_name;
  member.roles = std::move(roles);
  auto& endpoint = member.endpoint;
  endpoint.entity = names.shown_contact().to_string();
  if (endpoint.entity.size() > max_uri_bytes) endpoint.entity = "p" + std::to_string(participant.number());
  if (participant.was_called()) {
    const CallRequest& request = participant.call_request();
    endpoint.referred = event_package::Execution{date_time(request.asked_at, calendar), {}, request.referrer};
  }
  endpoint.joining_method =
      participant.was_called() ? event_package::JoiningMethod::dialed_out : event_package::JoiningMethod::dialed_in;
  if (const auto entered = participant.entered_at()) {
    endpoint.joining_info = event_package::Execution{date_time(*entered, calendar), {}, {}};
  }
  const auto streams = participant.session().negotiated_streams();
  endpoint.status = participant.is_ringing()        ? EndpointStatus::alerting
                    : participant.is_being_called() ? EndpointStatus::dialing_out
                    : is_on_hold(streams)           ? EndpointStatus::on_hold
                                                    : EndpointStatus::connected;
  for (const auto& stream : streams) {
    endpoint.media.push_back({std::to_string(stream.m_line + 1),
                              stream.kind == sdp::MediaKind::audio ? "audio" : "video", stream.label,
                              status_of(stream)});
  }
  return member;
}

DisconnectionMethod disconnection_method(const Departure& departure) {
  const std::string_view cause = departure.cause;
  if (cause == "bye" || cause == "cancelled" || cause == "replaced") return DisconnectionMethod::departed;
  for (const auto booted : {"removed", "conference_ended", "shutdown"}) {
    if (cause == booted) return DisconnectionMethod::booted;
  }
  return cause == "busy" ? DisconnectionMethod::busy : DisconnectionMethod::failed;
}

event_package::Execution disconnection_info(const Departure& departure, base::TimePoint now,
                                            const base::Calendar* calendar) {
  event_package::Execution info{date_time(now, calendar), departure.reason, departure.by};
  if (info.reason.empty() && !departure.ending.reason.text.empty()) info.reason = reason_text(departure.ending.reason);
  return info;
}

}  // namespace clued::focus
