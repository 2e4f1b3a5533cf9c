// How a participant's silent death is noticed: session timer (RFC 4028, END-12), and by policy the loss of its CLUE
// channel or of ICE consent (END-13).
#include "focus/participant.hpp"
#include "focus/records.hpp"

namespace clued::focus {

namespace {

/// While an offer or answer is under way, which refreshes as well, we look again after this time.
constexpr std::chrono::seconds exchange_patience{2};

}  // namespace

void Participant::keep_alive(const Turn& turn) {
  if (!dialog_.is_confirmed()) return;
  if (session_timer_.has_expired(turn.now)) {
    Departure departure;
    departure.cause = "session_expired";
    departure.ending.reason = {408, "Session expired"};
    return leave(departure, turn);
  }
  if (session_timer_.is_refresh_due(turn.now)) refresh_session(turn);
}

// By UPDATE where the peer knows it: it touches nothing else (RFC 4028 section 7.4).
void Participant::refresh_session(const Turn& turn) {
  if (allows_update_) {
    turn.emit(command::SendUpdate{dialog_.id(), dialog_.contact(), session_timer_.ask()});
  } else if (!negotiation_.refresh(dialog_.contact(), channel_.local(), session_timer_.ask(), turn)) {
    return session_timer_.postpone(exchange_patience, turn.now);
  }
  session_timer_.refreshing();
  log_.write(turn, record::session_refreshing,
             {{"method", allows_update_ ? "UPDATE" : "INVITE"},
              {"interval_s", std::int64_t{session_timer_.interval().count()}}});
}

void Participant::on(const event::UpdateAnswered& event, const Turn& turn) {
  if (leaving_) return;
  if (event.status / 100 == 2) return session_timer_.confirmed(event.session_timer, turn.now);
  refresh_refused(event.status, event.retry_after, event.session_timer, turn);
  proceed(turn);
}

// RFC 4028 section 10: 408 and 481 end the session; after anything else the refresh is tried again until the interval
// is over. A re-INVITE that was refused and an UPDATE are the same here.
void Participant::refresh_refused(int status, const std::optional<std::chrono::seconds>& retry_after,
                                  const SessionTimerFields& said, const Turn& turn) {
  if (status == 408 || status == 481) {
    Departure departure;
    departure.cause = "unreachable";
    departure.ending.reason = {status, "Dialog lost"};
    return leave(departure, turn);
  }
  const bool refresh_failed = session_timer_.we_refresh() && !session_timer_.is_waiting();
  if (refresh_failed) {
    // The first time is news; what comes of it is told when the participant leaves.
    const bool is_first = session_timer_.refusals() == 0;
    log_.write(turn, is_first ? record::session_refresh_refused : record::session_refresh_refused_again,
               {{"status", status}});
    if (status == 405 || status == 501) allows_update_ = false;
    session_timer_.refused(retry_after, turn.now);
  }
  if (status == 422 && said.min_expires) session_timer_.too_brief(*said.min_expires, turn.now);
}

bool Participant::leaves_after(const event::ChannelFailed& failure, const Turn& turn) {
  if (failure.cause == "gathering") return false;  // it never was: that we could not bring it up is our own failure
  const auto& policy = *services_.policy;
  const bool consent = failure.cause == "ice";
  if ((consent ? policy.on_consent_loss : policy.on_channel_loss) == OnLoss::keep) return false;
  if (!dialog_.is_confirmed()) return false;
  Departure departure;
  departure.cause = consent ? "consent_lost" : "channel_lost";
  departure.ending.reason = {480, consent ? "ICE consent lost" : "CLUE channel lost"};
  leave(departure, turn);
  return true;
}

}  // namespace clued::focus
