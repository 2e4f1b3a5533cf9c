#include "sdp/groups.hpp"

#include <algorithm>

#include "sdp/data_channel.hpp"
#include "sdp/text.hpp"

namespace clued::sdp {

bool contains(const Group& group, const MediaDescription& media_line) {
  const auto mid = media_line.mid();
  return mid && std::find(group.mids.begin(), group.mids.end(), *mid) != group.mids.end();
}

std::optional<ClueGroup> find_clue_group(const SessionDescription& session) {
  for (const Group& group : session.groups) {
    if (group.semantics != "CLUE") continue;
    std::optional<std::size_t> channel_line;
    std::size_t channels = 0;
    for (std::size_t i = 0; i < session.media.size(); ++i) {
      const MediaDescription& line = session.media[i];
      if (!line.is_enabled() || !is_data_channel(line) || !contains(group, line)) continue;
      channel_line = i;
      ++channels;
    }
    if (channels == 1) return ClueGroup{&group, *channel_line};
  }
  return std::nullopt;
}

void MidSequence::note(std::string_view mid) {
  // A peer that numbers up to the limit of the type must not make us wrap around: such numbers are left alone, ours
  // never come near them.
  constexpr std::uint64_t highest = 999'999'999'999;
  const auto value = number<std::uint64_t>(mid);
  if (value && *value < highest && *value >= next_) next_ = *value + 1;
}

void MidSequence::note(const SessionDescription& description) {
  for (const MediaDescription& line : description.media) {
    if (const auto mid = line.mid()) note(*mid);
  }
}

std::string MidSequence::next() { return std::to_string(next_++); }

}  // namespace clued::sdp
