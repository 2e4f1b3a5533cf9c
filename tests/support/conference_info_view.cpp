#include "conference_info_view.hpp"

#include <algorithm>
#include <cstdlib>

namespace clued::testing {

namespace {

using xml::Element;

std::optional<Element> child(const Element& parent, std::string_view name) {
  for (const auto& one : parent.children()) {
    if (one.name() == name) return one;
  }
  return std::nullopt;
}

std::string text_of(const Element& parent, std::string_view name) {
  const auto found = child(parent, name);
  return found ? std::string(found->text()) : std::string();
}

unsigned number_of(const Element& parent, std::string_view name) {
  return static_cast<unsigned>(std::strtoul(text_of(parent, name).c_str(), nullptr, 10));
}

std::string attribute(const Element& element, std::string_view name, const char* otherwise = "") {
  return std::string(element.attribute(name).value_or(otherwise));
}

EndpointView read_endpoint(const Element& element) {
  EndpointView view;
  view.status = text_of(element, "status");
  view.joining_method = text_of(element, "joining-method");
  if (const auto info = child(element, "joining-info")) view.joining_when = text_of(*info, "when");
  if (const auto referred = child(element, "referred")) {
    view.referred_by = text_of(*referred, "by");
    view.referred_when = text_of(*referred, "when");
  }
  view.disconnection_method = text_of(element, "disconnection-method");
  if (const auto info = child(element, "disconnection-info")) {
    view.disconnection_reason = text_of(*info, "reason");
    view.disconnection_by = text_of(*info, "by");
    view.disconnection_when = text_of(*info, "when");
  }
  for (const auto& media : element.children()) {
    if (media.name() != "media") continue;
    view.media.push_back(attribute(media, "id") + " " + text_of(media, "type") + " " + text_of(media, "label") + " " +
                         text_of(media, "status"));
  }
  return view;
}

}  // namespace

void ConferenceInfoView::apply(std::string_view text) {
  xml::Limits limits;
  limits.bytes = 16 * 1024 * 1024;
  limits.elements = 1'000'000;
  const xml::Document document(text, limits);
  if (document.error()) return fault("not XML: " + document.error()->text());
  const Element root = *document.root();
  if (root.name() != "conference-info" || root.namespace_uri() != "urn:ietf:params:xml:ns:conference-info") {
    return fault("no conference-info");
  }
  const auto state = attribute(root, "state", "full");
  const auto version = static_cast<std::uint32_t>(std::strtoul(attribute(root, "version").c_str(), nullptr, 10));
  history_.push_back(state + " " + std::to_string(version));
  mentioned_.clear();
  if (deleted_) fault("a document after the last one");
  if (version_ && version != *version_ + 1) fault("version gap at " + history_.back());
  if (!version_ && state == "partial") fault("the first document is partial");
  version_ = version;
  if (!entity_.empty() && entity_ != attribute(root, "entity"))
    fault("another conference: " + attribute(root, "entity"));
  entity_ = attribute(root, "entity");
  if (state == "deleted") {
    if (!root.children().empty()) fault("a deleted conference has content");
    deleted_ = true;
    users_.clear();
    return;
  }
  if (state == "full") {
    users_.clear();
    const auto description = child(root, "conference-description");
    // Section 5.2: both are in every full document.
    if (!description || !child(root, "users")) {
      fault("a full document without conference-description or users");
    } else {
      maximum_user_count_ = number_of(*description, "maximum-user-count");
    }
  }
  if (const auto info = child(root, "conference-state")) {
    user_count_ = number_of(*info, "user-count");
    locked_ = text_of(*info, "locked") == "true";
  }
  if (const auto users = child(root, "users")) {
    const auto expected = state == "full" ? "full" : "partial";
    if (attribute(*users, "state", "full") != expected) fault("users are not " + std::string(expected));
    apply_users(*users);
  }
}

void ConferenceInfoView::apply_users(const Element& users) {
  for (const auto& element : users.children()) {
    const auto entity = attribute(element, "entity");
    const auto state = attribute(element, "state", "full");
    if (std::find(mentioned_.begin(), mentioned_.end(), entity) != mentioned_.end()) fault(entity + " is there twice");
    mentioned_.push_back(entity);
    if (state == "deleted") {
      if (!element.children().empty()) fault("deleted, but not empty: " + entity);
      if (users_.erase(entity) == 0) fault("deleted, but never there: " + entity);
      continue;
    }
    if (state != "full") fault("a user that is " + state);
    UserView view;
    view.display_text = text_of(element, "display-text");
    if (const auto roles = child(element, "roles")) {
      for (const auto& role : roles->children()) view.roles.emplace_back(role.text());
    }
    for (const auto& endpoint : element.children()) {
      if (endpoint.name() != "endpoint") continue;
      if (!view.endpoints.emplace(attribute(endpoint, "entity"), read_endpoint(endpoint)).second) {
        fault("an endpoint twice: " + attribute(endpoint, "entity"));
      }
    }
    users_.insert_or_assign(entity, std::move(view));
  }
}

}  // namespace clued::testing
