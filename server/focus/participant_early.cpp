// Between a reliable 183 of ours and the 200: PRACK, the CLUE channel (TP-02) and the caller's preconditions (OA-09).
//
//     183 --PRACK, with or without an offer--> --UPDATE: the caller has its resources--> --CLUE channel active--> 200
//
// Each may be missing, and nothing of it makes our own side wait: a 183 goes out when our ports are there (FOC-02).
#include <utility>

#include "focus/participant.hpp"
#include "focus/records.hpp"

namespace clued::focus {

void Participant::progress_invite(std::string body, bool with_channel, const Turn& turn) {
  const bool met = negotiation_.session().preconditions_are_met();
  progressed_at_ = turn.now;
  if (!met) {
    precondition_deadline_ = turn.now + services_.policy->precondition_wait;
    log_.write(turn, record::preconditions_awaited, {});
  } else if (with_channel) {
    channel_deadline_ = turn.now + services_.policy->channel_wait;
  }
  dialog_.progress(std::move(body), negotiation_.session().has_preconditions(), turn);
}

// The 200 follows a reliable 183 when the PRACK is there (OA-08), no offer is open, the caller has what it must have,
// and the CLUE channel is up, or will not be soon enough. Its time begins with the resources that it may need.
void Participant::accept_when_ready(const Turn& turn) {
  if (dialog_.state() != InviteDialog::State::early || !dialog_.is_pracked()) return;
  if (negotiation_.has_open_request() || !negotiation_.session().preconditions_are_met()) return;
  if (precondition_deadline_) {
    precondition_deadline_.reset();
    channel_deadline_ = turn.now + services_.policy->channel_wait;
    const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(turn.now - progressed_at_).count();
    log_.write(turn, record::preconditions_met, {{"ms", std::int64_t{took}}});
  }
  const bool channel_settled = !clue_ || clue_->state() == clue::ClueParticipant::State::active;
  if (!channel_settled && channel_deadline_ && turn.now < *channel_deadline_) return;
  channel_deadline_.reset();
  accept_invite(std::nullopt, turn);
}

void Participant::on(const event::PrackReceived& event, const Turn& turn) {
  dialog_.prack_received();
  if (event.sdp && event.request) answer_prack(event, turn);
  accept_when_ready(turn);
}

// RFC 3262 section 5: the answer goes into the 200 to the PRACK.
void Participant::answer_prack(const event::PrackReceived& event, const Turn& turn) {
  if (leaving_ || dialog_.is_over() || negotiation_.state() != Negotiation::State::idle) {
    turn.emit(command::Respond{event.request, 200});
    return;
  }
  log_.write(turn, record::offer_received, {{"method", "PRACK"}});
  const auto plan = negotiation_.receive_offer(*event.sdp, event.request, Negotiation::Method::prack, turn);
  if (plan) return begin_answer(*plan, turn);
  turn.emit(command::Respond{event.request, 200});
  refuse(plan.error(), turn);
}

void Participant::on(const event::PrackTimedOut&, const Turn& turn) {
  if (dialog_.has_final_response()) return;
  Departure departure;
  departure.cause = "no_prack";
  departure.ending.reason = {503, "No PRACK"};
  departure.ending.refusal_status = 503;  // RFC 3262 section 3: a 5xx; this one is the library's
  leave(departure, turn);
}

// RFC 3312 section 7: 580 says which reservation did not come about.
void Participant::give_up_preconditions(const Turn& turn) {
  precondition_deadline_.reset();
  if (dialog_.has_final_response() || negotiation_.session().preconditions_are_met()) return;
  log_.write(turn, record::preconditions_failed, {});
  Departure departure;
  departure.cause = "preconditions_failed";
  departure.ending.reason = {580, "Precondition Failure"};
  departure.ending.refusal_status = 580;
  departure.ending.refusal_phrase = "Precondition Failure";
  departure.ending.refusal_sdp = negotiation_.session().describe_unmet();
  leave(departure, turn);
}

}  // namespace clued::focus
