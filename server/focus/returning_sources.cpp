#include "focus/returning_sources.hpp"

#include <algorithm>
#include <utility>

namespace clued::focus {

base::Damping ReturningSources::came(ParticipantId id, std::string account) {
  const auto found = remembered_.find(account);
  base::Damping damping = found == remembered_.end() ? base::Damping() : found->second.damping;
  present_.emplace(id, std::move(account));
  return damping;
}

void ReturningSources::left(ParticipantId id, const base::Damping& damping, base::TimePoint now) {
  auto entry = present_.extract(id);
  if (!entry) return;
  remembered_.insert_or_assign(std::move(entry.mapped()), Remembered{damping, now});
  if (remembered_.size() <= max_remembered) return;
  remembered_.erase(std::min_element(remembered_.begin(), remembered_.end(),
                                     [](const auto& a, const auto& b) { return a.second.left < b.second.left; }));
}

}  // namespace clued::focus
