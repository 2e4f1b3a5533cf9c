// Messages that are accepted, and what they mean.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "clue/codec.hpp"
#include "unit/clue/codec_support.hpp"

namespace clued::clue {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Optional;

/// Decodes what has to be a message of this type.
template <class M>
M decoded(std::string_view bytes) {
  auto message = decode(bytes);
  if (!message) {
    ADD_FAILURE() << message.error().reason;
    return {};
  }
  if (!std::holds_alternative<M>(*message)) {
    ADD_FAILURE() << name_of(*message);
    return {};
  }
  return std::get<M>(*std::move(message));
}

/// A message in the default namespace of the protocol, the data model as `d`.
std::string message(const std::string& name, const std::string& fields) {
  return "<" + name +
         R"( xmlns="urn:ietf:params:xml:ns:clue-protocol" xmlns:d="urn:ietf:params:xml:ns:clue-info")"
         R"( xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" protocol="CLUE" v="1.0"><sequenceNr>5</sequenceNr>)" +
         fields + "</" + name + ">";
}

MediaCapture capture_of(const std::string& attributes, const std::string& fields) {
  const auto advertisement = decoded<Advertisement>(
      message("advertisement", "<mediaCaptures><d:mediaCapture captureID='v1' " + attributes +
                                   "><d:captureSceneIDREF>s1</d:captureSceneIDREF>" + fields +
                                   "</d:mediaCapture></mediaCaptures><encodingGroups/><captureScenes/>"));
  return advertisement.content.captures.empty() ? MediaCapture{} : advertisement.content.captures.front();
}

TEST(CodecDecode, ReadsACompleteAdvertisement) {
  const auto advertisement = decoded<Advertisement>(testing::data_file("complete-advertisement.xml"));
  EXPECT_EQ(advertisement.header, (Header{{1, 3}, "room & board", 4'294'967'295}));
  const auto expected = testing::complete_content();
  const auto& content = advertisement.content;
  ASSERT_EQ(content.captures.size(), expected.captures.size());
  for (std::size_t i = 0; i < expected.captures.size(); ++i) {
    EXPECT_EQ(content.captures[i], expected.captures[i]) << expected.captures[i].id;
  }
  EXPECT_EQ(content.encoding_groups, expected.encoding_groups);
  EXPECT_EQ(content.scenes, expected.scenes);
  EXPECT_EQ(content.simultaneous_sets, expected.simultaneous_sets);
  EXPECT_EQ(content.global_views, expected.global_views);
  EXPECT_EQ(content.people, expected.people);
}

TEST(CodecDecode, ReadsOptions) {
  const auto options = decoded<Options>(message(
      "options",
      "<clueId> me </clueId><mediaProvider>1</mediaProvider><mediaConsumer> false </mediaConsumer><supportedVersions>"
      "<version>1.4</version><version>2.7</version></supportedVersions><supportedExtensions><extension><name>E</name>"
      "<schemaRef>urn:e</schemaRef><version>1.4</version></extension></supportedExtensions>"));
  EXPECT_EQ(options.header, (Header{{1, 0}, "me", 5}));
  EXPECT_TRUE(options.media_provider);
  EXPECT_FALSE(options.media_consumer);
  EXPECT_THAT(options.supported_versions, ElementsAre(Version{1, 4}, Version{2, 7}));
  EXPECT_THAT(options.supported_extensions, ElementsAre(Extension{"E", "urn:e", {1, 4}}));
}

// Requirement CP-03: one entry per major version, the highest minor.
TEST(CodecDecode, KeepsTheHighestMinorOfEachMajorVersion) {
  const auto options = decoded<Options>(
      message("options",
              "<mediaProvider>true</mediaProvider><mediaConsumer>true</mediaConsumer><supportedVersions>"
              "<version>2.0</version><version>1.2</version><version>1.10</version></supportedVersions>"));
  EXPECT_THAT(options.supported_versions, ElementsAre(Version{1, 10}, Version{2, 0}));
}

// Defect D3: all three forms of "none".
TEST(CodecDecode, AcceptsCommonExtensionsAbsentAndEmpty) {
  for (const std::string extensions : {"", "<commonExtensions/>", "<commonExtensions> </commonExtensions>"}) {
    const auto response =
        decoded<OptionsResponse>(message("optionsResponse",
                                         "<responseCode>200</responseCode><mediaProvider>true</mediaProvider>"
                                         "<mediaConsumer>true</mediaConsumer><version>1.0</version>" +
                                             extensions));
    EXPECT_THAT(response.media_provider, Optional(true));
    EXPECT_THAT(response.version, Optional(Version{1, 0}));
    EXPECT_FALSE(response.reason);
    EXPECT_THAT(response.common_extensions, IsEmpty());
  }
}

TEST(CodecDecode, ReadsTheSmallMessages) {
  const auto ack = decoded<Ack>(message("ack",
                                        "<responseCode>405</responseCode><reasonString>a\n b</reasonString>"
                                        "<advSequenceNr>+04</advSequenceNr>"));
  EXPECT_EQ(ack.code, ResponseCode::subset_choice_not_allowed);
  EXPECT_EQ(ack.reason, "a b");
  EXPECT_EQ(ack.advertisement_sequence, 4U);
  const auto response = decoded<ConfigureResponse>(
      message("configureResponse", "<responseCode>599</responseCode><confSequenceNr>12</confSequenceNr>"));
  EXPECT_EQ(static_cast<int>(response.code), 599);
  EXPECT_EQ(response.configure_sequence, 12U);
}

TEST(CodecDecode, ReadsConfigure) {
  const auto configure = decoded<Configure>(
      message("configure",
              "<advSequenceNr>4</advSequenceNr><ack>200</ack><captureEncodings><d:captureEncoding ID='c'>"
              "<d:captureID>v 1</d:captureID><d:encodingID>e</d:encodingID><d:configuredContent>"
              "<d:mediaCaptureIDREF>x</d:mediaCaptureIDREF><d:sceneViewIDREF>w</d:sceneViewIDREF>"
              "</d:configuredContent></d:captureEncoding></captureEncodings>"));
  EXPECT_EQ(configure.advertisement_sequence, 4U);
  EXPECT_EQ(configure.ack, ResponseCode::success);
  EXPECT_THAT(configure.encodings, ElementsAre(CaptureEncoding{"c", "v 1", "e", CaptureContent{{"x"}, {"w"}}}));
  const auto empty = decoded<Configure>(message("configure", "<advSequenceNr>4</advSequenceNr>"));
  EXPECT_FALSE(empty.ack);
  EXPECT_THAT(empty.encodings, IsEmpty());
}

// The wrapper elements stand in the protocol's namespace, but who takes the data model's is understood too.
TEST(CodecDecode, AcceptsWrappersOfTheDataModel) {
  const auto advertisement =
      decoded<Advertisement>(message("advertisement",
                                     "<d:mediaCaptures/><d:encodingGroups><d:encodingGroup encodingGroupID='g'>"
                                     "<d:encodingIDList/></d:encodingGroup></d:encodingGroups><d:captureScenes/>"));
  ASSERT_EQ(advertisement.content.encoding_groups.size(), 1U);
  EXPECT_EQ(advertisement.content.encoding_groups.front().id, "g");
  EXPECT_FALSE(advertisement.content.encoding_groups.front().max_bandwidth);  // defect D5
}

// Requirement CP-26.
TEST(CodecDecode, ResolvesTheTypeOfACapture) {
  const std::string media = "mediaType='m' ";
  const auto type = [&](const std::string& attributes) { return capture_of(media + attributes, "").type; };
  EXPECT_EQ(type("xsi:type='d:videoCaptureType'"), MediaType::video);
  EXPECT_EQ(type("xsi:type=' d:audioCaptureType '"), MediaType::audio);
  EXPECT_EQ(type("xsi:type='textCaptureType'"), MediaType::text);  // default namespace: the protocol's
  EXPECT_EQ(type("xmlns:q='urn:ietf:params:xml:ns:clue-info' xsi:type='q:videoCaptureType'"), MediaType::video);
  EXPECT_EQ(type("xsi:type='nobody:videoCaptureType'"), MediaType::video);
  EXPECT_EQ(type("xmlns:q='urn:foreign' xsi:type='q:videoCaptureType'"), MediaType::other);
  EXPECT_EQ(type("xsi:type='d:otherCaptureType'"), MediaType::other);
  EXPECT_EQ(type("xsi:type='d:odourCaptureType'"), MediaType::other);
  EXPECT_EQ(type("xmlns:s='https://www.w3.org/2001/XMLSchema-instance' s:type='d:videoCaptureType'"), MediaType::video);
  EXPECT_EQ(type("xmlns:s='urn:foreign' s:type='d:videoCaptureType'"), MediaType::other);
  EXPECT_EQ(capture_of("mediaType='audio'", "").type, MediaType::audio);
  EXPECT_EQ(capture_of("mediaType='video'", "").type, MediaType::video);
  EXPECT_EQ(capture_of("mediaType='text'", "").type, MediaType::text);
}

TEST(CodecDecode, TellsIndividualFromMultipleContent) {
  const std::string type = "mediaType='video' xsi:type='d:videoCaptureType'";
  EXPECT_FALSE(capture_of(type, "<d:individual>true</d:individual>").multiple);
  EXPECT_EQ(capture_of(type, "").multiple, MultipleContent{});
  EXPECT_EQ(capture_of(type, "<d:content/>").multiple->content, CaptureContent{});
  // The name in the example of RFC 8849 section 6 (defect D8).
  EXPECT_THAT(
      capture_of(type, "<d:content><d:captureIDREF>v3</d:captureIDREF></d:content>").multiple->content->capture_ids,
      ElementsAre("v3"));
}

// RFC 8847 section 7: what is unknown is ignored, wherever it stands and whatever namespace it is of.
TEST(CodecDecode, IgnoresTheUnknown) {
  const auto ack = decoded<Ack>(message("ack",
                                        "<e:responseCode xmlns:e='urn:e'>500</e:responseCode><responseCode>200"
                                        "</responseCode><newer><advSequenceNr>9</advSequenceNr></newer>"
                                        "<mediaCaptures>?</mediaCaptures><advSequenceNr x='y'>4</advSequenceNr>"
                                        "<responseCode xmlns=''>1</responseCode><newer/>"));
  EXPECT_EQ(ack.code, ResponseCode::success);
  EXPECT_EQ(ack.advertisement_sequence, 4U);
}

TEST(CodecDecode, ReadsAnyVersionOfAMessageThatMakesSense) {
  auto bytes = message("ack", "<responseCode>200</responseCode><advSequenceNr>4</advSequenceNr>");
  EXPECT_EQ(decoded<Ack>(testing::replaced(bytes, "v=\"1.0\"", "v=\"2.17\"")).header.version, (Version{2, 17}));
}

}  // namespace
}  // namespace clued::clue
