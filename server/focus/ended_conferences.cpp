#include "focus/ended_conferences.hpp"

namespace clued::focus {

void EndedConferences::add(const std::string& user, base::TimePoint now) {
  ended_.insert_or_assign(user, now);
  order_.emplace_back(now, user);
  const auto is_dispensable = [&] {
    return order_.size() > max_remembered || order_.front().first + remembered_for <= now;
  };
  while (!order_.empty() && is_dispensable()) {
    const auto& [when, oldest] = order_.front();
    // It may have ended a second time since.
    if (const auto found = ended_.find(oldest); found != ended_.end() && found->second == when) ended_.erase(found);
    order_.pop_front();
  }
}

bool EndedConferences::contains(const std::string& user, base::TimePoint now) const {
  const auto found = ended_.find(user);
  return found != ended_.end() && now < found->second + remembered_for;
}

}  // namespace clued::focus
