// RFC 8847 figure 10: every state with every input, then the paths and the clocks.
#include "clue/media_provider.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

#include "machine_support.hpp"

namespace clued::clue {
namespace {

using namespace std::chrono_literals;
using testing::chosen;
using testing::composed;
using State = MediaProvider::State;

/// Carries out what the machine says and reports it as sent, as a channel would.
class Driver {
 public:
  std::string perform(MediaProvider::Outputs outputs) {
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      const auto output = outputs[i];
      if (std::holds_alternative<MediaProvider::SendAdvertisement>(output)) {
        machine.advertisement_sent(next_number++, now);
      } else if (const auto* response = std::get_if<MediaProvider::SendConfigureResponse>(&output)) {
        ++next_number;
        machine.configure_response_sent(response->code, now, outputs);
      }
    }
    last = outputs;
    return testing::say(outputs);
  }

  std::string advertise(std::shared_ptr<const ComposedAdvertisement> wanted) {
    MediaProvider::Outputs out;
    machine.advertise(std::move(wanted), out);
    return perform(std::move(out));
  }
  std::string ack(std::uint32_t sequence, ResponseCode code = ResponseCode::success) {
    MediaProvider::Outputs out;
    Ack message;
    message.advertisement_sequence = sequence;
    message.code = code;
    machine.receive(message, now, out);
    return perform(std::move(out));
  }
  MediaProvider::Outputs receive_configure(std::uint32_t sequence, std::vector<CaptureEncoding> encodings,
                                           bool with_ack) {
    MediaProvider::Outputs out;
    Configure message;
    message.header.sequence = 500;
    message.advertisement_sequence = sequence;
    if (with_ack) message.ack = ResponseCode::success;
    message.encodings = std::move(encodings);
    machine.receive(message, out);
    return out;
  }
  std::string configure(std::uint32_t sequence, std::vector<CaptureEncoding> encodings, bool with_ack = false) {
    return perform(receive_configure(sequence, std::move(encodings), with_ack));
  }
  std::string refuse(ResponseCode code) {
    MediaProvider::Outputs out;
    machine.refuse_configure(500, code, "unreadable", out);
    return perform(std::move(out));
  }
  std::string timeout() {
    MediaProvider::Outputs out;
    if (machine.next_deadline()) now = *machine.next_deadline();
    machine.handle_timeout(now, out);
    return perform(std::move(out));
  }
  std::string response_sent(ResponseCode code) {
    MediaProvider::Outputs out;
    machine.configure_response_sent(code, now, out);
    return perform(std::move(out));
  }
  std::string state() const { return name_of(machine.state()); }

  MediaProvider machine{Timers{}};
  MediaProvider::Outputs last;
  base::TimePoint now{};
  std::uint32_t next_number = 10;
};

constexpr std::uint32_t older = 10;
constexpr std::uint32_t current = 20;

/// Brings a machine into a state, with an acknowledged advertisement "old" (10) behind the current one "new" (20).
Driver in_state(const std::string& state) {
  Driver d;
  if (state == "ADV") return d;
  d.advertise(composed("old"));
  d.ack(older);
  d.next_number = current;
  d.advertise(composed("new"));
  if (state == "back-off") {
    d.ack(current, ResponseCode::semantic_errors);
  } else if (state != "WAIT FOR ACK") {
    d.ack(current);
    if (state == "CONF RESPONSE") d.receive_configure(current, chosen("new"), false);
    if (state == "ESTABLISHED") d.configure(current, chosen("new"));
  }
  return d;
}

std::string give(Driver& d, const std::string& input) {
  if (input == "changed settings") return d.advertise(composed("other"));
  if (input == "same settings") return d.advertise(composed("new"));
  if (input == "ack") return d.ack(current);
  if (input == "NACK") return d.ack(current, ResponseCode::invalid_value);
  if (input == "ack of older") return d.ack(older);
  if (input == "NACK of older") return d.ack(older, ResponseCode::invalid_value);
  if (input == "configure") return d.configure(current, chosen("new", 2));
  if (input == "empty configure") return d.configure(current, {});
  if (input == "bad configure") return d.configure(current, chosen("nobody"));
  if (input == "configure+ack") return d.configure(current, chosen("new", 2), true);
  if (input == "bad configure+ack") return d.configure(current, chosen("nobody"), true);
  if (input == "stale configure") return d.configure(older, chosen("old"));
  if (input == "stale configure+ack") return d.configure(older, chosen("old"), true);
  if (input == "configure of nothing") return d.configure(999, chosen("new"));
  if (input == "unreadable configure") return d.refuse(ResponseCode::bad_syntax);
  if (input == "200 sent") return d.response_sent(ResponseCode::success);
  if (input == "error sent") return d.response_sent(ResponseCode::invalid_value);
  if (input == "timeout") return d.timeout();
  ADD_FAILURE() << "no such input: " << input;
  return {};
}

struct Row {
  const char* state;
  const char* input;
  const char* next;
  const char* says;
};

// `back-off` is ADV after a NACK, when the same content waits to be sent again.
const Row matrix[] = {
    {"ADV", "changed settings", "WAIT FOR ACK", "advertisement"},
    {"ADV", "same settings", "WAIT FOR ACK", "advertisement"},
    {"ADV", "ack", "ADV", "ignored"},
    {"ADV", "NACK", "ADV", "ignored"},
    {"ADV", "ack of older", "ADV", "ignored"},
    {"ADV", "NACK of older", "ADV", "ignored"},
    {"ADV", "configure", "ADV", "configureResponse 302, configure refused"},
    {"ADV", "empty configure", "ADV", "configureResponse 302, configure refused"},
    {"ADV", "bad configure", "ADV", "configureResponse 302, configure refused"},
    {"ADV", "configure+ack", "ADV", "configureResponse 302, configure refused"},
    {"ADV", "bad configure+ack", "ADV", "configureResponse 302, configure refused"},
    {"ADV", "stale configure", "ADV", "configureResponse 302, configure refused"},
    {"ADV", "stale configure+ack", "ADV", "configureResponse 302, configure refused"},
    {"ADV", "configure of nothing", "ADV", "configureResponse 302, configure refused"},
    {"ADV", "unreadable configure", "ADV", "configureResponse 301, configure refused"},
    {"ADV", "200 sent", "ADV", ""},
    {"ADV", "error sent", "ADV", ""},
    {"ADV", "timeout", "ADV", ""},

    {"back-off", "changed settings", "WAIT FOR ACK", "advertisement"},
    {"back-off", "same settings", "ADV", ""},
    {"back-off", "ack", "ADV", "ignored"},
    {"back-off", "NACK", "ADV", "ignored"},
    {"back-off", "ack of older", "ADV", "ignored"},
    {"back-off", "NACK of older", "ADV", "ignored"},
    {"back-off", "configure", "ADV", "configureResponse 404, configure refused"},
    {"back-off", "empty configure", "ADV", "configureResponse 404, configure refused"},
    {"back-off", "bad configure", "ADV", "configureResponse 404, configure refused"},
    {"back-off", "configure+ack", "ADV", "ignored"},
    {"back-off", "bad configure+ack", "ADV", "ignored"},
    {"back-off", "stale configure", "ADV", "configureResponse 404, configure refused"},
    {"back-off", "stale configure+ack", "ADV", "ignored"},
    {"back-off", "configure of nothing", "ADV", "configureResponse 302, configure refused"},
    {"back-off", "unreadable configure", "ADV", "configureResponse 301, configure refused"},
    {"back-off", "200 sent", "ADV", ""},
    {"back-off", "error sent", "ADV", ""},
    {"back-off", "timeout", "WAIT FOR ACK", "advertisement"},

    {"WAIT FOR ACK", "changed settings", "WAIT FOR ACK", ""},
    {"WAIT FOR ACK", "same settings", "WAIT FOR ACK", ""},
    {"WAIT FOR ACK", "ack", "WAIT FOR CONF", "acknowledged"},
    {"WAIT FOR ACK", "NACK", "ADV", "refused"},
    {"WAIT FOR ACK", "ack of older", "WAIT FOR ACK", "ignored"},
    {"WAIT FOR ACK", "NACK of older", "WAIT FOR ACK", "ignored"},
    {"WAIT FOR ACK", "configure", "WAIT FOR ACK", "configureResponse 400, configure refused"},
    {"WAIT FOR ACK", "empty configure", "WAIT FOR ACK", "configureResponse 400, configure refused"},
    {"WAIT FOR ACK", "bad configure", "WAIT FOR ACK", "configureResponse 400, configure refused"},
    {"WAIT FOR ACK", "configure+ack", "ESTABLISHED", "acknowledged, configureResponse 200, configured 2"},
    {"WAIT FOR ACK", "bad configure+ack", "WAIT FOR CONF", "acknowledged, configureResponse 302, configure refused"},
    {"WAIT FOR ACK", "stale configure", "WAIT FOR ACK", "configureResponse 404, configure refused"},
    {"WAIT FOR ACK", "stale configure+ack", "WAIT FOR ACK", "ignored"},
    {"WAIT FOR ACK", "configure of nothing", "WAIT FOR ACK", "configureResponse 302, configure refused"},
    {"WAIT FOR ACK", "unreadable configure", "WAIT FOR ACK", "configureResponse 301, configure refused"},
    {"WAIT FOR ACK", "200 sent", "WAIT FOR ACK", ""},
    {"WAIT FOR ACK", "error sent", "WAIT FOR ACK", ""},
    {"WAIT FOR ACK", "timeout", "WAIT FOR ACK", "guard WAIT FOR ACK, advertisement"},

    {"WAIT FOR CONF", "changed settings", "WAIT FOR ACK", "advertisement"},
    {"WAIT FOR CONF", "same settings", "WAIT FOR CONF", ""},
    {"WAIT FOR CONF", "ack", "WAIT FOR CONF", "ignored"},
    {"WAIT FOR CONF", "NACK", "WAIT FOR CONF", "ignored"},
    {"WAIT FOR CONF", "ack of older", "WAIT FOR CONF", "ignored"},
    {"WAIT FOR CONF", "NACK of older", "WAIT FOR CONF", "ignored"},
    {"WAIT FOR CONF", "configure", "ESTABLISHED", "configureResponse 200, configured 2"},
    {"WAIT FOR CONF", "empty configure", "ESTABLISHED", "configureResponse 200, configured 0"},
    {"WAIT FOR CONF", "bad configure", "WAIT FOR CONF", "configureResponse 302, configure refused"},
    {"WAIT FOR CONF", "configure+ack", "ESTABLISHED", "configureResponse 200, configured 2"},
    {"WAIT FOR CONF", "bad configure+ack", "WAIT FOR CONF", "configureResponse 302, configure refused"},
    {"WAIT FOR CONF", "stale configure", "WAIT FOR CONF", "configureResponse 404, configure refused"},
    {"WAIT FOR CONF", "stale configure+ack", "WAIT FOR CONF", "ignored"},
    {"WAIT FOR CONF", "configure of nothing", "WAIT FOR CONF", "configureResponse 302, configure refused"},
    {"WAIT FOR CONF", "unreadable configure", "WAIT FOR CONF", "configureResponse 301, configure refused"},
    {"WAIT FOR CONF", "200 sent", "WAIT FOR CONF", ""},
    {"WAIT FOR CONF", "error sent", "WAIT FOR CONF", ""},
    {"WAIT FOR CONF", "timeout", "WAIT FOR CONF", "guard WAIT FOR CONF"},

    {"CONF RESPONSE", "changed settings", "CONF RESPONSE", ""},
    {"CONF RESPONSE", "same settings", "CONF RESPONSE", ""},
    {"CONF RESPONSE", "ack", "CONF RESPONSE", "ignored"},
    {"CONF RESPONSE", "NACK", "CONF RESPONSE", "ignored"},
    {"CONF RESPONSE", "ack of older", "CONF RESPONSE", "ignored"},
    {"CONF RESPONSE", "NACK of older", "CONF RESPONSE", "ignored"},
    {"CONF RESPONSE", "configure", "CONF RESPONSE", "ignored"},
    {"CONF RESPONSE", "empty configure", "CONF RESPONSE", "ignored"},
    {"CONF RESPONSE", "bad configure", "CONF RESPONSE", "ignored"},
    {"CONF RESPONSE", "configure+ack", "CONF RESPONSE", "ignored"},
    {"CONF RESPONSE", "bad configure+ack", "CONF RESPONSE", "ignored"},
    {"CONF RESPONSE", "stale configure", "CONF RESPONSE", "ignored"},
    {"CONF RESPONSE", "stale configure+ack", "CONF RESPONSE", "ignored"},
    {"CONF RESPONSE", "configure of nothing", "CONF RESPONSE", "ignored"},
    {"CONF RESPONSE", "unreadable configure", "CONF RESPONSE", "ignored"},
    {"CONF RESPONSE", "200 sent", "ESTABLISHED", ""},
    {"CONF RESPONSE", "error sent", "WAIT FOR CONF", ""},
    {"CONF RESPONSE", "timeout", "CONF RESPONSE", ""},

    {"ESTABLISHED", "changed settings", "WAIT FOR ACK", "advertisement"},
    {"ESTABLISHED", "same settings", "ESTABLISHED", ""},
    {"ESTABLISHED", "ack", "ESTABLISHED", "ignored"},
    {"ESTABLISHED", "NACK", "ESTABLISHED", "ignored"},
    {"ESTABLISHED", "ack of older", "ESTABLISHED", "ignored"},
    {"ESTABLISHED", "NACK of older", "ESTABLISHED", "ignored"},
    {"ESTABLISHED", "configure", "ESTABLISHED", "configureResponse 200, configured 2"},
    {"ESTABLISHED", "empty configure", "ESTABLISHED", "configureResponse 200, configured 0"},
    {"ESTABLISHED", "bad configure", "WAIT FOR CONF", "configureResponse 302, configure refused"},
    {"ESTABLISHED", "configure+ack", "ESTABLISHED", "configureResponse 200, configured 2"},
    {"ESTABLISHED", "bad configure+ack", "WAIT FOR CONF", "configureResponse 302, configure refused"},
    {"ESTABLISHED", "stale configure", "ESTABLISHED", "configureResponse 404, configure refused"},
    {"ESTABLISHED", "stale configure+ack", "ESTABLISHED", "ignored"},
    {"ESTABLISHED", "configure of nothing", "ESTABLISHED", "configureResponse 302, configure refused"},
    {"ESTABLISHED", "unreadable configure", "WAIT FOR CONF", "configureResponse 301, configure refused"},
    {"ESTABLISHED", "200 sent", "ESTABLISHED", ""},
    {"ESTABLISHED", "error sent", "ESTABLISHED", ""},
    {"ESTABLISHED", "timeout", "ESTABLISHED", ""},
};

TEST(MediaProviderMatrix, EveryStateWithEveryInput) {
  EXPECT_TRUE(testing::is_complete(matrix));
  for (const Row& row : matrix) {
    SCOPED_TRACE(std::string(row.state) + " x " + row.input);
    Driver d = in_state(row.state);
    const std::string before = std::string(row.state) == "back-off" ? "ADV" : row.state;
    ASSERT_EQ(d.state(), before);
    EXPECT_EQ(give(d, row.input), row.says);
    EXPECT_EQ(d.state(), row.next);
  }
}

TEST(MediaProvider, KnowsNothingToldBeforeTheFirstAdvertisement) {
  Driver d;
  EXPECT_EQ(d.machine.told(), nullptr);
  EXPECT_FALSE(d.machine.next_deadline());
  EXPECT_EQ(d.advertise(nullptr), "");
  EXPECT_EQ(d.state(), "ADV");
}

TEST(MediaProvider, SendsTheSumOfWhatChangedWhileItWaited) {
  Driver d = in_state("WAIT FOR ACK");
  EXPECT_EQ(d.advertise(composed("second")), "");
  EXPECT_EQ(d.advertise(composed("third")), "");
  EXPECT_EQ(*d.machine.told(), *composed("new"));
  EXPECT_EQ(d.ack(current), "acknowledged, advertisement");
  EXPECT_EQ(*d.machine.told(), *composed("third"));
  EXPECT_EQ(d.machine.told_sequence(), current + 1);
  EXPECT_EQ(d.ack(current + 1), "acknowledged");
}

TEST(MediaProvider, SendsNothingWhenWhatChangedWasTakenBackMeanwhile) {
  Driver d = in_state("WAIT FOR ACK");
  d.advertise(composed("second"));
  d.advertise(composed("new"));
  EXPECT_EQ(d.ack(current), "acknowledged");
  EXPECT_EQ(d.state(), "WAIT FOR CONF");
}

TEST(MediaProvider, AnswersTheConfigureBeforeItSendsWhatWaited) {
  Driver d = in_state("WAIT FOR ACK");
  d.advertise(composed("second"));
  EXPECT_EQ(d.configure(current, chosen("new"), true),
            "acknowledged, configureResponse 200, configured 1, advertisement");
  EXPECT_EQ(d.state(), "WAIT FOR ACK");
}

TEST(MediaProvider, SendsWhatWaitedInConfResponseOnceTheAnswerIsOut) {
  Driver d = in_state("CONF RESPONSE");
  EXPECT_EQ(d.advertise(composed("other")), "");
  EXPECT_EQ(d.response_sent(ResponseCode::success), "advertisement");
  EXPECT_EQ(d.state(), "WAIT FOR ACK");
}

TEST(MediaProvider, KeepsTheConfigurationInForceUntilTheNextGoodConfigure) {
  Driver d = in_state("ESTABLISHED");
  d.advertise(composed("other"));
  EXPECT_EQ(d.machine.configured(), chosen("new"));
  EXPECT_EQ(d.configure(d.machine.told_sequence(), chosen("nobody"), true),
            "acknowledged, configureResponse 302, configure refused");
  EXPECT_EQ(d.machine.configured(), chosen("new")) << "all or nothing: section 5.6";
  d.configure(d.machine.told_sequence(), chosen("other", 2));
  EXPECT_EQ(d.machine.configured(), chosen("other", 2));
}

TEST(MediaProvider, RefusesAnAckWithinAConfigureThatIsNotPositive) {
  Driver d = in_state("WAIT FOR ACK");
  MediaProvider::Outputs out;
  Configure configure;
  configure.advertisement_sequence = current;
  configure.ack = ResponseCode::invalid_value;
  d.machine.receive(configure, out);
  EXPECT_EQ(d.perform(out), "configureResponse 302, configure refused");
  EXPECT_EQ(d.state(), "WAIT FOR ACK");
}

TEST(MediaProvider, TriesRefusedContentAgainWithLongerAndLongerPausesThenGivesUp) {
  Driver d;
  d.advertise(composed("a"));
  for (const auto pause : {1s, 2s, 4s}) {
    EXPECT_EQ(d.ack(d.machine.told_sequence(), ResponseCode::semantic_errors), "refused");
    EXPECT_EQ(d.machine.next_deadline(), d.now + pause);
    EXPECT_EQ(d.timeout(), "advertisement");
  }
  EXPECT_EQ(d.ack(d.machine.told_sequence(), ResponseCode::semantic_errors), "gave up");
  EXPECT_FALSE(d.machine.next_deadline());
  EXPECT_EQ(d.advertise(composed("a")), "") << "the same again would be refused again";
  EXPECT_EQ(d.advertise(composed("reduced", 1)), "advertisement");
  EXPECT_EQ(d.ack(d.machine.told_sequence(), ResponseCode::semantic_errors), "refused")
      << "other content, counted anew";
}

TEST(MediaProvider, AnswersARefusalWithNewerContentAtOnce) {
  Driver d = in_state("WAIT FOR ACK");
  d.advertise(composed("newer"));
  EXPECT_EQ(d.ack(current, ResponseCode::semantic_errors), "refused, advertisement");
  EXPECT_EQ(*d.machine.told(), *composed("newer"));
}

TEST(MediaProvider, AMutePeerCostsOneRepetitionAndBlocksNothingForEver) {
  Driver d = in_state("WAIT FOR ACK");
  EXPECT_EQ(d.machine.next_deadline(), d.now + 30s);
  EXPECT_EQ(d.timeout(), "guard WAIT FOR ACK, advertisement");
  EXPECT_EQ(d.timeout(), "guard WAIT FOR ACK");
  EXPECT_FALSE(d.machine.next_deadline());
  EXPECT_EQ(d.advertise(composed("other")), "advertisement");
  EXPECT_EQ(d.advertise(composed("third")), "") << "one is outstanding again";
  EXPECT_EQ(d.timeout(), "guard WAIT FOR ACK, advertisement");
  EXPECT_EQ(*d.machine.told(), *composed("third"));
}

TEST(MediaProvider, TakesALateAckOfTheRepetition) {
  Driver d = in_state("WAIT FOR ACK");
  d.timeout();
  EXPECT_EQ(d.ack(current), "ignored") << "the repetition has a number of its own";
  EXPECT_EQ(d.ack(d.machine.told_sequence()), "acknowledged");
}

TEST(MediaProvider, TakesAnAckThatComesAfterItWasWrittenOff) {
  Driver d = in_state("WAIT FOR ACK");
  d.timeout();
  d.timeout();
  EXPECT_EQ(d.ack(d.machine.told_sequence()), "acknowledged");
  EXPECT_EQ(d.state(), "WAIT FOR CONF");
  EXPECT_EQ(d.timeout(), "guard WAIT FOR CONF");
  EXPECT_FALSE(d.machine.next_deadline()) << "the missing configure is told once";
}

TEST(MediaProvider, DoesNothingBeforeItsDeadline) {
  Driver d = in_state("WAIT FOR ACK");
  MediaProvider::Outputs out;
  d.machine.handle_timeout(d.now + 30s - 1ns, out);
  EXPECT_TRUE(out.empty());
}

}  // namespace
}  // namespace clued::clue
