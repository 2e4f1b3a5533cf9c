#pragma once

#include <cstddef>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "base/ids.hpp"
#include "clue/model.hpp"

namespace clued::focus {

using base::ParticipantId;

/// Which captures somebody wants, so that the focus, as Media Consumer, asks each source for just these (MCU-09).
class CaptureDemand {
 public:
  /// Whose captures are wanted differently now.
  struct Change {
    bool everybody = false;             ///< a conference capture got its first consumers or lost its last
    std::vector<std::string> captures;  ///< conference-wide ids that are newly wanted or not wanted any more
    bool empty() const noexcept { return !everybody && captures.empty(); }
  };

  /// What a consumer has configured now, replacing what it had.
  Change set(ParticipantId consumer, const std::vector<clue::CaptureEncoding>& encodings);
  Change remove(ParticipantId consumer);

  /// Somebody other than its origin wants this capture, by itself or within a conference capture of its type.
  bool is_wanted(const std::string& capture_id, clue::MediaType type, ParticipantId origin) const;

 private:
  struct Selection {
    std::unordered_set<std::string> captures;
    bool conference_video = false;
    bool conference_audio = false;
  };

  Change replace(ParticipantId consumer, Selection selection);

  std::unordered_map<ParticipantId, Selection> selections_;
  std::unordered_map<std::string, std::size_t> wanted_;
  std::size_t conference_video_ = 0;
  std::size_t conference_audio_ = 0;
};

}  // namespace clued::focus
