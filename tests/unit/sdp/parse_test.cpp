// Session descriptions as text (RFC 8866).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sdp/session_description.hpp"

namespace clued::sdp {
namespace {

constexpr const char* kHead = "v=0\r\no=- 1 2 IN IP4 192.0.2.1\r\ns=-\r\nt=0 0\r\n";

SessionDescription parsed(const std::string& text) {
  auto result = parse(text);
  EXPECT_TRUE(result.has_value()) << (result ? "" : result.error().reason) << " in\n" << text;
  return result ? *result : SessionDescription{};
}

TEST(Parse, ReadsEveryPart) {
  const SessionDescription session = parsed(
      "v=0\r\n"
      "o=alice 2890844526 18446744073709551615 IN IP6 2001:db8::a\r\n"
      "s=A talk\r\n"
      "i=dropped\r\n"
      "c=IN IP4 host.example.net\r\n"
      "b=AS:2000\r\n"
      "t=0 0\r\n"
      "a=group:CLUE 2 3\r\n"
      "a=ice-lite\r\n"
      "a=inactive\r\n"
      "m=video 49170/2 RTP/AVP 31 96\r\n"
      "i=dropped too\r\n"
      "c=IN IP6 ::1\r\n"
      "b=TIAS:100\r\n"
      "a=rtpmap:96 H264/90000\r\n"
      "a=mid:2\r\n"
      "a=label:\r\n"
      "m=audio 0 RTP/AVP 0\r\n");
  EXPECT_EQ(session.origin.username, "alice");
  EXPECT_EQ(session.origin.session_id, "2890844526");
  EXPECT_EQ(session.origin.session_version, 18446744073709551615u);
  EXPECT_EQ(session.origin.family, IpFamily::v6);
  EXPECT_EQ(session.origin.address, "2001:db8::a");
  EXPECT_EQ(session.session_name, "A talk");
  EXPECT_EQ(session.connection, (Connection{IpFamily::v4, "host.example.net"}));
  EXPECT_EQ(session.bandwidths, std::vector<std::string>{"AS:2000"});
  ASSERT_EQ(session.groups.size(), 1u);
  EXPECT_EQ(session.groups[0], (Group{"CLUE", {"2", "3"}}));
  EXPECT_EQ(session.attributes, (std::vector<Attribute>{{"ice-lite", std::nullopt}, {"inactive", std::nullopt}}));
  ASSERT_EQ(session.media.size(), 2u);
  const MediaDescription& video = session.media[0];
  EXPECT_EQ(video.port, 49170);
  EXPECT_EQ(video.port_count, 2u);
  EXPECT_EQ(video.protocol, "RTP/AVP");
  EXPECT_EQ(video.formats, (std::vector<std::string>{"31", "96"}));
  EXPECT_EQ(video.bandwidths, std::vector<std::string>{"TIAS:100"});
  EXPECT_EQ(video.value("rtpmap"), "96 H264/90000");
  EXPECT_EQ(video.mid(), "2");
  EXPECT_EQ(video.label(), "");
  EXPECT_EQ(video.attribute("MID"), nullptr);
  EXPECT_EQ(session.connection_of(video)->address, "::1");
  EXPECT_EQ(session.connection_of(session.media[1])->address, "host.example.net");
  EXPECT_EQ(session.direction_of(video), Direction::inactive);
  EXPECT_FALSE(session.media[1].is_enabled());
}

TEST(Parse, TheWrittenTextIsExact) {
  const std::string text =
      "v=0\r\n"
      "o=alice 1 2 IN IP4 192.0.2.1\r\n"
      "s=-\r\n"
      "c=IN IP4 192.0.2.1\r\n"
      "b=AS:1\r\n"
      "t=0 0\r\n"
      "a=group:CLUE 1\r\n"
      "a=x:y:z\r\n"
      "m=video 5000/3 RTP/AVP 96\r\n"
      "c=IN IP6 ::1\r\n"
      "b=AS:2\r\n"
      "a=sendonly\r\n"
      "a=sctp-port: 5000\r\n"
      "a=empty:\r\n";
  EXPECT_EQ(serialize(parsed(text)), text);
}

struct Tolerated {
  const char* name;
  std::string text;
};

class Tolerates : public ::testing::TestWithParam<Tolerated> {};

TEST_P(Tolerates, AndWritesWhatItReadsAgain) {
  const SessionDescription first = parsed(GetParam().text);
  EXPECT_EQ(parsed(serialize(first)), first) << serialize(first);
}

INSTANTIATE_TEST_SUITE_P(
    Parse, Tolerates,
    ::testing::Values(
        Tolerated{"LfOnly", "v=0\no=- 1 2 IN IP4 192.0.2.1\ns=-\nt=0 0\nm=audio 9 RTP/AVP 0\na=mid:1\n"},
        Tolerated{"CrOnly", "v=0\ro=- 1 2 IN IP4 192.0.2.1\rs=-\rt=0 0\r"},
        Tolerated{"NoEndOfLastLine", "v=0\r\no=- 1 2 IN IP4 192.0.2.1\r\ns=-\r\nt=0 0"},
        Tolerated{"EmptyLines", "\r\nv=0\r\n\r\no=- 1 2 IN IP4 192.0.2.1\r\n\r\n"},
        Tolerated{"NeitherNameNorTime", "v=0\r\no=- 1 2 IN IP4 192.0.2.1\r\n"}, Tolerated{"VersionAlone", "v=0"},
        Tolerated{"NoOrigin", "v=0\r\ns=-\r\nm=audio 9 RTP/AVP 0\r\n"},
        Tolerated{"EmptyName", "v=0\r\no=- 1 2 IN IP4 192.0.2.1\r\ns=\r\nt=0 0\r\n"},
        Tolerated{"BlankName", "v=0\r\no=- 1 2 IN IP4 192.0.2.1\r\ns= \r\nt=0 0\r\n"},
        Tolerated{"OtherOrder", "v=0\r\nt=0 0\r\na=x\r\nc=IN IP4 192.0.2.1\r\no=- 1 2 IN IP4 192.0.2.1\r\ns=-\r\n"},
        Tolerated{"BlanksInUserName", "v=0\r\no=John  Q Doe 1 2 IN IP4 192.0.2.1\r\ns=-\r\nt=0 0\r\n"},
        Tolerated{"LowerCaseTypes", "v=0\r\no=- 1 2 in ip6 ::1\r\ns=-\r\nt=0 0\r\n"},
        Tolerated{"UnknownLines", std::string(kHead) + "q=what\r\nr=7d 1h 0 25h\r\nk=clear:x\r\n"},
        Tolerated{"SeveralTimes", "v=0\r\no=- 1 2 IN IP4 192.0.2.1\r\ns=-\r\nt=3034423619 3042462419\r\nt=1 2\r\n"},
        Tolerated{"SeveralConnections", std::string(kHead) + "m=video 9 RTP/AVP 0\r\nc=IN IP4 233.252.0.1/127\r\n"
                                                             "c=IN IP4 233.252.0.2/127\r\n"},
        Tolerated{"DisabledWithoutFormat", std::string(kHead) + "m=video 0 RTP/AVP\r\n"},
        Tolerated{"RunsOfBlanks", std::string(kHead) + "m=video  9   RTP/AVP  96 97 \r\na=group:x\r\n"},
        Tolerated{"GroupOfNone", std::string(kHead) + "a=group:CLUE\r\na=group: LS  a  b\r\n"},
        Tolerated{"OctetsInAttributes", std::string(kHead) + "a=name:\x01\xff\xc3\xa4 \t x\r\n"}),
    [](const auto& test) { return test.param.name; });

struct Refused {
  const char* name;
  std::string text;
  std::size_t line;
};

class Refuses : public ::testing::TestWithParam<Refused> {};

TEST_P(Refuses, AndTellsTheLine) {
  const auto result = parse(GetParam().text);
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().line, GetParam().line) << result.error().reason;
  EXPECT_FALSE(result.error().reason.empty());
}

INSTANTIATE_TEST_SUITE_P(Parse, Refuses,
                         ::testing::Values(Refused{"Nothing", "", 0}, Refused{"OnlyLineEnds", "\r\n\r\n", 2},
                                           Refused{"NoVersion", "o=- 1 2 IN IP4 h\r\n", 1},
                                           Refused{"OtherVersion", "v=1\r\n", 1},
                                           Refused{"SomethingElse", "<?xml version=\"1.0\"?>\r\nv=0\r\n", 1}),
                         [](const auto& test) { return test.param.name; });

/// One odd line costs what it says, and no more.
struct Odd {
  const char* name;
  std::string text;
  std::size_t line;
};

class Remarks : public ::testing::TestWithParam<Odd> {};

TEST_P(Remarks, AndGoesOnWithoutTheLine) {
  std::vector<std::string> remarks;
  const auto result = parse(GetParam().text + "m=audio 5000 RTP/AVP 0\r\na=mid:last\r\n", {}, &remarks);
  ASSERT_TRUE(result.has_value()) << result.error().reason;
  ASSERT_THAT(remarks, ::testing::SizeIs(1));
  EXPECT_THAT(remarks[0], ::testing::StartsWith("line " + std::to_string(GetParam().line) + ": "));
  ASSERT_FALSE(result->media.empty());
  EXPECT_EQ(result->media.back().port, 5000) << "what follows is as it is";
  EXPECT_EQ(result->media.back().mid(), "last");
  EXPECT_EQ(parsed(serialize(*result)), *result);
}

INSTANTIATE_TEST_SUITE_P(
    Parse, Remarks,
    ::testing::Values(Odd{"VersionTwice", std::string(kHead) + "v=0\r\n", 5},
                      Odd{"OriginTwice", std::string(kHead) + "o=- 1 2 IN IP4 h\r\n", 5},
                      Odd{"OriginInMedia", std::string(kHead) + "m=audio 9 RTP/AVP 0\r\no=- 1 2 IN IP4 h\r\n", 6},
                      Odd{"ShortOrigin", "v=0\r\no=- 2 IN IP4 192.0.2.1\r\n", 2},
                      Odd{"SessionIdNoNumber", "v=0\r\no=- x 2 IN IP4 192.0.2.1\r\n", 2},
                      Odd{"VersionNegative", "v=0\r\no=- 1 -2 IN IP4 192.0.2.1\r\n", 2},
                      Odd{"VersionTooLarge", "v=0\r\no=- 1 18446744073709551616 IN IP4 192.0.2.1\r\n", 2},
                      Odd{"OtherNetwork", "v=0\r\no=- 1 2 TN IP4 192.0.2.1\r\n", 2},
                      Odd{"AddressOfOtherFamily", "v=0\r\no=- 1 2 IN IP6 192.0.2.1\r\n", 2},
                      Odd{"OtherAddressType", std::string(kHead) + "c=IN IP5 192.0.2.1\r\n", 5},
                      Odd{"AddressOutOfRange", std::string(kHead) + "c=IN IP4 192.0.2.256\r\n", 5},
                      Odd{"ShortAddress", std::string(kHead) + "c=IN IP4 192.0.2\r\n", 5},
                      Odd{"ColonInIp4", std::string(kHead) + "c=IN IP4 ::1\r\n", 5},
                      Odd{"Zone", std::string(kHead) + "c=IN IP6 fe80::1%eth0\r\n", 5},
                      Odd{"Brackets", std::string(kHead) + "c=IN IP6 [::1]\r\n", 5},
                      Odd{"OddHostName", std::string(kHead) + "c=IN IP4 a;b\r\n", 5},
                      Odd{"LongHostName", std::string(kHead) + "c=IN IP4 " + std::string(256, 'a') + "\r\n", 5},
                      Odd{"OddTtl", std::string(kHead) + "c=IN IP4 224.0.0.1/x\r\n", 5},
                      Odd{"ShortConnection", std::string(kHead) + "c=IN IP4\r\n", 5},
                      Odd{"TimeNoNumbers", std::string(kHead) + "t=now then\r\n", 5},
                      Odd{"BandwidthWithoutValue", std::string(kHead) + "b=AS\r\n", 5},
                      Odd{"NoEquals", std::string(kHead) + "hello\r\n", 5},
                      Odd{"OneLetter", std::string(kHead) + "a\r\n", 5},
                      Odd{"UnknownType", std::string(kHead) + "q=what\r\n", 5},
                      Odd{"UpperCase", std::string(kHead) + "M=audio 9 RTP/AVP 0\r\n", 5},
                      Odd{"LeadingBlank", std::string(kHead) + " a=x\r\n", 5},
                      Odd{"EmptyAttribute", std::string(kHead) + "a=\r\n", 5},
                      Odd{"AttributeWithoutName", std::string(kHead) + "a=:x\r\n", 5},
                      Odd{"AttributeNameWithBlank", std::string(kHead) + "a=x y:z\r\n", 5},
                      // As table A.1.1 of TS 26.223 prints it.
                      Odd{"GroupWithoutColon", std::string(kHead) + "a=group CLUE 3\r\n", 5},
                      Odd{"GroupWithoutSemantics", std::string(kHead) + "a=group: \r\n", 5}),
    [](const auto& test) { return test.param.name; });

class Disables : public ::testing::TestWithParam<Odd> {};

/// Every m= line has its place in the answer, so none may get lost.
TEST_P(Disables, TheMLineAndNoOther) {
  std::vector<std::string> remarks;
  const auto result = parse(std::string(kHead) + "m=audio 5000 RTP/AVP 0\r\n" + GetParam().text +
                                "\r\na=mid:odd\r\nm=video 5002 RTP/AVP 96\r\na=mid:last\r\n",
                            {}, &remarks);
  ASSERT_TRUE(result.has_value()) << result.error().reason;
  ASSERT_THAT(result->media, ::testing::SizeIs(3));
  EXPECT_EQ(result->media[0].port, 5000);
  EXPECT_FALSE(result->media[1].is_enabled());
  EXPECT_FALSE(result->media[1].media.empty());
  EXPECT_FALSE(result->media[1].protocol.empty());
  EXPECT_EQ(result->media[1].mid(), "odd");
  EXPECT_EQ(result->media[2].port, 5002);
  ASSERT_THAT(remarks, ::testing::SizeIs(1));
  EXPECT_THAT(remarks[0], ::testing::StartsWith("line " + std::to_string(GetParam().line) + ": "));
  EXPECT_EQ(parsed(serialize(*result)), *result);
}

INSTANTIATE_TEST_SUITE_P(
    Parse, Disables,
    ::testing::Values(Odd{"PortNegative", "m=audio -1 RTP/AVP 0", 6}, Odd{"PortTooLarge", "m=audio 65536 RTP/AVP 0", 6},
                      Odd{"PortHuge", "m=audio 99999999999999999999999 RTP/AVP 0", 6},
                      Odd{"PortWithSign", "m=audio +9 RTP/AVP 0", 6}, Odd{"PortEmpty", "m=audio /2 RTP/AVP 0", 6},
                      Odd{"NoPorts", "m=audio 9/0 RTP/AVP 0", 6}, Odd{"PortsNoNumber", "m=audio 9/x RTP/AVP 0", 6},
                      Odd{"ShortMedia", "m=audio 9", 6}, Odd{"MediaAlone", "m=audio", 6}, Odd{"Empty", "m=", 6},
                      Odd{"NoFormat", "m=audio 9 RTP/AVP", 6},
                      Odd{"BrokenConnection", "m=audio 9 RTP/AVP 0\r\nc=IN IP4 not/an/address", 7},
                      Odd{"ShortConnection", "m=audio 9 RTP/AVP 0\r\nc=IN IP4", 7}),
    [](const auto& test) { return test.param.name; });

TEST(Parse, RemarksOnNothingThatIsInOrder) {
  std::vector<std::string> remarks;
  EXPECT_TRUE(
      parse(std::string(kHead) + "i=x\r\nu=x\r\ne=x\r\np=x\r\nz=x\r\nk=x\r\nr=x\r\n", {}, &remarks).has_value());
  EXPECT_TRUE(parse("v=0\nm=audio 9 RTP/AVP 0\n\na=x", {}, &remarks).has_value());
  EXPECT_THAT(remarks, ::testing::IsEmpty());
}

TEST(Parse, RemarksAreBounded) {
  std::string text = kHead;
  for (int i = 0; i < 1000; ++i) text += "a=\r\n";
  std::vector<std::string> remarks;
  EXPECT_TRUE(parse(text, {}, &remarks).has_value());
  EXPECT_THAT(remarks, ::testing::SizeIs(16));
}

TEST(Parse, IgnoresBlanksAtTheEndOfLines) {
  const auto session = parsed("v=0 \r\nm=audio 9 RTP/AVP 0 \t\r\na=sendonly \r\na=mid:1  \r\n");
  ASSERT_THAT(session.media, ::testing::SizeIs(1));
  EXPECT_EQ(session.direction_of(session.media[0]), Direction::sendonly);
  EXPECT_EQ(session.media[0].mid(), "1");
}

TEST(Parse, RefusesNulBytes) { EXPECT_FALSE(parse(std::string(kHead) + std::string("a=x:\0y\r\n", 8)).has_value()); }

TEST(Parse, IsBounded) {
  std::string text = kHead;
  for (int i = 0; i < 3; ++i) text += "m=audio 9 RTP/AVP 0\r\na=x\r\nb=AS:1\r\n";
  ParseLimits limits;
  limits.bytes = text.size();
  limits.media_lines = 3;
  limits.attributes = 6;
  EXPECT_TRUE(parse(text, limits).has_value());
  --limits.bytes;
  EXPECT_FALSE(parse(text, limits).has_value());
  ++limits.bytes;
  --limits.media_lines;
  EXPECT_FALSE(parse(text, limits).has_value());
  ++limits.media_lines;
  --limits.attributes;
  EXPECT_FALSE(parse(text, limits).has_value());
}

TEST(Direction, IsReversedForTheOtherSide) {
  EXPECT_EQ(reversed(Direction::sendrecv), Direction::sendrecv);
  EXPECT_EQ(reversed(Direction::sendonly), Direction::recvonly);
  EXPECT_EQ(reversed(Direction::recvonly), Direction::sendonly);
  EXPECT_EQ(reversed(Direction::inactive), Direction::inactive);
}

TEST(Direction, OfTheMediaLineCountsBeforeThatOfTheSession) {
  const std::string session = std::string(kHead) + "a=recvonly\r\nm=audio 9 RTP/AVP 0\r\n";
  EXPECT_EQ(parsed(session).direction_of(parsed(session).media[0]), Direction::recvonly);
  const SessionDescription own = parsed(session + "a=sendonly\r\n");
  EXPECT_EQ(own.direction_of(own.media[0]), Direction::sendonly);
  const SessionDescription none = parsed(std::string(kHead) + "m=audio 9 RTP/AVP 0\r\n");
  EXPECT_EQ(none.direction_of(none.media[0]), Direction::sendrecv);
}

}  // namespace
}  // namespace clued::sdp
