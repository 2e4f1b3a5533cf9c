// Texts of headers as values.
#include "sip/parse.hpp"

#include <gtest/gtest.h>

#include "sip/body.hpp"

namespace clued::sip {
namespace {

TEST(ReferTo, FindsTheMethodWhereverTheClientPutIt) {
  for (const char* text : {"<sip:bob@h;method=BYE>", "sip:bob@h;method=BYE", "\"Bob\" <sip:bob@h;method=bye>;x=1",
                           "<sip:bob@h>;method=BYE"}) {
    const auto target = parse_refer_to(text);
    ASSERT_TRUE(target.has_value()) << text;
    EXPECT_EQ(target->method, "BYE") << text;
    EXPECT_EQ(target->uri.to_string(), "sip:bob@h") << text;
  }
  EXPECT_EQ(parse_refer_to("<sip:bob@h>")->method, "INVITE");
}

TEST(ReferTo, UnescapesItsHeaders) {
  const auto target = parse_refer_to("<sip:bob@h?Replaces=1%40x%3Bto-tag%3D2&Subject=a%20b>");
  ASSERT_TRUE(target.has_value());
  ASSERT_EQ(target->headers.size(), 2U);
  EXPECT_EQ(target->headers[0], (std::pair<std::string, std::string>("Replaces", "1@x;to-tag=2")));
  EXPECT_EQ(target->headers[1].second, "a b");
  EXPECT_EQ(parse_refer_to("sip:bob@h?Subject=x")->headers.size(), 1U);
}

TEST(ReferTo, KeepsOtherSchemesForTheCoreToRefuse) {
  const auto tel = parse_refer_to("tel:+1-201-555-0123");
  ASSERT_TRUE(tel.has_value());
  EXPECT_EQ(tel->uri.scheme, "tel");
  EXPECT_EQ(tel->uri.user, "+1-201-555-0123");
  EXPECT_EQ(parse_refer_to("<http://example.net/x>")->uri.scheme, "http");
}

TEST(ReferTo, RefusesWhatIsNone) {
  for (const char* text : {"", "   ", "<sip:bob@h", "<sip:a@h>, <sip:b@h>", "<sip:bob@h>\r\nX: y", "<bob>", "bob",
                           "<sip:@>", "\"Bob <sip:bob@h>"}) {
    const auto target = parse_refer_to(text);
    EXPECT_FALSE(target.has_value()) << text;
    EXPECT_TRUE(target || !target.error().empty()) << text;
  }
  EXPECT_FALSE(parse_refer_to(std::string(max_header_value + 1, 'a')).has_value());
}

TEST(Uri, TakesIpv6InItsCanonicalForm) {
  const auto uri = parse_uri("sip:bob@[2001:0DB8:0:0::0001]:5070;Transport=TCP;lr");
  ASSERT_TRUE(uri.has_value());
  EXPECT_EQ(uri->host, "2001:db8::1");
  EXPECT_EQ(uri->port, 5070);
  EXPECT_EQ(uri->to_string(), "sip:bob@[2001:db8::1]:5070;transport=TCP;lr");
}

TEST(Uri, KeepsAnEscapedNul) {
  const auto uri = parse_uri("sip:null-%00-null@h");
  ASSERT_TRUE(uri.has_value());
  EXPECT_EQ(uri->user, std::string("null-\0-null", 11));
  EXPECT_EQ(uri->to_string(), "sip:null-%00-null@h");
}

TEST(Contact, ReadsFeatureTags) {
  const auto contact = parse_contact(
      "\"A\" <sip:alice@h;gr=urn:uuid:9>;isfocus;+sip.clue=\"TRUE\";"
      "+g.3gpp.icsi-ref=\"urn%3Aurn-7%3A3gpp-service.ims.icsi.mmtel\"");
  ASSERT_TRUE(contact.has_value());
  EXPECT_TRUE(contact->is_focus);
  EXPECT_TRUE(contact->telepresence);
  EXPECT_TRUE(contact->ims);
  EXPECT_EQ(contact->instance, "urn:uuid:9");
  EXPECT_TRUE(parse_contact("<sip:a@h>;+sip.clue")->telepresence);
  EXPECT_FALSE(parse_contact("<sip:a@h>;+sip.clue=\"FALSE\"")->telepresence);
  EXPECT_FALSE(parse_contact("<sip:a@h>")->telepresence);
  EXPECT_EQ(parse_contact("<sip:a@h;gr=x>;+sip.instance=\"<urn:uuid:1>\"")->instance, "urn:uuid:1");
  EXPECT_FALSE(parse_contact("*").has_value());
}

TEST(SessionBody, IsTheSdpOrAReasonToRefuse) {
  EXPECT_EQ(session_of({"", "", false, ""}).sdp, std::nullopt);
  EXPECT_EQ(session_of({"", "", false, ""}).refusal, "");
  EXPECT_EQ(session_of({"Application/SDP;charset=x", "", false, "v=0"}).sdp, "v=0");
  EXPECT_EQ(session_of({"text/plain", "", false, "v=0"}).refusal, "content type");
  EXPECT_EQ(session_of({"", "", false, "v=0"}).refusal, "content type");
  EXPECT_EQ(session_of({"application/sdp", "gzip", false, "v=0"}).refusal, "content encoding");
  EXPECT_EQ(session_of({"text/plain", "", true, "v=0"}).refusal, "") << "handling=optional";
}

TEST(SessionBody, IsFoundInAMultipart) {
  const std::string parts =
      "preamble\r\n--b1\r\nContent-Type: text/plain\r\n\r\nhello\r\n--b1\r\ncontent-type: application/sdp\r\n"
      "Content-ID: <1>\r\n\r\nv=0\r\ns=-\r\n\r\n--b1--\r\nepilogue";
  EXPECT_EQ(session_of({"multipart/mixed;boundary=b1", "", false, parts}).sdp, "v=0\r\ns=-\r\n");
  EXPECT_EQ(session_of({"multipart/mixed; boundary=\"b1\"", "", false, parts}).sdp, "v=0\r\ns=-\r\n");
  for (const char* type : {"multipart/mixed", "multipart/mixed;boundary=", "multipart/mixed;boundary=\"",
                           "multipart/mixed;boundary=other"}) {
    EXPECT_EQ(session_of({type, "", false, parts}).refusal, "content type") << type;
  }
}

}  // namespace
}  // namespace clued::sip
