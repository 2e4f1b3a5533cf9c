// At trace every SIP message is in the log as it is on the wire, with the ids that the other records of its call have.
#include "sip/message_trace.hpp"

#include <gmock/gmock.h>

#include "component/sip/harness.hpp"

namespace clued::sip::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::StartsWith;

class MessageTraceTest : public ::testing::Test {
 protected:
  static std::string text_of(const base::Record& record) {
    std::string text;
    for (const base::Field& field : record.fields) {
      if (field.key != "message") text += std::get<std::string>(field.value) + '|';
    }
    return text;
  }

  std::vector<std::string> lines;
  bool is_on = true;
  MessageTrace trace{base::RecordSink([this](const base::Record& record) { lines.push_back(text_of(record)); },
                                      [this](base::Severity) { return is_on; })};
};

TEST_F(MessageTraceTest, TheConferenceOfACallIsKnownFromWhenOurContactHasToldIt) {
  trace.received("udp:192.0.2.1:5060", "INVITE sip:factory@example.net SIP/2.0\r\nCall-ID: c1\r\n\r\n");
  trace.sent("udp:192.0.2.1:5060",
             "SIP/2.0 200 OK\r\nContact: <sip:conf-7@192.0.2.2>;isfocus\r\ni: c1\r\nContent-Length: 0\r\n\r\n");
  trace.received("udp:192.0.2.1:5060", "SIP/2.0 200 OK\r\ncall-id : c1\r\n\r\nCall-ID: other");
  trace.received("udp:192.0.2.1:5060", "SIP/2.0 200 OK\r\nCall-ID: c2\r\n\r\n");
  EXPECT_THAT(lines, ElementsAre("factory|c1|received|udp:192.0.2.1:5060|", "conf-7|c1|sent|udp:192.0.2.1:5060|",
                                 "conf-7|c1|received|udp:192.0.2.1:5060|", "|c2|received|udp:192.0.2.1:5060|"));
}

TEST_F(MessageTraceTest, WhatIsNoMessageIsPassedOver) {
  for (const char* text : {"", "\r\n\r\n", "garbage", "\n SIP/2.0"}) trace.received("tcp:192.0.2.1:9", text);
  EXPECT_THAT(lines, IsEmpty());
  trace.received("tcp:192.0.2.1:9", "SIP/2.0");
  EXPECT_THAT(lines, ElementsAre("||received|tcp:192.0.2.1:9|"));
}

TEST_F(MessageTraceTest, AtOtherLevelsNothingIsRead) {
  is_on = false;
  trace.received("udp:192.0.2.1:5060", "INVITE sip:conf-1@example.net SIP/2.0\r\nCall-ID: c1\r\n\r\n");
  is_on = true;
  trace.received("udp:192.0.2.1:5060", "SIP/2.0 200 OK\r\nCall-ID: c1\r\n\r\n");
  EXPECT_THAT(lines, ElementsAre("|c1|received|udp:192.0.2.1:5060|"));
}

class TracedCall : public ::testing::TestWithParam<Wire> {};

TEST_P(TracedCall, IsInTheLogMessageByMessage) {
  Harness harness;
  harness.traces = true;
  Peer peer(harness.io, GetParam(), harness.uri(GetParam()));
  const Call call = establish(harness, peer, "traced");
  const std::string source = (GetParam() == Wire::udp ? "udp:" : "tcp:") + std::string("127.0.0.1:");
  std::vector<std::string> seen;
  for (const std::string& line : harness.records) {
    if (line.find("sip.message ") != 0 || line.find(" 100 Trying") != std::string::npos) continue;
    EXPECT_NE(line.find("conference=conf-1 call_id=traced "), std::string::npos) << line;
    EXPECT_NE(line.find("peer=" + source), std::string::npos) << line;
    EXPECT_NE(line.find("CSeq"), std::string::npos) << "it is whole: " << line;
    const std::size_t message = line.find("message=") + 8;
    const std::string direction = line.find("direction=received") != std::string::npos ? "< " : "> ";
    seen.push_back(direction + line.substr(message, line.find_first_of(" \r", message + 8) - message));
  }
  EXPECT_THAT(seen, ElementsAre(StartsWith("< INVITE"), StartsWith("> SIP/2.0 200"), StartsWith("< ACK")));
}

INSTANTIATE_TEST_SUITE_P(Wires, TracedCall, ::testing::Values(Wire::udp, Wire::tcp),
                         [](const auto& wire) { return wire.param == Wire::udp ? "Udp" : "Tcp"; });

}  // namespace
}  // namespace clued::sip::test
