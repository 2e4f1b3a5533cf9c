#include "sdp/session_description.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace clued::sdp {
namespace {

constexpr std::array<std::pair<std::string_view, Direction>, 4> kDirections{{{"sendrecv", Direction::sendrecv},
                                                                             {"sendonly", Direction::sendonly},
                                                                             {"recvonly", Direction::recvonly},
                                                                             {"inactive", Direction::inactive}}};

std::optional<Direction> direction_in(const std::vector<Attribute>& attributes) {
  for (const Attribute& attribute : attributes) {
    for (const auto& [name, direction] : kDirections) {
      if (attribute.name == name) return direction;
    }
  }
  return std::nullopt;
}

const Attribute* find(const std::vector<Attribute>& attributes, std::string_view name) {
  const auto found = std::find_if(attributes.begin(), attributes.end(),
                                  [name](const Attribute& attribute) { return attribute.name == name; });
  return found == attributes.end() ? nullptr : &*found;
}

}  // namespace

Direction reversed(Direction offered) noexcept {
  switch (offered) {
    case Direction::sendonly:
      return Direction::recvonly;
    case Direction::recvonly:
      return Direction::sendonly;
    case Direction::sendrecv:
    case Direction::inactive:
      break;
  }
  return offered;
}

const char* to_string(Direction direction) noexcept {
  switch (direction) {
    case Direction::sendrecv:
      return "sendrecv";
    case Direction::sendonly:
      return "sendonly";
    case Direction::recvonly:
      return "recvonly";
    case Direction::inactive:
      break;
  }
  return "inactive";
}

const Attribute* MediaDescription::attribute(std::string_view name) const { return find(attributes, name); }

std::optional<std::string_view> MediaDescription::value(std::string_view name) const {
  const Attribute* found = attribute(name);
  if (found == nullptr || !found->value) return std::nullopt;
  return std::string_view(*found->value);
}

const Attribute* SessionDescription::attribute(std::string_view name) const { return find(attributes, name); }

const Connection* SessionDescription::connection_of(const MediaDescription& media_line) const {
  if (media_line.connection) return &*media_line.connection;
  return connection ? &*connection : nullptr;
}

Direction SessionDescription::direction_of(const MediaDescription& media_line) const {
  const Direction said =
      direction_in(media_line.attributes).value_or(direction_in(attributes).value_or(Direction::sendrecv));
  if (!is_on_old_hold(media_line)) return said;
  return said == Direction::sendrecv || said == Direction::sendonly ? Direction::sendonly : Direction::inactive;
}

bool SessionDescription::is_on_old_hold(const MediaDescription& media_line) const {
  const Connection* where = connection_of(media_line);
  if (where == nullptr || (where->address != "0.0.0.0" && where->address != "::")) return false;
  // With ICE the address is in the candidates, and this one is a placeholder (RFC 8839 section 4.3.2).
  return media_line.attribute("ice-ufrag") == nullptr && attribute("ice-ufrag") == nullptr;
}

}  // namespace clued::sdp
