#include "focus/source_configuration.hpp"

#include <algorithm>
#include <unordered_set>

namespace clued::focus {

SourceConfiguration configure_source(const clue::AdvertisementContent& advertised,
                                     const std::vector<sdp::PeerEncoding>& encodings,
                                     const std::function<bool(const clue::MediaCapture&)>& is_wanted) {
  SourceConfiguration configuration;
  std::unordered_set<std::string> used;
  for (const auto& capture : advertised.captures) {
    if (!capture.encoding_group_id) continue;
    if (capture.type != clue::MediaType::video && capture.type != clue::MediaType::audio) continue;
    if (!is_wanted(capture)) continue;
    const auto kind = capture.type == clue::MediaType::video ? sdp::MediaKind::video : sdp::MediaKind::audio;
    const auto group = std::find_if(advertised.encoding_groups.begin(), advertised.encoding_groups.end(),
                                    [&](const auto& one) { return one.id == *capture.encoding_group_id; });
    if (group == advertised.encoding_groups.end()) continue;
    const auto encoding = std::find_if(encodings.begin(), encodings.end(), [&](const sdp::PeerEncoding& one) {
      return one.active && one.kind == kind && !used.contains(one.label) &&
             std::find(group->encoding_ids.begin(), group->encoding_ids.end(), one.label) != group->encoding_ids.end();
    });
    if (encoding == encodings.end()) {
      configuration.lacks_streams = true;
      continue;
    }
    used.insert(encoding->label);
    const auto number = configuration.encodings.size() + 1;
    configuration.encodings.push_back({"ce" + std::to_string(number), capture.id, encoding->label, {}});
  }
  return configuration;
}

std::vector<sdp::StreamKey> receive_streams(const std::vector<sdp::PeerEncoding>& encodings, sdp::MediaKind kind,
                                            std::size_t count) {
  std::vector<sdp::StreamKey> streams;
  for (const auto& encoding : encodings) {
    if (encoding.active && encoding.key.kind == kind && streams.size() < count) streams.push_back(encoding.key);
  }
  for (unsigned ordinal = 0; streams.size() < count; ++ordinal) {
    const sdp::StreamKey key{sdp::StreamRole::receive, kind, ordinal};
    if (std::find(streams.begin(), streams.end(), key) == streams.end()) streams.push_back(key);
  }
  std::sort(streams.begin(), streams.end());
  return streams;
}

}  // namespace clued::focus
