// INVITEs of ours, from the first one to the ACK or to the last word of a call that failed.
#include <algorithm>

#include "component/sip/harness.hpp"

namespace clued::sip::test {
namespace {

using namespace std::chrono_literals;
namespace event = focus::event;
namespace command = focus::command;

class Calling : public testing::TestWithParam<Wire> {
 protected:
  Harness harness;
  Peer peer{harness.io, GetParam(), harness.uri(GetParam())};
  base::DialogId dialog{focus::first_called_dialog};

  command::SendInvite call(const std::string& call_id = "call-1") {
    command::SendInvite invite;
    invite.dialog = dialog;
    invite.call_id = call_id;
    invite.target.user = "bob";
    invite.target.host = peer.host().substr(0, peer.host().find(':'));
    invite.target.port = static_cast<std::uint16_t>(std::stoi(peer.host().substr(peer.host().find(':') + 1)));
    if (GetParam() == Wire::tcp) invite.target.params = {{"transport", "tcp"}};
    invite.contact = conference;
    invite.sdp = some_sdp;
    return invite;
  }
  Message invited(const command::SendInvite& invite) {
    harness.agent->execute(invite);
    return harness.message(peer);
  }
  std::string response(const Message& request, int status, const std::string& tag, const std::string& extra = "",
                       const std::string& body = "") const {
    Message tagged = request;
    for (auto& [name, value] : tagged.headers) {
      if (name == "To" && !tag.empty()) value += ";tag=" + tag;
    }
    return Peer::response(tagged, status, extra, body);
  }
  std::string contact(const std::string& user = "bob") const {
    return "Contact: <sip:" + user + "@" + peer.host() + (GetParam() == Wire::tcp ? ";transport=tcp" : "") + ">\r\n";
  }
  /// The next message to the peer of this method, others put aside.
  Message next(const std::string& method) {
    for (;;) {
      Message one = harness.message(peer);
      if (one.method() == method || one.start.empty()) return one;
    }
  }
  void answer_2xx(const Message& invite, const std::string& tag = "bob-1") {
    peer.send(response(invite, 200, tag, contact() + sdp_type, some_sdp));
  }
};

INSTANTIATE_TEST_SUITE_P(Sip, Calling, testing::Values(Wire::udp, Wire::tcp),
                         [](const auto& one) { return one.param == Wire::udp ? "Udp" : "Tcp"; });

// FOC-10, REF-09, REF-07
TEST_P(Calling, TheInviteComesFromTheConferenceAndCarriesWhatTheReferrerGave) {
  auto invite = call();
  invite.contact.telepresence = true;
  invite.referred_by = "<sip:alice@example.net>;cid=\"x@y\"";
  invite.headers = {{"Replaces", "1@h;to-tag=a;from-tag=b"}, {"Subject", "Merge"}};
  const Message seen = invited(invite);
  EXPECT_EQ(seen.method(), "INVITE");
  EXPECT_EQ(seen.start.find("INVITE sip:bob@" + peer.host()), 0U) << seen.start;
  EXPECT_NE(seen.header("From").find("<sip:conf-1@127.0.0.1:"), std::string::npos) << seen.header("From");
  EXPECT_FALSE(tag_of(seen.header("From")).empty());
  EXPECT_NE(seen.header("Contact").find("sip:conf-1@"), std::string::npos);
  EXPECT_NE(seen.header("Contact").find(";isfocus;+sip.clue"), std::string::npos);
  EXPECT_EQ(seen.header("Call-ID"), "call-1");
  EXPECT_EQ(seen.header("Referred-By"), invite.referred_by);
  EXPECT_EQ(seen.header("Replaces"), "1@h;to-tag=a;from-tag=b");
  EXPECT_EQ(seen.header("Subject"), "Merge");
  EXPECT_NE(seen.header("Supported").find("100rel"), std::string::npos);
  EXPECT_NE(seen.header("Allow").find("PRACK"), std::string::npos);
  EXPECT_EQ(seen.body, some_sdp);
  peer.send(response(seen, 486, "x"));
  EXPECT_EQ(harness.next<event::InviteAnswered>().status, 486);
}

TEST_P(Calling, AnAnswerIsAcknowledgedAndMakesADialog) {
  const Message invite = invited(call());
  peer.send(response(invite, 100, ""));
  EXPECT_EQ(harness.next<event::InviteProgressed>().status, 100);
  peer.send(response(invite, 180, "bob-1", contact()));
  const auto ringing = harness.next<event::InviteProgressed>();
  EXPECT_EQ(ringing.status, 180);
  EXPECT_EQ(ringing.fork, "bob-1");
  EXPECT_FALSE(ringing.reliable);
  peer.send(response(invite, 200, "bob-1", contact("moved") + "Allow: INVITE, UPDATE\r\n" + sdp_type, some_sdp));
  const auto answered = harness.next<event::InviteAnswered>();
  EXPECT_EQ(answered.dialog, dialog);
  EXPECT_EQ(answered.status, 200);
  EXPECT_EQ(answered.sdp, some_sdp);
  EXPECT_EQ(answered.contact.uri.user, "moved");
  EXPECT_TRUE(answered.allows_update);
  const Message ack = next("ACK");
  EXPECT_EQ(ack.start.find("ACK sip:moved@"), 0U) << ack.start;
  EXPECT_EQ(ack.header("CSeq").substr(0, ack.header("CSeq").find(' ')),
            invite.header("CSeq").substr(0, invite.header("CSeq").find(' ')));
  harness.agent->execute(command::SendBye{dialog, {200, "over"}, ""});
  const Message bye = next("BYE");
  EXPECT_EQ(tag_of(bye.header("To")), "bob-1");
  EXPECT_EQ(tag_of(bye.header("From")), tag_of(invite.header("From")));
  peer.send(Peer::response(bye, 200));
  EXPECT_EQ(harness.next<event::DialogTerminated>().status, 200);
  EXPECT_TRUE(harness.idle());
}

TEST_P(Calling, TheNamesOfWhoAnsweredAreThoseThatATrustedPeerAsserts) {  // RFC 3325
  const Message invite = invited(call());
  const std::string asserted = "P-Asserted-Identity: <tel:+12015550123>\r\nP-Asserted-Identity: <sip:bob@ims>\r\n";
  peer.send(response(invite, 200, "bob-1", contact() + asserted + sdp_type, some_sdp));
  const auto answered = harness.next<event::InviteAnswered>();
  EXPECT_EQ(answered.proven.size(), 2U);
  EXPECT_EQ(answered.proven.primary().uri.to_string(), "sip:bob@ims");
  EXPECT_EQ(next("ACK").method(), "ACK");
  harness.agent->execute(command::SendBye{dialog, {200, "over"}, ""});
  peer.send(Peer::response(next("BYE"), 200));
  EXPECT_EQ(harness.next<event::DialogTerminated>().status, 200);
}

// RFC 3261 section 13.2.2.4: each repeated 2xx is acknowledged, and is no other call.
TEST_P(Calling, ARepeatedAnswerIsAcknowledgedAgain) {
  const Message invite = invited(call());
  peer.send(response(invite, 180, "bob-1", contact()));
  harness.next<event::InviteProgressed>();
  answer_2xx(invite);
  harness.next<event::InviteAnswered>();
  EXPECT_EQ(harness.message(peer).method(), "ACK");
  answer_2xx(invite);
  EXPECT_EQ(harness.message(peer).method(), "ACK");
  harness.pass(100ms);
  EXPECT_TRUE(peer.inbox.empty()) << peer.inbox.front().start;
  EXPECT_TRUE(harness.events.empty());
}

// Two devices answer: the first has the call, the other one is acknowledged and ended.
TEST_P(Calling, AnotherDeviceThatAnswersIsEnded) {
  const Message invite = invited(call());
  peer.send(response(invite, 180, "phone", contact("phone")));
  peer.send(response(invite, 180, "desk", contact("desk")));
  harness.next<event::InviteProgressed>();
  EXPECT_EQ(harness.next<event::InviteProgressed>().fork, "desk");
  peer.send(response(invite, 200, "desk", contact("desk") + sdp_type, some_sdp));
  EXPECT_EQ(harness.next<event::InviteAnswered>().fork, "desk");
  EXPECT_EQ(tag_of(next("ACK").header("To")), "desk");
  peer.send(response(invite, 200, "phone", contact("phone") + sdp_type, some_sdp));
  EXPECT_EQ(tag_of(next("ACK").header("To")), "phone");
  const Message bye = next("BYE");
  EXPECT_EQ(tag_of(bye.header("To")), "phone");
  peer.send(Peer::response(bye, 200));
  harness.pass(50ms);
  EXPECT_TRUE(harness.events.empty());
  harness.agent->execute(command::SendBye{dialog, {200, "over"}, ""});
  const Message last = next("BYE");
  EXPECT_EQ(tag_of(last.header("To")), "desk");
  EXPECT_EQ(last.start.find("BYE sip:desk@"), 0U);
  peer.send(Peer::response(last, 200));
  harness.next<event::DialogTerminated>();
  EXPECT_TRUE(harness.idle());
}

// OA-08, RFC 3262 section 4.
TEST_P(Calling, ReliableProvisionalResponsesAreAcknowledgedInTheirOrder) {
  const Message invite = invited(call());
  const auto reliable = [&](unsigned rseq) {
    return response(invite, 183, "bob-1",
                    contact() + "Require: 100rel\r\nRSeq: " + std::to_string(rseq) + "\r\n" + sdp_type, some_sdp);
  };
  peer.send(reliable(7));
  const auto progress = harness.next<event::InviteProgressed>();
  EXPECT_TRUE(progress.reliable);
  EXPECT_EQ(progress.sdp, some_sdp);
  const Message prack = harness.message(peer);
  EXPECT_EQ(prack.method(), "PRACK");
  EXPECT_EQ(prack.header("RAck"), "7 " + invite.header("CSeq"));
  EXPECT_EQ(tag_of(prack.header("To")), "bob-1");
  peer.send(Peer::response(prack, 200));
  peer.send(reliable(7));   // repeated
  peer.send(reliable(10));  // one before it was lost
  harness.pass(100ms);
  EXPECT_TRUE(harness.events.empty());
  EXPECT_TRUE(peer.inbox.empty());
  peer.send(reliable(8));
  harness.next<event::InviteProgressed>();
  EXPECT_EQ(harness.message(peer).header("RAck").substr(0, 2), "8 ");
  peer.send(response(invite, 603, "bob-1"));
  EXPECT_EQ(harness.next<event::InviteAnswered>().status, 603);
  harness.next<event::DialogTerminated>();
}

// END-03
TEST_P(Calling, ACancelledCallEndsWithItsFinalResponse) {
  const Message invite = invited(call());
  peer.send(response(invite, 180, "bob-1", contact()));
  harness.next<event::InviteProgressed>();
  harness.agent->execute(command::SendCancel{dialog, {408, "No answer"}});
  const Message cancel = harness.message(peer);
  EXPECT_EQ(cancel.method(), "CANCEL");
  EXPECT_EQ(cancel.header("Via"), invite.header("Via")) << "the same branch";
  EXPECT_EQ(cancel.header("Reason"), "SIP;cause=408;text=\"No answer\"");
  peer.send(Peer::response(cancel, 200));
  peer.send(response(invite, 487, "bob-1"));
  EXPECT_EQ(harness.next<event::InviteAnswered>().status, 487);
  EXPECT_EQ(harness.next<event::DialogTerminated>().dialog, dialog);
  EXPECT_EQ(next("ACK").method(), "ACK");
  EXPECT_TRUE(harness.idle());
}

// END-03: they cross; the session is there and is ended by BYE.
TEST_P(Calling, AnAnswerThatCrossesTheCancelIsAcknowledgedAndCanBeEnded) {
  const Message invite = invited(call());
  peer.send(response(invite, 180, "bob-1", contact()));
  harness.next<event::InviteProgressed>();
  harness.agent->execute(command::SendCancel{dialog, {200, ""}});
  const Message cancel = harness.message(peer);
  answer_2xx(invite);
  EXPECT_EQ(harness.next<event::InviteAnswered>().status, 200);
  peer.send(Peer::response(cancel, 481));
  harness.agent->execute(command::SendBye{dialog, {200, "Removed"}, ""});
  EXPECT_EQ(next("ACK").method(), "ACK");
  const Message bye = next("BYE");
  peer.send(Peer::response(bye, 200));
  EXPECT_EQ(harness.next<event::DialogTerminated>().status, 200);
  EXPECT_TRUE(harness.idle());
}

// RFC 3261 section 9.1: the callee is dead after the CANCEL.
TEST_P(Calling, ACancelThatNobodyAnswersIsGivenUp) {
  const Message invite = invited(call());
  peer.send(response(invite, 180, "bob-1", contact()));
  harness.next<event::InviteProgressed>();
  harness.agent->execute(command::SendCancel{dialog, {200, ""}});
  EXPECT_EQ(harness.next<event::InviteAnswered>().status, 408);
  harness.next<event::DialogTerminated>();
  EXPECT_TRUE(harness.idle());
}

TEST_P(Calling, ARedirectionBringsItsContactsBestFirst) {
  const Message invite = invited(call());
  peer.send(response(invite, 302, "x",
                     "Contact: <sip:second@example.net>;q=0.5, <sip:first@example.net>, <tel:+15551234>;q=0.1\r\n"));
  const auto answered = harness.next<event::InviteAnswered>();
  EXPECT_EQ(answered.status, 302);
  ASSERT_EQ(answered.alternatives.size(), 3U);
  EXPECT_EQ(answered.alternatives[0].user, "first");
  EXPECT_EQ(answered.alternatives[1].user, "second");
  EXPECT_EQ(answered.alternatives[2].scheme, "tel");
  EXPECT_EQ(next("ACK").method(), "ACK");
}

TEST_P(Calling, RecordRouteOfTheAnswerIsTheRouteOfTheDialog) {
  const Message invite = invited(call());
  const std::string proxy = "<sip:" + peer.host() + ";lr" + (GetParam() == Wire::tcp ? ";transport=tcp>" : ">");
  peer.send(response(invite, 200, "bob-1",
                     "Record-Route: " + proxy + "\r\nContact: <sip:bob@bob.invalid>\r\n" + sdp_type, some_sdp));
  harness.next<event::InviteAnswered>();
  const Message ack = next("ACK");
  EXPECT_EQ(ack.header("Route"), proxy);
  EXPECT_EQ(ack.start, "ACK sip:bob@bob.invalid SIP/2.0");
}

TEST_P(Calling, TheCalleesByeEndsTheSession) {
  const Message invite = invited(call());
  answer_2xx(invite);
  harness.next<event::InviteAnswered>();
  next("ACK");
  const std::string from = "From: <sip:bob@example.net>;tag=bob-1\r\n";
  std::string bye = peer.request("BYE", uri_of(invite.header("Contact")), "call-1", 1, tag_of(invite.header("From")));
  bye.replace(bye.find("From:"), bye.find("\r\n", bye.find("From:")) + 2 - bye.find("From:"), from);
  peer.send(bye);
  EXPECT_EQ(harness.answer(peer).status(), 200);
  EXPECT_EQ(harness.next<event::ByeReceived>().dialog, dialog);
  harness.next<event::DialogTerminated>();
  EXPECT_TRUE(harness.idle());
}

// A host that nobody can name, a transport that we do not have.
TEST_P(Calling, WhoCannotBeReachedIsSaidAtOnce) {
  auto nowhere = call();
  nowhere.target.host = "nowhere.invalid";
  harness.agent->execute(nowhere);
  EXPECT_EQ(harness.next<event::InviteAnswered>().status, 404);
  harness.next<event::DialogTerminated>();
  auto secure = call();
  secure.target.scheme = "sips";
  harness.agent->execute(secure);
  EXPECT_EQ(harness.next<event::InviteAnswered>().status, 503);
  harness.next<event::DialogTerminated>();
  EXPECT_TRUE(harness.idle());
}

TEST(CallingSilence, NobodyAnswersAtAll) {
  Harness harness;
  Peer peer{harness.io, Wire::udp, harness.uri(Wire::udp)};
  command::SendInvite invite;
  invite.dialog = base::DialogId{focus::first_called_dialog};
  invite.call_id = "silent";
  invite.target.user = "bob";
  invite.target.host = "127.0.0.1";
  invite.target.port = static_cast<std::uint16_t>(std::stoi(peer.host().substr(peer.host().find(':') + 1)));
  invite.contact = conference;
  invite.sdp = some_sdp;
  harness.agent->execute(invite);
  EXPECT_EQ(harness.next<event::InviteAnswered>().status, 408);
  harness.next<event::DialogTerminated>();
  EXPECT_TRUE(harness.idle());
}

TEST(CallingProxy, ANumberGoesToTheOutboundProxyWithARoute) {
  auto settings = Harness::quick();
  settings.outbound_proxy = "127.0.0.1:1";
  boost::asio::io_context unused;
  Harness probe;
  Peer proxy{probe.io, Wire::udp, probe.uri(Wire::udp)};
  settings.outbound_proxy = proxy.host();
  Harness harness("127.0.0.1", settings);
  command::SendInvite invite;
  invite.dialog = base::DialogId{focus::first_called_dialog};
  invite.call_id = "number";
  invite.target.scheme = "tel";
  invite.target.user = "+15551234";
  invite.contact = conference;
  invite.sdp = some_sdp;
  harness.agent->execute(invite);
  harness.pass(100ms);
  const Message seen = probe.message(proxy);
  EXPECT_EQ(seen.start, "INVITE tel:+15551234 SIP/2.0");
  EXPECT_EQ(seen.header("Route"), "<sip:" + proxy.host() + ";lr>");
  EXPECT_EQ(seen.header("To"), "<tel:+15551234>");
}

}  // namespace
}  // namespace clued::sip::test
