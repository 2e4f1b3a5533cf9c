#include "sdp/extensions.hpp"

#include "sdp/text.hpp"

namespace clued::sdp {
namespace {

constexpr std::string_view kRegistered = "urn:ietf:params:rtp-hdrext:sdes:CaptId";
constexpr std::string_view kInText = "urn:ietf:params:rtp-hdrext:sdes:CaptureID";

// RFC 8285 section 4.2 and 4.3: 1 to 14 in one byte, up to 255 in two.
constexpr unsigned kHighestId = 255;

/// The direction within `<id>/<direction>`, seen from the other side.
std::string_view turned(std::string_view direction) {
  if (direction == "sendonly") return "recvonly";
  if (direction == "recvonly") return "sendonly";
  return direction == "inactive" ? direction : std::string_view("sendrecv");
}

}  // namespace

Attribute offered_extension() { return {"extmap", "1 " + std::string(kRegistered)}; }

std::vector<Attribute> answered_extensions(const MediaDescription& offered) {
  std::vector<Attribute> answered;
  for (const Attribute& attribute : offered.attributes) {
    if (attribute.name != "extmap") continue;
    const auto parts = fields(attribute.text());
    if (parts.size() < 2 || (parts[1] != kRegistered && parts[1] != kInText)) continue;
    const std::string_view id = parts[0].substr(0, parts[0].find('/'));
    const auto id_number = number<unsigned>(id);
    if (!id_number || *id_number == 0 || *id_number > kHighestId) continue;
    std::string value(id);
    if (id.size() < parts[0].size()) value += '/' + std::string(turned(parts[0].substr(id.size() + 1)));
    answered.push_back({"extmap", value + ' ' + std::string(parts[1])});
  }
  return answered;
}

}  // namespace clued::sdp
