// Lists of recipients in the INVITE to the factory, and what those who are called are told of each other (RFC 5366).
#include "sip/recipient_list.hpp"

#include <gmock/gmock.h>

#include "component/sip/harness.hpp"
#include "sip/body.hpp"
#include "sip/multipart.hpp"

namespace clued::sip::test {
namespace {

namespace event = focus::event;
namespace command = focus::command;
using resource_lists::CopyControl;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const std::string list_headers =
    "Content-Type: application/resource-lists+xml\r\nContent-Disposition: recipient-list\r\n";

std::string list_of(const std::string& entries) {
  return R"(<resource-lists xmlns="urn:ietf:params:xml:ns:resource-lists" xmlns:cp="urn:ietf:params:xml:ns:copycontrol">)"
         "<list>" +
         entries + "</list></resource-lists>";
}

std::string part(const std::string& headers, const std::string& content) {
  return "--xy\r\n" + headers + "\r\n" + content + "\r\n";
}

SessionBody multipart(const std::string& parts) {
  return session_of({"multipart/mixed;boundary=xy", "", false, parts + "--xy--\r\n"});
}

TEST(RecipientListBody, IsFoundByItsDispositionBesideTheSession) {
  const auto both = multipart(part(sdp_type, "v=0\r\n") + part(list_headers, "<a/>"));
  EXPECT_EQ(both.sdp, "v=0\r\n");
  EXPECT_THAT(both.recipient_lists, ElementsAre("<a/>"));
  EXPECT_EQ(both.refusal, "");
  const auto other_way = multipart(
      part("content-disposition: Recipient-List ; handling=required\r\nc: Application/Resource-Lists+XML;x=y\r\n",
           "<a/>") +
      part(sdp_type, "v=0\r\n") + part(list_headers, "<b/>"));
  EXPECT_EQ(other_way.sdp, "v=0\r\n");
  EXPECT_THAT(other_way.recipient_lists, ElementsAre("<a/>", "<b/>"));
}

TEST(RecipientListBody, MayBeAlone) {
  const auto alone = session_of({"application/resource-lists+xml", "", false, "<a/>", "recipient-list"});
  EXPECT_EQ(alone.sdp, std::nullopt);
  EXPECT_THAT(alone.recipient_lists, ElementsAre("<a/>"));
  EXPECT_EQ(alone.refusal, "");
  EXPECT_THAT(multipart(part(list_headers, "<a/>")).recipient_lists, SizeIs(1));
}

TEST(RecipientListBody, IsRefusedWhenItCannotBeReadAndMustBe) {
  const std::string sdp = part(sdp_type, "v=0\r\n");
  const std::string type = "Content-Type: application/resource-lists+xml\r\n";
  EXPECT_EQ(multipart(sdp + part("Content-Type: text/plain\r\nContent-Disposition: recipient-list\r\n", "x")).refusal,
            "a recipient-list of another type");
  EXPECT_EQ(multipart(sdp + part(type, "<a/>")).refusal, "a resource list that is no recipient-list");
  EXPECT_EQ(multipart(sdp + part(list_headers + "Content-Encoding: gzip\r\n", "<a/>")).refusal, "content encoding");
  EXPECT_EQ(multipart(sdp + part(list_headers + "Content-Transfer-Encoding: base64\r\n", "PGEvPg==")).refusal,
            "content encoding");
  EXPECT_EQ(multipart(sdp + part(list_headers + "Content-Transfer-Encoding: 8bit\r\n", "<a/>")).refusal, "");
  const auto optional = multipart(
      sdp + part("Content-Type: text/plain\r\nContent-Disposition: recipient-list;handling=optional\r\n", ""));
  EXPECT_EQ(optional.refusal, "");
  EXPECT_EQ(optional.sdp, "v=0\r\n");
  EXPECT_THAT(optional.recipient_lists, IsEmpty());
  EXPECT_EQ(multipart(sdp + part("Content-Type: application/isup\r\n", "x")).refusal, "") << "none of ours";
}

TEST(RecipientListBody, IsReadToTheCoresValues) {
  const auto list = read_recipient_lists(
      {list_of(R"(<entry uri="sip:bob@h;method=BYE?Subject=a%20b" cp:copyControl="cc"/><entry-ref ref="x"/>)"),
       list_of(R"(<entry uri="tel:+1555" cp:anonymize="true"><display-name>T</display-name></entry>)")});
  ASSERT_TRUE(list.has_value()) << list.error();
  EXPECT_EQ(list->ignored, 1U);
  ASSERT_THAT(list->entries, SizeIs(2));
  EXPECT_EQ(list->entries[0].target.uri.to_string(), "sip:bob@h");
  EXPECT_EQ(list->entries[0].target.method, "BYE");
  EXPECT_THAT(list->entries[0].target.headers, ElementsAre(std::pair<std::string, std::string>("Subject", "a b")));
  EXPECT_EQ(list->entries[0].copy_control, CopyControl::cc);
  EXPECT_EQ(list->entries[1].target.uri.scheme, "tel");
  EXPECT_EQ(list->entries[1].display_name, "T");
  EXPECT_TRUE(list->entries[1].anonymize);
}

TEST(RecipientListBody, SaysWhichEntryIsNoUri) {
  for (const char* uri : {"bob", "//h", "sip:a@h&#10;X: y", "&#x7f;"}) {
    const auto list = read_recipient_lists({list_of("<entry uri='sip:a@h'/><entry uri='" + std::string(uri) + "'/>")});
    ASSERT_FALSE(list.has_value()) << uri;
    EXPECT_THAT(list.error(), HasSubstr("entry 2: ")) << uri;
  }
}

TEST(RecipientHistoryBody, IsReadAgainByWhoKnowsMultipart) {
  const auto body = with_recipient_history("v=0\r\n", "<a/>", "b1");
  const auto parts = parts_of({body.content_type, "", false, body.content});
  ASSERT_THAT(parts, SizeIs(2));
  EXPECT_EQ(parts[0].content, "v=0\r\n");
  EXPECT_EQ(parts[1].content, "<a/>");
  EXPECT_EQ(parts[1].content_type, "application/resource-lists+xml");
  EXPECT_EQ(parts[1].disposition, "recipient-list-history");
  EXPECT_TRUE(parts[1].optional);
}

class RecipientListCall : public ::testing::Test {
 protected:
  std::string both(const std::string& entries) {
    return part(sdp_type, some_sdp) + part(list_headers, list_of(entries)) + "--xy--\r\n";
  }
  void invite(const std::string& call, const std::string& extra, const std::string& body) {
    peer.send(peer.request("INVITE", "sip:factory@h", call, 1, "", extra, body));
  }

  Harness harness;
  Peer peer{harness.io, Wire::tcp, harness.uri(Wire::tcp)};
};

const std::string mixed = "Content-Type: multipart/mixed;boundary=xy\r\n";
const std::string require = "Require: recipient-list-invite\r\n";

// FOC-13
TEST_F(RecipientListCall, TheListComesWithTheInvite) {
  invite("list-1", mixed + require, both("<entry uri='sip:bob@h'/><entry uri='sip:carol@h'/>"));
  const auto received = harness.next<event::InviteReceived>();
  EXPECT_EQ(received.sdp, some_sdp);
  ASSERT_TRUE(received.recipient_list.has_value());
  EXPECT_THAT(received.recipient_list->entries, SizeIs(2));
  invite("list-2", list_headers + "Supported: recipient-list-invite\r\n", list_of("<entry uri='sip:bob@h'/>"));
  const auto offerless = harness.next<event::InviteReceived>();
  EXPECT_EQ(offerless.sdp, std::nullopt);
  EXPECT_THAT(offerless.recipient_list->entries, SizeIs(1));
  invite("list-3", require + sdp_type, some_sdp);
  EXPECT_THAT(harness.next<event::InviteReceived>().recipient_list->entries, IsEmpty());
  invite("list-4", sdp_type, some_sdp);
  EXPECT_FALSE(harness.next<event::InviteReceived>().recipient_list.has_value());
}

TEST_F(RecipientListCall, AMalformedListIs400AndSaysWhere) {
  invite("bad-1", mixed + require, both("<entry uri='sip:bob@h'/><entry/>"));
  const Message answer = harness.answer(peer);
  EXPECT_EQ(answer.status(), 400);
  EXPECT_THAT(answer.start, HasSubstr("Bad Recipient List: 1:"));
  EXPECT_THAT(answer.start, HasSubstr("an entry without a uri"));
  EXPECT_TRUE(harness.events.empty());
  EXPECT_TRUE(harness.idle());
}

// FOC-14: the core knows what the factory is.
TEST_F(RecipientListCall, WhatTheCoreRefusesNamesTheExtension) {
  invite("elsewhere", mixed + require, both("<entry uri='sip:bob@h'/>"));
  command::Respond refusal{harness.next<event::InviteReceived>().request, 420};
  refusal.unsupported = "recipient-list-invite";
  harness.agent->execute(refusal);
  const Message answer = harness.answer(peer);
  EXPECT_EQ(answer.status(), 420);
  EXPECT_EQ(answer.header("Unsupported"), "recipient-list-invite");
}

// FOC-14, RFC 5366 section 5.1
TEST_F(RecipientListCall, AListWithinADialogIs420) {
  const Call call = establish(harness, peer, "call-1");
  unsigned cseq = 1;
  for (const auto& extra : {mixed + require, mixed}) {
    peer.send(peer.request("INVITE", call.target, call.id, ++cseq, call.tag, extra, both("<entry uri='sip:bob@h'/>")));
    const Message answer = harness.answer(peer);
    EXPECT_EQ(answer.status(), 420);
    EXPECT_EQ(answer.header("Unsupported"), "recipient-list-invite");
  }
  EXPECT_TRUE(harness.events.empty());
  EXPECT_EQ(harness.agent->census().dialogs, 1U);
}

// FOC-07
TEST_F(RecipientListCall, TheFactorySaysThatItTakesLists) {
  peer.send(peer.request("OPTIONS", "sip:factory@h", "options-1", 1));
  command::Respond ok{harness.next<event::OptionsReceived>().request, 200};
  ok.contact = focus::FocusContact{"factory", true};
  ok.takes_recipient_list = true;
  harness.agent->execute(ok);
  const Message answer = harness.answer(peer);
  EXPECT_THAT(answer.header("Supported"), HasSubstr("timer, recipient-list-invite"));
  EXPECT_THAT(answer.header("Accept"), HasSubstr("application/resource-lists+xml, multipart/mixed"));
}

// RFC 5364 section 5
TEST_F(RecipientListCall, TheCalledGetTheHistoryBesideTheOffer) {
  command::SendInvite invite;
  invite.dialog = base::DialogId{focus::first_called_dialog};
  invite.call_id = "call-bob";
  invite.target.user = "bob";
  invite.target.host = "127.0.0.1";
  invite.target.port = static_cast<std::uint16_t>(std::stoi(peer.host().substr(peer.host().find(':') + 1)));
  invite.target.params = {{"transport", "tcp"}};
  invite.contact = conference;
  invite.sdp = some_sdp;
  invite.recipient_history = std::make_shared<const std::string>("<history/>");
  harness.agent->execute(invite);
  const Message seen = harness.message(peer);
  EXPECT_EQ(seen.method(), "INVITE");
  EXPECT_THAT(seen.header("Content-Type"), HasSubstr("multipart/mixed;boundary="));
  EXPECT_THAT(seen.header("Content-Type"), ::testing::Not(HasSubstr("\"")))
      << "belle-sip takes it for part of the boundary";
  const auto parts = parts_of({seen.header("Content-Type"), "", false, seen.body});
  ASSERT_THAT(parts, SizeIs(2));
  EXPECT_EQ(parts[0].content_type, "application/sdp");
  EXPECT_EQ(parts[0].content, some_sdp);
  EXPECT_EQ(parts[1].disposition, "recipient-list-history");
  EXPECT_EQ(parts[1].content, "<history/>");
  peer.send(Peer::response(seen, 415));
  EXPECT_EQ(harness.next<event::InviteAnswered>().status, 415);
  harness.next<event::DialogTerminated>();
  EXPECT_TRUE(harness.until([this] { return harness.idle(); }));
}

}  // namespace
}  // namespace clued::sip::test
