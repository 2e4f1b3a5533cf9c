// SUBSCRIBE to the conference event package and its NOTIFYs (RFC 6665, RFC 4575).
#include "component/sip/harness.hpp"

namespace clued::sip::test {
namespace {

using namespace std::chrono_literals;
namespace event = focus::event;
namespace command = focus::command;

const std::string document = R"(<conference-info xmlns="urn:ietf:params:xml:ns:conference-info" entity="sip:c@h"/>)";

class Subscribe : public testing::TestWithParam<Wire> {
 protected:
  std::string subscribe(const std::string& call, unsigned cseq, const std::string& to_tag = "",
                        const std::string& extra = "", const std::string& uri = "sip:conf-1@example.net") const {
    return peer.request("SUBSCRIBE", uri, call, cseq, to_tag, "Event: conference\r\n" + extra);
  }
  /// The core accepts and sends its first NOTIFY; the answer to the SUBSCRIBE is returned.
  Message accept(const event::SubscribeReceived& event, std::chrono::seconds expires = 3600s) {
    harness.agent->execute(command::AcceptSubscribe{event.request, event.subscription, expires, conference});
    return harness.answer(peer);
  }
  void notify(base::SubscriptionId subscription, const std::string& state = "active;expires=3600",
              const std::string& body = document) {
    const bool terminated = state.find("terminated") == 0;
    harness.agent->execute(command::NotifyConference{subscription, state, terminated, body});
  }
  /// Takes a NOTIFY, answers it and takes the event of that.
  Message take_notify(base::SubscriptionId subscription, int status = 200) {
    const Message message = harness.answer(peer);
    EXPECT_EQ(message.method(), "NOTIFY");
    peer.send(Peer::response(message, status));
    const auto answered = harness.next<event::NotifyAnswered>();
    EXPECT_EQ(answered.subscription, subscription);
    EXPECT_EQ(answered.status, status);
    return message;
  }

  Harness harness;
  Peer peer{harness.io, GetParam(), harness.uri(GetParam())};
};

INSTANTIATE_TEST_SUITE_P(Sip, Subscribe, testing::Values(Wire::udp, Wire::tcp),
                         [](const auto& one) { return one.param == Wire::udp ? "Udp" : "Tcp"; });

// EVT-01, EVT-16
TEST_P(Subscribe, OutOfDialogMakesItsOwnDialog) {
  peer.send(subscribe("sub-1", 1, "",
                      "Accept: text/plain, application/conference-info+xml\r\nExpires: 600\r\n"
                      "P-Asserted-Identity: <sip:al@ims.example.net>\r\n"));
  const auto event = harness.next<event::SubscribeReceived>();
  EXPECT_FALSE(event.is_refresh);
  EXPECT_FALSE(event.dialog);
  EXPECT_EQ(event.request_uri.to_string(), "sip:conf-1@example.net") << "without a port (Linphone)";
  EXPECT_EQ(event.from.uri.user, "alice");
  ASSERT_FALSE(event.proven.empty());
  EXPECT_EQ(event.proven.primary().uri.user, "al");
  EXPECT_EQ(event.expires, 600s);
  EXPECT_EQ(event.call_id, "sub-1");
  const Message ok = accept(event, 600s);
  EXPECT_EQ(ok.status(), 200);
  EXPECT_EQ(ok.header("Expires"), "600");
  EXPECT_NE(ok.header("Contact").find(";isfocus"), std::string::npos);
  EXPECT_EQ(harness.agent->census().subscriptions, 1U);

  notify(event.subscription, "active;expires=600");
  const Message first = take_notify(event.subscription);
  EXPECT_EQ(first.header("Event"), "conference");
  EXPECT_EQ(first.header("Subscription-State"), "active;expires=600");
  EXPECT_EQ(first.header("Content-Type"), "application/conference-info+xml");
  EXPECT_NE(first.header("Contact").find(";isfocus"), std::string::npos);
  EXPECT_EQ(first.header("Call-ID"), "sub-1");
  EXPECT_EQ(tag_of(first.header("From")), tag_of(ok.header("To")));
  EXPECT_EQ(tag_of(first.header("To")), "from-sub-1");
  EXPECT_EQ(first.body, document);

  // EVT-02: a refresh is the same subscription.
  peer.send(subscribe("sub-1", 2, tag_of(ok.header("To")), "Expires: 0\r\n", uri_of(ok.header("Contact"))));
  const auto refresh = harness.next<event::SubscribeReceived>();
  EXPECT_TRUE(refresh.is_refresh);
  EXPECT_EQ(refresh.subscription, event.subscription);
  EXPECT_EQ(refresh.expires, 0s);
  EXPECT_EQ(accept(refresh, 0s).header("Expires"), "0");
  notify(event.subscription, "terminated;reason=timeout");
  EXPECT_EQ(take_notify(event.subscription).header("Subscription-State"), "terminated;reason=timeout");
  EXPECT_TRUE(harness.idle());
  peer.send(subscribe("sub-1", 3, tag_of(ok.header("To"))));
  EXPECT_EQ(harness.answer(peer).status(), 481);
}

// EVT-16, RFC 5057
TEST_P(Subscribe, InTheDialogOfTheInviteItOutlivesTheSession) {
  const Call call = establish(harness, peer, "call-1");
  peer.send(subscribe(call.id, 2, call.tag, "", call.target));
  const auto event = harness.next<event::SubscribeReceived>();
  EXPECT_EQ(event.dialog, call.dialog);
  EXPECT_FALSE(event.expires);
  EXPECT_EQ(accept(event).status(), 200);
  notify(event.subscription);
  take_notify(event.subscription);

  peer.send(peer.request("BYE", call.target, call.id, 3, call.tag));
  EXPECT_EQ(harness.answer(peer).status(), 200);
  harness.next<event::ByeReceived>();
  harness.next<event::DialogTerminated>();
  EXPECT_EQ(harness.agent->census().dialogs, 1U);
  notify(event.subscription);
  take_notify(event.subscription);
  peer.send(subscribe(call.id, 4, call.tag, "", call.target));
  const auto refresh = harness.next<event::SubscribeReceived>();
  EXPECT_EQ(refresh.subscription, event.subscription);
  EXPECT_FALSE(refresh.dialog);
  accept(refresh);
  notify(event.subscription, "terminated;reason=noresource", "");
  const Message last = take_notify(event.subscription);
  EXPECT_EQ(last.body, "");
  EXPECT_EQ(last.count("Content-Type"), 0U);
  EXPECT_TRUE(harness.idle());
}

// Expectation 8
TEST_P(Subscribe, BeforeTheAckOfTheInvite) {
  peer.send(
      peer.request("INVITE", "sip:conf-1@example.net", "call-1", 1, "", "Content-Type: application/sdp\r\n", "v=0"));
  const auto invite = harness.next<event::InviteReceived>();
  command::Respond ok;
  ok.request = invite.request;
  ok.contact = conference;
  ok.sdp = "v=0";
  harness.agent->execute(ok);
  const Message answer = harness.answer(peer);
  peer.send(subscribe("call-1", 2, tag_of(answer.header("To")), "", "sip:conf-1@127.0.0.1"));
  const auto event = harness.next<event::SubscribeReceived>();
  EXPECT_EQ(event.dialog, invite.dialog);
  Message accepted = accept(event);
  while (accepted.header("CSeq").find("INVITE") != std::string::npos) accepted = harness.answer(peer);
  EXPECT_EQ(accepted.status(), 200);
  notify(event.subscription);
  Message told = harness.answer(peer);
  while (told.status() == 200) told = harness.answer(peer);  // the 200 to the INVITE, repeated
  EXPECT_EQ(told.method(), "NOTIFY");
}

TEST_P(Subscribe, ASecondOneWithAnotherIdIsAnotherSubscription) {
  const Call call = establish(harness, peer, "call-1");
  peer.send(subscribe(call.id, 2, call.tag, "", call.target));
  const auto first = harness.next<event::SubscribeReceived>();
  // Before the first one is answered: it is the same subscription.
  peer.send(subscribe(call.id, 3, call.tag, "", call.target));
  const auto again = harness.next<event::SubscribeReceived>();
  EXPECT_TRUE(again.is_refresh);
  EXPECT_EQ(again.subscription, first.subscription);
  accept(first);
  accept(again);
  peer.send(peer.request("SUBSCRIBE", call.target, call.id, 4, call.tag, "Event: conference;id=x7\r\n"));
  const auto second = harness.next<event::SubscribeReceived>();
  EXPECT_FALSE(second.is_refresh);
  accept(second);
  notify(second.subscription);
  EXPECT_EQ(take_notify(second.subscription).header("Event"), "conference;id=x7");
  EXPECT_EQ(harness.agent->census().subscriptions, 2U);
}

// EVT-15
TEST_P(Subscribe, ARefusedOneLeavesNothing) {
  command::Respond brief;
  brief.status = 423;
  brief.min_expires = 60s;
  for (const bool in_dialog : {false, true}) {
    const Call call = in_dialog ? establish(harness, peer, "call-1") : Call{"sub-1", "", "sip:conf-1@example.net", {}};
    peer.send(subscribe(call.id, 2, call.tag, "Expires: 5\r\n", call.target));
    brief.request = harness.next<event::SubscribeReceived>().request;
    harness.agent->execute(brief);
    const Message refusal = harness.answer(peer);
    EXPECT_EQ(refusal.status(), 423);
    EXPECT_EQ(refusal.header("Min-Expires"), "60");
    EXPECT_EQ(harness.agent->census().subscriptions, 0U);
    EXPECT_EQ(harness.agent->census().dialogs, in_dialog ? 1U : 0U);
    if (!in_dialog) continue;
    peer.send(subscribe(call.id, 3, call.tag, "", call.target));
    EXPECT_FALSE(harness.next<event::SubscribeReceived>().is_refresh);
  }
}

// EVT-14
TEST_P(Subscribe, ANotifyThatFindsNobodyEndsIt) {
  peer.send(subscribe("sub-1", 1));
  const auto event = harness.next<event::SubscribeReceived>();
  accept(event);
  notify(event.subscription);
  take_notify(event.subscription, 481);
  EXPECT_TRUE(harness.idle());
}

TEST_P(Subscribe, ANotifyThatNobodyAnswersEndsIt) {
  peer.send(subscribe("sub-1", 1));
  const auto event = harness.next<event::SubscribeReceived>();
  accept(event);
  notify(event.subscription);
  EXPECT_EQ(harness.next<event::NotifyAnswered>().status, 408);
  EXPECT_TRUE(harness.idle());
}

TEST_P(Subscribe, TheLastNotifyWaitsForTheOneUnderWay) {
  peer.send(subscribe("sub-1", 1));
  const auto event = harness.next<event::SubscribeReceived>();
  accept(event);
  notify(event.subscription);
  notify(event.subscription, "terminated;reason=noresource");
  const Message first = harness.answer(peer);
  EXPECT_EQ(first.header("Subscription-State"), "active;expires=3600");
  harness.pass(50ms);
  EXPECT_TRUE(peer.inbox.empty());
  peer.send(Peer::response(first, 200));
  harness.next<event::NotifyAnswered>();
  take_notify(event.subscription);
  EXPECT_TRUE(harness.idle());
}

TEST_P(Subscribe, ACommandForASubscriptionThatIsGoneIsIgnored) {
  notify(base::SubscriptionId{99});
  harness.agent->execute(command::AcceptSubscribe{base::RequestId{99}, base::SubscriptionId{99}, 60s, conference});
  EXPECT_TRUE(harness.logged("sip.command_ignored"));
  EXPECT_TRUE(harness.idle());
}

}  // namespace
}  // namespace clued::sip::test
