#include "clue/media_provider.hpp"

#include <algorithm>
#include <utility>

#include "clue/validation.hpp"

namespace clued::clue {

namespace {

/// The back-off is doubled at most so many times; beyond it the shift would overflow for an odd configuration.
constexpr unsigned max_doublings = 16;

std::string number(std::uint32_t sequence) { return std::to_string(sequence); }

}  // namespace

const char* name_of(MediaProvider::State state) {
  switch (state) {
    case MediaProvider::State::adv:
      return "ADV";
    case MediaProvider::State::wait_for_ack:
      return "WAIT FOR ACK";
    case MediaProvider::State::wait_for_conf:
      return "WAIT FOR CONF";
    case MediaProvider::State::conf_response:
      return "CONF RESPONSE";
    case MediaProvider::State::established:
      return "ESTABLISHED";
  }
  return "?";
}

void MediaProvider::advertise(std::shared_ptr<const ComposedAdvertisement> wanted, Outputs& out) {
  if (!wanted) return;
  if (told_ && (wanted == told_ || *wanted == *told_)) {
    wanted_.reset();  // What waited is overtaken: the peer knows the newest content already.
    return;
  }
  wanted_ = std::move(wanted);
  const bool may_send = (state_ != State::wait_for_ack || ack_written_off_) && state_ != State::conf_response;
  if (may_send) send(std::exchange(wanted_, nullptr), out);
}

void MediaProvider::receive(const Ack& ack, base::TimePoint now, Outputs& out) {
  if (reference(ack.advertisement_sequence) != Reference::current) {
    out.emplace_back(action::Ignored{"ack of advertisement " + number(ack.advertisement_sequence) +
                                     ", the current one is " + number(told_sequence_)});
    return;
  }
  if (state_ != State::wait_for_ack) {
    out.emplace_back(action::Ignored{std::string("ack in ") + name_of(state_)});
    return;
  }
  if (!is_success(ack.code)) {
    refused(ack, now, out);
    return;
  }
  enter_wait_for_conf(now);
  out.emplace_back(action::AdvertisementAcknowledged{told_sequence_});
  if (wanted_) send(std::exchange(wanted_, nullptr), out);
}

void MediaProvider::refused(const Ack& ack, base::TimePoint now, Outputs& out) {
  state_ = State::adv;
  deadline_.reset();
  const bool overtaken = wanted_ != nullptr;
  if (!overtaken) ++nacks_;
  const bool gives_up = !overtaken && nacks_ > timers_.nack_retries;
  out.emplace_back(action::AdvertisementRefused{told_sequence_, ack.code, ack.reason.value_or(""), gives_up});
  if (overtaken) {
    send(std::exchange(wanted_, nullptr), out);
  } else if (!gives_up) {
    deadline_ = now + timers_.nack_backoff * (1U << std::min(nacks_ - 1, max_doublings));
  }
}

void MediaProvider::receive(const Configure& configure, Outputs& out) {
  if (state_ == State::conf_response) {
    out.emplace_back(action::Ignored{"configure before the one before it was answered"});
    return;
  }
  const bool with_ack = configure.ack.has_value();
  const std::string named = "advertisement " + number(configure.advertisement_sequence);
  switch (reference(configure.advertisement_sequence)) {
    case Reference::stale:
      // Section 6.1 wants the configure+ack for an older advertisement ignored; a plain configure is owed an answer,
      // and 404 is what section 5.7 has for it (CP-18). Neither changes the state: the peer will react to the current
      // one.
      if (with_ack) {
        out.emplace_back(action::Ignored{"configure+ack for " + named + ", which has expired"});
      } else {
        answer_without_transition(configure, ResponseCode::advertisement_expired, named + " has expired", out);
      }
      return;
    case Reference::unknown:
      answer_without_transition(configure, ResponseCode::invalid_value, named + " was never sent", out);
      return;
    case Reference::current:
      break;
  }
  if (with_ack && !is_success(*configure.ack)) {
    answer_without_transition(configure, ResponseCode::invalid_value, "ack within a configure has to be 2xx", out);
    return;
  }
  switch (state_) {
    case State::adv:
      // The peer refused this advertisement before, so there is nothing that could be configured.
      if (with_ack) {
        out.emplace_back(action::Ignored{"configure+ack for " + named + ", which was refused before"});
      } else {
        answer_without_transition(configure, ResponseCode::advertisement_expired, named + " was refused before", out);
      }
      return;
    case State::wait_for_ack:
      if (!with_ack) {
        answer_without_transition(configure, ResponseCode::semantic_errors, named + " is not acknowledged yet", out);
        return;
      }
      out.emplace_back(action::AdvertisementAcknowledged{told_sequence_});
      judge(configure, out);
      return;
    case State::wait_for_conf:
    case State::established:
      judge(configure, out);
      return;
    case State::conf_response:
      return;
  }
}

void MediaProvider::judge(const Configure& configure, Outputs& out) {
  state_ = State::conf_response;
  deadline_.reset();
  const auto verdict = validate(configure.encodings, *told_);
  if (!verdict) {
    const Violation& violation = verdict.error();
    out.emplace_back(SendConfigureResponse{violation.code, violation.reason, configure.header.sequence});
    out.emplace_back(action::ConfigureRefused{violation.code, violation.reason});
    return;
  }
  configured_ = configure.encodings;
  out.emplace_back(SendConfigureResponse{ResponseCode::success, "", configure.header.sequence});
  out.emplace_back(action::Configured{configured_});
}

void MediaProvider::refuse_configure(std::uint32_t configure_sequence, ResponseCode code, std::string reason,
                                     Outputs& out) {
  if (state_ == State::conf_response) {
    out.emplace_back(action::Ignored{"configure before the one before it was answered"});
    return;
  }
  if (state_ == State::wait_for_conf || state_ == State::established) {
    state_ = State::conf_response;
    deadline_.reset();
  }
  out.emplace_back(SendConfigureResponse{code, reason, configure_sequence});
  out.emplace_back(action::ConfigureRefused{code, std::move(reason)});
}

void MediaProvider::answer_without_transition(const Configure& configure, ResponseCode code, std::string reason,
                                              Outputs& out) {
  out.emplace_back(SendConfigureResponse{code, reason, configure.header.sequence});
  out.emplace_back(action::ConfigureRefused{code, std::move(reason)});
}

void MediaProvider::advertisement_sent(std::uint32_t sequence, base::TimePoint now) {
  if (sending_ != told_) {
    nacks_ = 0;
    repeated_ = false;
  }
  told_ = std::move(sending_);
  told_sequence_ = sequence;
  state_ = State::wait_for_ack;
  ack_written_off_ = false;
  deadline_ = now + timers_.guard;
}

void MediaProvider::configure_response_sent(ResponseCode code, base::TimePoint now, Outputs& out) {
  if (state_ != State::conf_response) return;  // It answered a configure that this state does not show.
  if (is_success(code)) {
    state_ = State::established;
  } else {
    enter_wait_for_conf(now);
  }
  if (wanted_) send(std::exchange(wanted_, nullptr), out);
}

void MediaProvider::handle_timeout(base::TimePoint now, Outputs& out) {
  if (!deadline_ || now < *deadline_) return;
  deadline_.reset();
  if (state_ == State::adv) {  // the back-off after a NACK is over
    send(told_, out);
    return;
  }
  out.emplace_back(action::GuardExpired{name_of(state_)});
  if (state_ != State::wait_for_ack) return;
  if (wanted_) {
    send(std::exchange(wanted_, nullptr), out);
  } else if (!repeated_) {
    repeated_ = true;
    send(told_, out);
  } else {
    ack_written_off_ = true;  // The same content a third time would change nothing; other content need not wait.
  }
}

MediaProvider::Reference MediaProvider::reference(std::uint32_t advertisement_sequence) const {
  if (!told_ || advertisement_sequence > told_sequence_) return Reference::unknown;
  return advertisement_sequence == told_sequence_ ? Reference::current : Reference::stale;
}

void MediaProvider::send(std::shared_ptr<const ComposedAdvertisement> advertisement, Outputs& out) {
  state_ = State::adv;
  deadline_.reset();
  sending_ = std::move(advertisement);
  out.emplace_back(SendAdvertisement{sending_});
}

void MediaProvider::enter_wait_for_conf(base::TimePoint now) {
  state_ = State::wait_for_conf;
  deadline_ = now + timers_.guard;
}

}  // namespace clued::clue
