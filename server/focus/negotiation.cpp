#include "focus/negotiation.hpp"

#include <algorithm>
#include <utility>

#include "focus/records.hpp"
#include "focus/retry_after.hpp"

namespace clued::focus {

namespace {

/// Two refused offers of a kind are tried again this much later each time, at most.
constexpr unsigned max_back_off_factor = 8;
/// When a peer may try again what we had no ports for.
constexpr std::chrono::seconds retry_later{5};

std::string joined(const std::vector<std::string>& remarks) {
  std::string text;
  for (const auto& remark : remarks) text += (text.empty() ? "" : "; ") + remark;
  return text;
}

/// A 488 says by its code what of the offer it was, a 400 says it in words.
std::optional<Warning> warning_of(const sdp::OfferError& error) {
  using Cause = sdp::OfferError::Cause;
  if (error.sip_status != 400 && error.sip_status != 488) return std::nullopt;
  switch (error.cause) {
    case Cause::address:
      return Warning{Warning::address_format, error.reason};
    case Cause::transport:
      return Warning{Warning::transport, error.reason};
    case Cause::media_type:
      return Warning{Warning::media_type, error.reason};
    case Cause::format:
      return Warning{Warning::media_format, error.reason};
    case Cause::other:
      break;
  }
  return Warning{Warning::miscellaneous, error.reason};
}

}  // namespace

Negotiation::Negotiation(Services& services, ParticipantId owner, DialogId dialog, const ParticipantLog& log)
    : services_(services), dialog_(dialog), log_(log), session_(new_session()), ports_(services, owner) {}

// RFC 8866 section 5.2 asks for a numeric session id that is unique; 62 bits of chance are.
sdp::OfferAnswer Negotiation::new_session() const {
  return {services_.policy.media(), std::to_string(services_.randomness.next() >> 2)};
}

base::expected<sdp::SessionDescription, std::string> Negotiation::read(const std::string& text,
                                                                       const Turn& turn) const {
  std::vector<std::string> remarks;
  auto parsed = sdp::parse(text, {}, &remarks);
  if (!parsed) {
    return base::unexpected("SDP line " + std::to_string(parsed.error().line) + ": " + parsed.error().reason);
  }
  note(remarks, turn);
  return std::move(*parsed);
}

void Negotiation::note(const std::vector<std::string>& remarks, const Turn& turn) const {
  if (!remarks.empty()) log_.write(turn, record::sdp_remarked, {{"remarks", joined(remarks)}});
}

base::expected<sdp::OfferPlan, Negotiation::Refusal> Negotiation::receive_offer(const std::string& text,
                                                                                RequestId request, Method method,
                                                                                const Turn& turn) {
  auto parsed = read(text, turn);
  if (!parsed) {
    return base::unexpected(Refusal{400, parsed.error(), {}, Warning{Warning::miscellaneous, parsed.error()}});
  }
  auto plan = session_.receive_offer(std::move(*parsed), services_.policy->clue_enabled);
  if (!plan) {
    const auto& error = plan.error();
    return base::unexpected(Refusal{error.sip_status, error.reason, error.description, warning_of(error)});
  }
  note(plan->remarks, turn);
  open_request_ = OpenRequest{request, method, false, plan->ports_needed};
  state_ = State::answering;
  ports_.request(plan->ports_needed, session_.family(), log_.subject(), turn);
  return std::move(*plan);
}

void Negotiation::receive_offerless(RequestId request, Method method, std::vector<sdp::WantedStream> streams,
                                    const Turn& turn) {
  response_streams_ = std::move(streams);
  const auto needed = session_.ports_needed(response_streams_);
  open_request_ = OpenRequest{request, method, true, needed};
  state_ = State::answering;
  ports_.request(needed, session_.family(), log_.subject(), turn);
}

bool Negotiation::is_answer_ready() const noexcept { return open_request_ && ports_.ready(open_request_->ports); }

std::string Negotiation::make_response_body(const sdp::DataChannel* channel, const Turn& turn) {
  const auto request = *std::exchange(open_request_, std::nullopt);
  auto fresh = ports_.take(request.ports);
  asked_ports_ = 0;  // some of what was asked for may be among them
  if (request.offer_wanted) {
    session_.make_offer(response_streams_, std::move(fresh), channel);
    awaits_answer_in_ack_ = true;
    state_ = State::offered;
  } else {
    session_.make_answer(std::move(fresh), channel);
    state_ = State::idle;
    settle_ports(turn);
  }
  // An UPDATE or PRACK between an INVITE and its ACK does not end the waiting for the ACK.
  if (request.method == Method::invite || request.method == Method::reinvite) awaits_ack_ = true;
  return session_.take_text();
}

base::expected<std::optional<sdp::AnswerOutcome>, std::string> Negotiation::acknowledge(
    const std::optional<std::string>& sdp, const Turn& turn) {
  awaits_ack_ = false;
  if (!std::exchange(awaits_answer_in_ack_, false)) return std::optional<sdp::AnswerOutcome>{};
  state_ = State::idle;
  if (!sdp) {
    session_.drop_own_offer();
    settle_ports(turn);
    return base::unexpected(std::string("no answer in the ACK"));
  }
  auto parsed = read(*sdp, turn);
  if (!parsed) {
    session_.drop_own_offer();
    settle_ports(turn);
    return base::unexpected(parsed.error());
  }
  auto outcome = session_.receive_answer(*parsed);
  if (!outcome) session_.drop_own_offer();
  settle_ports(turn);
  if (!outcome) return base::unexpected(outcome.error());
  return std::optional<sdp::AnswerOutcome>{std::move(*outcome)};
}

void Negotiation::refuse_open_request(int status, const Turn& turn) {
  if (!open_request_) return;
  // The first INVITE's final response is the dialog's.
  // A PRACK is acknowledged even if its offer is not taken (RFC 6337 section 2.3): that is told otherwise.
  if (open_request_->method == Method::prack) status = 200;
  if (open_request_->method != Method::invite) {
    command::Respond response{open_request_->request, status};
    if (status == 503) response.retry_after = retry_later;
    turn.emit(std::move(response));
  }
  if (!open_request_->offer_wanted) session_.drop_offer();
  open_request_.reset();
  state_ = State::idle;
  settle_ports(turn);
}

void Negotiation::want(std::vector<sdp::WantedStream> streams) {
  // Whatever is advertised, what we have no codec for has no m-line.
  std::erase_if(streams, [this](const auto& stream) { return !session_.has_codecs(stream.key.kind); });
  if (wanted_ && wanted_->size() == streams.size() &&
      std::equal(wanted_->begin(), wanted_->end(), streams.begin(), [](const auto& a, const auto& b) {
        return a.key == b.key && a.direction == b.direction && a.label == b.label;
      })) {
    return;
  }
  wanted_ = std::move(streams);
  refusals_ = 0;
  if (state_ != State::glare_wait && !spread_) not_before_.reset();
}

bool Negotiation::is_settled(const sdp::DataChannel* channel) const {
  if (state_ != State::idle || awaits_ack_) return false;
  return std::max(refusals_, shortages_) > services_.policy->reinvite_retries || !has_unsent_difference(channel);
}

bool Negotiation::has_unsent_difference(const sdp::DataChannel* channel) const {
  if (!wanted_) return false;
  return reoffer_ || session_.differs(*wanted_, channel);
}

void Negotiation::proceed(bool may_offer, const FocusContact& contact, const sdp::DataChannel* channel,
                          const SessionTimerFields& timer, const Turn& turn) {
  if (!may_offer || state_ != State::idle || awaits_ack_ || !has_unsent_difference(channel)) return;
  if (refusals_ > services_.policy->reinvite_retries) return;
  if (!spread_) {
    spread_ = true;
    const auto spread =
        std::chrono::duration_cast<std::chrono::microseconds>(services_.policy->reinvite_spread).count();
    if (spread > 0) {
      const auto delay = services_.randomness.below(static_cast<std::uint64_t>(spread));
      not_before_ = turn.now + std::chrono::microseconds(delay);
    }
  }
  if (not_before_ && turn.now < *not_before_) return;
  not_before_.reset();

  const auto needed = session_.ports_needed(*wanted_);
  if (!ports_.ready(needed)) return ask_for_ports(needed, turn);
  asked_ports_ = 0;
  shortages_ = 0;
  const auto offer = session_.make_offer(*wanted_, ports_.take(needed), channel);
  reoffer_ = false;
  spread_ = false;
  send(offer, {dialog_, contact, {}, timer}, turn);
}

// That ports are short is our own affair and passes. It is tried again for as long as there is something to offer, and
// no refusal of the peer's.
void Negotiation::ask_for_ports(std::size_t needed, const Turn& turn) {
  if (!ports_.lacks(needed)) return;  // they are on their way
  if (asked_ports_ < needed) {
    asked_ports_ = needed;
    return ports_.request(needed, session_.family(), log_.subject(), turn);
  }
  asked_ports_ = 0;
  defer(back_off_time(++shortages_), "ports", turn);
}

void Negotiation::defer(base::Duration wait, const char* cause, const Turn& turn) {
  not_before_ = turn.now + wait;
  spread_ = true;
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(wait).count();
  log_.write(turn, record::offer_deferred, {{"cause", cause}, {"ms", std::int64_t{ms}}});
}

bool Negotiation::refresh(const FocusContact& contact, const sdp::DataChannel* channel, const SessionTimerFields& timer,
                          const Turn& turn) {
  if (state_ != State::idle || awaits_ack_) return false;
  refreshing_ = true;
  send(session_.make_offer(session_.current_streams(), {}, channel), {dialog_, contact, {}, timer}, turn);
  return true;
}

void Negotiation::send(const sdp::SessionDescription& offer, command::SendReinvite request, const Turn& turn) {
  state_ = State::offered;
  ++offers_sent_;
  log_.write(turn, record::offer_sent,
             {{"m_lines", std::uint64_t{offer.media.size()}},
              {"version", offer.origin.session_version},
              {"method", request.fork ? "UPDATE" : "INVITE"}});
  request.sdp = session_.take_text();
  request.preconditions = session_.has_preconditions();
  turn.emit(std::move(request));
}

Negotiation::Outcome Negotiation::reinvite_answered(const event::ReinviteAnswered& answered, const Turn& turn) {
  if (state_ != State::offered || awaits_answer_in_ack_ || awaits_first_answer()) return {};
  state_ = State::idle;
  Outcome outcome;
  const bool is_refresh = std::exchange(refreshing_, false);
  const bool confirmed = std::exchange(confirming_, false);
  if (answered.status >= 200 && answered.status < 300) {
    std::string trouble = "no SDP in the 2xx";
    if (answered.sdp) {
      if (auto parsed = read(*answered.sdp, turn)) {
        if (auto result = session_.receive_answer(*parsed)) {
          refusals_ = 0;
          log_.write(turn, record::offer_answered, {{"m_lines", std::uint64_t{session_.m_lines()}}});
          note(result->remarks, turn);
          outcome.answer = std::move(*result);
          // Until the call is answered for good the first offer may still be somebody else's to answer.
          if (!confirmed || !first_offer_) settle_ports(turn);
          return outcome;
        } else {
          trouble = result.error();
        }
      } else {
        trouble = parsed.error();
      }
    }
    session_.drop_own_offer();
    if (confirmed) return refused(488, trouble, turn);
    settle_ports(turn);
    back_off({answered.dialog, 488, trouble, {}, {}}, is_refresh, turn);
    return outcome;
  }
  session_.drop_own_offer();
  if (confirmed) return refused(answered.status, answered.phrase, turn);
  settle_ports(turn);
  if (answered.status == 481 || answered.status == 408) {
    outcome.dialog_lost = true;
    return outcome;
  }
  if (answered.status == 491) {
    state_ = State::glare_wait;
    defer(glare_wait(), "glare", turn);
    return outcome;
  }
  back_off(answered, is_refresh, turn);
  return outcome;
}

// What the callee was to be told it does not want to hear: that is between it and its network, and the call goes on.
Negotiation::Outcome Negotiation::refused(int status, const std::string& reason, const Turn& turn) {
  log_.write(turn, record::offer_refused, {{"status", status}, {"reason", reason}, {"retry", false}});
  return {};
}

// RFC 3261 section 14.1, in units of 10 ms: who made the Call-ID waits 2.1 to 4 s, the other 0 to 2 s.
base::Duration Negotiation::glare_wait() {
  const auto units = owns_call_id_ ? 210 + services_.randomness.below(191) : services_.randomness.below(201);
  return std::chrono::milliseconds(10 * units);
}

base::Duration Negotiation::back_off_time(unsigned failures) const {
  return services_.policy->reinvite_retry * std::min(1U << std::min(failures - 1, 8U), max_back_off_factor);
}

// OA-16: the session is unchanged, the advertisement may say more than the SDP (RFC 8848 section 5.3); later again.
void Negotiation::back_off(const event::ReinviteAnswered& answered, bool is_refresh, const Turn& turn) {
  ++refusals_;
  const auto wait = retry_wait(answered.retry_after, back_off_time(refusals_));
  spread_ = true;
  const unsigned retries = services_.policy->reinvite_retries;
  const bool gave_up = refusals_ > retries;
  if (!gave_up) not_before_ = turn.now + wait;
  // What nothing new is offered by is told with the session timer; else the first time is news, and that it is the
  // last.
  const bool is_news = !is_refresh && (refusals_ == 1 || refusals_ == retries + 1);
  log_.write(turn, is_news ? record::offer_refused : record::offer_refused_again,
             {{"status", answered.status}, {"reason", answered.phrase}, {"retry", !gave_up}});
}

void Negotiation::port_failed(PortId port, const Turn& turn) {
  if (!ports_.failed(port)) return;
  log_.write(turn, record::port_failed, {{"port", port}});
}

void Negotiation::settle_ports(const Turn& turn) {
  first_offer_.reset();  // what is given back cannot be taken back
  const auto released = session_.take_released();
  ports_.release(released, turn);
  if (open_request_ || wanted_) return;
  ports_.release_unused(turn);
  asked_ports_ = 0;
}

void Negotiation::abandon(const Turn& turn) {
  refuse_open_request(487, turn);
  if (state_ == State::offered) session_.drop_own_offer();
  state_ = State::idle;
  wanted_.reset();
  not_before_.reset();
  settle_ports(turn);
  ports_.release(session_.ports_in_use(), turn);
  ports_.release_unused(turn);
}

void Negotiation::handle_timeout(base::TimePoint now) {
  if (!not_before_ || now < *not_before_) return;
  // What is due goes out at the next proceed(), which follows every event and timeout.
  not_before_.reset();
  if (state_ == State::glare_wait) state_ = State::idle;
}

}  // namespace clued::focus
