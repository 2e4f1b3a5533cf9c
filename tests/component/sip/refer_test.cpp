// REFER, the NOTIFYs of its implicit subscription, and SUBSCRIBE to it.
#include "component/sip/harness.hpp"

namespace clued::sip::test {
namespace {

using namespace std::chrono_literals;
namespace event = focus::event;
namespace command = focus::command;

const std::string remove_bob = "Refer-To: <sip:bob@example.net;method=BYE>\r\n";

class Refer : public testing::TestWithParam<Wire> {
 protected:
  Harness harness;
  Peer peer{harness.io, GetParam(), harness.uri(GetParam())};

  void accept(const event::ReferReceived& refer, bool subscribe = true, int status = 200) {
    harness.agent->execute(command::AcceptRefer{refer.request, status, conference, subscribe});
  }
  /// Takes a NOTIFY, answers it with 200 and the event of that.
  Message notification(base::SubscriptionId subscription) {
    const Message notify = harness.answer(peer);
    EXPECT_EQ(notify.method(), "NOTIFY");
    peer.send(Peer::response(notify, 200));
    const auto answered = harness.next<event::NotifyAnswered>();
    EXPECT_EQ(answered.subscription, subscription);
    EXPECT_EQ(answered.status, 200);
    return notify;
  }
};

INSTANTIATE_TEST_SUITE_P(Sip, Refer, testing::Values(Wire::udp, Wire::tcp),
                         [](const auto& one) { return one.param == Wire::udp ? "Udp" : "Tcp"; });

TEST_P(Refer, OutOfDialogMakesItsOwnDialog) {
  const Call call = establish(harness, peer, "call-1");
  peer.send(peer.request("REFER", "sip:conf-1@example.net", "refer-1", 93, "",
                         remove_bob + "Require: tdialog\r\nTarget-Dialog: call-1;local-tag=" + call.tag +
                             ";remote-tag=from-call-1\r\nReferred-By:  <sip:alice@example.net>;x=\"y\"\r\n" +
                             "P-Asserted-Identity: <sip:al@ims.example.net>, <tel:+1201>\r\n"));
  const auto refer = harness.next<event::ReferReceived>();
  EXPECT_FALSE(refer.dialog.has_value());
  EXPECT_EQ(refer.target_dialog, call.dialog);
  EXPECT_EQ(refer.refer_to.method, "BYE");
  EXPECT_EQ(refer.refer_to.uri.to_string(), "sip:bob@example.net");
  EXPECT_EQ(refer.referred_by, "<sip:alice@example.net>;x=\"y\"");
  EXPECT_EQ(refer.proven.primary().uri.to_string(), "sip:al@ims.example.net");
  EXPECT_EQ(refer.call_id, "refer-1");
  EXPECT_FALSE(refer.refer_sub.has_value());
  accept(refer);
  const Message ok = harness.answer(peer);
  EXPECT_EQ(ok.status(), 200);
  EXPECT_NE(ok.header("Contact").find("isfocus"), std::string::npos);
  EXPECT_EQ(harness.agent->census().dialogs, 2U);
  EXPECT_EQ(harness.agent->census().subscriptions, 1U);

  harness.agent->execute(command::NotifyRefer{refer.subscription, 100, "", false});
  const Message trying = notification(refer.subscription);
  EXPECT_EQ(trying.start, "NOTIFY " + peer.contact() + " SIP/2.0");
  EXPECT_EQ(trying.header("Event"), "refer");
  EXPECT_EQ(trying.header("Subscription-State"), "active;expires=180");
  EXPECT_EQ(trying.header("Content-Type"), "message/sipfrag;version=2.0");
  EXPECT_EQ(trying.body, "SIP/2.0 100 Trying\r\n");
  EXPECT_NE(trying.header("Contact").find("isfocus"), std::string::npos);
  EXPECT_EQ(tag_of(trying.header("From")), tag_of(ok.header("To")));

  harness.agent->execute(command::NotifyRefer{refer.subscription, 200, "OK", true});
  const Message last = notification(refer.subscription);
  EXPECT_EQ(last.header("Subscription-State"), "terminated;reason=noresource");
  EXPECT_EQ(last.body, "SIP/2.0 200 OK\r\n");
  EXPECT_EQ(harness.agent->census().dialogs, 1U);
  EXPECT_EQ(harness.agent->census().subscriptions, 0U);
  harness.agent->execute(command::NotifyRefer{refer.subscription, 200, "OK", true});
  EXPECT_TRUE(harness.logged("sip.command_ignored"));
}

TEST_P(Refer, InDialogOnesShareTheDialogAndFromTheSecondOnHaveAnId) {
  const Call call = establish(harness, peer, "call-2");
  peer.send(peer.request("REFER", call.target, call.id, 2, call.tag, "Refer-To: sip:bob@example.net;method=BYE\r\n"));
  const auto first = harness.next<event::ReferReceived>();
  EXPECT_EQ(first.dialog, call.dialog);
  accept(first, true, 202);
  EXPECT_EQ(harness.answer(peer).status(), 202);
  peer.send(peer.request("REFER", call.target, call.id, 3, call.tag, "Refer-To: <sip:carol@example.net>\r\n"));
  const auto second = harness.next<event::ReferReceived>();
  EXPECT_EQ(second.refer_to.method, "INVITE");
  accept(second);
  EXPECT_EQ(harness.answer(peer).status(), 200);
  harness.agent->execute(command::NotifyRefer{second.subscription, 100, "", false});
  EXPECT_EQ(notification(second.subscription).header("Event"), "refer;id=3");
  harness.agent->execute(command::NotifyRefer{first.subscription, 100, "", true});
  EXPECT_EQ(notification(first.subscription).header("Event"), "refer");
  EXPECT_EQ(harness.agent->census().dialogs, 1U);
  // RFC 5057: the end of the session is not the end of the subscription.
  peer.send(peer.request("BYE", call.target, call.id, 4, call.tag));
  EXPECT_EQ(harness.answer(peer).status(), 200);
  harness.next<event::ByeReceived>();
  harness.next<event::DialogTerminated>();
  EXPECT_EQ(harness.agent->census().dialogs, 1U);
  harness.agent->execute(command::NotifyRefer{second.subscription, 603, "Decline", true});
  const Message last = notification(second.subscription);
  EXPECT_EQ(last.header("Event"), "refer;id=3");
  EXPECT_EQ(last.body, "SIP/2.0 603 Decline\r\n");
  EXPECT_TRUE(harness.idle());
}

TEST_P(Refer, NotificationsKeepTheirOrder) {
  peer.send(peer.request("REFER", "sip:conf-1@example.net", "refer-2", 1, "", remove_bob));
  const auto refer = harness.next<event::ReferReceived>();
  accept(refer);
  EXPECT_EQ(harness.answer(peer).status(), 200);
  harness.agent->execute(command::NotifyRefer{refer.subscription, 100, "", false});
  harness.agent->execute(command::NotifyRefer{refer.subscription, 200, "", true});
  const Message first = harness.answer(peer);
  EXPECT_EQ(first.body, "SIP/2.0 100 Trying\r\n");
  harness.pass(50ms);
  EXPECT_TRUE(peer.inbox.empty()) << "the second one waits for the answer to the first";
  peer.send(Peer::response(first, 200));
  harness.next<event::NotifyAnswered>();
  EXPECT_EQ(notification(refer.subscription).body, "SIP/2.0 200 OK\r\n");
  EXPECT_TRUE(harness.idle());
}

TEST_P(Refer, ReferSubFalseMakesNoSubscription) {
  peer.send(peer.request("REFER", "sip:conf-1@example.net", "refer-3", 1, "", remove_bob + "Refer-Sub: false\r\n"));
  const auto refer = harness.next<event::ReferReceived>();
  EXPECT_EQ(refer.refer_sub, false);
  accept(refer, false);
  const Message ok = harness.answer(peer);
  EXPECT_EQ(ok.status(), 200);
  EXPECT_EQ(ok.header("Refer-Sub"), "false");
  EXPECT_TRUE(harness.idle());
}

TEST_P(Refer, AnswersReferSubOnlyWhenAsked) {  // REF-15: RFC 4488 section 4
  peer.send(peer.request("REFER", "sip:conf-1@example.net", "refer-31", 1, "", remove_bob + "Refer-Sub: true\r\n"));
  const auto asked = harness.next<event::ReferReceived>();
  EXPECT_EQ(asked.refer_sub, true);
  accept(asked);
  EXPECT_EQ(harness.answer(peer).header("Refer-Sub"), "true");
  peer.send(peer.request("REFER", "sip:conf-1@example.net", "refer-32", 1, "", remove_bob));
  const auto silent = harness.next<event::ReferReceived>();
  accept(silent);
  EXPECT_EQ(harness.answer(peer).count("Refer-Sub"), 0U);
}

TEST_P(Refer, RequireNosubMakesNoSubscription) {  // REF-16: RFC 7614 section 4.3
  peer.send(peer.request("REFER", "sip:conf-1@example.net", "refer-33", 1, "", remove_bob + "Require: nosub\r\n"));
  const auto refer = harness.next<event::ReferReceived>();
  EXPECT_EQ(refer.refer_sub, false);
  accept(refer, false);
  const Message ok = harness.answer(peer);
  EXPECT_EQ(ok.status(), 200);
  EXPECT_EQ(ok.count("Refer-Sub"), 0U);
  EXPECT_TRUE(harness.idle());
}

TEST_P(Refer, RefusedByTheCoreLeavesNothing) {
  peer.send(peer.request("REFER", "sip:conf-1@example.net", "refer-4", 1, "", remove_bob));
  const auto refer = harness.next<event::ReferReceived>();
  harness.agent->execute(command::Respond{refer.request, 403, "", {}, {}, false, {}, {}});
  EXPECT_EQ(harness.answer(peer).status(), 403);
  EXPECT_TRUE(harness.idle());
}

TEST_P(Refer, NotifyRefusedBy481EndsTheSubscription) {
  peer.send(peer.request("REFER", "sip:conf-1@example.net", "refer-5", 1, "", remove_bob));
  const auto refer = harness.next<event::ReferReceived>();
  accept(refer);
  harness.answer(peer);
  harness.agent->execute(command::NotifyRefer{refer.subscription, 100, "", false});
  peer.send(Peer::response(harness.answer(peer), 481));
  EXPECT_EQ(harness.next<event::NotifyAnswered>().status, 481);
  EXPECT_TRUE(harness.idle());
}

TEST_P(Refer, UnansweredNotifyIs408) {
  peer.send(peer.request("REFER", "sip:conf-1@example.net", "refer-6", 1, "", remove_bob));
  const auto refer = harness.next<event::ReferReceived>();
  accept(refer);
  harness.answer(peer);
  harness.agent->execute(command::NotifyRefer{refer.subscription, 100, "", true});
  EXPECT_EQ(harness.next<event::NotifyAnswered>().status, 408);
  EXPECT_TRUE(harness.idle());
}

TEST_P(Refer, ForgottenSubscriptionIsGoneAtOnce) {
  peer.send(peer.request("REFER", "sip:conf-1@example.net", "refer-7", 1, "", remove_bob));
  const auto refer = harness.next<event::ReferReceived>();
  accept(refer);
  harness.answer(peer);
  harness.agent->execute(command::ForgetSubscription{refer.subscription});
  EXPECT_TRUE(harness.idle());
}

TEST_P(Refer, SubscribeRefreshesAndEndsTheSubscription) {
  const Call call = establish(harness, peer, "call-8");
  peer.send(peer.request("REFER", call.target, call.id, 2, call.tag, remove_bob));
  const auto refer = harness.next<event::ReferReceived>();
  accept(refer);
  harness.answer(peer);
  harness.agent->execute(command::NotifyRefer{refer.subscription, 100, "", false});
  notification(refer.subscription);
  const std::string event_header = "Event: refer;id=2\r\n";
  peer.send(peer.request("SUBSCRIBE", call.target, call.id, 3, call.tag, event_header + "Expires: 600\r\n"));
  const Message ok = harness.answer(peer);
  EXPECT_EQ(ok.status(), 200);
  EXPECT_EQ(ok.header("Expires"), "180");
  EXPECT_EQ(notification(refer.subscription).body, "SIP/2.0 100 Trying\r\n");

  peer.send(peer.request("SUBSCRIBE", call.target, call.id, 4, call.tag, "Event: refer;id=9\r\n"));
  EXPECT_EQ(harness.answer(peer).status(), 403) << "only a REFER makes such a subscription (REF-17)";

  peer.send(peer.request("SUBSCRIBE", call.target, call.id, 5, call.tag, event_header + "Expires: 0\r\n"));
  EXPECT_EQ(harness.answer(peer).status(), 200);
  EXPECT_EQ(harness.next<event::NotifyAnswered>().status, 481) << "nobody is left to be told";
  EXPECT_EQ(notification(refer.subscription).header("Subscription-State").substr(0, 10), "terminated");
  EXPECT_EQ(harness.agent->census().subscriptions, 0U);
  EXPECT_EQ(harness.agent->census().dialogs, 1U);
}

TEST(ReferExpiry, EndsTheSubscriptionAndNotTheAction) {  // REF-22
  Settings settings = Harness::quick();
  settings.refer_expires = std::chrono::seconds(1);
  Harness harness("127.0.0.1", settings);
  Peer peer(harness.io, Wire::udp, harness.uri(Wire::udp));
  peer.send(peer.request("REFER", "sip:conf-1@example.net", "refer-34", 1, "", remove_bob));
  const auto refer = harness.next<event::ReferReceived>();
  harness.agent->execute(command::AcceptRefer{refer.request, 200, conference, true});
  EXPECT_EQ(harness.answer(peer).status(), 200);
  harness.agent->execute(command::NotifyRefer{refer.subscription, 100, "", false});
  const Message trying = harness.answer(peer);
  EXPECT_EQ(trying.header("Subscription-State"), "active;expires=1");
  peer.send(Peer::response(trying, 200));
  EXPECT_EQ(harness.next<event::NotifyAnswered>().status, 200);
  EXPECT_EQ(harness.next<event::NotifyAnswered>().status, 481) << "nobody is left to be told";
  const Message last = harness.answer(peer);
  EXPECT_EQ(last.header("Subscription-State"), "terminated;reason=timeout");
  EXPECT_EQ(last.body, "SIP/2.0 100 Trying\r\n");
  peer.send(Peer::response(last, 200));
  harness.next<event::NotifyAnswered>();
  EXPECT_TRUE(harness.idle());
  harness.agent->execute(command::NotifyRefer{refer.subscription, 200, "", true});
  EXPECT_TRUE(harness.logged("sip.command_ignored"));
}

TEST_P(Refer, UnknownTargetDialogIsIgnored) {
  peer.send(peer.request("REFER", "sip:conf-1@example.net", "refer-9", 1, "",
                         remove_bob + "Target-Dialog: nowhere;local-tag=a;remote-tag=b\r\n"));
  const auto refer = harness.next<event::ReferReceived>();
  EXPECT_FALSE(refer.target_dialog.has_value());
  harness.agent->execute(command::Respond{refer.request, 404, "", {}, {}, false, {}, {}});
}

TEST(ReferIdentity, IsIgnoredFromPeersThatAreNotTrusted) {
  Settings settings = Harness::quick();
  settings.trusted_peers = {"192.0.2.0/24"};
  Harness harness("127.0.0.1", settings);
  Peer peer(harness.io, Wire::udp, harness.uri(Wire::udp));
  peer.send(peer.request("REFER", "sip:conf-1@example.net", "refer-10", 1, "",
                         remove_bob + "P-Asserted-Identity: <sip:boss@example.net>\r\n"));
  const auto refer = harness.next<event::ReferReceived>();
  EXPECT_TRUE(refer.proven.empty());
  EXPECT_TRUE(harness.logged("sip.identity_ignored"));
  harness.agent->execute(command::Respond{refer.request, 403, "", {}, {}, false, {}, {}});
  EXPECT_TRUE(harness.idle());
}

// A referrer that refreshes its subscription and answers no NOTIFY is owed one under way and one that is newest.
TEST_P(Refer, NotifysDoNotPileUpForWhoAnswersNone) {
  const Call call = establish(harness, peer, "call-pile");
  peer.send(peer.request("REFER", call.target, call.id, 2, call.tag, remove_bob));
  const auto refer = harness.next<event::ReferReceived>();
  accept(refer);
  EXPECT_EQ(harness.answer(peer).status(), 200);
  harness.agent->execute(command::NotifyRefer{refer.subscription, 100, "", false});
  const Message first = harness.answer(peer);
  EXPECT_EQ(first.method(), "NOTIFY");
  for (unsigned i = 0; i < 30; ++i) {
    peer.send(peer.request("SUBSCRIBE", call.target, call.id, 3 + i, call.tag, "Event: refer\r\nExpires: 120\r\n"));
    Message answer = harness.answer(peer);
    while (answer.method() == "NOTIFY") answer = harness.answer(peer);  // repeated
    EXPECT_EQ(answer.status(), 200);
  }
  harness.agent->execute(command::NotifyRefer{refer.subscription, 200, "OK", true});
  peer.send(Peer::response(first, 200));
  harness.next<event::NotifyAnswered>();
  Message next = harness.answer(peer);
  while (next.header("CSeq") == first.header("CSeq")) next = harness.answer(peer);
  EXPECT_EQ(next.header("Subscription-State"), "terminated;reason=noresource");
  EXPECT_EQ(next.body, "SIP/2.0 200 OK\r\n");
  peer.send(Peer::response(next, 200));
  harness.next<event::NotifyAnswered>();
  EXPECT_EQ(harness.agent->census().subscriptions, 0U);
}

}  // namespace
}  // namespace clued::sip::test
