#include "event_package/writer.hpp"

#include <cstdio>

#include "xml/writer.hpp"

namespace clued::event_package {

namespace {

constexpr std::string_view xml_namespace = "urn:ietf:params:xml:ns:conference-info";

std::string_view name_of(DocumentState state) {
  switch (state) {
    case DocumentState::full:
      return "full";
    case DocumentState::partial:
      return "partial";
    case DocumentState::deleted:
      break;
  }
  return "deleted";
}

std::string_view name_of(JoiningMethod method) {
  switch (method) {
    case JoiningMethod::dialed_in:
      return "dialed-in";
    case JoiningMethod::dialed_out:
      return "dialed-out";
    case JoiningMethod::focus_owner:
      break;
  }
  return "focus-owner";
}

std::string_view name_of(MediaStatus status) {
  switch (status) {
    case MediaStatus::sendrecv:
      return "sendrecv";
    case MediaStatus::sendonly:
      return "sendonly";
    case MediaStatus::recvonly:
      return "recvonly";
    case MediaStatus::inactive:
      break;
  }
  return "inactive";
}

std::string_view name_of(EndpointStatus status) {
  switch (status) {
    case EndpointStatus::pending:
      return "pending";
    case EndpointStatus::dialing_out:
      return "dialing-out";
    case EndpointStatus::dialing_in:
      return "dialing-in";
    case EndpointStatus::alerting:
      return "alerting";
    case EndpointStatus::on_hold:
      return "on-hold";
    case EndpointStatus::connected:
      return "connected";
    case EndpointStatus::muted_via_focus:
      return "muted-via-focus";
    case EndpointStatus::disconnecting:
      return "disconnecting";
    case EndpointStatus::disconnected:
      break;
  }
  return "disconnected";
}

std::string_view name_of(DisconnectionMethod method) {
  switch (method) {
    case DisconnectionMethod::departed:
      return "departed";
    case DisconnectionMethod::booted:
      return "booted";
    case DisconnectionMethod::failed:
      return "failed";
    case DisconnectionMethod::busy:
      break;
  }
  return "busy";
}

/// The text up to `max_text_bytes`, without half a character at its end.
std::string_view bounded(std::string_view text) {
  if (text.size() <= max_text_bytes) return text;
  std::size_t end = max_text_bytes;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  return text.substr(0, end);
}

/// Optional elements that say nothing are left out.
void write_text(xml::Writer& writer, std::string_view name, std::string_view text) {
  if (!text.empty()) writer.element(name, bounded(text));
}

void write_execution(xml::Writer& writer, std::string_view name, const std::optional<Execution>& execution) {
  if (!execution || *execution == Execution{}) return;
  writer.start(name);
  if (execution->when) writer.element("when", to_string(*execution->when));
  write_text(writer, "reason", execution->reason);
  if (!execution->by.empty()) writer.element("by", execution->by);
  writer.end(name);
}

void write_endpoint(xml::Writer& writer, const Endpoint& endpoint) {
  writer.start("endpoint").attribute("entity", endpoint.entity).attribute("state", "full");
  write_text(writer, "display-text", endpoint.display_text);
  write_execution(writer, "referred", endpoint.referred);
  writer.element("status", name_of(endpoint.status));
  if (endpoint.joining_method) writer.element("joining-method", name_of(*endpoint.joining_method));
  write_execution(writer, "joining-info", endpoint.joining_info);
  if (endpoint.disconnection_method) {
    writer.element("disconnection-method", name_of(*endpoint.disconnection_method));
  }
  write_execution(writer, "disconnection-info", endpoint.disconnection_info);
  for (const auto& media : endpoint.media) {
    writer.start("media").attribute("id", media.id);
    write_text(writer, "type", media.type);
    write_text(writer, "label", media.label);
    writer.element("status", name_of(media.status)).end("media");
  }
  writer.end("endpoint");
}

}  // namespace

std::string document_start(std::string_view entity, DocumentState state, std::uint32_t version) {
  std::string out;
  xml::Writer writer(out);
  writer.declaration().start("conference-info").attribute("xmlns", xml_namespace).attribute("entity", entity);
  writer.attribute("state", name_of(state)).attribute("version", std::to_string(version)).text("");
  return out;
}

std::string render(const Description& description, std::string_view entity) {
  std::string out;
  xml::Writer writer(out);
  writer.start("conference-description");
  write_text(writer, "display-text", description.display_text);
  write_text(writer, "subject", description.subject);
  writer.start("conf-uris").start("entry").element("uri", entity).element("purpose", "participation");
  writer.end("entry").end("conf-uris");
  if (description.maximum_user_count != 0) writer.element("maximum-user-count", description.maximum_user_count);
  writer.end("conference-description");
  if (!description.host_display_text.empty() || !description.host_web_page.empty()) {
    writer.start("host-info");
    write_text(writer, "display-text", description.host_display_text);
    if (!description.host_web_page.empty()) writer.element("web-page", description.host_web_page);
    writer.end("host-info");
  }
  return out;
}

std::string render(const ConferenceState& state) {
  std::string out;
  xml::Writer writer(out);
  writer.start("conference-state").element("user-count", state.user_count);
  writer.element("active", state.active).element("locked", state.locked).end("conference-state");
  return out;
}

std::string render(const User& user) {
  std::string out;
  xml::Writer writer(out);
  writer.start("user").attribute("entity", user.entity).attribute("state", "full");
  write_text(writer, "display-text", user.display_text);
  if (!user.roles.empty()) {
    writer.start("roles");
    for (const auto& role : user.roles) writer.element("entry", role);
    writer.end("roles");
  }
  for (const auto& endpoint : user.endpoints) write_endpoint(writer, endpoint);
  writer.end("user");
  return out;
}

std::string render_deleted_user(std::string_view entity) {
  std::string out;
  xml::Writer(out).start("user").attribute("entity", entity).attribute("state", "deleted").end("user");
  return out;
}

std::string to_string(DateTime moment) {
  const auto day = std::chrono::floor<std::chrono::days>(moment);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss time(moment - day);
  char text[48];
  std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02dZ", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                static_cast<int>(time.hours().count()), static_cast<int>(time.minutes().count()),
                static_cast<int>(time.seconds().count()));
  return text;
}

}  // namespace clued::event_package
