#include "channel/stun_message.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/ip/udp.hpp>
#include <string>

#include "channel/stun_response.hpp"
#include "component/channel/stun_request.hpp"

namespace clued::channel::test {
namespace {

using boost::asio::ip::make_address;
using boost::asio::ip::udp;

// RFC 5769 section 2.
constexpr const char* kPassword = "VOkJxbRl1RmTxUk/WvJxBt";

const std::string kSampleRequest = octets(
    "00010058 2112a442 b7e7a701bc34d686fa87dfae"
    "80220010 5354554e207465737420636c69656e74"
    "00240004 6e0001ff"
    "80290008 932ff9b151263b36"
    "00060009 6576746a3a68367659202020"
    "00080014 9aeaa70cbfd8cb56781ef2b5b2d3f249c1b571a2"
    "80280004 e57a3bcf");

const std::string kSampleIpv4Response = octets(
    "0101003c 2112a442 b7e7a701bc34d686fa87dfae"
    "8022000b 7465737420766563746f7220"
    "00200008 0001a147e112a643"
    "00080014 2b91f599fd9e90c38c7489f92af9ba53f06be7d7"
    "80280004 c07d4c96");

const std::string kSampleIpv6Response = octets(
    "01010048 2112a442 b7e7a701bc34d686fa87dfae"
    "8022000b 7465737420766563746f7220"
    "00200014 0002a1470113a9faa5d3f179bc25f4b5bed2b9d9"
    "00080014 a382954e4be67bf11784c97c8292c275bfe3ed41"
    "80280004 c8fb0b4c");

bool is_verified(const std::string& text, const char* password) {
  const auto message = parse_stun(bytes_of(text));
  MessageIntegrity integrity;
  return message && integrity.verify(password, message->covered, message->integrity);
}

TEST(StunMessage, OfTheSampleRequestIsRead) {
  const auto message = parse_stun(bytes_of(kSampleRequest));
  ASSERT_TRUE(message);
  EXPECT_EQ(message->message_class, StunClass::request);
  EXPECT_EQ(message->method, kBinding);
  EXPECT_EQ(text_of(message->transaction_id), octets("b7e7a701bc34d686fa87dfae"));
  EXPECT_EQ(message->username, "evtj:h6vY");
  EXPECT_EQ(message->priority, 0x6e0001ffU);
  EXPECT_TRUE(message->ice_controlled);
  EXPECT_FALSE(message->ice_controlling);
  EXPECT_FALSE(message->use_candidate);
  EXPECT_EQ(message->unknown_count, 0U);
}

TEST(StunMessage, OfTheSamplesHasTheirIntegrity) {
  for (const std::string* const sample : {&kSampleRequest, &kSampleIpv4Response, &kSampleIpv6Response}) {
    EXPECT_TRUE(is_verified(*sample, kPassword));
    EXPECT_FALSE(is_verified(*sample, "VOkJxbRl1RmTxUk/WvJxBT"));
    EXPECT_FALSE(is_verified(*sample, ""));
  }
  EXPECT_EQ(parse_stun(bytes_of(kSampleIpv4Response))->message_class, StunClass::success_response);
}

TEST(StunMessage, ChangedAnywhereIsNone) {
  for (std::size_t i = 0; i < kSampleRequest.size(); ++i) {
    std::string changed = kSampleRequest;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    EXPECT_FALSE(parse_stun(bytes_of(changed))) << "octet " << i;
  }
}

TEST(StunMessage, CutOffIsNone) {
  for (std::size_t size = 0; size < kSampleRequest.size(); ++size) {
    EXPECT_FALSE(parse_stun(bytes_of(kSampleRequest).first(size))) << size;
  }
  EXPECT_FALSE(parse_stun(bytes_of(kSampleRequest + std::string(4, '\0'))));
}

TEST(StunMessage, WithALyingLengthIsNone) {
  for (const char* const attributes : {
           "00060009 6576746a",       // longer than what is there
           "0006ffff 6576746a",       // ... by far
           "0006fffd 6576746a",       // ... where padding would overflow 16 bits
           "00060004 6576746a 0006",  // half a header
           "00240003 6e000100",       // PRIORITY of three octets
           "00250004 00000000",       // USE-CANDIDATE with a value
           "80290004 932ff9b1",       // a tie-breaker of four octets
           "802a0000",                // ... of none
           "00080010 9aeaa70cbfd8cb56781ef2b5b2d3f249",
           "80280004 00000000",  // a second FINGERPRINT
       }) {
    EXPECT_FALSE(parse_stun(bytes_of(stun_message(1, "abcdefghijkl", octets(attributes), "password", true))))
        << attributes;
  }
  EXPECT_FALSE(parse_stun(
      bytes_of(stun_message(1, "abcdefghijkl", stun_attribute(0x0006, std::string(513, 'u')), "password", true))));
}

TEST(StunMessage, WithoutFingerprintIsNone) {
  StunRequest request{.username = "a:b", .fingerprint = false};
  EXPECT_FALSE(parse_stun(bytes_of(request.to_bytes())));
}

TEST(StunMessage, OfAnotherProtocolIsNone) {
  EXPECT_FALSE(parse_stun(bytes_of(std::string(28, '\0'))));
  EXPECT_FALSE(parse_stun(bytes_of(stun_message(0x4001, "abcdefghijkl", "", {}, true))));
  EXPECT_FALSE(parse_stun({}));
}

TEST(StunMessage, TakesTheFirstOfEachKindAndNothingBehindTheIntegrity) {
  const std::string message = stun_message(1, "abcdefghijkl",
                                           stun_attribute(0x0006, "one") + stun_attribute(0x0006, "two") +
                                               stun_attribute(0x0008, std::string(20, 'i')) +
                                               stun_attribute(0x0025, "") + stun_attribute(0x7fff, ""),
                                           {}, true);
  const auto read = parse_stun(bytes_of(message));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->username, "one");
  EXPECT_EQ(text_of(read->integrity), std::string(20, 'i'));
  EXPECT_EQ(read->covered.size(), 20U + 8 + 8);
  EXPECT_FALSE(read->use_candidate) << "nobody vouches for it";
  EXPECT_EQ(read->unknown_count, 0U);
}

TEST(StunMessage, NamesSomeOfTheAttributesThatHaveToBeUnderstood) {
  std::string attributes = stun_attribute(0x8022, "software") + stun_attribute(0xc057, "1234");
  for (std::uint16_t type = 0x7f00; type < 0x7f20; ++type) attributes += stun_attribute(type, "?");
  const auto read = parse_stun(bytes_of(stun_message(1, "abcdefghijkl", attributes, {}, true)));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->unknown_count, StunMessage::kMostUnknown);
  EXPECT_EQ(read->unknown[0], 0x7f00);
  EXPECT_EQ(read->unknown[7], 0x7f07);
}

TEST(StunMessage, KnowsClassesAndMethods) {
  const auto read = [](std::uint16_t type) {
    return parse_stun(bytes_of(stun_message(type, "abcdefghijkl", "", {}, true))).value();
  };
  EXPECT_EQ(read(0x0011).message_class, StunClass::indication);
  EXPECT_EQ(read(0x0101).message_class, StunClass::success_response);
  EXPECT_EQ(read(0x0111).message_class, StunClass::error_response);
  EXPECT_EQ(read(0x0111).method, kBinding);
  EXPECT_EQ(read(0x3eef).method, 0x0fff);
  EXPECT_EQ(read(0x3eef).message_class, StunClass::request);
}

TEST(StunResponse, SaysWhereTheRequestCameFrom) {
  const auto request = parse_stun(bytes_of(kSampleRequest)).value();
  MessageIntegrity integrity;
  StunResponse v4(request, udp::endpoint(make_address("192.0.2.1"), 32853));
  ASSERT_TRUE(v4.protect(integrity, kPassword));
  const std::string text(text_of(v4.finish()));
  // What the sample response has besides its SOFTWARE.
  EXPECT_EQ(text.substr(4, 28), kSampleIpv4Response.substr(4, 16) + kSampleIpv4Response.substr(36, 12));
  EXPECT_TRUE(is_verified(text, kPassword));
  StunResponse v6(request, udp::endpoint(make_address("2001:db8:1234:5678:11:2233:4455:6677"), 32853));
  ASSERT_TRUE(v6.protect(integrity, kPassword));
  const std::string longer(text_of(v6.finish()));
  EXPECT_EQ(longer.substr(20, 24), kSampleIpv6Response.substr(36, 24));
  EXPECT_TRUE(is_verified(longer, kPassword));
}

TEST(StunResponse, OfAnErrorIsShortAndNamesWhatIsUnknown) {
  const std::string short_one = stun_message(1, "abcdefghijkl", "", {}, true);
  const auto plain = parse_stun(bytes_of(short_one)).value();
  StunResponse refusal(plain, 401);
  EXPECT_EQ(text_of(refusal.finish()).substr(0, 28),
            octets("01110010 2112a442") + "abcdefghijkl" + octets("00090004 00000401"));
  const std::string text =
      stun_message(1, "abcdefghijkl",
                   stun_attribute(0x7f01, "?") + stun_attribute(0x0003, "1234") + stun_attribute(0x7f02, ""), {}, true);
  const auto strange = parse_stun(bytes_of(text)).value();
  MessageIntegrity integrity;
  StunResponse unknown(strange, 420);
  ASSERT_TRUE(unknown.protect(integrity, "password"));
  const std::string answer(text_of(unknown.finish()));
  EXPECT_EQ(answer.substr(20, 20), octets("00090004 00000414 000a0006 7f01 0003 7f02 0000"));
  EXPECT_TRUE(is_verified(answer, "password"));
}

}  // namespace
}  // namespace clued::channel::test
