// The offer of an INVITE of ours and its answer, which may come in a reliable 1xx, from more than one device, or never.
#include <utility>

#include "focus/negotiation.hpp"
#include "focus/records.hpp"

namespace clued::focus {

void Negotiation::begin_offer(std::vector<sdp::WantedStream> streams, bool preconditions, const Turn& turn) {
  owns_call_id_ = true;
  if (preconditions) session_.offer_preconditions();
  response_streams_ = std::move(streams);
  ports_.request(session_.ports_needed(response_streams_), session_.family(), log_.subject(), turn);
}

std::string Negotiation::make_first_offer(const sdp::DataChannel* channel) {
  session_.make_offer(response_streams_, ports_.take(session_.ports_needed(response_streams_)), channel);
  std::string text = session_.take_text();
  first_offer_ = std::make_unique<sdp::OfferAnswer>(session_);
  state_ = State::offered;
  return text;
}

base::expected<sdp::AnswerOutcome, std::string> Negotiation::receive_first_answer(const std::string& sdp,
                                                                                  const Turn& turn) {
  auto parsed = read(sdp, turn);
  if (!parsed) return base::unexpected(parsed.error());
  auto outcome = session_.receive_answer(*parsed);
  if (!outcome) {
    session_ = *first_offer_;
    return base::unexpected(outcome.error());
  }
  state_ = State::idle;
  log_.write(turn, record::offer_answered, {{"m_lines", std::uint64_t{session_.m_lines()}}});
  note(outcome->remarks, turn);
  return std::move(*outcome);
}

void Negotiation::confirm_resources(const FocusContact& contact, const std::string& fork,
                                    const sdp::DataChannel* channel, const Turn& turn) {
  if (!first_offer_ || state_ != State::idle) return;
  confirming_ = true;
  send(session_.make_offer(session_.current_streams(), {}, channel), {dialog_, contact, {}, {}, true, fork}, turn);
}

bool Negotiation::forget_first_answer() {
  if (!first_offer_ || open_request_) return false;
  confirming_ = false;
  session_ = *first_offer_;
  state_ = State::offered;
  return true;
}

void Negotiation::restart(DialogId dialog, const Turn& turn) {
  abandon(turn);
  dialog_ = dialog;
  session_ = new_session();
  first_offer_.reset();
  confirming_ = false;
}

}  // namespace clued::focus
