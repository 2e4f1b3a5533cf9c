#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>

namespace clued::focus {

/// Who holds how much of something that is there for all, and who gives way when it is used up. What is not confirmed
/// yet (an INVITE without its ACK costs its sender nothing, not even an address of its own) gives way to others: the
/// oldest of whoever holds most of that kind. So who fills a table is the first who has to make room, and never takes
/// what somebody else holds. Ids grow in time. Each call costs O(log n).
template <class Id>
class Shares {
 public:
  void add(Id id, const std::string& account, bool is_confirmed) {
    if (!entries_.emplace(id, account).second) return;
    ++accounts_[account].held;
    if (!is_confirmed) change_unconfirmed(account, [id](auto& ids) { ids.insert(id); });
  }
  /// It gives way no more. Again, or of what is not there: nothing.
  void confirm(Id id) {
    if (const auto found = entries_.find(id); found != entries_.end()) {
      change_unconfirmed(found->second, [id](auto& ids) { ids.erase(id); });
    }
  }
  void remove(Id id) {
    confirm(id);
    const auto entry = entries_.extract(id);
    if (!entry) return;
    const auto account = accounts_.find(entry.mapped());
    if (--account->second.held == 0) accounts_.erase(account);
  }

  std::size_t size() const noexcept { return entries_.size(); }
  std::size_t held_by(const std::string& account) const {
    const auto found = accounts_.find(account);
    return found == accounts_.end() ? 0 : found->second.held;
  }
  /// What gives way when this one wants another; none: this one is who has most, or nothing is unconfirmed.
  Id gives_way_to(const std::string& account) const {
    if (by_unconfirmed_.empty()) return {};
    const auto& [most, holder] = *by_unconfirmed_.rbegin();
    const auto own = accounts_.find(account);
    if (own != accounts_.end() && own->second.unconfirmed.size() >= most) return {};
    return *accounts_.at(holder).unconfirmed.begin();
  }

 private:
  struct Account {
    std::size_t held = 0;
    std::set<Id> unconfirmed{};
  };

  template <class Change>
  void change_unconfirmed(const std::string& account, Change change) {
    auto& ids = accounts_.at(account).unconfirmed;
    const auto before = ids.size();
    change(ids);
    if (ids.size() == before) return;
    by_unconfirmed_.erase({before, account});
    if (!ids.empty()) by_unconfirmed_.emplace(ids.size(), account);
  }

  std::unordered_map<Id, std::string> entries_;  ///< whose each is
  std::unordered_map<std::string, Account> accounts_;
  std::set<std::pair<std::size_t, std::string>> by_unconfirmed_;  ///< those who hold some
};

}  // namespace clued::focus
