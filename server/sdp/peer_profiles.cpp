#include "sdp/peer_profiles.hpp"

#include <algorithm>

#include "sdp/slots.hpp"

namespace clued::sdp {
namespace {

std::optional<std::size_t> index_of(std::string_view profile) {
  const auto found = std::find(plain_profiles.begin(), plain_profiles.end(), profile);
  if (found == plain_profiles.end()) return std::nullopt;
  return static_cast<std::size_t>(found - plain_profiles.begin());
}

}  // namespace

bool is_plain_profile(std::string_view protocol) noexcept { return index_of(protocol).has_value(); }

void PeerProfiles::peer_offered(const SessionDescription& offer) {
  bool any_plain = false;
  bool any_other = false;
  for (const MediaDescription& line : offer.media) {
    const auto kind = media_kind(line.media);
    if (!kind || !line.is_enabled()) continue;
    const auto profile = index_of(line.protocol);
    any_plain = any_plain || profile.has_value();
    any_other = any_other || !profile;
    if (profile) experience_[static_cast<std::size_t>(*kind)][*profile].taken = true;
  }
  if (any_plain || any_other) wants_encryption_ = !any_plain;
}

void PeerProfiles::peer_answered(MediaKind kind, std::string_view profile, bool taken) {
  const auto index = index_of(profile);
  if (!index) return;
  Experience& experience = experience_[static_cast<std::size_t>(kind)][*index];
  (taken ? experience.taken : experience.refused) = true;
}

std::optional<std::string_view> PeerProfiles::choose(StreamKey stream) const {
  if (wants_encryption_) return std::nullopt;
  const auto& experience = experience_[static_cast<std::size_t>(stream.kind)];
  // Feedback messages make the difference for video that is switched; phones know the plain profile.
  const std::size_t preferred = stream.role == StreamRole::main ? 0 : 1;
  for (const std::size_t index : {preferred, 1 - preferred}) {
    if (experience[index].taken || !experience[index].refused) return plain_profiles[index];
  }
  return std::nullopt;
}

}  // namespace clued::sdp
