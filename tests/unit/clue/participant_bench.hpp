// One CLUE Participant, whose peer is the test.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "clue/clue_participant.hpp"
#include "machine_support.hpp"

namespace clued::clue::testing {

inline const char* name_of_state(ClueParticipant::State state) {
  switch (state) {
    case ClueParticipant::State::idle:
      return "IDLE";
    case ClueParticipant::State::channel_setup:
      return "CHANNEL SETUP";
    case ClueParticipant::State::options:
      return "OPTIONS";
    case ClueParticipant::State::active:
      return "ACTIVE";
  }
  return "?";
}

/// A message of the CLUE namespace with these children, which need not make sense.
inline std::string raw(const std::string& name, const std::string& children, const std::string& version = "1.0") {
  return "<" + name + " xmlns='urn:ietf:params:xml:ns:clue-protocol' protocol='CLUE' v='" + version + "'>" + children +
         "</" + name + ">";
}

/// One participant, whose peer is the test: it numbers what it sends as it should unless told otherwise.
class Bench {
 public:
  explicit Bench(Settings settings = {}) : participant(std::move(settings)) {}

  template <class F>
  std::string with(F f) {
    out.clear();
    f();
    return say(out);
  }
  std::string establish(ChannelRole role) {
    participant.start_channel();
    return with([&] { participant.channel_established(role, now, out); });
  }
  std::string bytes(const std::string& text) {
    return with([&] { participant.receive(text, now, out); });
  }
  template <class M>
  std::string receive(M message, std::uint32_t sequence) {
    message.header.sequence = sequence;
    return bytes(encode(Message(std::move(message))));
  }
  std::string options(bool provides = true, bool consumes = true) {
    Options message;
    message.media_provider = provides;
    message.media_consumer = consumes;
    return receive(message, 70);
  }
  std::string options_response(ResponseCode code = ResponseCode::success) {
    OptionsResponse message;
    message.code = code;
    message.media_provider = true;
    message.media_consumer = true;
    message.version = own_version;
    return receive(message, 70);
  }
  std::string advertisement(const std::string& tag = "peer") {
    Advertisement message;
    message.content = content(tag);
    return receive(message, provider_number++);
  }
  std::string configure(std::uint32_t advertisement_sequence, std::vector<CaptureEncoding> encodings,
                        bool with_ack = false) {
    Configure message;
    message.advertisement_sequence = advertisement_sequence;
    if (with_ack) message.ack = ResponseCode::success;
    message.encodings = std::move(encodings);
    return receive(message, consumer_number++);
  }
  std::string ack(std::uint32_t advertisement_sequence) {
    Ack message;
    message.advertisement_sequence = advertisement_sequence;
    return receive(message, consumer_number++);
  }
  std::string configure_response(std::uint32_t configure_sequence) {
    ConfigureResponse message;
    message.configure_sequence = configure_sequence;
    return receive(message, provider_number++);
  }
  std::string advertise(const std::string& tag) {
    return with([&] { participant.advertise(composed(tag), now, out); });
  }
  std::string timeout() {
    if (participant.next_deadline()) now = *participant.next_deadline();
    return with([&] { participant.handle_timeout(now, out); });
  }
  /// The message that was transmitted last, as the peer reads it.
  template <class M>
  M transmitted() const {
    const auto sent = all_of<action::Transmit>(out);
    auto message = decode(sent.at(0).bytes);
    EXPECT_TRUE(message);
    return std::get<M>(*message);
  }
  std::string state() const { return name_of_state(participant.state()); }

  ClueParticipant participant;
  Actions out;
  base::TimePoint now{};
  std::uint32_t provider_number = 200;
  std::uint32_t consumer_number = 300;
};

inline Settings settings() {
  Settings result;
  result.clue_id = "focus";
  result.starts = {10, 100, 1000};
  return result;
}

}  // namespace clued::clue::testing
