// The document as it is written (RFC 4575 section 5).
#include "event_package/writer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace clued::event_package {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(ConferenceInfoWriter, WritesAUserInTheOrderOfTheSchema) {
  User user{"sip:bob@example.com", "Bob Hoskins", {"moderator", "participant"}, {}};
  Endpoint endpoint;
  endpoint.entity = "sip:bob@pc33.example.com";
  endpoint.display_text = "Bob's Laptop";
  const DateTime when = std::chrono::sys_days{std::chrono::year{2005} / 3 / 4} + 20h;
  endpoint.referred = Execution{when, "expert required", "sip:mike@example.com"};
  endpoint.status = EndpointStatus::disconnected;
  endpoint.joining_method = JoiningMethod::dialed_out;
  endpoint.joining_info = Execution{when, "invitation", "sip:mike@example.com"};
  endpoint.disconnection_method = DisconnectionMethod::booted;
  endpoint.disconnection_info = Execution{when, "bad voice quality", "sip:mike@example.com"};
  endpoint.media = {{"1", "audio", "34567", MediaStatus::sendrecv}};
  user.endpoints = {endpoint};
  EXPECT_EQ(render(user),
            R"(<user entity="sip:bob@example.com" state="full"><display-text>Bob Hoskins</display-text>)"
            R"(<roles><entry>moderator</entry><entry>participant</entry></roles>)"
            R"(<endpoint entity="sip:bob@pc33.example.com" state="full"><display-text>Bob's Laptop</display-text>)"
            R"(<referred><when>2005-03-04T20:00:00Z</when><reason>expert required</reason>)"
            R"(<by>sip:mike@example.com</by></referred>)"
            R"(<status>disconnected</status><joining-method>dialed-out</joining-method>)"
            R"(<joining-info><when>2005-03-04T20:00:00Z</when><reason>invitation</reason>)"
            R"(<by>sip:mike@example.com</by></joining-info>)"
            R"(<disconnection-method>booted</disconnection-method>)"
            R"(<disconnection-info><when>2005-03-04T20:00:00Z</when><reason>bad voice quality</reason>)"
            R"(<by>sip:mike@example.com</by></disconnection-info>)"
            R"(<media id="1"><type>audio</type><label>34567</label><status>sendrecv</status></media>)"
            R"(</endpoint></user>)");
}

TEST(ConferenceInfoWriter, LeavesOutWhatIsNotKnown) {
  User user{"sip:bob@example.com", "", {}, {}};
  user.endpoints.push_back({});
  user.endpoints.back().entity = "sip:bob@192.0.2.1";
  user.endpoints.back().joining_info = Execution{};
  EXPECT_EQ(render(user),
            R"(<user entity="sip:bob@example.com" state="full"><endpoint entity="sip:bob@192.0.2.1" state="full">)"
            R"(<status>connected</status></endpoint></user>)");
}

// EVT-04
TEST(ConferenceInfoWriter, ADeletedUserIsAnEmptyElement) {
  EXPECT_EQ(render_deleted_user("sip:carol@example.net"), R"(<user entity="sip:carol@example.net" state="deleted"/>)");
}

TEST(ConferenceInfoWriter, WhatPeersChoseCannotBreakTheDocument) {
  const User user{"sip:<\"&>@example.com", std::string("a<b>&\"\x01\xff c", 10), {}, {}};
  const auto text = render(user);
  EXPECT_THAT(text, HasSubstr(R"(entity="sip:&lt;&quot;&amp;&gt;@example.com")"));
  EXPECT_THAT(text, HasSubstr("<display-text>a&lt;b&gt;&amp;\"\xEF\xBF\xBD\xEF\xBF\xBD c</display-text>"));
}

TEST(ConferenceInfoWriter, LongTextsAreCutAtTheEndOfACharacter) {
  std::string name(max_text_bytes - 1, 'x');
  const auto text = render(User{"sip:a@b", name + "\xC3\xA4 and more", {}, {}});
  EXPECT_THAT(text, HasSubstr("<display-text>" + name + "</display-text>"));
}

TEST(ConferenceInfoWriter, BeginsADocumentWithItsConferenceStateAndVersion) {
  EXPECT_EQ(document_start("sip:conf-1@example.net", DocumentState::partial, 4294967295U),
            R"(<?xml version="1.0" encoding="UTF-8"?><conference-info xmlns="urn:ietf:params:xml:ns:conference-info")"
            R"( entity="sip:conf-1@example.net" state="partial" version="4294967295">)");
}

TEST(ConferenceInfoWriter, DescribesTheConference) {
  Description description;
  description.display_text = "Weekly";
  description.maximum_user_count = 16;
  EXPECT_EQ(render(description, "sip:conf-1@example.net"),
            "<conference-description><display-text>Weekly</display-text><conf-uris><entry>"
            "<uri>sip:conf-1@example.net</uri><purpose>participation</purpose></entry></conf-uris>"
            "<maximum-user-count>16</maximum-user-count></conference-description>");
  description.host_display_text = "Sales";
  description.host_web_page = "http://sales.example.net/";
  EXPECT_THAT(render(description, "sip:c@h"),
              HasSubstr("<host-info><display-text>Sales</display-text><web-page>http://sales.example.net/</web-page>"));
  EXPECT_EQ(render(ConferenceState{33, true, true}),
            "<conference-state><user-count>33</user-count><active>true</active><locked>true</locked>"
            "</conference-state>");
}

}  // namespace
}  // namespace clued::event_package
