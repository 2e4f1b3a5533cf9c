// A participant that we call (RFC 4579 section 5.2): INVITE, its answers early and final, and every way in which
// nothing comes of it.
#include <utility>

#include "focus/callees.hpp"
#include "focus/participant.hpp"
#include "focus/records.hpp"

namespace clued::focus {

namespace {

/// RFC 3261 section 8.1.1.4: unique and not to be guessed, by whatever host it reads.
std::string new_call_id(base::Randomness& randomness) {
  static constexpr char letters[] = "abcdefghijklmnopqrstuvwxyz234567";
  std::string id;
  for (int word = 0; word < 2; ++word) {
    auto bits = randomness.next();
    for (int i = 0; i < 13; ++i, bits >>= 5) id += letters[bits & 31];
  }
  return id;
}

}  // namespace

Participant::Participant(Services& services, std::string conference_user, ParticipantId id, unsigned number,
                         CallRequest request)
    : services_(services),
      id_(id),
      number_(number),
      names_{request.target, {}, {}},
      supports_100rel_(false),
      log_(conference_user, "p" + std::to_string(number), new_call_id(services.randomness)),
      dialog_(services.next_called_dialog(), FocusContact{std::move(conference_user), false}),
      invitation_(std::in_place, services.policy, services.policy->clue_enabled && services.policy->dial_out.offer_clue,
                  std::move(request)),
      negotiation_(services, id, dialog_.id(), log_),
      channel_(services, id),
      session_timer_(services.policy, services.randomness) {
  since_ = invitation_->request().asked_at;
  names_.contact.uri = names_.from.uri;
  services_.routes.dialogs.emplace(dialog_.id(), id);
}

void Participant::begin_call(const Turn& turn) {
  const bool clue = invitation_->offers_clue();
  log_.write(turn, record::participant_called,
             {{"target", base::Identity{invitation_->target().to_string()}},
              {"clue", clue},
              {"history", invitation_->history() != nullptr}});
  dialog_.set_telepresence(clue);
  if (clue) prepare_channel(negotiation_.session().family(), true, turn);
  negotiation_.begin_offer(offerless_streams(), invitation_->offers_preconditions(), turn);
  resource_deadline_ = turn.now + services_.policy->resource_wait;
  try_call(turn);
}

// Called whenever something arrived that the INVITE may have waited for.
void Participant::try_call(const Turn& turn) {
  if (leaving_ || dialog_.state() != InviteDialog::State::preparing) return;
  if (negotiation_.offer_lacks_ports()) return give_up_call("no_resources", {503, "No media ports"}, turn);
  if (!negotiation_.is_offer_ready() || channel_.is_gathering()) return;
  resource_deadline_.reset();
  take_prepared_channel(turn);
  channel_.offer();
  dialog_.set_telepresence(channel_.local() != nullptr);
  command::SendInvite invite;
  invite.call_id = log_.call_id();
  invite.target = invitation_->target();
  invite.sdp = negotiation_.make_first_offer(channel_.local());
  invite.session_timer = session_timer_.ask();
  invite.referred_by = invitation_->request().referred_by;
  invite.headers = invitation_->request().headers;
  invite.recipient_history = invitation_->history();
  invite.preconditions = invitation_->offers_preconditions();
  invitation_->calling(turn.now);
  dialog_.call(std::move(invite), turn);
}

// A new INVITE in a new dialog: a callee that could not read the first one has nothing to continue.
void Participant::call_again(const Turn& turn) {
  close_channel(turn);
  earlier_dialogs_.push_back(dialog_.id());
  dialog_.call_again(services_.next_called_dialog());
  services_.routes.dialogs.emplace(dialog_.id(), id_);
  negotiation_.restart(dialog_.id(), turn);
  early_fork_.reset();
  preview_.reset();
  log_.set_call_id(new_call_id(services_.randomness));
  begin_call(turn);
}

void Participant::on(const event::InviteProgressed& event, const Turn& turn) {
  if (event.dialog != dialog_.id()) return;
  dialog_.progressed(turn);
  if (leaving_ || !dialog_.is_calling()) return;
  if (event.status > 100) invitation_->progressed({event.status, event.phrase});
  if (event.sdp && !early_fork_) {
    if (!event.reliable) {
      preview_.emplace(event.fork, *event.sdp);
    } else if (take_first_answer(*event.sdp, turn)) {
      early_fork_ = event.fork;
      if (negotiation_.session().owes_confirmation()) {
        negotiation_.confirm_resources(dialog_.contact(), event.fork, channel_.local(), turn);
      }
    }
  }
  watch_call(turn);
}

void Participant::on(const event::InviteAnswered& event, const Turn& turn) {
  if (event.dialog != dialog_.id()) return;
  dialog_.answered(event.status, turn);
  if (leaving_) return;
  if (event.status >= 300) return call_refused(event, turn);
  call_answered(event, turn);
}

/// False when it cannot be used; there may be another one.
bool Participant::take_first_answer(const std::string& sdp, const Turn& turn) {
  const auto outcome = negotiation_.receive_first_answer(sdp, turn);
  if (!outcome) {
    log_.write(turn, record::answer_refused, {{"reason", outcome.error()}});
    return false;
  }
  // The CLUE channel comes up now, which with a reliable 1xx is before the call is answered (TP-02).
  if (outcome->channel_rejected) close_channel(turn);
  peer_channel_known(outcome->peer_channel, turn);
  return true;
}

void Participant::call_answered(const event::InviteAnswered& event, const Turn& turn) {
  names_.contact = event.contact;
  names_.proven = event.proven;
  if (!names_.proven.empty() && !names_.anonymity) {
    names_.known_as = names_.from;  // under which it was called, and shown since
    if (names_.from.display_name.empty()) names_.known_as->display_name = names_.proven.primary().display_name;
  }
  signals_.renamed = true;
  user_agent_ = event.user_agent;
  allows_update_ = event.allows_update;
  bool answered = !negotiation_.awaits_first_answer();
  if (answered && early_fork_ && *early_fork_ != event.fork) {
    // Another device than the one that our channel was brought up with: it goes on without CLUE.
    answered = !negotiation_.forget_first_answer();
    give_up_clue(turn);
  }
  auto sdp = event.sdp;
  if (!sdp && preview_ && preview_->first == event.fork) sdp = preview_->second;
  if (!answered && (!sdp || !take_first_answer(*sdp, turn))) {
    return answer_unusable(event.status, sdp ? "Unusable answer" : "No answer in the 2xx", turn);
  }
  session_timer_.confirmed(event.session_timer, turn.now);
  negotiation_.commit_first_answer(turn);
  dialog_.set_telepresence(channel_.local() != nullptr || names_.contact.telepresence);
  conclude_call({event.status, event.phrase});
  signals_.configurable = true;
  entered_at_ = turn.now;
  joined(turn);
  proceed(turn);
}

void Participant::answer_unusable(int status, const char* why, const Turn& turn) {
  Departure departure;
  departure.cause = "refused";
  departure.ending.reason = {488, why};
  if (invitation_->forgoes_history()) {
    log_.write(turn, record::call_refused, {{"status", status}, {"reason", why}, {"tries_again", true}});
    dialog_.end(departure.ending, turn);
    return call_again(turn);
  }
  conclude_call({488, "Not Acceptable Here"});
  leave(departure, turn);
}

void Participant::call_refused(const event::InviteAnswered& event, const Turn& turn) {
  if (event.status == 422 && event.session_timer.min_expires) {
    session_timer_.too_brief(*event.session_timer.min_expires, turn.now);
  }
  const bool again = invitation_->tries_again(event, [this](const SipUri& target) {
    return callee_refusal(target, services_.policy->dial_out, services_.conference_policy(), dialog_.contact().user);
  });
  std::string reason = event.phrase;
  if (const auto said = event.sdp ? sdp::parse(*event.sdp) : base::unexpected(sdp::ParseError{})) {
    if (const auto failures = sdp::failures_in(*said); !failures.empty()) reason += " (" + failures + ")";
  }
  log_.write(turn, record::call_refused, {{"status", event.status}, {"reason", reason}, {"tries_again", again}});
  StatusLine outcome{event.status, event.phrase};
  for (const auto& [target, why] : invitation_->take_forbidden()) {
    log_.write(
        turn, record::redirection_refused,
        {{"target", base::Identity{target.to_string()}}, {"status", why.status}, {"reason", std::string(why.why)}});
    // What the referrer is told: the callee may well have moved, but we do not follow.
    if (outcome.status == event.status) outcome = {why.status, why.why};
  }
  if (again) return call_again(turn);
  const bool is_busy = event.status == 486 || event.status == 600;
  Departure departure{is_busy ? "busy" : "refused", {}, true};
  departure.ending.reason = {outcome.status, outcome.phrase};  // for who watches (RFC 4575 section 5.7.5)
  conclude_call(std::move(outcome));
  leave(departure, turn);
}

void Participant::give_up_call(const char* cause, StatusLine outcome, const Turn& turn) {
  Departure departure;
  departure.cause = cause;
  departure.ending.reason = {outcome.status, outcome.phrase};
  conclude_call(std::move(outcome));
  leave(departure, turn);
}

// What time does to a call: news that may be told now, and a callee who does not answer.
void Participant::watch_call(const Turn& turn) {
  if (!is_being_called()) return;
  if (auto news = invitation_->take_progress(turn.now)) signals_.progress = std::move(news);
  if (invitation_->is_overdue(turn.now)) give_up_call("no_answer", {408, "Request Timeout"}, turn);
}

void Participant::conclude_call(StatusLine line) {
  if (invitation_->is_concluded()) return;
  invitation_->conclude(std::move(line));
  signals_.concluded = invitation_->outcome();
}

}  // namespace clued::focus
