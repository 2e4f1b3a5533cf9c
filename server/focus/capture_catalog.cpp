#include "focus/capture_catalog.hpp"

#include <algorithm>
#include <unordered_set>
#include <utility>

#include "focus/anonymous_content.hpp"

namespace clued::focus {

namespace {

constexpr const char* video_group = "eg-v";

std::string name_of(unsigned number, char kind, std::size_t ordinal) {
  return "p" + std::to_string(number) + "-" + kind + std::to_string(ordinal);
}

/// The new name of an id, given once and kept.
const std::string& named(std::unordered_map<std::string, std::string>& names, const std::string& id, unsigned number,
                         char kind, std::size_t& counter) {
  const auto found = names.find(id);
  if (found != names.end()) return found->second;
  return names.emplace(id, name_of(number, kind, ++counter)).first->second;
}

/// References that lead to something that is still there, under its new name.
std::vector<std::string> renamed_references(const std::vector<std::string>& ids,
                                            const std::unordered_map<std::string, std::string>& names,
                                            const std::unordered_set<std::string>& present) {
  std::vector<std::string> renamed;
  for (const auto& id : ids) {
    const auto found = names.find(id);
    if (found != names.end() && present.contains(found->second)) renamed.push_back(found->second);
  }
  return renamed;
}

/// Which of the source's scenes are left when those without captures are not told.
std::unordered_set<std::string_view> used_scenes(const std::vector<const clue::MediaCapture*>& captures) {
  std::unordered_set<std::string_view> ids;
  for (const auto* capture : captures) ids.insert(capture->scene_id);
  return ids;
}

bool is_encodable_video(const clue::MediaCapture& capture) {
  return capture.type == clue::MediaType::video && capture.encoding_group_id.has_value();
}

/// Whoever takes four times as much as another one takes it after that one, whoever joined first.
unsigned size_class(const CaptureCatalog::Entry& entry) {
  constexpr std::size_t unit = 512;
  constexpr std::size_t units_of_a_small_one = 4;
  constexpr std::size_t factor = 4;
  const auto units = std::max(entry.renamed_ids.size(), (entry.full->size() + unit - 1) / unit);
  unsigned found = 0;
  for (auto limit = units_of_a_small_one; units > limit; limit *= factor) ++found;
  return found;
}

/// Decides how much of it is told.
void show(CaptureCatalog::Entry& entry, clue::AdvertisementContent content) {
  using Shown = CaptureCatalog::Shown;
  entry.full = clue::make_part(std::move(content));
  if (entry.full->size() <= CaptureCatalog::max_part_bytes) return;
  entry.full = entry.lean();
  entry.shown = entry.full->size() <= CaptureCatalog::max_part_bytes ? Shown::without_names : Shown::not_at_all;
}

}  // namespace

const clue::AdvertisementPartPtr& CaptureCatalog::Entry::lean() const {
  if (!lean_) lean_ = clue::make_part(without_names(full->content));
  return lean_;
}

bool CaptureCatalog::offer(ParticipantId participant, unsigned number, Offering offering) {
  auto& member = members_[participant];
  const auto& content = *offering;
  if (entries_.contains(number) && *member.offered == content) return false;
  member.number = number;
  member.offered = std::move(offering);

  const bool had_entry = entries_.contains(number);
  forget(number);
  auto renamed_content = rename(content, member);
  if (renamed_content.captures.empty()) return had_entry;

  Entry entry;
  entry.participant = participant;
  for (const auto& capture : renamed_content.captures) {
    entry.renamed_ids.push_back(capture.id);
    if (is_encodable_video(capture)) ++entry.encodable_video;
    if (capture.multiple) continue;
    if (capture.type == clue::MediaType::video) entry.video_ids.push_back(capture.id);
    if (capture.type == clue::MediaType::audio) entry.audio_ids.push_back(capture.id);
  }
  std::unordered_map<std::string_view, std::size_t> videos;
  for (const auto& capture : renamed_content.captures) {
    if (is_encodable_video(capture)) ++videos[capture.scene_id];
  }
  for (const auto& scene : renamed_content.scenes) entry.scenes.emplace_back(scene.id, videos[scene.id]);
  for (const auto& [own, renamed_id] : member.names.captures) {
    sources_.insert_or_assign(renamed_id, Source{participant, own});
  }
  show(entry, std::move(renamed_content));
  entry.size_class = size_class(entry);
  const auto& added = entries_.emplace(number, std::move(entry)).first->second;
  if (added.shown != Shown::not_at_all) by_size_.emplace(std::pair{added.size_class, number}, &added);
  return true;
}

bool CaptureCatalog::remove(ParticipantId participant) {
  const auto member = members_.find(participant);
  if (member == members_.end()) return false;
  forget(member->second.number);
  members_.erase(member);
  return true;
}

const CaptureCatalog::Entry* CaptureCatalog::entry(ParticipantId participant) const {
  const auto member = members_.find(participant);
  if (member == members_.end()) return nullptr;
  const auto found = entries_.find(member->second.number);
  return found == entries_.end() ? nullptr : &found->second;
}

const CaptureCatalog::Source* CaptureCatalog::source(std::string_view renamed_id) const {
  const auto found = sources_.find(std::string(renamed_id));
  return found == sources_.end() ? nullptr : &found->second;
}

const std::string* CaptureCatalog::renamed(ParticipantId participant, const std::string& capture_id) const {
  const auto member = members_.find(participant);
  if (member == members_.end()) return nullptr;
  const auto found = member->second.names.captures.find(capture_id);
  return found == member->second.names.captures.end() ? nullptr : &found->second;
}

void CaptureCatalog::forget(unsigned number) {
  const auto entry = entries_.find(number);
  if (entry == entries_.end()) return;
  for (const auto& id : entry->second.renamed_ids) sources_.erase(id);
  by_size_.erase({entry->second.size_class, number});
  entries_.erase(entry);
}

// Text and other captures are left out: the focus has no encoding for them. A capture without an encoding group cannot
// be configured by us (DM-02) and is passed on as one that exists without being available by itself. Audio is available
// through the conference's audio capture, so it gets no encoding group of its own.
clue::AdvertisementContent CaptureCatalog::rename(const clue::AdvertisementContent& content, Member& member) const {
  const unsigned number = member.number;
  auto& names = member.names;
  clue::AdvertisementContent out;
  std::unordered_set<std::string> present;

  for (const auto& person : content.people) {
    auto renamed_person = person;
    renamed_person.id = named(names.people, person.id, number, 'h', names.person);
    present.insert(renamed_person.id);
    out.people.push_back(std::move(renamed_person));
  }

  std::vector<const clue::MediaCapture*> kept;
  std::size_t videos = 0, audios = 0;
  for (const auto& capture : content.captures) {
    if (capture.type == clue::MediaType::video) {
      if (++videos > max_video_) continue;
      present.insert(named(names.captures, capture.id, number, 'v', names.video));
    } else if (capture.type == clue::MediaType::audio) {
      if (++audios > max_audio_) continue;
      present.insert(named(names.captures, capture.id, number, 'a', names.audio));
    } else {
      continue;
    }
    kept.push_back(&capture);
  }

  const auto used = used_scenes(kept);
  for (const auto& scene : content.scenes) {
    if (!used.contains(scene.id)) continue;
    auto renamed_scene = scene;
    renamed_scene.id = named(names.scenes, scene.id, number, 's', names.scene);
    renamed_scene.views.clear();
    for (const auto& view : scene.views) {
      auto renamed_view = view;
      renamed_view.id = named(names.views, view.id, number, 'w', names.view);
      renamed_view.capture_ids = renamed_references(view.capture_ids, names.captures, present);
      if (renamed_view.capture_ids.empty()) continue;
      present.insert(renamed_view.id);
      renamed_scene.views.push_back(std::move(renamed_view));
    }
    present.insert(renamed_scene.id);
    out.scenes.push_back(std::move(renamed_scene));
  }

  for (const auto* capture : kept) {
    auto renamed_capture = *capture;
    renamed_capture.id = names.captures.at(capture->id);
    renamed_capture.scene_id = named(names.scenes, capture->scene_id, number, 's', names.scene);
    renamed_capture.person_ids = renamed_references(capture->person_ids, names.people, present);
    if (capture->related_to) {
      const auto related = renamed_references({*capture->related_to}, names.captures, present);
      renamed_capture.related_to.reset();
      if (!related.empty()) renamed_capture.related_to = related.front();
    }
    if (renamed_capture.multiple) {
      renamed_capture.multiple->synchronization_id.reset();  // defect D4: an xs:ID that has to be equal elsewhere
      if (auto& inner = renamed_capture.multiple->content) {
        inner->capture_ids = renamed_references(inner->capture_ids, names.captures, present);
        inner->scene_view_ids = renamed_references(inner->scene_view_ids, names.views, present);
      }
    }
    if (capture->encoding_group_id && capture->type == clue::MediaType::video) {
      renamed_capture.encoding_group_id = video_group;
    } else {
      renamed_capture.encoding_group_id.reset();
    }
    present.insert(renamed_capture.scene_id);
    out.captures.push_back(std::move(renamed_capture));
  }
  // Only names in use are kept, so that a peer with ever new ids costs no memory. Numbers are not given again.
  for (auto* map : {&names.captures, &names.scenes, &names.views, &names.people}) {
    std::erase_if(*map, [&](const auto& name) { return !present.contains(name.second); });
  }
  return out;
}

}  // namespace clued::focus
