#pragma once

#include <algorithm>
#include <cstddef>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "focus/account.hpp"

namespace clued::focus {

/// Who holds how much of something that is there for all, and who gives way when it is used up. What is not confirmed
/// yet (an INVITE without its ACK costs its sender nothing, not even an address of its own) gives way to others: the
/// oldest of whoever holds most of that kind. So who fills a table is the first who has to make room, and never takes
/// what somebody else holds. Ids grow in time.
///
/// A user of several names has one share, whichever of them a request came with: a name counts for the first name that
/// it stood beside, in what is held. Not if it stood beside several, or if that one stood beside others each time:
/// these are the numbers of a trunk, whose users have a share each. Each call costs O(log n) and some steps for each
/// other name that a user holds something by.
template <class Id>
class Shares {
 public:
  void add(Id id, const Account& account, bool is_confirmed) {
    if (entries_.contains(id)) return;
    Entry entry{owner_of(account), {}, false};
    for (const auto& name : account.names()) {
      if (name != entry.owner) entry.others.push_back(name);
    }
    entry.is_joint = !entry.others.empty() && entry.others.size() < account.names().size();
    auto& owner = accounts_[entry.owner];
    ++owner.held;
    if (entry.is_joint) ++owner.held_jointly;
    for (const auto& name : entry.others) {
      if (entry.is_joint) ++owner.others[name];
      ++beside_[name][entry.owner];
    }
    const auto holder = entry.owner;
    entries_.emplace(id, std::move(entry));
    if (!is_confirmed) change_unconfirmed(holder, [id](auto& ids) { ids.insert(id); });
  }
  /// It gives way no more. Again, or of what is not there: nothing.
  void confirm(Id id) {
    if (const auto found = entries_.find(id); found != entries_.end()) {
      change_unconfirmed(found->second.owner, [id](auto& ids) { ids.erase(id); });
    }
  }
  void remove(Id id) {
    confirm(id);
    const auto entry = entries_.extract(id);
    if (!entry) return;
    const auto& [owner, others, is_joint] = entry.mapped();
    auto& account = accounts_.at(owner);
    if (is_joint) --account.held_jointly;
    for (const auto& name : others) {
      if (is_joint) discount(account.others, name);
      auto& owners = beside_.at(name);
      discount(owners, owner);
      if (owners.empty()) beside_.erase(name);
    }
    if (--account.held == 0) accounts_.erase(owner);
  }

  std::size_t size() const noexcept { return entries_.size(); }
  /// The name of whose this is; "" if it is not there.
  std::string holder_of(Id id) const {
    const auto found = entries_.find(id);
    return found == entries_.end() ? std::string() : found->second.owner;
  }
  std::size_t held_by(const Account& account) const {
    const auto owner = owner_of(account);
    const auto found = accounts_.find(owner);
    std::size_t held = found == accounts_.end() ? 0 : found->second.held;
    if (!is_one_user(owner)) return held;
    auto names = account.names();
    if (found != accounts_.end()) {
      for (const auto& other : found->second.others) names.push_back(other.first);
    }
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
    // What it came to hold by them before it was known whose they are.
    for (const auto& name : names) {
      const auto own = accounts_.find(name);
      if (name != owner && own != accounts_.end() && is_of(name, owner)) held += own->second.held;
    }
    return held;
  }
  /// What gives way when this one wants another; none: this one is who has most, or nothing is unconfirmed.
  Id gives_way_to(const Account& account) const {
    if (by_unconfirmed_.empty()) return {};
    const auto& [most, holder] = *by_unconfirmed_.rbegin();
    const auto own = accounts_.find(owner_of(account));
    if (own != accounts_.end() && own->second.unconfirmed.size() >= most) return {};
    return *accounts_.at(holder).unconfirmed.begin();
  }

 private:
  using Counts = std::unordered_map<std::string, std::size_t>;
  struct Entry {
    std::string owner;                ///< whose it is
    std::vector<std::string> others;  ///< names that it came with besides, or instead
    bool is_joint;                    ///< besides: it shows whose they are
  };
  struct Holder {
    std::size_t held = 0;
    std::size_t held_jointly = 0;  ///< of these, what came with other names besides
    Counts others{};               ///< how often with each
    std::set<Id> unconfirmed{};
  };

  /// All that it holds with other names it holds with one and the same among them.
  bool is_one_user(const std::string& owner) const {
    const auto found = accounts_.find(owner);
    if (found == accounts_.end()) return true;
    const auto& holder = found->second;
    return holder.held_jointly == 0 || std::any_of(holder.others.begin(), holder.others.end(), [&](const auto& other) {
             return other.second == holder.held_jointly;
           });
  }
  /// It stood beside nobody else's name.
  bool is_of(const std::string& name, const std::string& owner) const {
    const auto owners = beside_.find(name);
    return owners == beside_.end() || (owners->second.size() == 1 && owners->second.contains(owner));
  }
  std::string owner_of(const Account& account) const {
    const auto owners = beside_.find(account.name);
    if (owners == beside_.end() || owners->second.size() != 1) return account.name;
    const auto& owner = owners->second.begin()->first;
    return is_one_user(owner) ? owner : account.name;
  }

  static void discount(Counts& counts, const std::string& name) {
    const auto found = counts.find(name);
    if (--found->second == 0) counts.erase(found);
  }

  template <class Change>
  void change_unconfirmed(const std::string& account, Change change) {
    auto& ids = accounts_.at(account).unconfirmed;
    const auto before = ids.size();
    change(ids);
    if (ids.size() == before) return;
    by_unconfirmed_.erase({before, account});
    if (!ids.empty()) by_unconfirmed_.emplace(ids.size(), account);
  }

  std::unordered_map<Id, Entry> entries_;
  std::unordered_map<std::string, Holder> accounts_;
  std::unordered_map<std::string, Counts> beside_;  ///< whose each other name is in what is held, and how often
  std::set<std::pair<std::size_t, std::string>> by_unconfirmed_;  ///< those who hold some
};

}  // namespace clued::focus
