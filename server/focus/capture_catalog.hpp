#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/ids.hpp"
#include "clue/composed_advertisement.hpp"
#include "clue/model.hpp"

namespace clued::focus {

using base::ParticipantId;

/// Every capture that is offered to the conference, renamed to conference-wide ids (MCU-01, DM-16): "p3-v1" is a video
/// capture of the third who joined. A participant who is gone has no entries, and no id is ever given twice.
class CaptureCatalog {
 public:
  /// What one participant's part of an advertisement may take. A room with three cameras and all that can be said of
  /// them has a third of it.
  static constexpr std::size_t max_part_bytes = 8 * 1024;

  struct Source {
    ParticipantId participant;
    std::string capture_id;  ///< as its own advertisement names it
  };

  /// How much of a participant the others are told: nobody's part is so large that it would crowd out many others.
  enum class Shown { in_full, without_names, not_at_all };

  struct Entry {
    ParticipantId participant;
    Shown shown = Shown::in_full;
    clue::AdvertisementPartPtr full;     ///< what is told of its captures where there is room
    std::vector<std::string> video_ids;  ///< individual captures, for the content of the conference's MCCs
    std::vector<std::string> audio_ids;
    std::vector<std::pair<std::string, std::size_t>> scenes;  ///< scene id and how many encodings it can fill at once
    std::size_t encodable_video = 0;                          ///< captures that need an encoding of their own
    std::vector<std::string> renamed_ids;  ///< every capture id in the conference, for who looks up sources
    /// 0 for up to four captures in 2 KiB, 1 for four times as much, and so on.
    unsigned size_class = 0;

    /// Without descriptions and people (MCU-07). Made when it is first asked for: most conferences never need it.
    const clue::AdvertisementPartPtr& lean() const;

   private:
    mutable clue::AdvertisementPartPtr lean_;
  };

  /// What somebody offers, shared with who received it.
  using Offering = std::shared_ptr<const clue::AdvertisementContent>;

  /// Of each kind, what one participant can put before the others (its first ones count).
  explicit CaptureCatalog(std::size_t max_video_per_participant, std::size_t max_audio_per_participant = 8)
      : max_video_(max_video_per_participant), max_audio_(max_audio_per_participant) {}
  CaptureCatalog(CaptureCatalog&&) = default;
  CaptureCatalog& operator=(CaptureCatalog&&) = default;
  /// For what is offered from now on.
  void set_max_per_participant(std::size_t video, std::size_t audio) noexcept {
    max_video_ = video;
    max_audio_ = audio;
  }

  /// What the participant offers now, replacing what it offered before; ids that it keeps stay the same here (DM-15).
  /// `number` is its place in the order of joining. False when nothing changed for the others.
  bool offer(ParticipantId participant, unsigned number, Offering offering);
  bool offer(ParticipantId participant, unsigned number, clue::AdvertisementContent content) {
    return offer(participant, number, std::make_shared<const clue::AdvertisementContent>(std::move(content)));
  }

  /// True when it had an entry.
  bool remove(ParticipantId participant);

  /// In the order of joining.
  const std::map<unsigned, Entry>& entries() const noexcept { return entries_; }
  /// Those that are told, the small ones first, who are of like size in the order of joining: by class and number.
  const std::map<std::pair<unsigned, unsigned>, const Entry*>& by_size() const noexcept { return by_size_; }
  const Entry* entry(ParticipantId participant) const;
  std::size_t capture_count() const noexcept { return sources_.size(); }

  /// Where a conference-wide capture id comes from, or nullptr.
  const Source* source(std::string_view renamed_id) const;
  /// The conference-wide id of a participant's own capture id, or nullptr.
  const std::string* renamed(ParticipantId participant, const std::string& capture_id) const;

 private:
  /// The names that one participant's things were given; kept while it is in the conference, so that they stay.
  struct Names {
    std::unordered_map<std::string, std::string> captures, scenes, views, people;
    std::size_t video = 0, audio = 0, scene = 0, view = 0, person = 0;
  };
  struct Member {
    unsigned number = 0;
    Names names;
    Offering offered;
  };

  clue::AdvertisementContent rename(const clue::AdvertisementContent& content, Member& member) const;
  void forget(unsigned number);

  std::size_t max_video_;
  std::size_t max_audio_;
  std::map<unsigned, Entry> entries_;
  std::map<std::pair<unsigned, unsigned>, const Entry*> by_size_;
  std::unordered_map<ParticipantId, Member> members_;
  std::unordered_map<std::string, Source> sources_;
};

}  // namespace clued::focus
