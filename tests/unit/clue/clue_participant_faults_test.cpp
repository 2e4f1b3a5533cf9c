// RFC 8847: the OPTIONS phase and its versions, wrong numbers, and messages that must not be processed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <iterator>
#include <random>
#include <string>

#include "participant_bench.hpp"

namespace clued::clue {
namespace {

using namespace std::chrono_literals;
using testing::all_of;
using testing::Bench;
using testing::chosen;
using testing::content;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::raw;
using testing::settings;

Bench active() {
  Bench b(settings());
  b.establish(ChannelRole::initiator);
  b.options_response();
  return b;
}

/// Active, with advertisement 100 acknowledged.
Bench advertised() {
  Bench b = active();
  b.advertise("a");
  b.ack(100);
  return b;
}

std::string options_with(Bench& b, Version v, std::vector<Version> list) {
  b.establish(ChannelRole::receiver);
  Options message;
  message.header.version = v;
  message.media_provider = true;
  message.media_consumer = true;
  message.supported_versions = std::move(list);
  return b.receive(message, 51);
}

TEST(OptionsPhase, TheInitiatorSaysAtOnceWhatItIsAndSpeaks) {
  Settings provider_only = settings();
  provider_only.media_consumer = false;
  Bench b(provider_only);
  EXPECT_EQ(b.establish(ChannelRole::initiator), "options");
  const auto options = b.transmitted<Options>();
  EXPECT_EQ(options.header.version, own_version);
  EXPECT_EQ(options.header.sequence, 10U);
  EXPECT_TRUE(options.media_provider);
  EXPECT_FALSE(options.media_consumer);
  EXPECT_THAT(options.supported_versions, ElementsAre(own_version));
}

TEST(OptionsPhase, TheReceiverWaitsAndAnswersWithTheCommonVersion) {
  Bench b(settings());
  EXPECT_EQ(options_with(b, {1, 4}, {{1, 4}, {2, 7}}), "optionsResponse, active MP MC") << "RFC 8847 section 10.1";
  const auto response = b.transmitted<OptionsResponse>();
  EXPECT_EQ(response.code, ResponseCode::success);
  EXPECT_EQ(response.version, own_version);
  EXPECT_EQ(response.media_provider, true);
  EXPECT_EQ(response.media_consumer, true);
  EXPECT_EQ(response.header.version, own_version);
  b.advertise("a");
  EXPECT_EQ(b.transmitted<Advertisement>().header.version, own_version);
}

TEST(OptionsPhase, WithoutAListTheVersionOfTheMessageCounts) {
  Bench b(settings());
  EXPECT_EQ(options_with(b, {1, 9}, {}), "optionsResponse, active MP MC");
  EXPECT_EQ(all_of<action::BecameActive>(b.out).at(0).version, own_version);
}

TEST(OptionsPhase, NoCommonVersionIsAnsweredWith401AndEndsThePhase) {
  for (const auto& [v, list] : std::vector<std::pair<Version, std::vector<Version>>>{
           {{2, 0}, {}}, {{2, 0}, {{2, 0}, {3, 1}}}, {{1, 0}, {{2, 0}}}}) {
    Bench b(settings());
    EXPECT_EQ(options_with(b, v, list), "optionsResponse, failed");
    EXPECT_EQ(b.transmitted<OptionsResponse>().code, ResponseCode::version_not_supported);
    EXPECT_EQ(b.state(), "IDLE");
    EXPECT_EQ(b.advertisement(), "");
  }
}

TEST(OptionsPhase, BothEndsStartOnlyTheMachinesThatHaveACounterpart) {
  struct Case {
    bool own_provider, own_consumer, peer_provider, peer_consumer;
    const char* says;
  };
  for (const Case& c : {Case{true, true, true, true, "active MP MC"}, Case{true, true, true, false, "active MC"},
                        Case{true, true, false, true, "active MP"}, Case{true, false, true, true, "active MP"},
                        Case{false, true, true, true, "active MC"}, Case{true, false, true, false, "active"}}) {
    SCOPED_TRACE(c.says);
    Settings own = settings();
    own.media_provider = c.own_provider;
    own.media_consumer = c.own_consumer;
    Bench receiver(own);
    receiver.establish(ChannelRole::receiver);
    EXPECT_EQ(receiver.options(c.peer_provider, c.peer_consumer), std::string("optionsResponse, ") + c.says);
    Bench initiator(own);
    initiator.establish(ChannelRole::initiator);
    OptionsResponse response;
    response.media_provider = c.peer_provider;
    response.media_consumer = c.peer_consumer;
    response.version = own_version;
    EXPECT_EQ(initiator.receive(response, 1), c.says);
  }
}

TEST(OptionsPhase, APeerThatConsumesNothingIsToldNothing) {
  Bench b(settings());
  b.establish(ChannelRole::receiver);
  b.options(true, false);
  EXPECT_EQ(b.advertise("a"), "");
  EXPECT_EQ(b.ack(1), "ignored");
  EXPECT_EQ(b.configure(1, {}), "ignored");
  EXPECT_EQ(b.bytes(raw("configure", "<sequenceNr>1</sequenceNr>")), "ignored");
}

TEST(OptionsPhase, APeerThatProvidesNothingIsNotListenedTo) {
  Bench b(settings());
  b.establish(ChannelRole::receiver);
  b.options(false, true);
  EXPECT_EQ(b.advertisement(), "ignored");
  EXPECT_EQ(b.configure_response(1), "ignored");
  EXPECT_EQ(b.bytes(raw("advertisement", "<sequenceNr>1</sequenceNr>")), "ignored");
}

TEST(OptionsPhase, TheInitiatorJudgesTheAnswer) {
  OptionsResponse good;
  good.media_provider = true;
  good.media_consumer = true;
  const auto answer = [](const OptionsResponse& response) {
    Bench b(settings());
    b.establish(ChannelRole::initiator);
    return b.receive(response, 1);
  };
  EXPECT_EQ(answer(good), "active MP MC") << "only one version was offered";
  good.version = Version{1, 4};
  EXPECT_EQ(answer(good), "active MP MC");
  good.version = Version{2, 0};
  EXPECT_EQ(answer(good), "failed");
  good.version = own_version;
  OptionsResponse silent = good;
  silent.media_provider.reset();
  EXPECT_EQ(answer(silent), "failed");
  OptionsResponse refusal;
  refusal.code = ResponseCode::version_not_supported;
  refusal.reason = "I speak 3";
  Bench b(settings());
  b.establish(ChannelRole::initiator);
  EXPECT_EQ(b.receive(refusal, 1), "failed");
  EXPECT_THAT(all_of<action::Failed>(b.out).at(0).reason, HasSubstr("401 (I speak 3)"));
}

TEST(WrongNumbers, AGapIsAnsweredAndThenForgotten) {
  Bench b = active();
  EXPECT_EQ(b.advertisement(), "received");
  b.provider_number += 3;
  EXPECT_EQ(b.advertisement(), "ack, rejected");
  const auto nack = b.transmitted<Ack>();
  EXPECT_EQ(nack.code, ResponseCode::invalid_sequencing);
  EXPECT_EQ(nack.advertisement_sequence, 204U);
  EXPECT_EQ(b.advertisement(), "received") << "CP-11: 205 follows what was received last";
}

TEST(WrongNumbers, ARepetitionAndASmallerNumberAreAnswered) {
  Bench b = advertised();
  b.configure(100, chosen("a"));
  --b.consumer_number;
  EXPECT_EQ(b.configure(100, {}), "configureResponse, configure refused");
  EXPECT_EQ(b.transmitted<ConfigureResponse>().code, ResponseCode::invalid_sequencing);
  EXPECT_EQ(b.participant.provider()->configured(), chosen("a")) << "it was not processed";
  b.consumer_number = 5;
  EXPECT_EQ(b.configure(100, {}), "configureResponse, configure refused");
  EXPECT_EQ(b.configure(100, {}), "configureResponse, configured 0");
}

TEST(WrongNumbers, ThreeInARowEndTheChannel) {
  Bench b = active();
  b.advertisement();
  for (int i = 0; i < 2; ++i) {
    b.provider_number += 10;
    EXPECT_EQ(b.advertisement(), "ack, rejected");
  }
  EXPECT_EQ(b.advertisement(), "received") << "a right one in between, counted anew";
  for (int i = 0; i < 2; ++i) {
    b.provider_number += 10;
    EXPECT_EQ(b.advertisement(), "ack, rejected");
  }
  b.provider_number += 10;
  EXPECT_EQ(b.advertisement(), "ack, rejected, failed");
  EXPECT_EQ(b.state(), "IDLE");
}

TEST(WrongNumbers, AResponseIsTakenByWhatItAnswers) {
  Bench b = active();
  b.advertise("a");
  b.consumer_number = 300;
  b.ack(99);
  b.consumer_number = 310;
  EXPECT_EQ(b.ack(100), "ignored, acknowledged");
  EXPECT_THAT(all_of<action::Ignored>(b.out).at(0).reason, HasSubstr("310 instead of 301"));
  EXPECT_EQ(b.configure(100, {}), "configureResponse, configured 0") << "311 follows";
}

TEST(WrongNumbers, TheStreamsOfThePeerCountApart) {
  Bench b = advertised();
  b.provider_number = 300;
  EXPECT_EQ(b.advertisement(), "received");
  EXPECT_EQ(b.configure(100, {}), "configureResponse, configured 0");
  EXPECT_EQ(b.advertisement(), "received");
}

TEST(UnusableMessages, AnUnreadableRequestIsAnsweredWithItsNumber) {
  Bench b = advertised();
  EXPECT_EQ(b.bytes(raw("configure", "<sequenceNr>301</sequenceNr><advSequenceNr>x</advSequenceNr>")),
            "configureResponse, configure refused");
  auto response = b.transmitted<ConfigureResponse>();
  EXPECT_EQ(response.configure_sequence, 301U);
  EXPECT_GE(static_cast<int>(response.code), 301);
  EXPECT_TRUE(response.reason);
  b.consumer_number = 302;
  EXPECT_EQ(b.configure(100, chosen("a")), "configureResponse, configured 1") << "302 follows 301, readable or not";
}

TEST(UnusableMessages, WhereTheNumberIsUnreadableTheNextMayBeAny) {
  Bench b = active();
  b.advertisement();
  EXPECT_EQ(b.bytes(raw("advertisement", "<sequenceNr>many</sequenceNr>")), "ack, rejected");
  EXPECT_EQ(b.transmitted<Ack>().advertisement_sequence, 201U) << "the one that was due is the best guess";
  b.provider_number = 240;
  EXPECT_EQ(b.advertisement(), "received");
  EXPECT_EQ(b.bytes("\xff\xfe"), "ignored");
  b.provider_number = 250;
  EXPECT_EQ(b.advertisement(), "received");
}

TEST(UnusableMessages, ABrokenResponseIsNotAnsweredButItsNumberCounts) {
  Bench b = active();
  b.advertise("a");
  b.ack(99);
  EXPECT_EQ(b.bytes(raw("ack", "<sequenceNr>301</sequenceNr>")), "ignored");
  b.consumer_number = 302;
  EXPECT_EQ(b.ack(100), "acknowledged");
}

TEST(UnusableMessages, AnotherClueIdIsAnotherPeer) {
  Bench b(settings());
  b.establish(ChannelRole::receiver);
  Options options;
  options.media_provider = true;
  options.media_consumer = true;
  options.header.clue_id = "alice";
  b.receive(options, 1);
  Advertisement advertisement;
  advertisement.content = content("peer");
  advertisement.header.clue_id = "alice";
  EXPECT_EQ(b.receive(advertisement, 1), "received");
  advertisement.header.clue_id.reset();
  EXPECT_EQ(b.receive(advertisement, 2), "received") << "clueId is optional";
  advertisement.header.clue_id = "mallory";
  EXPECT_EQ(b.receive(advertisement, 3), "ack, rejected");
  EXPECT_EQ(b.transmitted<Ack>().code, ResponseCode::invalid_identifier);
  b.advertise("a");
  Ack ack;
  ack.header.clue_id = "mallory";
  ack.advertisement_sequence = 100;
  EXPECT_EQ(b.receive(ack, 1), "ignored");
  EXPECT_TRUE(b.participant.awaits_ack());
  ack.header.clue_id = "alice";
  EXPECT_EQ(b.receive(ack, 2), "acknowledged");
  ack.header.clue_id = "mallory";
  EXPECT_EQ(b.receive(ack, 3), "ignored");
  EXPECT_EQ(b.receive(ack, 4), "ignored");
  Configure configure;
  configure.advertisement_sequence = 100;
  EXPECT_EQ(b.receive(configure, 5), "configureResponse, configured 0") << "its number counted all the same";
}

TEST(UnusableMessages, TheInitiatorKnowsItsPeerFromTheOptionsResponse) {
  Bench b(settings());
  b.establish(ChannelRole::initiator);
  OptionsResponse response;
  response.header.clue_id = "alice";
  response.media_provider = true;
  response.media_consumer = true;
  b.receive(response, 1);
  Advertisement advertisement;
  advertisement.content = content("peer");
  advertisement.header.clue_id = "mallory";
  EXPECT_EQ(b.receive(advertisement, 1), "ack, rejected");
  EXPECT_EQ(b.transmitted<Ack>().code, ResponseCode::invalid_identifier);
}

TEST(UnusableMessages, AMinorVersionIsUnderstoodAMajorOneIsNot) {
  Bench b = active();
  Advertisement advertisement;
  advertisement.content = content("peer");
  advertisement.header.version = {1, 7};
  EXPECT_EQ(b.receive(advertisement, 1), "received");
  advertisement.header.version = {2, 0};
  EXPECT_EQ(b.receive(advertisement, 2), "ack, rejected, failed");
  EXPECT_EQ(b.transmitted<Ack>().code, ResponseCode::version_not_supported);
}

TEST(UnusableMessages, AFloodOfNonsenseEndsTheChannelAndThenCostsNothing) {
  Bench b = active();
  for (unsigned i = 1; i < max_unprocessed_messages; ++i) ASSERT_EQ(b.bytes("nonsense"), "ignored");
  EXPECT_EQ(b.bytes("nonsense"), "ignored, failed");
  EXPECT_EQ(b.bytes("nonsense"), "");
}

TEST(UnusableMessages, OneGoodMessageInBetweenShowsAPeerThatSpeaksClue) {
  Bench b = active();
  for (unsigned i = 1; i < max_unprocessed_messages; ++i) b.bytes("nonsense");
  EXPECT_EQ(b.advertisement(), "received");
  EXPECT_EQ(b.bytes("nonsense"), "ignored");
}

TEST(UnusableMessages, AFloodOfBrokenRequestsIsBoundedAsWell) {
  Bench b = active();
  unsigned answers = 0;
  for (unsigned i = 0; i < 10 * max_unprocessed_messages; ++i) {
    b.bytes(raw("advertisement", ""));
    answers += static_cast<unsigned>(all_of<action::Transmit>(b.out).size());
  }
  EXPECT_EQ(answers, max_unprocessed_messages);
}

/// Whatever a peer makes of good messages, it gets at most one answer to each, and nothing but CLUE.
TEST(UnusableMessages, ADamagedMessageHasAtMostOneAnswer) {
  std::mt19937 random(8847);
  const auto below = [&random](std::size_t bound) { return static_cast<std::size_t>(random() % bound); };
  Configure configure;
  configure.advertisement_sequence = 100;
  configure.ack = ResponseCode::success;
  configure.encodings = chosen("a");
  Advertisement advertisement;
  advertisement.content = content("peer");
  const std::string originals[] = {encode(Message(Options{})), encode(Message(OptionsResponse{})),
                                   encode(Message(configure)), encode(Message(advertisement)),
                                   encode(Message(Ack{})),     encode(Message(ConfigureResponse{}))};
  Bench b = active();
  std::size_t answered = 0;
  for (int i = 0; i < 5000; ++i) {
    if (b.state() == "IDLE") b = active();
    if (below(20) == 0) b.advertise(std::string(1, static_cast<char>('a' + below(3))));
    std::string bytes = originals[below(std::size(originals))];
    for (std::size_t flips = below(4); flips > 0; --flips)
      bytes.at(below(bytes.size())) = static_cast<char>(below(256));
    if (below(4) == 0) bytes.resize(below(bytes.size()));
    b.bytes(bytes);
    std::size_t answers = 0;
    for (const auto& sent : all_of<action::Transmit>(b.out)) {
      ASSERT_TRUE(decode(sent.bytes)) << sent.bytes;
      if (sent.message_name != std::string("advertisement")) ++answers;  // One may have waited for this message.
    }
    ASSERT_LE(answers, 1U) << bytes;
    answered += answers;
  }
  EXPECT_GT(answered, 100U);
}

}  // namespace
}  // namespace clued::clue
