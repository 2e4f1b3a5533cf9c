// What is answered without asking the core.
#include "component/sip/harness.hpp"

namespace clued::sip::test {
namespace {

using namespace std::chrono_literals;
namespace event = focus::event;
namespace command = focus::command;

struct Refused {
  const char* name;
  const char* method;
  const char* uri;
  const char* to_tag;
  const char* extra;
  const char* body;
  int status;
  const char* header;  ///< one that the answer must have, or ""
  const char* value;   ///< what that one must contain
};

const Refused cases[] = {
    {"RequireUnknown", "INVITE", "sip:c@h", "", "Require: foo, 100rel\r\n", "", 420, "Unsupported", "foo"},
    {"UriListInSubscribe", "SUBSCRIBE", "sip:c@h", "", "Require: recipient-list-invite\r\nEvent: conference\r\n", "",
     420, "Unsupported", "recipient-list-invite"},
    {"UriListOfAnotherType", "INVITE", "sip:c@h", "",
     "Content-Type: text/uri-list\r\nContent-Disposition: recipient-list\r\n", "sip:b@h\r\n", 415, "Accept",
     "application/sdp, application/resource-lists+xml"},
    {"UriListWithoutDisposition", "INVITE", "sip:c@h", "", "Content-Type: application/resource-lists+xml\r\n", "<x/>",
     415, "Accept", "application/resource-lists+xml"},
    {"UriListCompressed", "INVITE", "sip:c@h", "",
     "Content-Type: application/resource-lists+xml\r\nContent-Encoding: gzip\r\n"
     "Content-Disposition: recipient-list\r\n",
     "x", 415, "Accept-Encoding", "identity"},
    {"UriListMalformed", "INVITE", "sip:c@h", "",
     "Content-Type: application/resource-lists+xml\r\nContent-Disposition: recipient-list\r\n", "<resource-lists>", 400,
     "", ""},
    // RFC 3312 section 11
    {"PreconditionsWithout100rel", "INVITE", "sip:c@h", "", "Require: precondition\r\nSupported: timer\r\n", "", 421,
     "Require", "100rel"},
    {"RequireResource", "OPTIONS", "sip:c@h", "", "Require: resource-priority\r\n", "", 420, "Unsupported",
     "resource-priority"},
    {"RequireExplicitsub", "REFER", "sip:c@h", "", "Require: explicitsub\r\nRefer-To: <sip:b@h>\r\n", "", 420,
     "Unsupported", "explicitsub"},
    {"RequireMultipleRefer", "REFER", "sip:c@h", "", "Require: multiple-refer\r\nRefer-To: <cid:list@h>\r\n", "", 420,
     "Unsupported", "multiple-refer"},
    {"ReferToAList", "REFER", "sip:c@h", "", "Refer-To: <cid:list@h>\r\n", "", 420, "Unsupported", "multiple-refer"},
    {"ReferWithAList", "REFER", "sip:c@h", "",
     "Refer-To: <sip:b@h>\r\nContent-Type: application/resource-lists+xml\r\n", "<x/>", 420, "Unsupported",
     "multiple-refer"},
    {"SessionTooBrief", "INVITE", "sip:c@h", "", "Supported: timer\r\nSession-Expires: 60\r\n", "", 422, "Min-SE",
     "90"},
    {"BodyOfAnotherType", "INVITE", "sip:c@h", "", "Content-Type: text/plain\r\n", "hello", 415, "Accept",
     "application/sdp"},
    {"BodyWithoutType", "INVITE", "sip:c@h", "", "", "hello", 415, "Accept", "application/sdp"},
    {"BodyCompressed", "INVITE", "sip:c@h", "", "Content-Type: application/sdp\r\nContent-Encoding: gzip\r\n", "x", 415,
     "Accept-Encoding", ""},
    {"NoContact", "INVITE", "sip:c@h", "", "X-Not-Contact: 1\r\n", "", 400, "", ""},
    {"ContactStar", "INVITE", "sip:c@h", "", "Contact: *\r\n", "", 400, "", ""},
    {"ContactTel", "INVITE", "sip:c@h", "", "Contact: <tel:+1>\r\n", "", 400, "", ""},
    {"TwoContacts", "INVITE", "sip:c@h", "", "Contact: <sip:a@h>, <sip:b@h>\r\n", "", 400, "", ""},
    {"TelRequestUri", "INVITE", "tel:+1201", "", "", "", 416, "", ""},
    {"UnknownScheme", "OPTIONS", "nobodyKnowsThisScheme:x", "", "", "", 416, "", ""},
    {"TwoReplaces", "INVITE", "sip:c@h", "", "Replaces: a;to-tag=1;from-tag=2\r\nReplaces: b;to-tag=1;from-tag=2\r\n",
     "", 400, "", ""},
    {"ReplacesWithoutTag", "INVITE", "sip:c@h", "", "Replaces: a;to-tag=1\r\n", "", 400, "", ""},
    {"ReplacesAndJoin", "INVITE", "sip:c@h", "", "Replaces: a;to-tag=1;from-tag=2\r\nJoin: b;to-tag=1;from-tag=2\r\n",
     "", 400, "", ""},
    {"ReplacesOfNothing", "INVITE", "sip:c@h", "", "Require: replaces\r\nReplaces: ;;\r\n", "", 400, "", ""},
    {"ReplacesEmpty", "INVITE", "sip:c@h", "", "Replaces:\r\n", "", 400, "", ""},
    {"ReplacesWord", "INVITE", "sip:c@h", "", "Replaces: x\r\n", "", 400, "", ""},
    {"TargetDialogEmpty", "REFER", "sip:c@h", "", "Refer-To: <sip:a@h;method=BYE>\r\nTarget-Dialog:\r\n", "", 400, "",
     ""},
    {"TargetDialogOfNothing", "REFER", "sip:c@h", "",
     "Require: tdialog\r\nRefer-To: <sip:a@h;method=BYE>\r\nTarget-Dialog: ;local-tag=1;remote-tag=2\r\n", "", 400, "",
     ""},
    {"ReferToEmpty", "REFER", "sip:c@h", "", "Refer-To:\r\n", "", 400, "", ""},
    {"ReferSubOfNothing", "REFER", "sip:c@h", "", "Refer-To: <sip:a@h;method=BYE>\r\nRefer-Sub: ;;\r\n", "", 400, "",
     ""},
    {"SessionExpiresEmpty", "INVITE", "sip:c@h", "", "Supported: timer\r\nSession-Expires:\r\n", "", 400, "", ""},
    {"MinSeOfNothing", "INVITE", "sip:c@h", "", "Supported: timer\r\nMin-SE: ;;\r\n", "", 400, "", ""},
    {"EventOfNothing", "SUBSCRIBE", "sip:c@h", "", "Event: ;;\r\n", "", 400, "", ""},
    {"RequireOfNothing", "INVITE", "sip:c@h", "", "Require: ;;\r\n", "", 400, "", ""},
    {"RackOfNothing", "PRACK", "sip:c@h", "", "RAck: ;;\r\n", "", 400, "", ""},
    {"NoReferTo", "REFER", "sip:c@h", "", "", "", 400, "", ""},
    {"TwoReferTo", "REFER", "sip:c@h", "", "Refer-To: <sip:a@h>\r\nRefer-To: <sip:b@h>\r\n", "", 400, "", ""},
    {"TwoReferToInOne", "REFER", "sip:c@h", "", "Refer-To: <sip:a@h>, <sip:b@h>\r\n", "", 400, "", ""},
    {"BrokenReferTo", "REFER", "sip:c@h", "", "Refer-To: <sip:a@h\r\n", "", 400, "", ""},
    {"TwoFrom", "INVITE", "sip:c@h", "", "From: <sip:x@h>;tag=2\r\n", "", 400, "", ""},
    {"TwoCallIds", "INVITE", "sip:c@h", "", "Call-ID: another\r\n", "", 400, "", ""},
    {"UnknownDialogBye", "BYE", "sip:c@h", "nobody", "", "", 481, "", ""},
    {"UnknownDialogInvite", "INVITE", "sip:c@h", "nobody", "", "", 481, "", ""},
    {"UnknownDialogRefer", "REFER", "sip:c@h", "nobody", "Refer-To: <sip:a@h>\r\n", "", 481, "", ""},
    {"CancelOfNothing", "CANCEL", "sip:c@h", "", "Require: foo\r\n", "", 481, "", ""},
    {"UpdateOfNothing", "UPDATE", "sip:c@h", "", "", "", 481, "", ""},
    {"PrackOfNothing", "PRACK", "sip:c@h", "", "RAck: 1 1 INVITE\r\n", "", 481, "", ""},
    {"NotifyOfNothing", "NOTIFY", "sip:c@h", "", "Event: refer\r\nSubscription-State: active\r\n", "", 481, "", ""},
    {"Register", "REGISTER", "sip:h", "", "", "", 405, "Allow", "REFER"},
    {"Message", "MESSAGE", "sip:c@h", "", "Content-Type: text/plain\r\n", "hi", 405, "Allow", "INVITE"},
    {"Info", "INFO", "sip:c@h", "", "", "", 405, "Allow", "INVITE"},
    {"Publish", "PUBLISH", "sip:c@h", "", "Event: presence\r\n", "", 405, "Allow", "INVITE"},
    {"UnknownMethod", "FROBNICATE", "sip:c@h", "", "", "", 501, "Allow", "INVITE"},
    {"UnknownEvent", "SUBSCRIBE", "sip:c@h", "", "Event: presence\r\n", "", 489, "Allow-Events", "conference, refer"},
    {"NoEvent", "SUBSCRIBE", "sip:c@h", "", "", "", 489, "Allow-Events", "conference, refer"},
    {"AnotherTypeOnly", "SUBSCRIBE", "sip:c@h", "", "Event: conference\r\nAccept: application/pidf+xml\r\n", "", 406,
     "Accept", "application/conference-info+xml"},
    {"SubscribeWithoutContact", "SUBSCRIBE", "sip:c@h", "", "Event: conference\r\nContact: *\r\n", "", 400, "", ""},
    {"SubscribeToRefer", "SUBSCRIBE", "sip:c@h", "", "Event: refer\r\n", "", 403, "", ""},
};

class Refusals : public testing::TestWithParam<Refused> {};

INSTANTIATE_TEST_SUITE_P(Sip, Refusals, testing::ValuesIn(cases), [](const auto& one) { return one.param.name; });

TEST_P(Refusals, AreAnsweredAndForgotten) {
  const Refused& one = GetParam();
  Harness harness;
  Peer peer(harness.io, Wire::udp, harness.uri(Wire::udp));
  peer.send(peer.request(one.method, one.uri, "refusal", 1, one.to_tag, one.extra, one.body));
  const Message answer = harness.answer(peer);
  EXPECT_EQ(answer.status(), one.status) << answer.start;
  if (*one.header != '\0') {
    EXPECT_EQ(answer.count(one.header), 1U);
    EXPECT_NE(answer.header(one.header).find(one.value), std::string::npos) << answer.header(one.header);
  }
  EXPECT_TRUE(harness.events.empty());
  EXPECT_TRUE(harness.idle());
}

TEST(Refusal, IsLoggedWithItsReasonAndSource) {
  Harness harness;
  Peer peer(harness.io, Wire::udp, harness.uri(Wire::udp));
  peer.send(peer.request("INVITE", "sip:c@h", "why-1", 1, "", "Require: foo\r\n"));
  harness.answer(peer);
  EXPECT_TRUE(harness.logged("sip.request_refused call_id=why-1 method=INVITE why=extension required: foo source=udp:" +
                             peer.host()));
}

TEST(Refusal, InADialogDoesNotHarmIt) {
  Harness harness;
  Peer peer(harness.io, Wire::udp, harness.uri(Wire::udp));
  const Call call = establish(harness, peer, "call-1");
  unsigned cseq = 1;
  for (const auto& [method, status] : std::vector<std::pair<std::string, int>>{
           {"INFO", 405}, {"MESSAGE", 405}, {"NOTIFY", 481}, {"PRACK", 481}, {"FOO", 501}}) {
    peer.send(
        peer.request(method, call.target, call.id, ++cseq, call.tag, "Event: x\r\nSubscription-State: active\r\n"));
    EXPECT_EQ(harness.answer(peer).status(), status) << method;
  }
  EXPECT_EQ(harness.agent->census().dialogs, 1U);
  EXPECT_EQ(harness.agent->census().incoming, 0U);
}

TEST(Refusal, MultipartInviteIsReadAndAnOptionalBodyIgnored) {
  Harness harness;
  Peer peer(harness.io, Wire::udp, harness.uri(Wire::udp));
  peer.send(peer.request("INVITE", "sip:c@h", "multi-1", 1, "", "Content-Type: multipart/mixed;boundary=xy\r\n",
                         "--xy\r\nContent-Type: application/sdp\r\n\r\nv=0\r\n\r\n--xy--\r\n"));
  const auto multipart = harness.next<event::InviteReceived>();
  EXPECT_EQ(multipart.sdp, "v=0\r\n");
  peer.send(peer.request("INVITE", "sip:c@h", "multi-2", 1, "",
                         "Content-Type: text/plain\r\nContent-Disposition: render;handling=optional\r\n", "hello"));
  EXPECT_FALSE(harness.next<event::InviteReceived>().sdp.has_value());
}

TEST(Refusal, RequestOverTwoPathsIsMerged) {
  Harness harness;
  Peer peer(harness.io, Wire::udp, harness.uri(Wire::udp));
  peer.send(peer.request("INVITE", "sip:c@h", "merged", 1));
  harness.next<event::InviteReceived>();
  peer.send(peer.request("INVITE", "sip:c@h", "merged", 1));
  EXPECT_EQ(harness.answer(peer).status(), 482);
  EXPECT_TRUE(harness.events.empty());
}

TEST(Refusal, MoreDialogsThanAllowedGet503) {
  Settings settings = Harness::quick();
  settings.max_dialogs = 1;
  Harness harness("127.0.0.1", settings);
  Peer peer(harness.io, Wire::udp, harness.uri(Wire::udp));
  peer.send(peer.request("INVITE", "sip:c@h", "first", 1));
  const auto first = harness.next<event::InviteReceived>();
  peer.send(peer.request("INVITE", "sip:c@h", "second", 1));
  const Message busy = harness.answer(peer);
  EXPECT_EQ(busy.status(), 503);
  EXPECT_EQ(busy.header("Retry-After"), "10");
  harness.agent->execute(command::Respond{first.request, 486, "", {}, {}, false, {}, {}});
  harness.next<event::DialogTerminated>();
  peer.send(peer.request("INVITE", "sip:c@h", "third", 1));
  EXPECT_EQ(harness.next<event::InviteReceived>().call_id, "third");
}

TEST(Options, AreAnsweredByTheCoreWithWhatWeCanDo) {
  Harness harness;
  Peer peer(harness.io, Wire::udp, harness.uri(Wire::udp));
  peer.send(peer.request("OPTIONS", "sip:conf-1@example.net", "options-1", 1));
  const auto options = harness.next<event::OptionsReceived>();
  EXPECT_EQ(options.request_uri.user, "conf-1");
  harness.agent->execute(
      command::Respond{options.request, 200, "", focus::FocusContact{"conf-1", true}, {}, false, {}, {}});
  const Message ok = harness.answer(peer);
  EXPECT_EQ(ok.status(), 200);
  EXPECT_NE(ok.header("Contact").find(">;isfocus;+sip.clue"), std::string::npos);
  EXPECT_EQ(ok.header("Allow"), "INVITE, ACK, CANCEL, BYE, OPTIONS, PRACK, UPDATE, REFER, SUBSCRIBE, NOTIFY");
  EXPECT_EQ(ok.header("Supported"), "100rel, gruu, norefersub, nosub, precondition, replaces, tdialog, timer");
  EXPECT_EQ(ok.header("Accept"), "application/sdp, application/conference-info+xml, message/sipfrag");
  EXPECT_TRUE(harness.idle());
}

TEST(Options, ContactNamesTheDomainIfThereIsOne) {
  Settings settings = Harness::quick();
  settings.domain = "tp.example.net";
  Harness harness("127.0.0.1", settings);
  Peer peer(harness.io, Wire::tcp, harness.uri(Wire::tcp));
  peer.send(peer.request("OPTIONS", "sip:conf-1@example.net", "options-2", 1));
  const auto options = harness.next<event::OptionsReceived>();
  harness.agent->execute(command::Respond{options.request, 200, "", conference, {}, false, {}, {}});
  EXPECT_EQ(harness.answer(peer).header("Contact"), "<sip:conf-1@tp.example.net;transport=tcp>;isfocus");
}

}  // namespace
}  // namespace clued::sip::test
