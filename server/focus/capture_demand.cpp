#include "focus/capture_demand.hpp"

#include <utility>

#include "focus/advertisement_composer.hpp"

namespace clued::focus {

CaptureDemand::Change CaptureDemand::set(ParticipantId consumer, const std::vector<clue::CaptureEncoding>& encodings) {
  Selection selection;
  for (const auto& encoding : encodings) {
    if (encoding.capture_id == conference_video_capture) {
      selection.conference_video = true;
    } else if (encoding.capture_id == conference_audio_capture) {
      selection.conference_audio = true;
    } else {
      selection.captures.insert(encoding.capture_id);
    }
  }
  return replace(consumer, std::move(selection));
}

CaptureDemand::Change CaptureDemand::remove(ParticipantId consumer) {
  auto change = replace(consumer, {});
  selections_.erase(consumer);
  return change;
}

bool CaptureDemand::is_wanted(const std::string& capture_id, clue::MediaType type, ParticipantId origin) const {
  if (wanted_.contains(capture_id)) return true;
  std::size_t consumers = type == clue::MediaType::audio ? conference_audio_ : conference_video_;
  if (const auto own = selections_.find(origin); own != selections_.end()) {
    // Nobody is sent its own captures (MCU-02), so its own choice of the conference capture does not count.
    if (type == clue::MediaType::audio ? own->second.conference_audio : own->second.conference_video) --consumers;
  }
  return consumers > 0;
}

CaptureDemand::Change CaptureDemand::replace(ParticipantId consumer, Selection selection) {
  auto& current = selections_[consumer];
  Change change;
  for (const auto& id : selection.captures) {
    if (!current.captures.contains(id) && ++wanted_[id] == 1) change.captures.push_back(id);
  }
  for (const auto& id : current.captures) {
    if (selection.captures.contains(id)) continue;
    const auto count = wanted_.find(id);
    if (--count->second == 0) {
      wanted_.erase(count);
      change.captures.push_back(id);
    }
  }
  // Between one and two consumers it matters whose captures they are; beyond that nothing changes for any source.
  const auto move = [&change](std::size_t& consumers, bool before, bool after) {
    if (before == after) return;
    consumers = after ? consumers + 1 : consumers - 1;
    if ((after ? consumers : consumers + 1) <= 2) change.everybody = true;
  };
  move(conference_video_, current.conference_video, selection.conference_video);
  move(conference_audio_, current.conference_audio, selection.conference_audio);
  current = std::move(selection);
  return change;
}

}  // namespace clued::focus
