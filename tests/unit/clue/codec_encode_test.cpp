// What is sent: exactly, and so that it reads back as the same.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "clue/codec.hpp"
#include "unit/clue/codec_support.hpp"

namespace clued::clue {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(CodecEncode, WritesOptions) {
  EXPECT_EQ(encode(Options{{{1, 0}, "focus", 1}, true, false, {{1, 0}}, {}}),
            R"(<?xml version="1.0" encoding="UTF-8"?><p:options xmlns:p="urn:ietf:params:xml:ns:clue-protocol")"
            R"( protocol="CLUE" v="1.0"><p:clueId>focus</p:clueId><p:sequenceNr>1</p:sequenceNr>)"
            R"(<p:mediaProvider>true</p:mediaProvider><p:mediaConsumer>false</p:mediaConsumer>)"
            R"(<p:supportedVersions><p:version>1.0</p:version></p:supportedVersions></p:options>)");
}

TEST(CodecEncode, WritesConfigure) {
  EXPECT_EQ(
      encode(Configure{{{1, 0}, std::nullopt, 3}, 101, ResponseCode::success, {{"ce1", "v1", "enc1", std::nullopt}}}),
      R"(<?xml version="1.0" encoding="UTF-8"?><p:configure xmlns="urn:ietf:params:xml:ns:clue-info")"
      R"( xmlns:p="urn:ietf:params:xml:ns:clue-protocol" xmlns:vc="urn:ietf:params:xml:ns:vcard-4.0")"
      R"( xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" protocol="CLUE" v="1.0">)"
      R"(<p:sequenceNr>3</p:sequenceNr><p:advSequenceNr>101</p:advSequenceNr><p:ack>200</p:ack><p:captureEncodings>)"
      R"(<captureEncoding ID="ce1"><captureID>v1</captureID><encodingID>enc1</encodingID></captureEncoding>)"
      R"(</p:captureEncodings></p:configure>)");
}

TEST(CodecEncode, LeavesOutWhatMustNotBeEmpty) {
  EXPECT_THAT(encode(Configure{{}, 1, std::nullopt, {}}), Not(HasSubstr("captureEncodings")));     // CP-14
  EXPECT_THAT(encode(OptionsResponse{{}, {}, {}, {}, {}, {}, {}}), Not(HasSubstr("Extensions")));  // D3
  EXPECT_THAT(encode(Options{{}, true, true, {}, {}}), Not(HasSubstr("supported")));
  AdvertisementContent content;
  content.scenes.push_back({.id = "s", .scale = {}, .descriptions = {}, .information = {}, .views = {}});
  const auto bytes = encode(Advertisement{{}, content});
  for (const char* name : {"sceneViews", "simultaneousSets", "globalViews", "people"}) {
    EXPECT_THAT(bytes, Not(HasSubstr(name)));
  }
}

TEST(CodecEncode, WritesOneVersionPerMajor) {
  EXPECT_THAT(encode(Options{{}, true, true, {{2, 1}, {1, 0}, {1, 3}}, {}}),
              HasSubstr("<p:version>1.3</p:version><p:version>2.1</p:version></p:supportedVersions>"));
}

// Defect D4: the schema forbids what a synchronizationID is for.
TEST(CodecEncode, DoesNotSendTheSynchronizationId) {
  EXPECT_THAT(encode(Advertisement{{}, testing::complete_content()}), Not(HasSubstr("synchronizationID")));
}

// Defect D5: the schema wants a bandwidth.
TEST(CodecEncode, AlwaysSendsABandwidth) {
  AdvertisementContent content;
  content.encoding_groups = {{"g", std::nullopt, {"e"}}};
  EXPECT_THAT(encode(Advertisement{{}, content}), HasSubstr("<maxGroupBandwidth>4294967295</maxGroupBandwidth>"));
}

TEST(CodecEncode, NamesTheMediaTypeOfACaptureThatDoesNot) {
  AdvertisementContent content;
  content.captures.resize(4);
  content.captures[0].type = MediaType::audio;
  content.captures[1].type = MediaType::video;
  content.captures[2].type = MediaType::text;
  const auto bytes = encode(Advertisement{{}, content});
  EXPECT_THAT(bytes, HasSubstr(R"(xsi:type="audioCaptureType" captureID="" mediaType="audio")"));
  EXPECT_THAT(bytes, HasSubstr(R"(xsi:type="videoCaptureType" captureID="" mediaType="video")"));
  EXPECT_THAT(bytes, HasSubstr(R"(xsi:type="textCaptureType" captureID="" mediaType="text")"));
  EXPECT_THAT(bytes, HasSubstr(R"(xsi:type="otherCaptureType" captureID="" mediaType="other")"));
}

TEST(CodecEncode, OnlyAudioHasASensitivityPattern) {
  AdvertisementContent content;
  content.captures.resize(1);
  content.captures[0].type = MediaType::video;
  content.captures[0].sensitivity_pattern = "omni";
  EXPECT_THAT(encode(Advertisement{{}, content}), Not(HasSubstr("sensitivityPattern")));
}

TEST(CodecEncode, EveryMessageReadsBackAsItself) {
  for (const auto& message : testing::all_messages()) {
    const auto bytes = encode(message);
    const auto again = decode(bytes);
    ASSERT_TRUE(again.has_value()) << again.error().reason << '\n' << bytes;
    EXPECT_EQ(again->index(), message.index());
    EXPECT_EQ(encode(*again), bytes);
  }
}

TEST(CodecEncode, TheContentOfAnAdvertisementReadsBackAsItself) {
  auto content = testing::complete_content();
  content.captures[1].multiple->synchronization_id.reset();  // D4
  content.encoding_groups[1].max_bandwidth = 4'294'967'295;  // D5
  const auto again = decode(encode(Advertisement{{}, content}));
  ASSERT_TRUE(again.has_value()) << again.error().reason;
  EXPECT_EQ(std::get<Advertisement>(*again).content, content);
}

TEST(CodecEncode, HostileTextIsOnlyText) {
  const std::string hostile = "</x>]]><!-- & \" ' <![CDATA[ &#0; \xFF";
  AdvertisementContent content;
  content.captures.resize(1);
  content.captures[0].id = content.captures[0].scene_id = content.captures[0].media_type = hostile;
  content.captures[0].descriptions = {{"en", hostile}};
  const auto again = decode(encode(Advertisement{{{1, 0}, hostile, 1}, content}));
  ASSERT_TRUE(again.has_value()) << again.error().reason;
  const auto& read = std::get<Advertisement>(*again);
  const std::string shown = "</x>]]><!-- & \" ' <![CDATA[ &#0; \xEF\xBF\xBD";
  EXPECT_EQ(read.header.clue_id, shown);
  EXPECT_EQ(read.content.captures[0].id, shown);
  EXPECT_EQ(read.content.captures[0].descriptions[0].text, shown);
}

TEST(Codec, NamesEveryMessage) {
  std::vector<std::string> names;
  for (const auto& message : testing::all_messages()) names.emplace_back(name_of(message));
  EXPECT_THAT(names,
              ::testing::ElementsAre("options", "options", "optionsResponse", "optionsResponse", "advertisement", "ack",
                                     "ack", "configure", "configure", "configureResponse", "configureResponse"));
}

}  // namespace
}  // namespace clued::clue
