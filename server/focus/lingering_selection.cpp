#include "focus/lingering_selection.hpp"

#include <chrono>
#include <string_view>
#include <unordered_set>

namespace clued::focus {

namespace {

/// Longer than somebody needs who switches between two layouts; media that nobody watches flow no longer than this.
constexpr base::Damping::Pause linger{std::chrono::seconds(1), std::chrono::seconds(16)};
/// What one consumer can have counted for it: many times what it is told of.
constexpr std::size_t max_counted = 1000;

}  // namespace

const LingeringSelection::Selection& LingeringSelection::select(ParticipantId consumer, const Selection& selection,
                                                                base::TimePoint now) {
  auto& entry = consumers_[consumer];
  entry.wanted = selection;
  std::unordered_set<std::string_view> wanted;
  for (const auto& encoding : entry.wanted) wanted.insert(encoding.capture_id);
  auto counted = entry.wanted;
  for (auto& earlier : entry.counted) {
    if (!wanted.contains(earlier.capture_id) && counted.size() < max_counted) counted.push_back(std::move(earlier));
  }
  entry.counted = std::move(counted);
  if (entry.counted.size() > entry.wanted.size()) {
    due_.set(consumer, entry.damping.plan(now, linger.least, linger));
  } else {
    due_.set(consumer, std::nullopt);
  }
  return entry.counted;
}

void LingeringSelection::forget(ParticipantId consumer) {
  due_.set(consumer, std::nullopt);
  consumers_.erase(consumer);
}

ParticipantId LingeringSelection::take_due(base::TimePoint now) {
  const auto consumer = due_.take_due(now);
  if (consumer) {
    auto& entry = consumers_.at(consumer);
    entry.counted = entry.wanted;
  }
  return consumer;
}

}  // namespace clued::focus
