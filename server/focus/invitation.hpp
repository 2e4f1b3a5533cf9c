#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include "focus/call_request.hpp"
#include "focus/callees.hpp"
#include "focus/events.hpp"
#include "focus/policy.hpp"

namespace clued::focus {

/// A SIP status line without the version: what a referrer is told (RFC 3515 section 2.4.5).
struct StatusLine {
  int status = 100;
  std::string phrase{};
};

/// The calling of one participant, over all the INVITEs that it takes: whom next, with CLUE or without, until when,
/// and what there is to tell of it. What is not understood is left out of the next one: first the history of the
/// recipients, which is there for information only (RFC 5364), then CLUE. Preconditions that are required (421) are in
/// the next one. A redirection is followed a few times and never to where we were (RFC 3261 section 8.1.3.4).
class Invitation {
 public:
  /// `policy` must outlive it.
  Invitation(const CurrentPolicy& policy, bool offers_clue, CallRequest request);

  // --- the INVITE that is due ---
  const SipUri& target() const noexcept { return target_; }
  bool offers_clue() const noexcept { return offers_clue_; }
  /// A recipient-list-history, or none.
  std::shared_ptr<const std::string> history() const { return tells_history_ ? request_.recipient_history : nullptr; }
  bool offers_preconditions() const noexcept { return offers_preconditions_; }
  const CallRequest& request() const noexcept { return request_; }

  /// It is being sent; the first one starts the time that the call may take.
  void calling(base::TimePoint now);
  /// It was refused. True when another one is due, for which target(), offers_clue() or history() has changed. Where a
  /// redirection leads is asked of `check`, like the first target.
  bool tries_again(const event::InviteAnswered& refusal, const CalleeCheck& check);
  /// Targets of the redirection that may not be called, once.
  struct Forbidden {
    SipUri target;
    NotAdmitted why;
  };
  std::vector<Forbidden> take_forbidden() { return std::exchange(forbidden_, {}); }
  /// It was accepted, but not what was offered: a user agent that does not see an offer in a body of several parts
  /// answers as if there were none. True when another INVITE is due, without the history.
  bool forgoes_history() noexcept { return std::exchange(tells_history_, false); }

  // --- what the referrer is told: each news once, and one in a second at most (REF-10) ---
  void progressed(StatusLine line) {
    if (line.status == 180) is_ringing_ = true;
    news_ = std::move(line);
  }
  std::optional<StatusLine> take_progress(base::TimePoint now);
  /// The call is answered, refused or given up. Only the first word counts.
  void conclude(StatusLine line) {
    if (!outcome_) outcome_ = std::move(line);
    ring_deadline_.reset();
    news_.reset();
  }
  /// The callee's device rings for the INVITE that was sent last.
  bool is_ringing() const noexcept { return is_ringing_; }
  bool is_concluded() const noexcept { return outcome_.has_value(); }
  const StatusLine& outcome() const noexcept { return *outcome_; }

  /// It rang long enough.
  bool is_overdue(base::TimePoint now) const noexcept { return ring_deadline_ && *ring_deadline_ <= now; }
  base::Deadline next_deadline() const;

 private:
  void follow(const std::vector<SipUri>& alternatives, const CalleeCheck& check);
  bool try_next();

  const CurrentPolicy& policy_;
  const bool clue_wanted_;
  CallRequest request_;
  SipUri target_;
  bool offers_clue_;
  bool tells_history_;
  bool offers_preconditions_;
  bool interval_raised_ = false;
  bool is_ringing_ = false;
  unsigned redirects_ = 0;
  std::deque<SipUri> alternatives_;
  std::vector<Forbidden> forbidden_;
  std::unordered_set<std::string> tried_;
  base::Deadline ring_deadline_;
  std::optional<StatusLine> news_;
  int told_ = 100;
  base::TimePoint told_at_{};
  std::optional<StatusLine> outcome_;
};

}  // namespace clued::focus
