// Media stream identifications and their groups (RFC 5888), and the CLUE group (RFC 8848 section 4.1).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sdp/session_description.hpp"

namespace clued::sdp {

struct ClueGroup {
  const Group* group = nullptr;  ///< within the description that was searched
  std::size_t channel_line = 0;
};

/// The first CLUE group with exactly one enabled data channel in it; further ones are ignored (DC-18, DC-19).
std::optional<ClueGroup> find_clue_group(const SessionDescription& session);

/// Whether the m-line is named by the group.
bool contains(const Group& group, const MediaDescription& media_line);

/// Makes mids that no m-line of the session had before, ours or the peer's: a number above all that were seen.
class MidSequence {
 public:
  /// Mids that are not plain numbers cannot collide with ours.
  void note(std::string_view mid);
  void note(const SessionDescription& description);
  std::string next();

 private:
  std::uint64_t next_ = 0;
};

}  // namespace clued::sdp
