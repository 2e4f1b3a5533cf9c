// RFC 8847 figure 11: every state with every input, then the paths and the clock.
#include "clue/media_consumer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

#include "machine_support.hpp"

namespace clued::clue {
namespace {

using namespace std::chrono_literals;
using testing::chosen;
using testing::content;
using Encodings = std::vector<CaptureEncoding>;

class Driver {
 public:
  std::string perform(MediaConsumer::Outputs outputs) {
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      const auto output = outputs[i];
      if (const auto* ack = std::get_if<MediaConsumer::SendAck>(&output)) {
        ++next_number;
        machine.ack_sent(ack->code, outputs);
      } else if (const auto* configure = std::get_if<MediaConsumer::SendConfigure>(&output)) {
        last_configure = *configure;
        last_number = next_number++;
        machine.configure_sent(last_number, now);
      }
    }
    return testing::say(outputs);
  }

  template <class F>
  std::string with(F f) {
    MediaConsumer::Outputs out;
    f(out);
    return perform(std::move(out));
  }
  std::string advertisement(AdvertisementContent what, std::uint32_t sequence) {
    Advertisement message;
    message.header.sequence = sequence;
    message.content = std::move(what);
    return with([&](auto& out) { machine.receive(std::move(message), out); });
  }
  std::string unreadable(std::uint32_t sequence) {
    return with(
        [&](auto& out) { machine.refuse_advertisement(sequence, ResponseCode::bad_syntax, "no end tag", out); });
  }
  std::string accept(std::optional<Encodings> encodings) {
    return with([&](auto& out) { machine.accept(std::move(encodings), out); });
  }
  std::string reject() {
    return with([&](auto& out) { machine.reject(ResponseCode::semantic_errors, "too much", out); });
  }
  std::string configure(Encodings encodings) {
    return with([&](auto& out) { machine.configure(std::move(encodings), out); });
  }
  std::string response(std::uint32_t configure_sequence, ResponseCode code = ResponseCode::success) {
    ConfigureResponse message;
    message.configure_sequence = configure_sequence;
    message.code = code;
    return with([&](auto& out) { machine.receive(message, out); });
  }
  std::string timeout() {
    if (machine.next_deadline()) now = *machine.next_deadline();
    return with([&](auto& out) { machine.handle_timeout(now, out); });
  }
  std::string state() const { return name_of(machine.state()); }

  MediaConsumer machine{Timers{}};
  MediaConsumer::SendConfigure last_configure{};
  std::uint32_t last_number = 0;
  std::uint32_t next_number = 20;
  base::TimePoint now{};
};

AdvertisementContent dangling() {
  AdvertisementContent result = content("bad");
  result.captures.at(0).scene_id = "CS-nowhere";
  return result;
}

Driver in_state(const std::string& state) {
  Driver d;
  if (state == "WAIT FOR ADV") return d;
  d.advertisement(content("a"), 10);
  if (state == "CONF") d.accept(std::nullopt);
  if (state == "WAIT FOR CONF RESPONSE" || state == "ESTABLISHED") d.accept(chosen("a"));
  if (state == "ESTABLISHED") d.response(d.last_number);
  return d;
}

std::string give(Driver& d, const std::string& input) {
  if (input == "advertisement") return d.advertisement(content("b"), 11);
  if (input == "bad advertisement") return d.advertisement(dangling(), 11);
  if (input == "unreadable") return d.unreadable(11);
  if (input == "accept and choose") return d.accept(chosen("a"));
  if (input == "accept") return d.accept(std::nullopt);
  if (input == "reject") return d.reject();
  if (input == "choose other") return d.configure(chosen("a", 2));
  if (input == "choose same") return d.configure(chosen("a"));
  if (input == "200") return d.response(20);
  if (input == "error") return d.response(20, ResponseCode::invalid_value);
  if (input == "200 of another") return d.response(19);
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

const Row matrix[] = {
    {"WAIT FOR ADV", "advertisement", "ADV PROCESSING", "received"},
    {"WAIT FOR ADV", "bad advertisement", "WAIT FOR ADV", "ack 302"},
    {"WAIT FOR ADV", "unreadable", "WAIT FOR ADV", "ack 301"},
    {"WAIT FOR ADV", "accept and choose", "WAIT FOR ADV", ""},
    {"WAIT FOR ADV", "accept", "WAIT FOR ADV", ""},
    {"WAIT FOR ADV", "reject", "WAIT FOR ADV", ""},
    {"WAIT FOR ADV", "choose other", "WAIT FOR ADV", ""},
    {"WAIT FOR ADV", "choose same", "WAIT FOR ADV", ""},
    {"WAIT FOR ADV", "200", "WAIT FOR ADV", "ignored"},
    {"WAIT FOR ADV", "error", "WAIT FOR ADV", "ignored"},
    {"WAIT FOR ADV", "200 of another", "WAIT FOR ADV", "ignored"},
    {"WAIT FOR ADV", "timeout", "WAIT FOR ADV", ""},

    {"ADV PROCESSING", "advertisement", "ADV PROCESSING", "received"},
    {"ADV PROCESSING", "bad advertisement", "WAIT FOR ADV", "ack 302"},
    {"ADV PROCESSING", "unreadable", "WAIT FOR ADV", "ack 301"},
    {"ADV PROCESSING", "accept and choose", "WAIT FOR CONF RESPONSE", "configure+ack"},
    {"ADV PROCESSING", "accept", "CONF", "ack 200"},
    {"ADV PROCESSING", "reject", "WAIT FOR ADV", "ack 400"},
    {"ADV PROCESSING", "choose other", "ADV PROCESSING", ""},
    {"ADV PROCESSING", "choose same", "ADV PROCESSING", ""},
    {"ADV PROCESSING", "200", "ADV PROCESSING", "ignored"},
    {"ADV PROCESSING", "error", "ADV PROCESSING", "ignored"},
    {"ADV PROCESSING", "200 of another", "ADV PROCESSING", "ignored"},
    {"ADV PROCESSING", "timeout", "ADV PROCESSING", ""},

    {"CONF", "advertisement", "ADV PROCESSING", "received"},
    {"CONF", "bad advertisement", "WAIT FOR ADV", "ack 302"},
    {"CONF", "unreadable", "WAIT FOR ADV", "ack 301"},
    {"CONF", "accept and choose", "CONF", ""},
    {"CONF", "accept", "CONF", ""},
    {"CONF", "reject", "CONF", ""},
    {"CONF", "choose other", "WAIT FOR CONF RESPONSE", "configure"},
    {"CONF", "choose same", "WAIT FOR CONF RESPONSE", "configure"},
    {"CONF", "200", "CONF", "ignored"},
    {"CONF", "error", "CONF", "ignored"},
    {"CONF", "200 of another", "CONF", "ignored"},
    {"CONF", "timeout", "CONF", ""},

    {"WAIT FOR CONF RESPONSE", "advertisement", "ADV PROCESSING", "received"},
    {"WAIT FOR CONF RESPONSE", "bad advertisement", "WAIT FOR ADV", "ack 302"},
    {"WAIT FOR CONF RESPONSE", "unreadable", "WAIT FOR ADV", "ack 301"},
    {"WAIT FOR CONF RESPONSE", "accept and choose", "WAIT FOR CONF RESPONSE", ""},
    {"WAIT FOR CONF RESPONSE", "accept", "WAIT FOR CONF RESPONSE", ""},
    {"WAIT FOR CONF RESPONSE", "reject", "WAIT FOR CONF RESPONSE", ""},
    {"WAIT FOR CONF RESPONSE", "choose other", "WAIT FOR CONF RESPONSE", ""},
    {"WAIT FOR CONF RESPONSE", "choose same", "WAIT FOR CONF RESPONSE", ""},
    {"WAIT FOR CONF RESPONSE", "200", "ESTABLISHED", "answered 200"},
    {"WAIT FOR CONF RESPONSE", "error", "CONF", "answered 302"},
    {"WAIT FOR CONF RESPONSE", "200 of another", "WAIT FOR CONF RESPONSE", "ignored"},
    {"WAIT FOR CONF RESPONSE", "timeout", "WAIT FOR CONF RESPONSE", "guard WAIT FOR CONF RESPONSE"},

    {"ESTABLISHED", "advertisement", "ADV PROCESSING", "received"},
    {"ESTABLISHED", "bad advertisement", "WAIT FOR ADV", "ack 302"},
    {"ESTABLISHED", "unreadable", "WAIT FOR ADV", "ack 301"},
    {"ESTABLISHED", "accept and choose", "ESTABLISHED", ""},
    {"ESTABLISHED", "accept", "ESTABLISHED", ""},
    {"ESTABLISHED", "reject", "ESTABLISHED", ""},
    {"ESTABLISHED", "choose other", "WAIT FOR CONF RESPONSE", "configure"},
    {"ESTABLISHED", "choose same", "ESTABLISHED", ""},
    {"ESTABLISHED", "200", "ESTABLISHED", "ignored"},
    {"ESTABLISHED", "error", "ESTABLISHED", "ignored"},
    {"ESTABLISHED", "200 of another", "ESTABLISHED", "ignored"},
    {"ESTABLISHED", "timeout", "ESTABLISHED", ""},
};

TEST(MediaConsumerMatrix, EveryStateWithEveryInput) {
  EXPECT_TRUE(testing::is_complete(matrix));
  for (const Row& row : matrix) {
    SCOPED_TRACE(std::string(row.state) + " x " + row.input);
    Driver d = in_state(row.state);
    ASSERT_EQ(d.state(), row.state);
    EXPECT_EQ(give(d, row.input), row.says);
    EXPECT_EQ(d.state(), row.next);
  }
}

TEST(MediaConsumer, NamesTheAdvertisementThatItConfigures) {
  Driver d = in_state("ADV PROCESSING");
  d.accept(std::nullopt);
  EXPECT_EQ(d.configure(chosen("a")), "configure");
  EXPECT_FALSE(d.last_configure.with_ack) << "section 5.5: the ack went before";
  EXPECT_EQ(d.last_configure.advertisement_sequence, 10U);
  EXPECT_EQ(d.last_configure.encodings, chosen("a"));
}

TEST(MediaConsumer, AcknowledgesOnceEvenWhenTheChoiceWaitedForIt) {
  Driver d = in_state("ADV PROCESSING");
  d.configure(chosen("a"));
  EXPECT_EQ(d.accept(std::nullopt), "ack 200, configure");
  EXPECT_FALSE(d.last_configure.with_ack);
  EXPECT_EQ(d.state(), "WAIT FOR CONF RESPONSE");
}

TEST(MediaConsumer, ConfiguresAfterEachAdvertisementEvenTheSameAgain) {
  Driver d = in_state("ESTABLISHED");
  d.advertisement(content("a"), 15);
  EXPECT_EQ(d.accept(chosen("a")), "configure+ack");
  EXPECT_EQ(d.last_configure.advertisement_sequence, 15U);
  d.response(d.last_number);
  d.advertisement(content("a"), 17);
  EXPECT_EQ(d.accept(std::nullopt), "ack 200");
  EXPECT_EQ(d.configure(chosen("a")), "configure");
}

TEST(MediaConsumer, SendsTheNewestChoiceOnceTheOneBeforeIsAnswered) {
  Driver d = in_state("WAIT FOR CONF RESPONSE");
  EXPECT_EQ(d.configure(chosen("a", 2)), "");
  EXPECT_EQ(d.configure({}), "");
  EXPECT_EQ(d.response(d.last_number), "answered 200, configure");
  EXPECT_TRUE(d.last_configure.encodings.empty());
  EXPECT_EQ(d.machine.configured(), chosen("a"));
}

TEST(MediaConsumer, SendsNothingWhenTheChoiceWasTakenBackMeanwhile) {
  Driver d = in_state("WAIT FOR CONF RESPONSE");
  d.configure(chosen("a", 2));
  d.configure(chosen("a"));
  EXPECT_EQ(d.response(d.last_number), "answered 200");
  EXPECT_EQ(d.state(), "ESTABLISHED");
}

TEST(MediaConsumer, KeepsWhatIsInForceWhenAConfigureIsRefused) {
  Driver d = in_state("ESTABLISHED");
  d.configure(chosen("a", 2));
  EXPECT_EQ(d.response(d.last_number, ResponseCode::conflicting_values), "answered 303");
  EXPECT_EQ(d.machine.configured(), chosen("a"));
  EXPECT_EQ(d.configure(chosen("a")), "configure") << "in CONF the peer waits for one";
}

TEST(MediaConsumer, RepeatsOnceWhatWasRefusedForItsNumber) {
  Driver d = in_state("WAIT FOR CONF RESPONSE");
  EXPECT_EQ(d.response(d.last_number, ResponseCode::invalid_sequencing), "answered 402, configure+ack")
      << "the ack was not read either";
  EXPECT_EQ(d.last_configure.encodings, chosen("a"));
  EXPECT_EQ(d.response(d.last_number, ResponseCode::invalid_sequencing), "answered 402");
  EXPECT_EQ(d.state(), "CONF");
  EXPECT_EQ(d.configure(chosen("a")), "configure");
  EXPECT_EQ(d.response(d.last_number), "answered 200");
}

TEST(MediaConsumer, RepeatsWithTheNewestChoiceWhatWasRefusedForItsNumber) {
  Driver d = in_state("ESTABLISHED");
  d.configure(chosen("a", 2));
  d.configure({});
  EXPECT_EQ(d.response(d.last_number, ResponseCode::invalid_sequencing), "answered 402, configure");
  EXPECT_TRUE(d.last_configure.encodings.empty());
}

TEST(MediaConsumer, ForgetsAChoiceThatWasMadeFromOlderCaptures) {
  Driver d = in_state("WAIT FOR CONF RESPONSE");
  d.configure(chosen("a", 2));
  d.advertisement(content("b"), 11);
  EXPECT_EQ(d.accept(std::nullopt), "ack 200");
  EXPECT_EQ(d.state(), "CONF");
}

TEST(MediaConsumer, AnswersOnlyTheNewestAdvertisement) {
  Driver d = in_state("ADV PROCESSING");
  d.advertisement(content("b"), 11);
  d.accept(chosen("b"));
  EXPECT_EQ(d.last_configure.advertisement_sequence, 11U);
  EXPECT_EQ(d.machine.advertisement()->content, content("b"));
}

TEST(MediaConsumer, ANackLeavesTheAdvertisementAndTheConfigurationBefore) {
  Driver d = in_state("ESTABLISHED");
  d.advertisement(dangling(), 11);
  EXPECT_EQ(d.state(), "WAIT FOR ADV");
  EXPECT_EQ(d.machine.advertisement()->header.sequence, 10U);
  EXPECT_EQ(d.machine.configured(), chosen("a"));
}

TEST(MediaConsumer, AMutePeerBlocksNoChoiceForEver) {
  Driver d = in_state("WAIT FOR CONF RESPONSE");
  EXPECT_EQ(d.machine.next_deadline(), d.now + 30s);
  d.configure(chosen("a", 2));
  EXPECT_EQ(d.timeout(), "guard WAIT FOR CONF RESPONSE, configure");
  EXPECT_EQ(d.timeout(), "guard WAIT FOR CONF RESPONSE");
  EXPECT_FALSE(d.machine.next_deadline());
  EXPECT_EQ(d.configure({}), "configure");
  EXPECT_EQ(d.configure(chosen("a")), "") << "one is outstanding again";
}

TEST(MediaConsumer, ANewAdvertisementEndsTheWaitingForAResponse) {
  Driver d = in_state("WAIT FOR CONF RESPONSE");
  d.advertisement(content("b"), 11);
  EXPECT_FALSE(d.machine.next_deadline());
  EXPECT_EQ(d.response(d.last_number), "ignored");
}

TEST(MediaConsumer, TakesAResponseThatComesAfterItWasWrittenOff) {
  Driver d = in_state("WAIT FOR CONF RESPONSE");
  d.timeout();
  EXPECT_EQ(d.response(d.last_number), "answered 200");
  EXPECT_EQ(d.state(), "ESTABLISHED");
}

}  // namespace
}  // namespace clued::clue
