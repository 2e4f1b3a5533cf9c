#include "focus/session_timer.hpp"

#include <algorithm>

namespace clued::focus {

namespace {

/// RFC 4028 section 10: the BYE goes out this long before the end, or a third of a shorter interval.
constexpr std::chrono::seconds longest_margin{32};

}  // namespace

SessionTimerFields SessionTimer::accept(const SessionTimerFields& asked, base::TimePoint now) {
  if (asked.min_expires) min_expires_ = std::max(min_expires_, *asked.min_expires);
  // We may lower what the caller asked for, but not below what anybody on the way can bear (section 9).
  const auto ours = std::max({policy_->session_expires, min_expires_, asked.min_expires.value_or(min_expires_)});
  const auto interval = asked.expires ? std::min(*asked.expires, ours) : ours;
  // Table 2: who does not know the timer cannot be made to refresh.
  const auto open =
      policy_->session_refresher == PreferredRefresher::peer ? SessionRefresher::uac : SessionRefresher::uas;
  const auto refresher = asked.supported ? asked.refresher.value_or(open) : SessionRefresher::uas;
  start(interval, refresher == SessionRefresher::uas, now);
  return {asked.supported, interval, refresher, {}};
}

SessionTimerFields SessionTimer::ask() const {
  SessionTimerFields fields;
  fields.supported = true;
  fields.expires = std::max(interval_.count() > 0 ? interval_ : policy_->session_expires, min_expires_);
  fields.refresher = we_refresh_ ? SessionRefresher::uac : SessionRefresher::uas;
  if (min_expires_.count() > 0) fields.min_expires = min_expires_;
  return fields;
}

void SessionTimer::confirmed(const SessionTimerFields& said, base::TimePoint now) {
  const auto interval = said.expires.value_or(ask().expires.value_or(policy_->session_expires));
  const bool peer_refreshes = said.expires && said.refresher == SessionRefresher::uas;
  start(interval, !peer_refreshes, now);
}

void SessionTimer::too_brief(std::chrono::seconds min_expires, base::TimePoint now) {
  // A Min-SE that is no larger than what we said would be asked for again and again.
  const bool helps = min_expires > ask().expires.value_or(std::chrono::seconds(0));
  if (!helps) return;
  min_expires_ = min_expires;
  if (interval_.count() > 0) refresh_at_ = now;
}

void SessionTimer::start(std::chrono::seconds interval, bool we_refresh, base::TimePoint now) {
  interval_ = interval;
  we_refresh_ = we_refresh;
  const std::chrono::milliseconds whole = interval;
  expires_at_ = now + (whole - std::min<std::chrono::milliseconds>(longest_margin, whole / 3));
  refresh_at_.reset();
  if (!we_refresh) return;
  // Half the interval, and a little less by chance: a conference's participants joined together (OA-17).
  const auto less = randomness_.below(static_cast<std::uint64_t>(std::max<std::int64_t>(whole.count() / 20, 1)));
  refresh_at_ = now + (whole / 2 - std::chrono::milliseconds(less));
}

void SessionTimer::stop() {
  refresh_at_.reset();
  expires_at_.reset();
}

}  // namespace clued::focus
