// RFC 8847 figure 9: every state with every input, the OPTIONS phase, numbers, and messages that must not be processed.
#include "clue/clue_participant.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

#include "participant_bench.hpp"

namespace clued::clue {
namespace {

using namespace std::chrono_literals;
using testing::all_of;
using testing::Bench;
using testing::chosen;
using testing::composed;
using ::testing::HasSubstr;
using testing::raw;
using testing::settings;

Bench in_state(const std::string& state) {
  Bench b(settings());
  if (state == "CHANNEL SETUP") b.participant.start_channel();
  if (state == "OPTIONS as CI" || state == "ACTIVE") b.establish(ChannelRole::initiator);
  if (state == "OPTIONS as CR") b.establish(ChannelRole::receiver);
  if (state == "ACTIVE") b.options_response();
  return b;
}

std::string give(Bench& b, const std::string& input) {
  if (input == "start channel") return b.with([&] { b.participant.start_channel(); });
  if (input == "channel established") {
    return b.with([&] { b.participant.channel_established(ChannelRole::initiator, b.now, b.out); });
  }
  if (input == "session ends") return b.with([&] { b.participant.session_ended(); });
  if (input == "options") return b.options();
  if (input == "optionsResponse") return b.options_response();
  if (input == "error optionsResponse") return b.options_response(ResponseCode::version_not_supported);
  if (input == "advertisement") return b.advertisement();
  if (input == "configure") return b.configure(100, chosen("a"));
  if (input == "ack") return b.ack(100);
  if (input == "configureResponse") return b.configure_response(1000);
  if (input == "not XML") return b.bytes("no angle bracket");
  if (input == "unknown message") return b.bytes(raw("hello", "<sequenceNr>1</sequenceNr>"));
  if (input == "broken options") return b.bytes(raw("options", "<sequenceNr>70</sequenceNr>"));
  if (input == "broken advertisement") return b.bytes(raw("advertisement", "<sequenceNr>200</sequenceNr>"));
  if (input == "broken configure") return b.bytes(raw("configure", "<sequenceNr>300</sequenceNr>"));
  if (input == "broken ack") return b.bytes(raw("ack", "<sequenceNr>300</sequenceNr>"));
  if (input == "advertisement of 2.0") return b.bytes(raw("advertisement", "<sequenceNr>200</sequenceNr>", "2.0"));
  if (input == "options of 2.0") return b.bytes(raw("options", "<sequenceNr>70</sequenceNr>", "2.0"));
  if (input == "timeout") return b.timeout();
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
    {"IDLE", "start channel", "CHANNEL SETUP", ""},
    {"IDLE", "channel established", "IDLE", ""},
    {"IDLE", "session ends", "IDLE", ""},
    {"IDLE", "options", "IDLE", ""},
    {"IDLE", "optionsResponse", "IDLE", ""},
    {"IDLE", "error optionsResponse", "IDLE", ""},
    {"IDLE", "advertisement", "IDLE", ""},
    {"IDLE", "configure", "IDLE", ""},
    {"IDLE", "ack", "IDLE", ""},
    {"IDLE", "configureResponse", "IDLE", ""},
    {"IDLE", "not XML", "IDLE", ""},
    {"IDLE", "unknown message", "IDLE", ""},
    {"IDLE", "broken options", "IDLE", ""},
    {"IDLE", "broken advertisement", "IDLE", ""},
    {"IDLE", "broken configure", "IDLE", ""},
    {"IDLE", "broken ack", "IDLE", ""},
    {"IDLE", "advertisement of 2.0", "IDLE", ""},
    {"IDLE", "options of 2.0", "IDLE", ""},
    {"IDLE", "timeout", "IDLE", ""},

    {"CHANNEL SETUP", "start channel", "CHANNEL SETUP", ""},
    {"CHANNEL SETUP", "channel established", "OPTIONS", "options"},
    {"CHANNEL SETUP", "session ends", "IDLE", ""},
    {"CHANNEL SETUP", "options", "CHANNEL SETUP", "ignored"},
    {"CHANNEL SETUP", "optionsResponse", "CHANNEL SETUP", "ignored"},
    {"CHANNEL SETUP", "error optionsResponse", "CHANNEL SETUP", "ignored"},
    {"CHANNEL SETUP", "advertisement", "CHANNEL SETUP", "ignored"},
    {"CHANNEL SETUP", "configure", "CHANNEL SETUP", "ignored"},
    {"CHANNEL SETUP", "ack", "CHANNEL SETUP", "ignored"},
    {"CHANNEL SETUP", "configureResponse", "CHANNEL SETUP", "ignored"},
    {"CHANNEL SETUP", "not XML", "CHANNEL SETUP", "ignored"},
    {"CHANNEL SETUP", "unknown message", "CHANNEL SETUP", "ignored"},
    {"CHANNEL SETUP", "broken options", "CHANNEL SETUP", "ignored"},
    {"CHANNEL SETUP", "broken advertisement", "CHANNEL SETUP", "ignored"},
    {"CHANNEL SETUP", "broken configure", "CHANNEL SETUP", "ignored"},
    {"CHANNEL SETUP", "broken ack", "CHANNEL SETUP", "ignored"},
    {"CHANNEL SETUP", "advertisement of 2.0", "CHANNEL SETUP", "ignored"},
    {"CHANNEL SETUP", "options of 2.0", "CHANNEL SETUP", "ignored"},
    {"CHANNEL SETUP", "timeout", "CHANNEL SETUP", ""},

    {"OPTIONS as CI", "start channel", "OPTIONS", ""},
    {"OPTIONS as CI", "channel established", "OPTIONS", ""},
    {"OPTIONS as CI", "session ends", "IDLE", ""},
    {"OPTIONS as CI", "options", "OPTIONS", "ignored"},
    {"OPTIONS as CI", "optionsResponse", "ACTIVE", "active MP MC"},
    {"OPTIONS as CI", "error optionsResponse", "IDLE", "failed"},
    {"OPTIONS as CI", "advertisement", "OPTIONS", "ignored"},
    {"OPTIONS as CI", "configure", "OPTIONS", "ignored"},
    {"OPTIONS as CI", "ack", "OPTIONS", "ignored"},
    {"OPTIONS as CI", "configureResponse", "OPTIONS", "ignored"},
    {"OPTIONS as CI", "not XML", "OPTIONS", "ignored"},
    {"OPTIONS as CI", "unknown message", "OPTIONS", "ignored"},
    {"OPTIONS as CI", "broken options", "OPTIONS", "ignored"},
    {"OPTIONS as CI", "broken advertisement", "OPTIONS", "ignored"},
    {"OPTIONS as CI", "broken configure", "OPTIONS", "ignored"},
    {"OPTIONS as CI", "broken ack", "OPTIONS", "ignored"},
    {"OPTIONS as CI", "advertisement of 2.0", "IDLE", "ignored, failed"},
    {"OPTIONS as CI", "options of 2.0", "IDLE", "ignored, failed"},
    {"OPTIONS as CI", "timeout", "IDLE", "failed"},

    {"OPTIONS as CR", "start channel", "OPTIONS", ""},
    {"OPTIONS as CR", "channel established", "OPTIONS", ""},
    {"OPTIONS as CR", "session ends", "IDLE", ""},
    {"OPTIONS as CR", "options", "ACTIVE", "optionsResponse, active MP MC"},
    {"OPTIONS as CR", "optionsResponse", "OPTIONS", "ignored"},
    {"OPTIONS as CR", "error optionsResponse", "OPTIONS", "ignored"},
    {"OPTIONS as CR", "advertisement", "OPTIONS", "ignored"},
    {"OPTIONS as CR", "configure", "OPTIONS", "ignored"},
    {"OPTIONS as CR", "ack", "OPTIONS", "ignored"},
    {"OPTIONS as CR", "configureResponse", "OPTIONS", "ignored"},
    {"OPTIONS as CR", "not XML", "OPTIONS", "ignored"},
    {"OPTIONS as CR", "unknown message", "OPTIONS", "ignored"},
    {"OPTIONS as CR", "broken options", "IDLE", "optionsResponse, failed"},
    {"OPTIONS as CR", "broken advertisement", "OPTIONS", "ignored"},
    {"OPTIONS as CR", "broken configure", "OPTIONS", "ignored"},
    {"OPTIONS as CR", "broken ack", "OPTIONS", "ignored"},
    {"OPTIONS as CR", "advertisement of 2.0", "IDLE", "ignored, failed"},
    {"OPTIONS as CR", "options of 2.0", "IDLE", "optionsResponse, failed"},
    {"OPTIONS as CR", "timeout", "IDLE", "failed"},

    {"ACTIVE", "start channel", "ACTIVE", ""},
    {"ACTIVE", "channel established", "ACTIVE", ""},
    {"ACTIVE", "session ends", "IDLE", ""},
    {"ACTIVE", "options", "ACTIVE", "ignored"},
    {"ACTIVE", "optionsResponse", "ACTIVE", "ignored"},
    {"ACTIVE", "error optionsResponse", "ACTIVE", "ignored"},
    {"ACTIVE", "advertisement", "ACTIVE", "received"},
    {"ACTIVE", "configure", "ACTIVE", "configureResponse, configure refused"},
    {"ACTIVE", "ack", "ACTIVE", "ignored"},
    {"ACTIVE", "configureResponse", "ACTIVE", "ignored"},
    {"ACTIVE", "not XML", "ACTIVE", "ignored"},
    {"ACTIVE", "unknown message", "ACTIVE", "ignored"},
    {"ACTIVE", "broken options", "ACTIVE", "ignored"},
    {"ACTIVE", "broken advertisement", "ACTIVE", "ack, rejected"},
    {"ACTIVE", "broken configure", "ACTIVE", "configureResponse, configure refused"},
    {"ACTIVE", "broken ack", "ACTIVE", "ignored"},
    {"ACTIVE", "advertisement of 2.0", "IDLE", "ack, rejected, failed"},
    {"ACTIVE", "options of 2.0", "IDLE", "ignored, failed"},
    {"ACTIVE", "timeout", "ACTIVE", ""},
};

TEST(ClueParticipantMatrix, EveryStateWithEveryInput) {
  EXPECT_TRUE(testing::is_complete(matrix));
  for (const Row& row : matrix) {
    SCOPED_TRACE(std::string(row.state) + " x " + row.input);
    Bench b = in_state(row.state);
    ASSERT_THAT(row.state, HasSubstr(b.state()));
    EXPECT_EQ(give(b, row.input), row.says);
    EXPECT_EQ(b.state(), row.next);
  }
}

TEST(ClueParticipant, TellsNobodyAnythingBeforeItIsActive) {
  for (const char* state : {"IDLE", "CHANNEL SETUP", "OPTIONS as CI", "OPTIONS as CR"}) {
    Bench b = in_state(state);
    EXPECT_EQ(b.advertise("a"), "");
    EXPECT_EQ(b.with([&] { b.participant.configure(chosen("a"), b.now, b.out); }), "");
    EXPECT_EQ(b.with([&] { b.participant.accept_advertisement(std::nullopt, b.now, b.out); }), "");
    EXPECT_EQ(b.with([&] { b.participant.reject_advertisement(ResponseCode::semantic_errors, "", b.now, b.out); }), "");
    EXPECT_EQ(b.participant.advertised(), nullptr);
    EXPECT_FALSE(b.participant.awaits_ack());
  }
}

TEST(ClueParticipant, ThreeStreamsOfNumbersCountApart) {
  Bench b = in_state("ACTIVE");
  EXPECT_EQ(b.advertise("a"), "advertisement");
  EXPECT_EQ(all_of<action::Transmit>(b.out).at(0).sequence, 100U);
  EXPECT_TRUE(b.participant.awaits_ack());
  b.advertisement();
  b.with([&] { b.participant.accept_advertisement(std::nullopt, b.now, b.out); });
  EXPECT_EQ(b.transmitted<Ack>().header.sequence, 1000U);
  b.with([&] { b.participant.configure(chosen("peer"), b.now, b.out); });
  EXPECT_EQ(b.transmitted<Configure>().header.sequence, 1001U);
  EXPECT_EQ(b.configure_response(1001), "answered 200");
  EXPECT_EQ(b.configure(100, chosen("a"), true), "acknowledged, configureResponse, configured 1");
  EXPECT_EQ(b.transmitted<ConfigureResponse>().header.sequence, 101U) << "one stream with the advertisements";
  EXPECT_FALSE(b.participant.awaits_ack());
  b.advertise("b");
  EXPECT_EQ(b.transmitted<Advertisement>().header.sequence, 102U);
}

TEST(ClueParticipant, NumbersStartAnewWithTheNextChannel) {
  Bench b = in_state("ACTIVE");
  b.advertise("a");
  b.advertisement();
  b.participant.session_ended();
  EXPECT_EQ(b.participant.advertised(), nullptr);
  EXPECT_EQ(b.participant.provider(), nullptr);
  EXPECT_FALSE(b.participant.next_deadline());
  EXPECT_EQ(b.establish(ChannelRole::initiator), "options");
  EXPECT_EQ(b.transmitted<Options>().header.sequence, 10U);
  b.options_response();
  b.provider_number = 5;
  EXPECT_EQ(b.advertisement(), "received") << "the peer's numbers start anew, too";
  b.advertise("a");
  EXPECT_EQ(b.transmitted<Advertisement>().header.sequence, 100U);
}

TEST(ClueParticipant, EveryMessageCarriesTheSameClueId) {
  Bench b(settings());
  b.establish(ChannelRole::receiver);
  b.options();
  EXPECT_EQ(b.transmitted<OptionsResponse>().header.clue_id, "focus");
  b.advertise("a");
  EXPECT_EQ(b.transmitted<Advertisement>().header.clue_id, "focus");
  Bench anonymous;
  anonymous.establish(ChannelRole::initiator);
  EXPECT_EQ(anonymous.transmitted<Options>().header.clue_id, std::nullopt);
}

TEST(ClueParticipant, ANackCarriesTheReasonOfTheOwner) {
  Bench b = in_state("ACTIVE");
  b.advertisement();
  b.with([&] { b.participant.reject_advertisement(ResponseCode::semantic_errors, "too many", b.now, b.out); });
  const auto ack = b.transmitted<Ack>();
  EXPECT_EQ(ack.code, ResponseCode::semantic_errors);
  EXPECT_EQ(ack.reason, "too many");
  EXPECT_EQ(ack.advertisement_sequence, 200U);
  EXPECT_EQ(b.participant.consumer()->state(), MediaConsumer::State::wait_for_adv);
}

TEST(ClueParticipant, AsksToBeCalledForTheEarliestOfItsClocks) {
  Bench b(settings());
  EXPECT_FALSE(b.participant.next_deadline());
  b.establish(ChannelRole::initiator);
  EXPECT_EQ(b.participant.next_deadline(), b.now + 30s);
  EXPECT_EQ(b.with([&] { b.participant.handle_timeout(b.now + 30s - 1ns, b.out); }), "");
  b.options_response();
  EXPECT_FALSE(b.participant.next_deadline());
  b.advertisement();
  b.with([&] { b.participant.accept_advertisement(chosen("peer"), b.now, b.out); });
  b.now += 5s;
  b.advertise("a");
  EXPECT_EQ(b.participant.next_deadline(), b.now + 25s);
  EXPECT_EQ(b.timeout(), "guard WAIT FOR CONF RESPONSE");
  EXPECT_EQ(b.timeout(), "guard WAIT FOR ACK, advertisement");
}

}  // namespace
}  // namespace clued::clue
