// Whose the dialogs are that peers have begun. Private to server/sip; pure.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <unordered_map>

namespace clued::sip {

/// Counts the dialogs of each account (focus/account.hpp) for as long as they are kept here. That is longer than the
/// core counts them: who is on his way out holds a participant's place no more, but a dialog until he has acknowledged
/// and answered what is owed to him, or the timers for that have run out.
class DialogShares {
 public:
  class Share {
   public:
    Share(DialogShares& shares, std::string account) : shares_(shares), account_(std::move(account)) {
      ++shares_.held_[account_];
    }
    Share(const Share&) = delete;
    Share& operator=(const Share&) = delete;
    ~Share() {
      if (const auto found = shares_.held_.find(account_); --found->second == 0) shares_.held_.erase(found);
    }

   private:
    DialogShares& shares_;
    std::string account_;
  };

  /// Given back when it is destroyed, which is before these are.
  std::unique_ptr<Share> take(const std::string& account) { return std::make_unique<Share>(*this, account); }
  std::size_t held_by(const std::string& account) const {
    const auto found = held_.find(account);
    return found == held_.end() ? 0 : found->second;
  }

 private:
  std::unordered_map<std::string, std::size_t> held_;
};

}  // namespace clued::sip
