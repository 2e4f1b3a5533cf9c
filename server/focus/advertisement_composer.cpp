#include "focus/advertisement_composer.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace clued::focus {

namespace {

constexpr const char* conference_scene = "s-conf";
constexpr const char* video_group = "eg-v";
constexpr const char* audio_group = "eg-a";

/// Room for the header, the wrapper elements and the conference scene without its lists.
constexpr std::uint64_t frame_bytes = 3'000;
/// What one reference in the content of a conference capture takes.
constexpr std::uint64_t reference_bytes = 56;
/// ... an encoding in the group, and a scene in the simultaneous sets, which may be the only one of its set.
constexpr std::uint64_t encoding_bytes = 40;
constexpr std::uint64_t scene_bytes = 192;

clue::MediaCapture conference_capture(clue::MediaType type, std::string_view id, const char* media, const char* group) {
  clue::MediaCapture capture;
  capture.type = type;
  capture.media_type = media;
  capture.id = id;
  capture.scene_id = conference_scene;
  capture.encoding_group_id = group;
  capture.priority = 1;
  capture.multiple.emplace();
  capture.multiple->policy = "SoundLevel:0";
  capture.multiple->allow_subset_choice = false;
  return capture;
}

/// Who needs more than this part of the room is the first who is told without names.
constexpr std::size_t shares = 4;
/// The longest header that an advertisement of ours has.
constexpr std::size_t longest_clue_id = 64;

std::size_t others_than(ParticipantId recipient, const CaptureCatalog& catalog) {
  return catalog.entries().size() - (catalog.entry(recipient) != nullptr ? 1 : 0);
}

bool fits(const clue::ComposedAdvertisement& advertisement, std::uint64_t max_bytes) {
  if (max_bytes == 0) return true;
  const auto estimate = advertisement.size_estimate();  // never too small
  if (estimate <= max_bytes) return true;
  clue::Header header;
  header.clue_id = std::string(longest_clue_id, 'f');
  header.sequence = UINT32_MAX;
  return estimate <= max_bytes + frame_bytes && advertisement.encode(header).size() <= max_bytes;
}

}  // namespace

struct AdvertisementComposer::Told {
  struct Source {
    unsigned number;
    const CaptureCatalog::Entry* entry;
    bool lean;
  };
  std::vector<Source> sources;
  std::uint64_t bytes = frame_bytes;
  std::size_t left_out = 0;
  std::size_t video = 0;     ///< captures that want an encoding
  std::size_t captures = 0;  ///< of others
  bool lacks_bytes = false;  ///< somebody was left out for them
};

std::string video_encoding_label(unsigned ordinal) { return "f-v" + std::to_string(ordinal + 1); }
std::string audio_encoding_label(unsigned ordinal) { return "f-a" + std::to_string(ordinal + 1); }

unsigned max_video_encodings(const Policy& policy) {
  return policy.media.video_codecs.empty() ? 0 : policy.max_video_encodings;
}

Composition AdvertisementComposer::compose(const CaptureCatalog& catalog, ParticipantId recipient,
                                           std::uint64_t max_bytes) const {
  return compose(choose(catalog, recipient, max_bytes), max_bytes);
}

Composition AdvertisementComposer::compose_conference_scene(const CaptureCatalog& catalog, ParticipantId recipient,
                                                            std::uint64_t max_bytes) const {
  Told nobody;
  nobody.left_out = others_than(recipient, catalog);
  return compose(std::move(nobody), max_bytes);
}

Composition AdvertisementComposer::compose(Told told, std::uint64_t max_bytes) const {
  Composition composition = render(told, Scene::whole);
  for (const auto scene : {Scene::terse, Scene::audio_alone}) {
    if (fits(*composition.advertisement, max_bytes)) break;
    composition = render(told, scene);
  }
  return composition;
}

Composition AdvertisementComposer::render(const Told& told, Scene scene) const {
  Composition composition;
  composition.captures_told = told.captures;
  composition.sources_left_out = told.left_out;
  composition.audio_encodings = 1;
  if (scene != Scene::audio_alone) {
    composition.video_encodings =
        static_cast<unsigned>(std::min<std::size_t>(told.video + 1, max_video_encodings(policy_)));
  }
  std::vector<clue::AdvertisementPartPtr> parts;
  parts.reserve(told.sources.size() + 1);
  for (const auto& source : told.sources) {
    const auto& part = source.lean ? source.entry->lean() : source.entry->full;
    const bool is_without_names = source.lean || source.entry->shown == CaptureCatalog::Shown::without_names;
    if (is_without_names) ++composition.without_names;
    parts.push_back(part);
  }
  parts.push_back(clue::make_part(conference_part(told, composition.video_encodings, scene)));
  composition.advertisement = std::make_shared<const clue::ComposedAdvertisement>(std::move(parts));
  return composition;
}

AdvertisementComposer::Told AdvertisementComposer::choose(const CaptureCatalog& catalog, ParticipantId recipient,
                                                          std::uint64_t max_bytes) const {
  Told best = take(catalog, recipient, max_bytes, Detail::full);
  for (const auto detail : {Detail::large_ones_without_names, Detail::without_names}) {
    if (best.left_out == 0 || !best.lacks_bytes) break;
    Told told = take(catalog, recipient, max_bytes, detail);
    if (told.sources.size() > best.sources.size()) best = std::move(told);
  }
  return best;
}

AdvertisementComposer::Told AdvertisementComposer::take(const CaptureCatalog& catalog, ParticipantId recipient,
                                                        std::uint64_t max_bytes, Detail detail) const {
  Told told;
  const auto needed = [](const CaptureCatalog::Entry& entry, bool lean) -> std::uint64_t {
    const auto references = entry.video_ids.size() + entry.audio_ids.size();
    return (lean ? entry.lean() : entry.full)->size() + references * reference_bytes +
           entry.encodable_video * encoding_bytes + entry.scenes.size() * scene_bytes;
  };
  const auto add = [&](unsigned number, const CaptureCatalog::Entry& entry, bool lean) {
    const auto captures = entry.renamed_ids.size();
    if (told.captures + captures > policy_.max_advertised_captures) return;
    const auto bytes = needed(entry, lean);
    if (max_bytes != 0 && told.bytes + bytes > max_bytes) {
      told.lacks_bytes = true;
      return;
    }
    told.sources.push_back({number, &entry, lean});
    told.bytes += bytes;
    told.captures += captures;
    told.video += entry.encodable_video;
  };
  const auto is_large = [&](const CaptureCatalog::Entry& entry) {
    return entry.renamed_ids.size() > policy_.max_advertised_captures / shares ||
           (max_bytes != 0 && needed(entry, false) > max_bytes / shares);
  };

  for (const auto& [key, entry] : catalog.by_size()) {
    if (told.captures >= policy_.max_advertised_captures) break;
    if (entry->participant == recipient) continue;
    const bool is_lean =
        detail == Detail::without_names || (detail == Detail::large_ones_without_names && is_large(*entry));
    add(key.second, *entry, is_lean);
  }
  std::sort(told.sources.begin(), told.sources.end(), [](const auto& a, const auto& b) { return a.number < b.number; });
  told.left_out = others_than(recipient, catalog) - told.sources.size();
  return told;
}

clue::AdvertisementContent AdvertisementComposer::conference_part(const Told& told, unsigned video_encodings,
                                                                  Scene scene) const {
  const auto text = [&](const char* words) {
    return scene == Scene::whole ? std::vector<clue::LocalizedText>{{"en", words}} : std::vector<clue::LocalizedText>{};
  };
  auto video = conference_capture(clue::MediaType::video, conference_video_capture, "video", video_group);
  video.descriptions = text("conference video");
  video.multiple->max_captures = clue::MaxCaptures{1, false};
  auto audio = conference_capture(clue::MediaType::audio, conference_audio_capture, "audio", audio_group);
  audio.descriptions = text("conference audio");
  // A content list that leaves somebody out would be a lie; without one, any source is meant (RFC 8845 section 7.2).
  if (told.left_out == 0) {
    clue::CaptureContent videos, audios;
    for (const auto& [number, entry, lean] : told.sources) {
      videos.capture_ids.insert(videos.capture_ids.end(), entry->video_ids.begin(), entry->video_ids.end());
      audios.capture_ids.insert(audios.capture_ids.end(), entry->audio_ids.begin(), entry->audio_ids.end());
    }
    if (!audios.capture_ids.empty()) {
      const auto most = static_cast<std::uint16_t>(std::min<std::size_t>(audios.capture_ids.size(), 4));
      audio.multiple->max_captures = clue::MaxCaptures{most, false};
      audio.multiple->content = std::move(audios);
    }
    if (!videos.capture_ids.empty()) video.multiple->content = std::move(videos);
  }

  // An operator who has no video to send advertises none.
  const bool has_video = video_encodings > 0;
  clue::AdvertisementContent part;
  if (has_video) part.captures.push_back(std::move(video));
  part.captures.push_back(std::move(audio));

  if (has_video) {
    clue::EncodingGroup videos{video_group, policy_.video_bandwidth * video_encodings, {}};
    for (unsigned i = 0; i < video_encodings; ++i) videos.encoding_ids.push_back(video_encoding_label(i));
    part.encoding_groups.push_back(std::move(videos));
  }
  part.encoding_groups.push_back({audio_group, policy_.audio_bandwidth, {audio_encoding_label(0)}});

  clue::CaptureScene output;
  output.id = conference_scene;
  output.scale = clue::SceneScale::no_scale;
  output.descriptions = text("conference output");
  if (has_video) output.views.push_back({"sv-conf-v", {}, {std::string(conference_video_capture)}});
  output.views.push_back({"sv-conf-a", {}, {std::string(conference_audio_capture)}});
  part.scenes.push_back(std::move(output));

  if (has_video && told.video + 1 > video_encodings) add_simultaneous_sets(told, video_encodings, part);
  return part;
}

// With fewer encodings than captures not every scene can be had at once: this says which can (RFC 8845 section 8),
// beside the conference's own video where there is an encoding for both.
void AdvertisementComposer::add_simultaneous_sets(const Told& told, unsigned video_encodings,
                                                  clue::AdvertisementContent& part) const {
  const auto add_set = [&](std::vector<std::string> scenes) {
    clue::SimultaneousSet set;
    set.id = "set-" + std::to_string(part.simultaneous_sets.size() + 1);
    set.media_type = "video";
    set.scene_ids = std::move(scenes);
    part.simultaneous_sets.push_back(std::move(set));
  };
  const std::size_t room = video_encodings - 1;
  if (room == 0) add_set({conference_scene});
  std::size_t used = room;
  for (const auto& [number, entry, lean] : told.sources) {
    for (const auto& [scene_id, videos] : entry->scenes) {
      if (videos == 0) continue;
      if (room == 0) {
        add_set({scene_id});
        continue;
      }
      if (used + videos > room) {
        add_set({conference_scene});
        used = 0;
      }
      part.simultaneous_sets.back().scene_ids.push_back(scene_id);
      used += videos;
    }
  }
}

}  // namespace clued::focus
