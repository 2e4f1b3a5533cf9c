// What a CLUE Participant does with messages that it must not process (RFC 8847 sections 5.7 and 7).
#include <string>
#include <utility>

#include "clue/clue_participant.hpp"

namespace clued::clue {

void ClueParticipant::on_unusable(const DecodeError& error, base::TimePoint now, Actions& out) {
  if (error.unknown_message) {  // Section 8: may belong to an extension; it has no number in the streams that we know.
    ignore(error.reason, out);
    return;
  }
  const bool is_request =
      error.message_name == "options" || error.message_name == "advertisement" || error.message_name == "configure";
  const std::string name = error.message_name.empty() ? "unreadable message" : error.message_name;
  const bool wanted = (error.message_name == "options" && state_ == State::options && role_ == ChannelRole::receiver) ||
                      (error.message_name == "advertisement" && consumer_) ||
                      (error.message_name == "configure" && provider_);
  if (is_request && wanted) {
    refuse_request(error, now, out);
  } else {
    // There is no message to answer a bad response with (defect D14), and nobody to answer a misplaced request.
    note_number(error);
    ignore(name + ": " + error.reason, out);
  }
  // Section 7: a greater major is a language that we do not understand, and nothing after it will be different.
  if (error.code == ResponseCode::version_not_supported && state_ != State::idle) {
    fail("the peer speaks another major version", out);
  }
}

void ClueParticipant::refuse_request(const DecodeError& error, base::TimePoint now, Actions& out) {
  ++unprocessed_;
  if (error.message_name == "options") {
    OptionsResponse response;
    response.code = error.code;
    response.reason = error.reason;
    if (!transmit(std::move(response), initiation_numbers_, out)) return;
    fail("options could not be processed: " + error.reason, out);
    return;
  }
  const bool is_advertisement = error.message_name == "advertisement";
  IncomingSequence& stream = is_advertisement ? peer_provider_numbers_ : peer_consumer_numbers_;
  // The answer has to name a number: where it was unreadable, the one that was due is the best guess.
  const std::uint32_t sequence = error.sequence != 0 ? error.sequence : stream.due();
  note_number(error);
  if (is_advertisement) {
    MediaConsumer::Outputs outputs;
    consumer_->refuse_advertisement(sequence, error.code, error.reason, outputs);
    perform(std::move(outputs), now, out);
  } else {
    MediaProvider::Outputs outputs;
    provider_->refuse_configure(sequence, error.code, error.reason, outputs);
    perform(std::move(outputs), now, out);
  }
}

void ClueParticipant::note_number(const DecodeError& error) {
  const auto note = [&error](IncomingSequence& stream) {
    if (error.sequence != 0) {
      stream.resume_after(error.sequence);
    } else {
      stream.lose_track();
    }
  };
  const std::string& name = error.message_name;
  if (name == "advertisement" || name == "configureResponse") {
    note(peer_provider_numbers_);
  } else if (name == "configure" || name == "ack") {
    note(peer_consumer_numbers_);
  } else if (name.empty()) {
    peer_provider_numbers_.lose_track();
    peer_consumer_numbers_.lose_track();
  }
}

bool ClueParticipant::may_process(IncomingSequence& stream, const Header& header, const char* name, base::TimePoint now,
                                  Actions& out) {
  DecodeError error;
  error.message_name = name;
  error.sequence = header.sequence;
  const std::uint32_t due = stream.due();
  if (!stream.follow(header.sequence)) {
    error.code = ResponseCode::invalid_sequencing;
    error.reason = "sequence number " + std::to_string(header.sequence) + " instead of " + std::to_string(due);
    refuse_request(error, now, out);
    if (stream.errors() >= settings_.timers.sequence_errors) fail("sequence numbers do not recover", out);
    return false;
  }
  if (!is_same_peer(header)) {
    error.code = ResponseCode::invalid_identifier;
    error.reason = "clueId changed";
    refuse_request(error, now, out);
    return false;
  }
  return true;
}

bool ClueParticipant::follows(IncomingSequence& stream, const Header& header, const char* name, Actions& out) {
  if (!is_same_peer(header)) {
    stream.follow(header.sequence);
    ignore(std::string(name) + ": clueId changed", out);
    return false;
  }
  const std::uint32_t due = stream.due();
  if (!stream.follow(header.sequence)) {
    // CP-10: a response cannot be answered with 402. It is still good for the request that it names; only its number
    // is passed over, so it does not count as unprocessed.
    out.emplace_back(action::Ignored{std::string("number of ") + name + ": " + std::to_string(header.sequence) +
                                     " instead of " + std::to_string(due)});
  }
  return true;
}

bool ClueParticipant::is_same_peer(const Header& header) {
  if (!header.clue_id) return true;
  if (!peer_clue_id_) peer_clue_id_ = header.clue_id;
  return *peer_clue_id_ == *header.clue_id;
}

void ClueParticipant::ignore(std::string reason, Actions& out) {
  ++unprocessed_;
  out.emplace_back(action::Ignored{std::move(reason)});
}

void ClueParticipant::fail(std::string reason, Actions& out) {
  session_ended();
  out.emplace_back(action::Failed{std::move(reason)});
}

}  // namespace clued::clue
