// What comes on a connection, cut into messages whatever the segments are.
#include "sip/stream_framer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

namespace clued::sip::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const StreamFramer::StartLineCheck any_line = [](std::string_view line) {
  return line.find("bad") == std::string_view::npos;
};

std::string request(const std::string& method = "OPTIONS", const std::string& body = "") {
  return method +
         " sip:conf@h SIP/2.0\r\nVia: SIP/2.0/TCP a;branch=z9hG4bK1\r\nv: SIP/2.0/TCP b\r\nFrom: <sip:a@h>;tag=1\r\n" +
         "t: <sip:conf@h>\r\nCall-ID: one\r\nCSeq: 1 " + method + "\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\n\r\n" + body;
}

struct Cut {
  std::vector<std::string> messages;
  std::size_t pings = 0;
  std::string why;
  std::string answer;
};

/// The pieces are of 1 to `longest` bytes.
Cut cut(const std::string& text, std::size_t longest, unsigned seed = 1, std::size_t max = 4096) {
  std::mt19937 random(seed);
  StreamFramer framer(max, any_line);
  Cut cut;
  for (std::size_t at = 0; at < text.size() && !framer.fault();) {
    const std::size_t wanted = 1 + (longest == 1 ? 0 : random() % longest);
    const std::string_view piece = std::string_view(text).substr(at, std::min(wanted, framer.room()));
    framer.take(piece, [&cut](std::string_view message) { cut.messages.emplace_back(message); });
    cut.pings += framer.take_pings();
    at += piece.size();
  }
  if (framer.fault()) {
    cut.why = framer.fault()->why;
    cut.answer = framer.fault()->answer;
  }
  return cut;
}

TEST(StreamFramer, LeavesOutTheLineEndsBeforeAndBetweenMessages) {
  const std::string body = "\r\n\r\nOPTIONS in a body\r\n";
  const std::string text =
      "\r\n\r\n" + request() + "\r\n" + request("INVITE", body) + "\n\r\r\n" + request("BYE") + "\r\n";
  for (const std::size_t longest : {1U, 2U, 7U, 100U, 4000U}) {
    for (unsigned seed = 0; seed < 20; ++seed) {
      const Cut one = cut(text, longest, seed);
      EXPECT_THAT(one.messages, ElementsAre(request(), request("INVITE", body), request("BYE")));
      EXPECT_EQ(one.pings, 1U);
      EXPECT_EQ(one.why, "");
    }
  }
}

TEST(StreamFramer, CountsDoubleLineEndsAsPings) {
  for (const std::size_t longest : {1U, 3U, 100U}) {
    EXPECT_EQ(cut("\r\n\r\n", longest).pings, 1U);
    EXPECT_EQ(cut("\r\n\r\n" + request() + "\r\n\r\n\r\n\r\n", longest).pings, 3U);
    EXPECT_EQ(cut("\r\n" + request() + "\r\n", longest).pings, 0U);
    EXPECT_EQ(cut(request("INVITE", "\r\n\r\n"), longest).pings, 0U);
  }
}

/// What the library's work grows with the square of.
TEST(StreamFramer, RefusesHeadersThatWouldTakeLong) {
  const auto with = [](const std::string& headers) {
    std::string text = request();
    return text.insert(text.find("Call-ID"), headers);
  };
  const auto repeated = [](const std::string& text, std::size_t times) {
    std::string all;
    while (times-- > 0) all += text;
    return all;
  };
  const std::size_t room = 100'000;
  EXPECT_EQ(cut(with(repeated("k: a\r\n", 290)), 700, 1, room).messages.size(), 1U);
  EXPECT_EQ(cut(with("k: a" + repeated(",b", 2900) + "\r\n"), 700, 1, room).messages.size(), 1U);
  for (const std::string& headers :
       {repeated("k: a\r\n", 301), repeated("x:\r\n", 301), "k: a" + repeated("\r\n b", 301) + "\r\n",
        "k: a" + repeated(",b", 3001) + "\r\n", "a: *" + repeated(";x", 3001) + "\r\n",
        "Refer-To: <sip:a@h?a=b" + repeated("&a=b", 3001) + ">\r\n"}) {
    const Cut one = cut(with("To: <sip:x@h>\r\nCall-ID: one\r\nCSeq: 1 OPTIONS\r\n" + headers), 700, 1, room);
    EXPECT_THAT(one.messages, IsEmpty());
    EXPECT_THAT(one.why, HasSubstr("too many"));
    EXPECT_THAT(one.answer, HasSubstr("SIP/2.0 513 ")) << one.answer;
  }
  // Each message has its own.
  const std::string half = with(repeated("k: a\r\n", 200));
  EXPECT_EQ(cut(half + half + half, 700, 1, room).messages.size(), 3U);
}

TEST(StreamFramer, TakesLinesThatEndWithLineFeedAlone) {
  std::string text = request();
  for (std::size_t at = text.find('\r'); at != std::string::npos; at = text.find('\r')) text.erase(at, 1);
  EXPECT_THAT(cut(text + text, 5).messages, ElementsAre(text, text));
}

TEST(StreamFramer, FindsTheContentLengthInAllItsSpellings) {
  for (const char* spelled : {"l: 2", "L:2", "content-length : 2", "Content-Length:\r\n  2", "Content-Length: 02\t"}) {
    std::string text = request("INVITE", "ab");
    text.replace(text.find("Content-Length: 2"), 17, spelled);
    EXPECT_THAT(cut(text, 3).messages, ElementsAre(text)) << spelled;
  }
}

struct Broken {
  const char* name;
  std::string text;
  int status;  ///< of the answer, 0: none
  const char* why;
  friend void PrintTo(const Broken& one, std::ostream* out) { *out << one.name; }
};

std::string changed(std::string text, const std::string& from, const std::string& to) {
  return text.replace(text.find(from), from.size(), to);
}

class BrokenStream : public ::testing::TestWithParam<Broken> {};

const std::string line = "Content-Length: 0\r\n";

INSTANTIATE_TEST_SUITE_P(
    Sip, BrokenStream,
    ::testing::Values(
        Broken{"Garbage", "hello\r\n\r\n", 0, "neither"}, Broken{"Nuls", std::string(10, '\0'), 0, "neither"},
        Broken{"TlsHello", std::string("\x16\x03\x01\x02\x00\x01", 6), 0, "neither"},
        Broken{"Http", "GET / HTTP/1.1\r\nHost: h\r\n\r\n", 0, "neither"},
        Broken{"BlankBefore", " " + request(), 0, "neither"},
        Broken{"EndlessMethod", std::string(100, 'a'), 0, "neither"},
        Broken{"EndlessHeader", changed(request(), line, "X: " + std::string(9000, 'x')), 413, "without an end"},
        Broken{"BadStatusLine", "SIP/2.0 99 What\r\nContent-Length: 0\r\n\r\n", 0, "status line"},
        Broken{"NoStatus", "SIP/2.0\r\nContent-Length: 0\r\n\r\n", 0, "status line"},
        Broken{"BadRequestUri", changed(request(), "sip:conf@h", "bad"), 400, "request line"},
        Broken{"NoRequestUri", changed(request(), "sip:conf@h ", "bad uri "), 400, "request line"},
        Broken{"BadRequestOfAnAck", changed(request("ACK"), "sip:conf@h", "bad"), 0, "request line"},
        Broken{"NoLength", changed(request(), line, ""), 400, "no Content-Length"},
        Broken{"NoLengthOfAResponse", "SIP/2.0 200 OK\r\n\r\n", 0, "no Content-Length"},
        Broken{"NoHeaders", "OPTIONS sip:a SIP/2.0\r\n\r\n", 0, "no Content-Length"},
        Broken{"NegativeLength", changed(request(), ": 0\r\n", ": -1\r\n"), 400, "no number"},
        Broken{"NoNumber", changed(request(), ": 0\r\n", ": many\r\n"), 400, "no number"},
        Broken{"EmptyLength", changed(request(), ": 0\r\n", ":\r\n"), 400, "no number"},
        Broken{"TwoLengths", changed(request(), line, line + line), 400, "more than one"},
        Broken{"TwoLengthsOfDifferentNames", changed(request(), line, line + "l: 1\r\n"), 400, "more than one"},
        Broken{"LengthsInOneLine", changed(request(), ": 0\r\n", ": 0, 0\r\n"), 400, "no number"},
        Broken{"AbsurdLength", changed(request(), ": 0\r\n", ": 4294967296\r\n"), 413, "longer"},
        Broken{"OverflowingLength", changed(request(), ": 0\r\n", ": 18446744073709551617\r\n"), 413, "longer"},
        Broken{"TooLong", changed(request(), ": 0\r\n", ": 4000\r\n"), 413, "longer"},
        Broken{"FoldedStartLine", changed(request(), "Via", " Via"), 0, "folded"},
        Broken{"NulInAHeader", changed(request(), line, std::string("X: \0\r\n", 6) + line), 400, "control"},
        Broken{"CarriageReturnInAHeader", changed(request(), line, "X: a\rb\r\n" + line), 400, "control"},
        Broken{"NulInTheStartLine", changed(request(), "conf", std::string(1, '\0')), 0, "control"}),
    [](const auto& one) { return one.param.name; });

TEST_P(BrokenStream, IsAFaultInWhateverPieces) {
  const Broken& broken = GetParam();
  for (const std::size_t longest : {1U, 10U, 4000U}) {
    for (unsigned seed = 0; seed < 5; ++seed) {
      const Cut one = cut(request() + "\r\n" + broken.text + request(), longest, seed);
      EXPECT_THAT(one.messages, ElementsAre(request()));
      EXPECT_THAT(one.why, HasSubstr(broken.why));
      const std::string start = "SIP/2.0 " + std::to_string(broken.status) + " ";
      EXPECT_EQ(one.answer.substr(0, start.size()), broken.status == 0 ? "" : start);
    }
  }
}

TEST(StreamFramer, AnswersWithTheHeadersOfTheRequest) {
  const std::string text = changed(changed(request(), line, ""), "CSeq: 1", "CSeq:\r\n 1");
  const std::string answer = cut(text, 4000).answer;
  EXPECT_THAT(answer,
              HasSubstr("\r\nVia: SIP/2.0/TCP a;branch=z9hG4bK1\r\nv: SIP/2.0/TCP b\r\nFrom: <sip:a@h>;tag=1\r\n"));
  EXPECT_THAT(answer, HasSubstr("\r\nt: <sip:conf@h>;tag="));
  EXPECT_THAT(answer, HasSubstr("\r\nCSeq:   1 OPTIONS\r\nContent-Length: 0\r\n\r\n"));
  EXPECT_EQ(answer, cut(text, 1).answer) << "the same in other pieces";
  EXPECT_THAT(cut(changed(text, "Call-ID", "X"), 4000).answer, IsEmpty()) << "it would not find its way";
}

TEST(StreamFramer, ReadsNoStartLineWithoutEnd) {
  for (const std::size_t longest : {1U, 100'000U}) {
    EXPECT_THAT(cut("OPTIONS sip:" + std::string(9000, 'a'), longest, 1, 100'000).why, HasSubstr("too long"));
  }
}

TEST(StreamFramer, GivesUpHalfAMessage) {
  StreamFramer framer(4096, any_line);
  framer.take(request("INVITE", "0123").substr(0, request("INVITE", "0123").size() - 1), [](std::string_view) {});
  ASSERT_TRUE(framer.holds_part());
  framer.expire();
  ASSERT_TRUE(framer.fault());
  EXPECT_EQ(framer.fault()->status, 408);
  EXPECT_FALSE(framer.holds_part());
  framer.take(request(), [](std::string_view) { ADD_FAILURE() << "nothing is read after a fault"; });
}

}  // namespace
}  // namespace clued::sip::test
