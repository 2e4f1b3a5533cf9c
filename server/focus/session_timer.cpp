#include "focus/session_timer.hpp"

#include <algorithm>
#include <utility>

#include "focus/retry_after.hpp"

namespace clued::focus {

namespace {

/// RFC 4028 section 10: the BYE goes out this long before the end, or a third of a shorter interval.
constexpr std::chrono::seconds longest_margin{32};

/// Nobody means a session that is looked after once in a month. Longer intervals would also overflow.
constexpr std::chrono::seconds longest_interval = std::chrono::hours(30 * 24);

/// Whatever a peer agrees to, a session is looked after by us once in this time.
constexpr std::chrono::seconds longest_watch = std::chrono::hours(24);

/// A refresh that was refused is tried again after this time, and each time after twice as long: a peer that comes back
/// is found soon, and one that does not costs a dozen requests until its interval is over.
constexpr std::chrono::seconds first_retry{5};
constexpr std::chrono::seconds longest_retry{120};

std::chrono::seconds bounded(std::chrono::seconds said) {
  return std::clamp(said, std::chrono::seconds(0), longest_interval);
}

}  // namespace

SessionTimerFields SessionTimer::accept(const SessionTimerFields& asked, base::TimePoint now) {
  if (asked.min_expires) min_expires_ = std::max(min_expires_, bounded(*asked.min_expires));
  // We may lower what the caller asked for, but not below what anybody on the way can bear (section 9). Who asks for
  // less than we bear and knows the timer was answered 422; who does not know it is told our own.
  const auto ours = std::max(policy_->session_expires, min_expires_);
  const bool is_brief = asked.expires && *asked.expires < policy_->min_session_expires;
  const auto interval = asked.expires && !is_brief ? std::min(bounded(*asked.expires), ours) : ours;
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
  const auto interval = bounded(said.expires.value_or(ask().expires.value_or(policy_->session_expires)));
  const bool peer_refreshes = said.expires && said.refresher == SessionRefresher::uas;
  start(interval, !peer_refreshes, now);
}

void SessionTimer::too_brief(std::chrono::seconds min_expires, base::TimePoint now) {
  // A Min-SE that is no larger than what we said would be asked for again and again.
  const bool helps = bounded(min_expires) > ask().expires.value_or(std::chrono::seconds(0));
  if (!helps) return;
  min_expires_ = bounded(min_expires);
  // Who asks for more each time is not asked at once each time.
  if (interval_.count() > 0 && !std::exchange(is_raised_, true)) refresh_at_ = now;
}

void SessionTimer::refused(const std::optional<std::chrono::seconds>& retry_after, base::TimePoint now) {
  const auto pause = std::min(first_retry * (1 << std::min(refusals_, 8U)), longest_retry);
  ++refusals_;
  postpone(retry_wait(retry_after, pause), now);
}

// What the peer wants decides how often we are asked and ask, within our own bounds: one that is to be refreshed all
// the time would be served before all others, and one that never is could die unnoticed.
void SessionTimer::start(std::chrono::seconds interval, bool we_refresh, base::TimePoint now) {
  const auto longest = std::max(policy_->session_expires, longest_watch);
  interval_ = std::clamp(interval, std::min(policy_->min_session_expires, longest), longest);
  we_refresh_ = we_refresh = we_refresh || interval > longest;
  is_raised_ = false;
  refusals_ = 0;
  const std::chrono::milliseconds whole = interval_;
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
