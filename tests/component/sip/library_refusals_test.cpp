// Requests that the library cannot read: it answers them by itself, and the log has to say so.
#include "sip/library_refusals.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "component/sip/harness.hpp"

namespace clued::sip::test {
namespace {

using namespace std::chrono_literals;
namespace event = focus::event;

struct Malformed {
  const char* name;
  const char* from;  ///< a piece of a good request
  const char* to;    ///< and what stands in its place
  int status;
  const char* record;
};

constexpr Malformed malformed[] = {
    {"BadFrom", "From: \"Alice\" <sip:alice@example.net>", "From: <<<", 400, "method=INVITE why=Bad From Header"},
    {"NoFrom", "From:", "X-From:", 400, "method=INVITE why=Bad Request"},
    {"NoTo", "To:", "X-To:", 400, "method=INVITE why=Bad Request"},
    {"BadCSeq", "CSeq: 1 INVITE", "CSeq: one INVITE", 400, "why=Bad CSeq Header"},
    {"CSeqTooLarge", "CSeq: 1 INVITE", "CSeq: 4294967296 INVITE", 400, "why=Bad CSeq Header"},
    {"CSeqOfAnother", "CSeq: 1 INVITE", "CSeq: 1 BYE", 400, "why=Bad Request"},
    {"BadContact", "Contact:", "Contact: <<<\r\nX-Contact:", 400, "why=Bad Contact Header"},
    {"BadRecordRoute", "Contact:", "Record-Route: <<<\r\nContact:", 400, "why=Bad Record-Route Header"},
    {"BadSessionExpires", "Contact:", "Session-Expires: soon\r\nContact:", 400, "why=Bad Session-Expires Header"},
    {"BadContentType", "Contact:", "Content-Type: ;;\r\nContact:", 400, "why=Bad Content-Type Header"},
    {"BadContentLength", "Content-Length: 0", "Content-Length: -1", 400, "why=Bad Content-Length Header"},
    {"AnotherVersion", "SIP/2.0\r\n", "SIP/3.0\r\n", 505, "method=INVITE why=Version Not Supported"},
};

class LibraryRefusal : public testing::TestWithParam<Malformed> {
 protected:
  std::string broken(const char* from, const char* to) {
    std::string text = peer.request("INVITE", "sip:c@h", "broken", 1);
    const std::size_t at = text.find(from);
    EXPECT_NE(at, std::string::npos);
    return text.replace(at, std::string(from).size(), to);
  }

  Harness harness;
  Peer peer{harness.io, Wire::udp, harness.uri(Wire::udp)};
};

INSTANTIATE_TEST_SUITE_P(Sip, LibraryRefusal, testing::ValuesIn(malformed),
                         [](const auto& one) { return std::string(one.param.name); });

TEST_P(LibraryRefusal, IsRecorded) {
  const Malformed& one = GetParam();
  peer.send(broken(one.from, one.to));
  EXPECT_EQ(harness.answer(peer).status(), one.status);
  ASSERT_TRUE(harness.logged("sip.request_refused"));
  EXPECT_TRUE(harness.logged("call_id=broken "));
  EXPECT_TRUE(harness.logged(one.record));
  EXPECT_TRUE(harness.logged("source=udp:" + peer.host()));
  EXPECT_TRUE(harness.events.empty());
}

TEST(UnreadableRequest, WithoutCallIdIsRecordedWithoutOne) {
  Harness harness;
  Peer peer(harness.io, Wire::udp, harness.uri(Wire::udp));
  std::string text = peer.request("INVITE", "sip:c@h", "nameless", 1);
  text.replace(text.find("Call-ID:"), 8, "X-Call:");
  peer.send(text);
  EXPECT_EQ(harness.answer(peer).status(), 400);
  EXPECT_TRUE(harness.logged("why=Bad Request source=udp:" + peer.host()));
}

TEST(UnreadableRequest, ThatNobodyWaitsForAnAnswerToIsRecorded) {
  Harness harness;
  Peer peer(harness.io, Wire::udp, harness.uri(Wire::udp));
  std::string text = peer.request("ACK", "sip:c@h", "acked", 1);
  text.replace(text.find("CSeq: 1"), 7, "CSeq: x");
  peer.send(text);
  ASSERT_TRUE(harness.until([&] { return harness.logged("sip.request_refused"); }));
  EXPECT_TRUE(harness.logged("there is nobody to answer source=udp:" + peer.host()));
  EXPECT_TRUE(peer.inbox.empty());
}

// RFC 3261 section 8.2.2.1 and RFC 4475 section 3.1.2: the library would drop it.
TEST(UnreadableRequest, WithABadRequestUriIsAnswered) {
  Harness harness;
  Peer peer(harness.io, Wire::udp, harness.uri(Wire::udp));
  for (const char* uri : {"<sip:c@h>", "sip:c@h; lr", "sip:c @h"}) {
    peer.send(peer.request("INVITE", uri, "bad-uri", 1));
    EXPECT_EQ(harness.answer(peer).status(), 400) << uri;
    EXPECT_TRUE(harness.logged("_refused call_id=bad-uri")) << testing::PrintToString(harness.records);
    harness.records.clear();
  }
}

TEST(UnreadableRequest, OfNoSipIsNoNews) {
  Harness harness;
  Peer peer(harness.io, Wire::udp, harness.uri(Wire::udp));
  for (const char* text : {"\r\n\r\n", "hello\r\n\r\n", "\x01\x02\x03"}) peer.send(text);
  peer.send(peer.request("OPTIONS", "sip:c@h", "good", 1));
  harness.next<event::OptionsReceived>();
  EXPECT_FALSE(harness.logged("_refused")) << testing::PrintToString(harness.records);
}

// What we refuse ourselves is said once, by whoever refuses it.
TEST(UnreadableRequest, IsNotTakenForOneThatWeRefuse) {
  Harness harness;
  Peer peer(harness.io, Wire::udp, harness.uri(Wire::udp));
  peer.send(peer.request("INVITE", "sip:c@h", "ours", 1, "", "Require: foo\r\n"));
  EXPECT_EQ(harness.answer(peer).status(), 420);
  harness.pass(20ms);
  EXPECT_EQ(std::count_if(harness.records.begin(), harness.records.end(),
                          [](const std::string& line) { return line.find("request_refused") != line.npos; }),
            1);
}

TEST(MessageHeads, AreReadAsFarAsTheyGo) {
  const auto head = read_head("SIP/2.0 400 Bad CSeq Header\r\ni : a@b\r\nCSeq: 7 BYE\r\n\r\nCall-ID: body\r\n");
  EXPECT_EQ(head.status, 400);
  EXPECT_EQ(head.phrase, "Bad CSeq Header");
  EXPECT_EQ(head.call_id, "a@b");
  EXPECT_EQ(head.method, "BYE");
  EXPECT_EQ(read_head("BYE sip:x SIP/2.0\nCall-ID: c").call_id, "c");
  EXPECT_EQ(read_head("BYE sip:x SIP/2.0\nCall-ID: c").method, "BYE");
  for (const char* text : {"", "SIP/2.0 ", "SIP/2.0", "\r\n", "SIP/2.0 4", ":\r\n:"})
    EXPECT_EQ(read_head(text).call_id, "");
  EXPECT_TRUE(is_refusal("SIP/2.0 400 x"));
  for (const char* text : {"", "SIP/2.0 ", "SIP/2.0 200 OK", "INVITE sip:x SIP/2.0"}) EXPECT_FALSE(is_refusal(text));
}

}  // namespace
}  // namespace clued::sip::test
