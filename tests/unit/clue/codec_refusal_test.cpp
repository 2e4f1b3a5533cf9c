// Messages that are refused: with which code, where, and what is known of them nevertheless.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "clue/codec.hpp"
#include "unit/clue/codec_support.hpp"

namespace clued::clue {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;
using enum ResponseCode;

struct Refusal {
  const char* name;
  const char* from;  ///< occurs once in the complete advertisement
  const char* to;
  ResponseCode code;
  const char* reason;
};

void PrintTo(const Refusal& refusal, std::ostream* out) { *out << refusal.name; }

/// One thing is changed in the complete advertisement.
class RefusedAdvertisement : public ::testing::TestWithParam<Refusal> {};

TEST_P(RefusedAdvertisement, HasItsCode) {
  const auto& param = GetParam();
  const auto message =
      decode(testing::replaced(testing::data_file("complete-advertisement.xml"), param.from, param.to));
  ASSERT_FALSE(message.has_value());
  EXPECT_EQ(message.error().code, param.code) << message.error().reason;
  EXPECT_THAT(message.error().reason, HasSubstr(param.reason));
  EXPECT_EQ(message.error().message_name, "advertisement");
  EXPECT_FALSE(message.error().unknown_message);
}

// 301: something is missing, or there twice.
INSTANTIATE_TEST_SUITE_P(
    Incomplete, RefusedAdvertisement,
    ::testing::Values(
        Refusal{"no_version", " v=\"1.3\"", "", bad_syntax, "5:66: <advertisement> lacks the attribute v"},
        Refusal{"no_protocol", " protocol=\"CLUE\"", "", bad_syntax, "lacks the attribute protocol"},
        Refusal{"no_sequence", "<m:sequenceNr> 4294967295 </m:sequenceNr>", "", bad_syntax, "lacks <sequenceNr>"},
        Refusal{"two_client_ids", "</m:clueId>", "</m:clueId><m:clueId/>", bad_syntax, "6:49: <clueId> occurs twice"},
        Refusal{"no_captures", "<m:mediaCaptures>", "<m:x/><m:mediaCaptureS>", bad_syntax, "mismatch"},
        Refusal{"no_capture_id", " captureID=\"a1\"", "", bad_syntax, "<mediaCapture> lacks the attribute captureID"},
        Refusal{"empty_capture_id", "captureID=\"a1\"", "captureID=\" \"", bad_syntax, "captureID"},
        Refusal{"no_media_type", " mediaType=\"audio\"", "", bad_syntax, "mediaType"},
        Refusal{"no_scale", " scale=\"mm\"", "", bad_syntax, "scale"},
        Refusal{"no_coordinate", "<x>.5</x>", "", bad_syntax, "<lineOfCapturePoint> lacks <x>"},
        Refusal{"coordinate_twice", "<x>.5</x>", "<x>.5</x><x>.5</x>", bad_syntax, "<x> occurs twice"},
        Refusal{"empty_person", "<personIDREF>p2</personIDREF>", "<personIDREF/>", bad_syntax,
                "<personIDREF> is empty"},
        Refusal{"policy_twice", "<policy>", "<policy>RoundRobin:0</policy><policy>", bad_syntax,
                "<policy> occurs twice"},
        Refusal{"both_kinds", "<policy>", "<individual>true</individual><policy>", bad_syntax, "multiple content"},
        Refusal{"both_spaces", "<individual>true</individual>\n      <encGroup",
                "<nonSpatiallyDefinable>1</nonSpatiallyDefinable><individual>1</individual><encGroup", bad_syntax,
                "nonSpatiallyDefinable"},
        Refusal{"no_encodings", "<encodingIDList><encodingID>enc3</encodingID></encodingIDList>", "", bad_syntax,
                "lacks <encodingIDList>"}),
    [](const auto& param_info) { return param_info.param.name; });

// 302: a value that is none.
INSTANTIATE_TEST_SUITE_P(
    BadValue, RefusedAdvertisement,
    ::testing::Values(
        Refusal{"version", "v=\"1.3\"", "v=\"1\"", invalid_value, "is not a version"},
        Refusal{"version_zero", "v=\"1.3\"", "v=\"0.3\"", invalid_value, "is not a version"},
        Refusal{"version_leading_zero", "v=\"1.3\"", "v=\"01.3\"", invalid_value, "is not a version"},
        Refusal{"version_too_large", "v=\"1.3\"", "v=\"1.4294967296\"", invalid_value, "is not a version"},
        Refusal{"protocol", "protocol=\"CLUE\"", "protocol=\"CLEU\"", invalid_value, "CLUE"},
        Refusal{"sequence_zero", " 4294967295 ", "0", invalid_value, "7:16: <sequenceNr>"},
        Refusal{"sequence_too_large", " 4294967295 ", "4294967296", invalid_value, "not a number from 1 to 4294967295"},
        Refusal{"sequence_negative", " 4294967295 ", "-1", invalid_value, "<sequenceNr>"},
        Refusal{"sequence_hexadecimal", " 4294967295 ", "0x1", invalid_value, "<sequenceNr>"},
        Refusal{"sequence_two_signs", " 4294967295 ", "++1", invalid_value, "<sequenceNr>"},
        Refusal{"sequence_empty", " 4294967295 ", "", invalid_value, "<sequenceNr>"},
        Refusal{"exponent", "<x>.5</x>", "<x>1e3</x>", invalid_value, "15:33: <x> is not"},
        Refusal{"infinity", "<x>.5</x>", "<x>INF</x>", invalid_value, "<x> is not a decimal number"},
        Refusal{"no_digit", "<x>.5</x>", "<x>-.</x>", invalid_value, "<x> is not a decimal number"},
        Refusal{"two_points", "<x>.5</x>", "<x>1.2.3</x>", invalid_value, "<x> is not a decimal number"},
        Refusal{"far_away", "<x>.5</x>", "<x>-1000000000000000</x>", invalid_value, "<x> is out of range"},
        Refusal{"boolean", "<allowSubsetChoice>true", "<allowSubsetChoice>yes", invalid_value,
                "neither true nor false"},
        Refusal{"exact_number", "exactNumber=\"true\"", "exactNumber=\"TRUE\"", invalid_value,
                "neither true nor false"},
        Refusal{"not_individual", "<individual>1</individual>", "<individual>0</individual>", invalid_value,
                "only be true"},
        Refusal{"max_captures_zero", ">3</maxCaptures>", ">0</maxCaptures>", invalid_value, "from 1 to 65535"},
        Refusal{"max_captures_large", ">3</maxCaptures>", ">65536</maxCaptures>", invalid_value, "from 1 to 65535"},
        Refusal{"priority", "<priority>0", "<priority>-1", invalid_value, "<priority>"},
        Refusal{"policy", "SoundLevel:0", "SoundLevel", invalid_value, "Algorithm:index"},
        Refusal{"policy_index", "SoundLevel:0", "SoundLevel:x", invalid_value, "Algorithm:index"},
        Refusal{"policy_name", "SoundLevel:0", "Sound-Level:0", invalid_value, "Algorithm:index"},
        Refusal{"mobility", "highly-dynamic", "wobbly", invalid_value, "highly-dynamic"},
        Refusal{"scale", "scale=\"mm\"", "scale=\"cm\"", invalid_value, "noscale"},
        Refusal{"language", "<lang>it</lang>", "<lang>i t</lang>", invalid_value, "language"},
        Refusal{"language_of_description", "lang=\"en\">left", "lang=\"en_GB\">left", invalid_value, "language"},
        Refusal{"language_subtag", "zh-Hant-TW", "zh-Hant-", invalid_value, "language"},
        Refusal{"bandwidth", "18446744073709551615", "18446744073709551616", invalid_value, "<maxGroupBandwidth>"}),
    [](const auto& param_info) { return param_info.param.name; });

DecodeError refusal_of(std::string_view bytes, const DecodeLimits& limits = {}) {
  const auto message = decode(bytes, limits);
  if (!message) return message.error();
  ADD_FAILURE() << name_of(*message) << " was accepted";
  return {};
}

std::string root(const std::string& name, const std::string& fields, const std::string& version = "1.0") {
  return "<" + name + " xmlns='urn:ietf:params:xml:ns:clue-protocol' protocol='CLUE' v='" + version + "'>" + fields +
         "</" + name + ">";
}

TEST(CodecRefusal, TellsThePositionFirst) {
  const auto error = refusal_of(root("ack", "<sequenceNr>7</sequenceNr>\n <responseCode>99</responseCode>"));
  EXPECT_THAT(error.reason, StartsWith("2:15: <responseCode> "));
}

TEST(CodecRefusal, RequiredFieldsOfEachMessage) {
  const std::string nr = "<sequenceNr>7</sequenceNr>";
  const std::string code = "<responseCode>200</responseCode>";
  for (const auto& [name, fields, missing] : std::vector<std::array<std::string, 3>>{
           {"options", "<mediaProvider>1</mediaProvider>", "mediaConsumer"},
           {"options", "<mediaConsumer>1</mediaConsumer>", "mediaProvider"},
           {"optionsResponse", "", "responseCode"},
           {"advertisement", "<mediaCaptures/><encodingGroups/>", "captureScenes"},
           {"advertisement", "<mediaCaptures/><captureScenes/>", "encodingGroups"},
           {"advertisement", "<encodingGroups/><captureScenes/>", "mediaCaptures"},
           {"ack", code, "advSequenceNr"},
           {"ack", "<advSequenceNr>1</advSequenceNr>", "responseCode"},
           {"configure", "", "advSequenceNr"},
           {"configureResponse", code, "confSequenceNr"},
           {"configureResponse", "<confSequenceNr>1</confSequenceNr>", "responseCode"}}) {
    const auto error = refusal_of(root(name, nr + fields));
    EXPECT_EQ(error.code, bad_syntax);
    EXPECT_THAT(error.reason, HasSubstr("lacks <" + missing + ">"));
    EXPECT_EQ(error.message_name, name);
    EXPECT_EQ(error.sequence, 7U);
  }
}

TEST(CodecRefusal, AnAcknowledgementInAConfigureIsASuccess) {
  const auto error =
      refusal_of(root("configure", "<sequenceNr>7</sequenceNr><advSequenceNr>1</advSequenceNr><ack>300</ack>"));
  EXPECT_EQ(error.code, invalid_value);
}

// What is not well-formed is answered with the right type of response all the same, if its head could be read.
TEST(CodecRefusal, KnowsTheMessageOfABrokenDocument) {
  const auto error = refusal_of(
      "<advertisement xmlns='urn:ietf:params:xml:ns:clue-protocol'><sequenceNr>12</sequenceNr><mediaCaptures>");
  EXPECT_EQ(error.code, bad_syntax);
  EXPECT_EQ(error.message_name, "advertisement");
  EXPECT_EQ(error.sequence, 12U);
  EXPECT_FALSE(error.unknown_message);
}

TEST(CodecRefusal, KnowsNothingOfNothing) {
  const auto error = refusal_of("");
  EXPECT_EQ(error.code, bad_syntax);
  EXPECT_EQ(error.message_name, "");
  EXPECT_EQ(error.sequence, 0U);
  EXPECT_FALSE(error.unknown_message);
}

// Requirement CP-24.
TEST(CodecRefusal, LimitsAreLowLevelErrors) {
  const std::string nr = "<sequenceNr>7</sequenceNr>";
  const auto big = root("ack", nr + "<x>" + std::string(300'000, 'x') + "</x>");
  const auto wide = root("ack", nr + "<x/><x/><x/>");
  const auto deep = root("ack", nr + "<x><y><z/></y></x>");
  for (const auto& error : {refusal_of(big), refusal_of(wide, {.bytes = 1000, .depth = 9, .elements = 4}),
                            refusal_of(deep, {.bytes = 1000, .depth = 3, .elements = 9})}) {
    EXPECT_EQ(error.code, low_level_request_error) << error.reason;
    EXPECT_EQ(error.message_name, "ack");
    EXPECT_EQ(error.sequence, 7U);
  }
}

// Requirement CP-27.
TEST(CodecRefusal, UnknownMessagesAreSaidToBe) {
  for (const auto& bytes :
       {root("hello", "<sequenceNr>7</sequenceNr>"), root("sequenceNr", ""), std::string("<options/>"),
        std::string("<a:ack xmlns:a='urn:ietf:params:xml:ns:clue-info'/>"),
        std::string("<clueInfo xmlns='urn:ietf:params:xml:ns:clue-info' clueInfoID='x'/>"),
        std::string("<hello xmlns='urn:ietf:params:xml:ns:clue-protocol'><")}) {
    EXPECT_TRUE(refusal_of(bytes).unknown_message) << bytes;
  }
  EXPECT_EQ(refusal_of(root("hello", "<sequenceNr>7</sequenceNr>")).message_name, "hello");
}

// RFC 8847 section 7: another major version may look quite different.
TEST(CodecRefusal, BlamesTheVersionWhenItIsForeign) {
  EXPECT_EQ(refusal_of(root("ack", "<sequenceNr>7</sequenceNr>", "2.0")).code, version_not_supported);
  EXPECT_EQ(refusal_of(root("ack", "<sequenceNr>7</sequenceNr>", "1.9")).code, bad_syntax);
}

TEST(CodecRefusal, LongNamesAreCut) {
  const std::string name(5000, 'n');
  const auto error = refusal_of(root(name, ""));
  EXPECT_LE(error.message_name.size(), 64U);
  EXPECT_LT(error.reason.size(), 300U);
}

}  // namespace
}  // namespace clued::clue
