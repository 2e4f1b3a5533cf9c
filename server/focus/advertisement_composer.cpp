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

clue::MediaCapture conference_capture(clue::MediaType type, std::string_view id, const char* media, const char* group,
                                      const char* description) {
  clue::MediaCapture capture;
  capture.type = type;
  capture.media_type = media;
  capture.id = id;
  capture.scene_id = conference_scene;
  capture.encoding_group_id = group;
  capture.descriptions = {{"en", description}};
  capture.priority = 1;
  capture.multiple.emplace();
  capture.multiple->policy = "SoundLevel:0";
  capture.multiple->allow_subset_choice = false;
  return capture;
}

std::uint64_t bytes_of(const clue::AdvertisementPart& part) {
  return part.captures_xml.size() + part.scenes_xml.size() + part.people_xml.size();
}

}  // namespace

struct AdvertisementComposer::Told {
  std::vector<const CaptureCatalog::Entry*> entries;
  std::size_t left_out = 0;
  std::size_t video = 0;     ///< captures that want an encoding
  std::size_t captures = 0;  ///< individual ones
  bool lean = false;
};

std::string video_encoding_label(unsigned ordinal) { return "f-v" + std::to_string(ordinal + 1); }
std::string audio_encoding_label(unsigned ordinal) { return "f-a" + std::to_string(ordinal + 1); }

Composition AdvertisementComposer::compose(const CaptureCatalog& catalog, ParticipantId recipient,
                                           std::uint64_t max_bytes) const {
  const Told told = choose(catalog, recipient, max_bytes);

  Composition composition;
  composition.captures_told = told.captures;
  composition.sources_left_out = told.left_out;
  composition.audio_encodings = 1;
  composition.video_encodings =
      static_cast<unsigned>(std::min<std::size_t>(told.video + 1, policy_.max_video_encodings));

  std::vector<clue::AdvertisementPartPtr> parts;
  parts.reserve(told.entries.size() + 1);
  for (const auto* entry : told.entries) parts.push_back(told.lean ? entry->lean() : entry->full);
  parts.push_back(clue::make_part(conference_part(told, composition.video_encodings)));
  composition.advertisement = std::make_shared<const clue::ComposedAdvertisement>(std::move(parts));
  return composition;
}

// Who joined first is shown first. A participant is told whole or not at all, so that its scene stays true. When the
// full descriptions do not fit the message, everybody is told without them (MCU-07); who still does not fit is heard
// and seen through the conference captures only.
AdvertisementComposer::Told AdvertisementComposer::choose(const CaptureCatalog& catalog, ParticipantId recipient,
                                                          std::uint64_t max_bytes) const {
  const auto take = [&](bool lean) {
    Told told;
    told.lean = lean;
    std::uint64_t bytes = frame_bytes;
    for (const auto& [number, entry] : catalog.entries()) {
      if (entry.participant == recipient) continue;
      const auto individual = entry.video_ids.size() + entry.audio_ids.size();
      const auto size = bytes_of(lean ? *entry.lean() : *entry.full) + individual * reference_bytes;
      const bool fits = max_bytes == 0 || bytes + size <= max_bytes;
      if (!fits || told.captures + individual > policy_.max_advertised_captures) {
        // The first one who does not fit ends it: looking for a smaller one further on would cost a walk through the
        // whole conference for every recipient.
        const bool recipient_is_entry = catalog.entry(recipient) != nullptr;
        told.left_out = catalog.entries().size() - told.entries.size() - (recipient_is_entry ? 1 : 0);
        break;
      }
      bytes += size;
      told.video += entry.encodable_video;
      told.captures += individual;
      told.entries.push_back(&entry);
    }
    return told;
  };
  Told full = take(false);
  if (full.left_out == 0 || max_bytes == 0) return full;
  Told lean = take(true);
  return lean.entries.size() > full.entries.size() ? std::move(lean) : std::move(full);
}

clue::AdvertisementContent AdvertisementComposer::conference_part(const Told& told, unsigned video_encodings) const {
  auto video =
      conference_capture(clue::MediaType::video, conference_video_capture, "video", video_group, "conference video");
  video.multiple->max_captures = clue::MaxCaptures{1, false};
  auto audio =
      conference_capture(clue::MediaType::audio, conference_audio_capture, "audio", audio_group, "conference audio");
  // A content list that leaves somebody out would be a lie; without one, any source is meant (RFC 8845 section 7.2).
  if (told.left_out == 0) {
    clue::CaptureContent videos, audios;
    for (const auto* entry : told.entries) {
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

  clue::AdvertisementContent part;
  part.captures = {std::move(video), std::move(audio)};

  clue::EncodingGroup videos{video_group, policy_.video_bandwidth * video_encodings, {}};
  for (unsigned i = 0; i < video_encodings; ++i) videos.encoding_ids.push_back(video_encoding_label(i));
  part.encoding_groups.push_back(std::move(videos));
  part.encoding_groups.push_back({audio_group, policy_.audio_bandwidth, {audio_encoding_label(0)}});

  clue::CaptureScene scene;
  scene.id = conference_scene;
  scene.scale = clue::SceneScale::no_scale;
  scene.descriptions = {{"en", "conference output"}};
  scene.views = {{"sv-conf-v", {}, {std::string(conference_video_capture)}},
                 {"sv-conf-a", {}, {std::string(conference_audio_capture)}}};
  part.scenes.push_back(std::move(scene));

  // With fewer encodings than captures not every scene can be had at once: say which can (RFC 8845 section 8).
  if (told.video + 1 > video_encodings) {
    const std::size_t room = video_encodings - 1;
    std::size_t used = room;
    for (const auto* entry : told.entries) {
      for (const auto& [scene_id, videos_in_scene] : entry->scenes) {
        if (videos_in_scene == 0) continue;
        if (used + videos_in_scene > room) {
          clue::SimultaneousSet set;
          set.id = "set-" + std::to_string(part.simultaneous_sets.size() + 1);
          set.media_type = "video";
          set.scene_ids.emplace_back(conference_scene);
          part.simultaneous_sets.push_back(std::move(set));
          used = 0;
        }
        part.simultaneous_sets.back().scene_ids.push_back(scene_id);
        used += videos_in_scene;
      }
    }
  }
  return part;
}

}  // namespace clued::focus
