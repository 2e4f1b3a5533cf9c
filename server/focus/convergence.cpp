#include "focus/convergence.hpp"

#include <utility>

namespace clued::focus {

namespace {

/// Removals whose stalled are still waited for. Who never answers again would make them pile up; the newest ones say
/// all that is to be said of it.
constexpr std::size_t most_late = 32;

}  // namespace

void Convergence::update(ParticipantId participant, const std::optional<Knowledge>& knowledge) {
  if (const auto found = known_.find(participant); found != known_.end() && knowledge == found->second) return;
  forget(participant);
  for (auto& late : late_) {
    const bool is_told = knowledge && knowledge->generation >= late.progress.removal.generation;
    if ((is_told || !knowledge) && late.waiting.erase(participant) > 0) {
      ++(is_told ? late.progress.told : late.progress.gone);
    }
  }
  if (!knowledge) return;
  known_.emplace(participant, *knowledge);
  if (!knowledge->is_stalled) ++answering_[knowledge->generation];
}

void Convergence::forget(ParticipantId participant) {
  const auto found = known_.find(participant);
  if (found == known_.end()) return;
  if (!found->second.is_stalled) {
    const auto count = answering_.find(found->second.generation);
    if (--count->second == 0) answering_.erase(count);
  }
  known_.erase(found);
}

// Who is ignorant when all who answer know is stalled: only then everybody is looked at.
std::vector<Convergence::Converged> Convergence::take_converged() {
  std::vector<Converged> done;
  std::erase_if(removals_, [&](const Removal& removal) {
    const bool is_known = answering_.empty() || answering_.begin()->first >= removal.generation;
    if (!is_known) return false;
    std::size_t answering = 0;
    for (const auto& [generation, count] : answering_) answering += count;
    auto stalled = answering == known_.size() ? std::unordered_set<ParticipantId>{} : ignorant_of(removal.generation);
    done.push_back({removal, known_.size() - stalled.size(), stalled.size()});
    if (!stalled.empty()) late_.push_back({{removal}, std::move(stalled)});
    if (late_.size() > most_late) late_.pop_front();
    return true;
  });
  return done;
}

std::vector<Convergence::CaughtUp> Convergence::take_caught_up() {
  std::vector<CaughtUp> done;
  std::erase_if(late_, [&](const Late& late) {
    if (!late.waiting.empty()) return false;
    done.push_back(late.progress);
    return true;
  });
  return done;
}

std::unordered_set<ParticipantId> Convergence::ignorant_of(Generation generation) const {
  std::unordered_set<ParticipantId> ignorant;
  for (const auto& [participant, knowledge] : known_) {
    if (knowledge.generation < generation) ignorant.insert(participant);
  }
  return ignorant;
}

}  // namespace clued::focus
