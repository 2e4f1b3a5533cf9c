#include "focus/source_configuration.hpp"

#include <algorithm>
#include <set>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

namespace clued::focus {

namespace {

/// The peer's encodings by the groups that list them, in the order of the SDP, so that each choice is one step.
class EncodingChoice {
 public:
  EncodingChoice(const clue::AdvertisementContent& advertised, const std::vector<sdp::PeerEncoding>& encodings)
      : encodings_(encodings) {
    std::unordered_map<std::string_view, std::vector<std::size_t>> places;
    for (std::size_t i = 0; i < encodings.size(); ++i) {
      if (encodings[i].active) places[encodings[i].label].push_back(i);
    }
    for (const auto& group : advertised.encoding_groups) {
      auto& free = free_[group.id];
      for (const auto& id : group.encoding_ids) {
        const auto found = places.find(id);
        if (found == places.end()) continue;
        for (const auto place : found->second) free.of(encodings[place].kind).insert(place);
      }
    }
  }

  bool has_group(const std::string& group) const { return free_.contains(group); }

  /// The first encoding of the group that has this kind and no capture yet, or nullptr.
  const sdp::PeerEncoding* take(const std::string& group, sdp::MediaKind kind) {
    auto& free = free_.at(group).of(kind);
    while (!free.empty()) {
      const auto& encoding = encodings_[*free.begin()];
      free.erase(free.begin());
      if (used_.insert(encoding.label).second) return &encoding;  // it may be in several groups
    }
    return nullptr;
  }

 private:
  struct Free {
    std::set<std::size_t> video, audio;
    std::set<std::size_t>& of(sdp::MediaKind kind) { return kind == sdp::MediaKind::video ? video : audio; }
  };

  const std::vector<sdp::PeerEncoding>& encodings_;
  std::unordered_map<std::string_view, Free> free_;
  std::unordered_set<std::string_view> used_;
};

}  // namespace

SourceConfiguration configure_source(const clue::AdvertisementContent& advertised,
                                     const std::vector<sdp::PeerEncoding>& encodings,
                                     const std::function<bool(const clue::MediaCapture&)>& is_wanted) {
  SourceConfiguration configuration;
  EncodingChoice choice(advertised, encodings);
  for (const auto& capture : advertised.captures) {
    if (!capture.encoding_group_id) continue;
    if (capture.type != clue::MediaType::video && capture.type != clue::MediaType::audio) continue;
    if (!is_wanted(capture)) continue;
    const auto kind = capture.type == clue::MediaType::video ? sdp::MediaKind::video : sdp::MediaKind::audio;
    if (!choice.has_group(*capture.encoding_group_id)) continue;
    const auto* encoding = choice.take(*capture.encoding_group_id, kind);
    if (encoding == nullptr) {
      configuration.lacks_streams = true;
      continue;
    }
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
