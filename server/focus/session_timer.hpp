#pragma once

#include <chrono>
#include <optional>

#include "base/randomness.hpp"
#include "base/time.hpp"
#include "focus/policy.hpp"
#include "focus/session_timer_fields.hpp"

namespace clued::focus {

/// The session timer of one dialog (RFC 4028): who refreshes the session, when the next refresh is due, and when a
/// session that was not refreshed is over (END-12). It runs in every dialog: a peer that does not know it is refreshed
/// by us, and so its silent death is noticed.
///
///     (not running) --2xx of ours or to us--> running --2xx--> running
///                                             running --refresh due--> refreshing (we refresh) --2xx--> running
///                                             any --not refreshed in time--> expired
class SessionTimer {
 public:
  /// Both must outlive it.
  SessionTimer(const CurrentPolicy& policy, base::Randomness& randomness) : policy_(policy), randomness_(randomness) {}

  /// We answer a request of the peer with 2xx: what that says (section 9). Starts the timer anew.
  SessionTimerFields accept(const SessionTimerFields& asked, base::TimePoint now);
  /// What an INVITE or UPDATE of ours says (section 7.1, 7.4).
  SessionTimerFields ask() const;
  /// Our request was answered with 2xx (section 7.2). Without Session-Expires the refreshing is left to us.
  void confirmed(const SessionTimerFields& said, base::TimePoint now);
  /// Our request was answered with 422: the interval grows to what the peer asks for, and the refresh is due again.
  void too_brief(std::chrono::seconds min_expires, base::TimePoint now);

  /// We refresh and it is time. refreshing() says that it is being done; postpone() that it has to be tried again.
  bool is_refresh_due(base::TimePoint now) const { return refresh_at_ && *refresh_at_ <= now; }
  void refreshing() { refresh_at_.reset(); }
  void postpone(base::Duration wait, base::TimePoint now) { refresh_at_ = now + wait; }
  /// Our refresh failed for a reason that may pass: it is due again after a pause, which grows from one to the next.
  void refused(const std::optional<std::chrono::seconds>& retry_after, base::TimePoint now);
  /// How often that was since the session was refreshed last.
  unsigned refusals() const noexcept { return refusals_; }
  /// Nobody refreshed it: the session is to be ended by BYE, a little before the interval is over (section 10).
  bool has_expired(base::TimePoint now) const { return expires_at_ && *expires_at_ <= now; }

  std::chrono::seconds interval() const noexcept { return interval_; }
  /// The next refresh has its time: none is under way.
  bool is_waiting() const noexcept { return refresh_at_.has_value(); }
  bool we_refresh() const noexcept { return we_refresh_; }
  base::Deadline next_deadline() const { return base::earlier(refresh_at_, expires_at_); }
  void stop();

 private:
  void start(std::chrono::seconds interval, bool we_refresh, base::TimePoint now);

  const CurrentPolicy& policy_;
  base::Randomness& randomness_;
  std::chrono::seconds interval_{0};     ///< 0: not running yet
  std::chrono::seconds min_expires_{0};  ///< the largest Min-SE that we heard of
  bool we_refresh_ = true;
  bool is_raised_ = false;  ///< since the last refresh, for a 422
  unsigned refusals_ = 0;
  base::Deadline refresh_at_;
  base::Deadline expires_at_;
};

}  // namespace clued::focus
