// The m-line of the CLUE channel (RFC 8841, 8842, 8839, 8864).
#include <gmock/gmock.h>

#include "sdp/data_channel_lines.hpp"
#include "sdp/dcmap.hpp"
#include "sdp_support.hpp"

namespace clued::sdp {
namespace {

using namespace testing;
using ::testing::ElementsAre;

/// Reads the first m-line of the lines, without what a line that begins with `without` says.
base::expected<DataChannel, std::string> channel_from(std::string lines, const std::string& without = "",
                                                      const std::string& instead = "") {
  if (!without.empty()) {
    const std::size_t at = lines.find(without);
    EXPECT_NE(at, std::string::npos) << without;
    lines.replace(at, lines.find("\r\n", at) + 2 - at, instead.empty() ? "" : instead + "\r\n");
  }
  const SessionDescription description = read(session(lines));
  return read_data_channel(description, description.media.at(0));
}

TEST(DataChannelLine, IsReadCompletely) {
  const auto read = channel_from(channel("2", "a=ice-options:trickle ice2\r\na=end-of-candidates\r\n"));
  ASSERT_TRUE(read.has_value()) << read.error();
  DataChannel expected;
  expected.address = "192.0.2.7";
  expected.port = 6100;
  expected.ice_ufrag = "aUf1";
  expected.ice_pwd = "YH75Fviy6338Vbrhrlp8Yh00";
  expected.candidates = {"1 1 UDP 2130706431 192.0.2.7 6100 typ host"};
  expected.ice_options = {"trickle", "ice2"};
  expected.end_of_candidates = true;
  expected.fingerprints = {{"sha-256", kFingerprint}};
  expected.tls_id = "a1aaaaaaaaaaaaaaaa02";
  expected.stream_id = 2;
  expected.has_dcmap = true;
  EXPECT_EQ(*read, expected);
}

TEST(DataChannelLine, InheritsFromTheSession) {
  const std::string general =
      "a=ice-lite\r\na=ice-ufrag:sess\r\na=ice-pwd:SessionPasswordOf24Chars\r\na=setup:active\r\n"
      "a=fingerprint:sha-256 " +
      std::string(kFingerprint) + "\r\na=tls-id:general\r\n";
  const SessionDescription description =
      read(session(general + "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\na=sctp-port:5001\r\n"));
  const auto channel = read_data_channel(description, description.media[0]);
  ASSERT_TRUE(channel.has_value()) << channel.error();
  EXPECT_EQ(channel->ice_ufrag, "sess");
  EXPECT_EQ(channel->setup, SetupRole::active);
  EXPECT_EQ(channel->tls_id, "general");
  EXPECT_EQ(channel->sctp_port, 5001);
  EXPECT_EQ(channel->max_message_size, 65536u);
  EXPECT_TRUE(channel->ice_lite);
  EXPECT_EQ(channel->fingerprints.size(), 1u);
  EXPECT_FALSE(channel->has_dcmap);
}

TEST(DataChannelLine, TakesWhatALaterDescriptionLeavesOutFromTheOneBefore) {
  const auto before = channel_from(channel("2"));
  ASSERT_TRUE(before.has_value()) << before.error();
  const SessionDescription later =
      read(session("m=application 6100 UDP/DTLS/SCTP webrtc-datachannel\r\n"
                   "a=dcmap:2 subprotocol=\"CLUE\";ordered=true\r\n"));
  EXPECT_FALSE(read_data_channel(later, later.media[0]).has_value());
  const auto now = read_data_channel(later, later.media[0], &*before);
  ASSERT_TRUE(now.has_value()) << now.error();
  EXPECT_EQ(now->ice_ufrag, before->ice_ufrag);
  EXPECT_EQ(now->ice_pwd, before->ice_pwd);
  EXPECT_EQ(now->fingerprints, before->fingerprints);
  EXPECT_EQ(now->sctp_port, before->sctp_port);
}

struct Variant {
  const char* name;
  const char* without;
  std::string instead;
  bool usable;
};

class DataChannelVariants : public ::testing::TestWithParam<Variant> {};

TEST_P(DataChannelVariants, AreUsableOrNot) {
  const auto read = channel_from(channel("2"), GetParam().without, GetParam().instead);
  EXPECT_EQ(read.has_value(), GetParam().usable) << (read ? "read" : read.error());
}

INSTANTIATE_TEST_SUITE_P(
    DataChannelLine, DataChannelVariants,
    ::testing::Values(
        Variant{"BlankBeforeSctpPort", "a=sctp-port", "a=sctp-port: 5000", true},
        Variant{"NoSctpPort", "a=sctp-port", "", false}, Variant{"SctpPortZero", "a=sctp-port", "a=sctp-port:0", false},
        Variant{"SctpPortLeadingZero", "a=sctp-port", "a=sctp-port:05000", false},
        Variant{"SctpPortTooLarge", "a=sctp-port", "a=sctp-port:65536", false},
        Variant{"SctpPortNoNumber", "a=sctp-port", "a=sctp-port:x", false},
        Variant{"SctpPortWithoutValue", "a=sctp-port", "a=sctp-port", false},
        Variant{"NoMaxMessageSize", "a=max-message-size", "", true},
        Variant{"MaxMessageSizeNoNumber", "a=max-message-size", "a=max-message-size:big", false},
        Variant{"MaxMessageSizeHuge", "a=max-message-size", "a=max-message-size:99999999999999999999999999", true},
        Variant{"NoFingerprint", "a=fingerprint", "", false},
        Variant{"Md5Fingerprint", "a=fingerprint", "a=fingerprint:md5 4A:AD:B9:B1:3F:82:18:3B:54:02:12:DF:3E:5D:49:6B",
                false},
        Variant{"UnknownHash", "a=fingerprint", "a=fingerprint:crc 4A", false},
        Variant{"ShortFingerprint", "a=fingerprint", "a=fingerprint:sha-256 4A:AD:B9", false},
        Variant{"FingerprintNoHex", "a=fingerprint",
                "a=fingerprint:sha-1 4G:AD:B9:B1:3F:82:18:3B:54:02:12:DF:3E:5D:49:6B:19:E5:7C:AB", false},
        Variant{"FingerprintWithoutColons", "a=fingerprint",
                "a=fingerprint:sha-1 4A-AD-B9-B1-3F-82-18-3B-54-02-12-DF-3E-5D-49-6B-19-E5-7C-AB", false},
        Variant{"LowerCaseFingerprint", "a=fingerprint",
                "a=fingerprint:sha-1 4a:ad:b9:b1:3f:82:18:3b:54:02:12:df:3e:5d:49:6b:19:e5:7c:ab", true},
        Variant{"NoSetup", "a=setup", "", true}, Variant{"SetupHoldconn", "a=setup", "a=setup:holdconn", false},
        Variant{"NoTlsId", "a=tls-id", "", true}, Variant{"EmptyTlsId", "a=tls-id", "a=tls-id:", false},
        Variant{"NoUfrag", "a=ice-ufrag", "", false}, Variant{"NoPassword", "a=ice-pwd", "", false},
        Variant{"ShortUfrag", "a=ice-ufrag", "a=ice-ufrag:abc", false},
        Variant{"ShortPassword", "a=ice-pwd", "a=ice-pwd:short", false},
        Variant{"OddPassword", "a=ice-pwd", "a=ice-pwd:YH75Fviy6338Vbrhrlp8Yh\"0", false},
        Variant{"LongPassword", "a=ice-pwd", "a=ice-pwd:" + std::string(257, 'x'), false},
        Variant{"NoCandidates", "a=candidate", "", true}, Variant{"NoDcmap", "a=dcmap", "", true},
        Variant{"MalformedDcmap", "a=dcmap", "a=dcmap:x", false},
        Variant{"MaxRetr", "a=dcmap", "a=dcmap:2 subprotocol=\"CLUE\";max-retr=3", false},
        Variant{"MaxTime", "a=dcmap", "a=dcmap:2 subprotocol=\"CLUE\";max-time=3", false},
        Variant{"Unordered", "a=dcmap", "a=dcmap:2 subprotocol=\"CLUE\";ordered=false", false},
        Variant{"HighestStream", "a=dcmap", "a=dcmap:1023 subprotocol=\"CLUE\"", true},
        Variant{"StreamTooHigh", "a=dcmap", "a=dcmap:1024 subprotocol=\"CLUE\"", false},
        Variant{"Disabled", "m=", "m=application 0 UDP/DTLS/SCTP webrtc-datachannel", false},
        Variant{"OverTcp", "m=", "m=application 9 TCP/DTLS/SCTP webrtc-datachannel", false},
        Variant{"OtherFormat", "m=", "m=application 9 UDP/DTLS/SCTP webrtc", false},
        Variant{"TwoFormats", "m=", "m=application 9 UDP/DTLS/SCTP webrtc-datachannel x", false},
        Variant{"OldSyntaxWithoutMap", "m=", "m=application 9 DTLS/SCTP 5000", true},
        Variant{"OldSyntaxPortZero", "m=", "m=application 9 DTLS/SCTP 0", false},
        Variant{"OldSyntaxPortTooLarge", "m=", "m=application 9 DTLS/SCTP 70000", false}),
    [](const auto& test) { return test.param.name; });

TEST(DataChannelLine, NoConnectionAddressIsAnError) {
  SessionDescription description = read(session(channel("2")));
  description.connection.reset();
  EXPECT_FALSE(read_data_channel(description, description.media[0]).has_value());
}

TEST(DataChannelLine, OldSyntaxNamesThePortInTheFormat) {
  const auto old =
      channel_from(channel("2", "a=sctpmap:5004 webrtc-datachannel 65535\r\n"), "m=", "m=application 9 DTLS/SCTP 5004");
  ASSERT_TRUE(old.has_value()) << old.error();
  EXPECT_TRUE(old->old_sctpmap_syntax);
  EXPECT_EQ(old->sctp_port, 5004);
  EXPECT_FALSE(channel_from(channel("2", "a=sctpmap:5004 bfcp 2\r\n"), "m=", "m=application 9 DTLS/SCTP 5004"));
  EXPECT_FALSE(
      channel_from(channel("2", "a=sctpmap:5000 webrtc-datachannel 2\r\n"), "m=", "m=application 9 DTLS/SCTP 5004"));
}

TEST(DataChannelLine, SizesBeyondEveryNumberSaturate) {
  EXPECT_EQ(channel_from(channel("2"), "a=max-message-size", "a=max-message-size:99999999999999999999999999")
                ->max_message_size,
            std::numeric_limits<std::uint64_t>::max());
  EXPECT_EQ(channel_from(channel("2"), "a=max-message-size", "a=max-message-size:0")->max_message_size, 0u);
}

TEST(DataChannelLine, ManyCandidatesAreCut) {
  std::string more;
  for (int i = 0; i < 200; ++i) more += "a=candidate:" + std::to_string(i) + " 1 UDP 1 192.0.2.1 9 typ host\r\n";
  EXPECT_EQ(channel_from(channel("2", more))->candidates.size(), 64u);
}

TEST(DataChannelLine, TheClueMapIsFoundAmongOthers) {
  const auto read = channel_from(channel("2"), "a=dcmap",
                                 "a=dcmap:0 subprotocol=\"BFCP\";max-time=5\r\na=dcmap:4 subprotocol=\"clue\"\r\n"
                                 "a=dcmap:6 subprotocol=\"CLUE\"");
  ASSERT_TRUE(read.has_value()) << read.error();
  EXPECT_TRUE(read->has_dcmap);
  EXPECT_EQ(read->stream_id, 4);
}

TEST(DataChannelLine, WhatIsWrittenIsRead) {
  DataChannel written = our_channel();
  written.ice_options = {"ice2"};
  written.end_of_candidates = true;
  for (const bool old : {false, true}) {
    for (const SetupRole setup : {SetupRole::actpass, SetupRole::active, SetupRole::passive}) {
      written.old_sctpmap_syntax = old;
      written.setup = setup;
      SessionDescription description = read(session(""));
      description.media.push_back(data_channel_line(written, "7", true));
      const SessionDescription again = read(serialize(description));
      const auto channel = read_data_channel(again, again.media.at(0));
      ASSERT_TRUE(channel.has_value()) << channel.error() << serialize(description);
      EXPECT_EQ(*channel, written);
      EXPECT_EQ(again.media[0].mid(), "7");
    }
  }
}

struct Map {
  const char* value;
  bool usable;
  DataChannelMap map;
};

TEST(Dcmap, Table) {
  const std::vector<Map> table = {
      {"0 subprotocol=\"CLUE\";ordered=true", true, {0, "CLUE", true, false}},
      {"2 ordered=true;subprotocol=\"CLUE\"", true, {2, "CLUE", true, false}},
      {"2 subprotocol=\"cl%75e\"", true, {2, "clue", true, false}},
      {"2 subprotocol=\"a%22b;c\";ordered=false", true, {2, "a\"b;c", false, false}},
      {"2 label=\"x=y;z\";subprotocol=\"CLUE\";priority=256;unknown", false, {}},
      {"2 label=\"x=y;z\";subprotocol=\"CLUE\";priority=256;unknown=1", true, {2, "CLUE", true, false}},
      {" 2  subprotocol=CLUE ; ordered=true ;", true, {2, "CLUE", true, false}},
      {"2 SubProtocol=\"CLUE\"", true, {2, "CLUE", true, false}},
      {"2 max-retr=3", true, {2, "", true, true}},
      {"2 max-time=3", true, {2, "", true, true}},
      {"2 max-retr=3;max-time=3", false, {}},
      {"2", true, {2, "", true, false}},
      {"65534", true, {65534, "", true, false}},
      {"65535", false, {}},
      {"65536", false, {}},
      {"-1 subprotocol=\"CLUE\"", false, {}},
      {"", false, {}},
      {"subprotocol=\"CLUE\"", false, {}},
      {"2 subprotocol=\"CLUE", false, {}},
      {"2 subprotocol=\"CL%4\"", false, {}},
      {"2 subprotocol=\"CL%zz\"", false, {}},
      {"2 subprotocol=\"CLUE\"ordered=true", false, {}},
      {"2 =;=;", true, {2, "", true, false}},
  };
  for (const Map& row : table) {
    const auto map = read_dcmap(row.value);
    ASSERT_EQ(map.has_value(), row.usable) << row.value;
    if (map) {
      EXPECT_EQ(*map, row.map) << row.value;
    }
  }
  EXPECT_EQ(clue_dcmap(2), "2 subprotocol=\"CLUE\";ordered=true");
}

TEST(ClueChannel, IsTheOneOfTheFirstValidGroup) {
  const auto found = [](const std::string& lines) { return find_clue_channel(read(session(lines))); };
  const std::string two = audio(6000, "a=mid:0\r\n") + channel("1");
  EXPECT_EQ(found("a=group:CLUE 1\r\n" + two), 1u);
  EXPECT_EQ(found("a=group:CLUE 0 1 9\r\n" + two), 1u);
  EXPECT_EQ(found("a=group:BUNDLE 0 1\r\n" + two), std::nullopt) << "DC-19: a group of another kind";
  EXPECT_EQ(found(two), std::nullopt) << "DC-19: no group";
  EXPECT_EQ(found("a=group:CLUE 0\r\n" + two), std::nullopt) << "no channel in it";
  EXPECT_EQ(found("a=group:CLUE 0\r\na=group:CLUE 1\r\n" + two), 1u) << "DC-18: the first valid one";
  EXPECT_EQ(found("a=group:CLUE 1 2\r\n" + two + channel("2")), std::nullopt) << "two channels in it";
  EXPECT_EQ(found("a=group:CLUE 2\r\na=group:CLUE 1\r\n" + two + channel("2")), 2u);
  EXPECT_EQ(
      found("a=group:CLUE 1\r\n" + audio(6000) + "m=application 0 UDP/DTLS/SCTP webrtc-datachannel\r\na=mid:1\r\n"),
      std::nullopt)
      << "port 0";
}

}  // namespace
}  // namespace clued::sdp
