#include "clue/media_consumer.hpp"

#include <utility>

#include "clue/validation.hpp"

namespace clued::clue {

const char* name_of(MediaConsumer::State state) {
  switch (state) {
    case MediaConsumer::State::wait_for_adv:
      return "WAIT FOR ADV";
    case MediaConsumer::State::adv_processing:
      return "ADV PROCESSING";
    case MediaConsumer::State::conf:
      return "CONF";
    case MediaConsumer::State::wait_for_conf_response:
      return "WAIT FOR CONF RESPONSE";
    case MediaConsumer::State::established:
      return "ESTABLISHED";
  }
  return "?";
}

void MediaConsumer::receive(Advertisement advertisement, Outputs& out) {
  enter_adv_processing();
  const auto verdict = validate(advertisement.content);
  if (!verdict) {
    const Violation& violation = verdict.error();
    out.emplace_back(SendAck{violation.code, violation.reason, advertisement.header.sequence});
    return;
  }
  processing_ = std::make_shared<const Advertisement>(std::move(advertisement));
  out.emplace_back(action::AdvertisementReceived{processing_});
}

void MediaConsumer::refuse_advertisement(std::uint32_t sequence, ResponseCode code, std::string reason, Outputs& out) {
  enter_adv_processing();
  out.emplace_back(SendAck{code, std::move(reason), sequence});
}

void MediaConsumer::receive(const ConfigureResponse& response, Outputs& out) {
  if (state_ != State::wait_for_conf_response || response.configure_sequence != in_flight_sequence_) {
    out.emplace_back(action::Ignored{"configureResponse to configure " + std::to_string(response.configure_sequence) +
                                     " in " + name_of(state_)});
    return;
  }
  deadline_.reset();
  const bool success = is_success(response.code);
  state_ = success ? State::established : State::conf;
  const bool unread = response.code == ResponseCode::invalid_sequencing;
  auto sent = std::exchange(in_flight_, {});
  if (success) configured_ = sent;
  out.emplace_back(action::ConfigureAnswered{response.code});
  // 402 says that only the number was looked at, and from now on the peer counts from it: the same again, with its ack,
  // is processed. Once, because whoever still counts otherwise will not agree the next time either.
  const bool again = unread && !renumbered_;
  renumbered_ = again;
  auto next = std::exchange(wanted_, std::nullopt);
  if (again && !next) next = std::move(sent);
  if (next) send_configure(*std::move(next), unread && in_flight_with_ack_, out);
}

void MediaConsumer::accept(std::optional<std::vector<CaptureEncoding>> encodings, Outputs& out) {
  if (!processing_) return;
  if (encodings) {
    wanted_.reset();
    send_configure(*std::move(encodings), true, out);
  } else {
    out.emplace_back(SendAck{ResponseCode::success, "", processing_->header.sequence});
  }
}

void MediaConsumer::reject(ResponseCode code, std::string reason, Outputs& out) {
  if (!processing_) return;
  out.emplace_back(SendAck{code, std::move(reason), processing_->header.sequence});
}

void MediaConsumer::configure(std::vector<CaptureEncoding> encodings, Outputs& out) {
  switch (state_) {
    case State::wait_for_adv:
      return;
    case State::adv_processing:
      wanted_ = std::move(encodings);
      return;
    case State::conf:
      send_configure(std::move(encodings), false, out);
      return;
    case State::wait_for_conf_response:
      wanted_.reset();
      if (encodings == in_flight_) return;
      if (response_written_off_) {
        send_configure(std::move(encodings), false, out);
      } else {
        wanted_ = std::move(encodings);
      }
      return;
    case State::established:
      if (encodings != configured_) send_configure(std::move(encodings), false, out);
      return;
  }
}

void MediaConsumer::ack_sent(ResponseCode code, Outputs& out) {
  if (state_ != State::adv_processing) return;
  if (!is_success(code)) {
    state_ = State::wait_for_adv;
    processing_.reset();
    wanted_.reset();
    return;
  }
  state_ = State::conf;
  advertisement_ = std::move(processing_);
  if (auto wanted = std::exchange(wanted_, std::nullopt)) send_configure(*std::move(wanted), false, out);
}

void MediaConsumer::configure_sent(std::uint32_t sequence, base::TimePoint now) {
  if (processing_) advertisement_ = std::move(processing_);
  state_ = State::wait_for_conf_response;
  in_flight_sequence_ = sequence;
  response_written_off_ = false;
  deadline_ = now + timers_.guard;
}

void MediaConsumer::handle_timeout(base::TimePoint now, Outputs& out) {
  if (!deadline_ || now < *deadline_) return;
  deadline_.reset();
  response_written_off_ = true;
  out.emplace_back(action::GuardExpired{name_of(state_)});
  if (auto wanted = std::exchange(wanted_, std::nullopt)) send_configure(*std::move(wanted), false, out);
}

void MediaConsumer::send_configure(std::vector<CaptureEncoding> encodings, bool with_ack, Outputs& out) {
  in_flight_ = std::move(encodings);
  in_flight_with_ack_ = with_ack;
  const auto& advertisement = processing_ ? processing_ : advertisement_;
  out.emplace_back(SendConfigure{with_ack, advertisement->header.sequence, in_flight_});
}

void MediaConsumer::enter_adv_processing() {
  state_ = State::adv_processing;
  deadline_.reset();
  processing_.reset();
  wanted_.reset();
  renumbered_ = false;
}

}  // namespace clued::clue
