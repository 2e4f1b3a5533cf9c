#include "focus/invitation.hpp"

#include <algorithm>
#include <iterator>

namespace clued::focus {

namespace {

/// REF-10: NOTIFYs of one REFER are not closer together.
constexpr std::chrono::seconds between_news{1};

bool is_sip(const SipUri& uri) { return uri.scheme == "sip" || uri.scheme == "sips"; }

/// What user agents say that cannot read `UDP/DTLS/SCTP` in an m-line (expectations), or bodies of several parts.
bool may_mean_the_body(int status) { return status == 400 || status == 415 || status == 488 || status == 606; }

}  // namespace

Invitation::Invitation(const CurrentPolicy& policy, bool offers_clue, CallRequest request)
    : policy_(policy),
      clue_wanted_(offers_clue),
      request_(std::move(request)),
      target_(request_.target.uri),
      offers_clue_(offers_clue),
      tells_history_(request_.recipient_history != nullptr),
      offers_preconditions_(policy->dial_out.preconditions),
      tried_{target_.to_string()} {}

void Invitation::calling(base::TimePoint now) {
  is_ringing_ = false;
  if (ring_deadline_) return;
  ring_deadline_ = now + policy_->dial_out.ring_time;
  told_at_ = now;
}

bool Invitation::tries_again(const event::InviteAnswered& refusal, const CalleeCheck& check) {
  if (outcome_) return false;
  const int status = refusal.status;
  // Baresip finds no words of its own for it.
  if (tells_history_ && (may_mean_the_body(status) || status == 500)) return forgoes_history();
  if (offers_clue_ && may_mean_the_body(status)) {
    offers_clue_ = false;
    return true;
  }
  if (status == 421 && refusal.requires_preconditions && !offers_preconditions_) return offers_preconditions_ = true;
  // RFC 4028 section 7.3: once more with the longer interval.
  if (status == 422 && refusal.session_timer.min_expires && !interval_raised_) return interval_raised_ = true;
  if (status >= 600) return false;  // nobody else of this user will do either
  if (status == 300 || status == 301 || status == 302) follow(refusal.alternatives, check);
  return try_next();
}

void Invitation::follow(const std::vector<SipUri>& alternatives, const CalleeCheck& check) {
  // What the latest answer names comes before what earlier ones left over.
  std::vector<SipUri> usable;
  // Who is to be called by SIPS is not called without it because somebody on the way says so (RFC 5630 section 5.1.1).
  const bool only_sips = target_.scheme == "sips";
  for (const SipUri& one : alternatives) {
    if (!is_sip(one) || (only_sips && one.scheme != "sips")) continue;
    if (const auto why = check(one)) {
      forbidden_.push_back({one, *why});
    } else {
      usable.push_back(one);
    }
  }
  alternatives_.insert(alternatives_.begin(), usable.begin(), usable.end());
  if (alternatives_.size() > policy_->dial_out.redirects) alternatives_.resize(policy_->dial_out.redirects);
}

bool Invitation::try_next() {
  while (!alternatives_.empty() && redirects_ < policy_->dial_out.redirects) {
    const SipUri next = std::move(alternatives_.front());
    alternatives_.pop_front();
    if (!tried_.insert(next.to_string()).second) continue;
    ++redirects_;
    target_ = next;
    offers_clue_ = clue_wanted_;
    tells_history_ = request_.recipient_history != nullptr;
    offers_preconditions_ = policy_->dial_out.preconditions;
    return true;
  }
  return false;
}

std::optional<StatusLine> Invitation::take_progress(base::TimePoint now) {
  if (!news_ || outcome_) return std::nullopt;
  if (news_->status == told_) {
    news_.reset();
    return std::nullopt;
  }
  if (now < told_at_ + between_news) return std::nullopt;
  told_ = news_->status;
  told_at_ = now;
  return std::exchange(news_, std::nullopt);
}

base::Deadline Invitation::next_deadline() const {
  const bool has_news = news_ && news_->status != told_;
  return base::earlier(ring_deadline_, has_news ? base::Deadline{told_at_ + between_news} : std::nullopt);
}

}  // namespace clued::focus
