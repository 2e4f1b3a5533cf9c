// What happens in a confirmed dialog.
#include <algorithm>

#include "component/sip/harness.hpp"

namespace clued::sip::test {
namespace {

using namespace std::chrono_literals;
namespace event = focus::event;
namespace command = focus::command;

class Session : public testing::TestWithParam<Wire> {
 protected:
  Harness harness;
  Peer peer{harness.io, GetParam(), harness.uri(GetParam())};

  void respond(base::RequestId request, int status, bool sdp = true) {
    command::Respond answer;
    answer.request = request;
    answer.status = status;
    answer.contact = conference;
    if (sdp) answer.sdp = some_sdp;
    harness.agent->execute(answer);
  }
  void end(const Call& call, unsigned cseq) {
    peer.send(peer.request("BYE", call.target, call.id, cseq, call.tag));
    EXPECT_TRUE(harness.until([this] { return harness.agent->census().dialogs == 0; }));
    EXPECT_TRUE(harness.idle());
  }
};

INSTANTIATE_TEST_SUITE_P(Sip, Session, testing::Values(Wire::udp, Wire::tcp),
                         [](const auto& one) { return one.param == Wire::udp ? "Udp" : "Tcp"; });

TEST_P(Session, ReinviteOfTheFocusIsAcknowledged) {
  const Call call = establish(harness, peer, "re-1");
  harness.agent->execute(command::SendReinvite{call.dialog, {"conf-1", true}, some_sdp});
  const Message invite = harness.answer(peer);
  ASSERT_EQ(invite.method(), "INVITE");
  EXPECT_EQ(invite.body, some_sdp);
  EXPECT_EQ(invite.header("Content-Type"), "application/sdp");
  EXPECT_EQ(invite.header("Contact"), "<" + call.target + ">;isfocus;+sip.clue");
  EXPECT_NE(invite.header("Allow").find("UPDATE"), std::string::npos);
  EXPECT_EQ(invite.header("Supported").find("100rel"), std::string::npos);
  EXPECT_EQ(harness.agent->census().outgoing, 1U);
  peer.send(Peer::response(invite, 100));
  peer.send(Peer::response(invite, 200, "Contact: <" + peer.contact() + ">\r\n" + sdp_type, "v=0\r\nanswer"));
  const auto answered = harness.next<event::ReinviteAnswered>();
  EXPECT_EQ(answered.dialog, call.dialog);
  EXPECT_EQ(answered.status, 200);
  EXPECT_EQ(answered.sdp, "v=0\r\nanswer");
  const Message ack = harness.answer(peer);
  ASSERT_EQ(ack.method(), "ACK");
  EXPECT_EQ(std::atoi(ack.header("CSeq").c_str()), std::atoi(invite.header("CSeq").c_str()));
  // The 2xx again, because the ACK was lost: the ACK comes again, the event does not.
  peer.send(Peer::response(invite, 200, "Contact: <" + peer.contact() + ">\r\n" + sdp_type, "v=0\r\nanswer"));
  EXPECT_EQ(harness.answer(peer).method(), "ACK");
  EXPECT_TRUE(harness.events.empty());
  end(call, 2);
}

TEST_P(Session, RefusalOfAReinviteIsToldWithItsRetryAfter) {
  const Call call = establish(harness, peer, "re-2");
  harness.agent->execute(command::SendReinvite{call.dialog, conference, some_sdp});
  const Message invite = harness.answer(peer);
  peer.send(Peer::response(invite, 491, "Retry-After: 5\r\n"));
  const auto answered = harness.next<event::ReinviteAnswered>();
  EXPECT_EQ(answered.status, 491);
  EXPECT_EQ(answered.phrase, "Phrase");
  EXPECT_EQ(answered.retry_after, 5s);
  EXPECT_FALSE(answered.sdp.has_value());
  EXPECT_EQ(harness.answer(peer).method(), "ACK");
  end(call, 2);
}

TEST_P(Session, UnansweredReinviteIs408) {
  const Call call = establish(harness, peer, "re-3");
  harness.agent->execute(command::SendReinvite{call.dialog, conference, some_sdp});
  EXPECT_EQ(harness.next<event::ReinviteAnswered>().status, 408);
  EXPECT_EQ(harness.agent->census().outgoing, 0U);
  end(call, 2);
}

TEST_P(Session, UnansweredByeIs408) {
  const Call call = establish(harness, peer, "bye-1");
  harness.agent->execute(command::SendBye{call.dialog, {}, ""});
  EXPECT_EQ(harness.answer(peer).method(), "BYE");
  EXPECT_EQ(harness.next<event::DialogTerminated>().status, 408);
  EXPECT_TRUE(harness.idle());
}

// RFC 4028: what INVITE and UPDATE of either side say of the session timer.
TEST_P(Session, TheSessionTimerIsInTheRequestsOfTheFocusAndReadFromTheAnswers) {
  const Call call = establish(harness, peer, "se-1");
  const focus::SessionTimerFields ours{true, 1800s, focus::SessionRefresher::uac, 120s};
  harness.agent->execute(command::SendReinvite{call.dialog, conference, some_sdp, ours});
  const Message invite = harness.answer(peer);
  EXPECT_EQ(invite.header("Session-Expires"), "1800;refresher=uac");
  EXPECT_EQ(invite.header("Min-SE"), "120");
  EXPECT_NE(invite.header("Supported").find("timer"), std::string::npos);
  peer.send(Peer::response(invite, 422, "Min-SE: 3600\r\n"));
  const auto refused = harness.next<event::ReinviteAnswered>();
  EXPECT_EQ(refused.status, 422);
  EXPECT_EQ(refused.session_timer.min_expires, 3600s);
  EXPECT_EQ(harness.answer(peer).method(), "ACK");

  harness.agent->execute(command::SendUpdate{call.dialog, conference, ours});
  const Message update = harness.answer(peer);
  ASSERT_EQ(update.method(), "UPDATE");
  EXPECT_EQ(update.header("Session-Expires"), "1800;refresher=uac");
  EXPECT_NE(update.header("Contact").find("isfocus"), std::string::npos);
  EXPECT_TRUE(update.body.empty());
  peer.send(Peer::response(
      update, 200, "Contact: <" + peer.contact() + ">\r\nRequire: timer\r\nSession-Expires: 600;refresher=UAS\r\n"));
  const auto answered = harness.next<event::UpdateAnswered>();
  EXPECT_EQ(answered.status, 200);
  EXPECT_EQ(answered.session_timer, (focus::SessionTimerFields{true, 600s, focus::SessionRefresher::uas, {}}));
  end(call, 2);
}

TEST_P(Session, AnUnansweredUpdateIs408) {
  const Call call = establish(harness, peer, "se-2");
  harness.agent->execute(command::SendUpdate{call.dialog, conference, {}});
  EXPECT_EQ(harness.next<event::UpdateAnswered>().status, 408);
  EXPECT_EQ(harness.agent->census().outgoing, 0U);
  end(call, 2);
}

TEST_P(Session, AnUpdateOfThePeerRefreshesTheSession) {
  const Call call = establish(harness, peer, "se-3");
  peer.send(peer.request("UPDATE", call.target, call.id, 2, call.tag,
                         "Supported: timer\r\nSession-Expires: 900;refresher=uac\r\nMin-SE: 90\r\n"));
  const auto update = harness.next<event::ReinviteReceived>();
  EXPECT_TRUE(update.is_update);
  EXPECT_EQ(update.session_timer, (focus::SessionTimerFields{true, 900s, focus::SessionRefresher::uac, 90s}));
  command::Respond ok{update.request, 200, {}, conference};
  ok.session_timer = update.session_timer;
  harness.agent->execute(ok);
  const Message answer = harness.answer(peer);
  EXPECT_EQ(answer.status(), 200);
  EXPECT_EQ(answer.header("Session-Expires"), "900;refresher=uac");
  EXPECT_EQ(answer.header("Require"), "timer");
  // Too short for us, to who can take the 422 and to who cannot.
  peer.send(peer.request("UPDATE", call.target, call.id, 3, call.tag, "Supported: timer\r\nSession-Expires: 60\r\n"));
  const Message brief = harness.answer(peer);
  EXPECT_EQ(brief.status(), 422);
  EXPECT_EQ(brief.header("Min-SE"), "90");
  peer.send(peer.request("UPDATE", call.target, call.id, 4, call.tag, "Session-Expires: 60\r\n"));
  const auto old = harness.next<event::ReinviteReceived>();
  EXPECT_EQ(old.session_timer, (focus::SessionTimerFields{false, 60s, {}, {}}));
  ok.request = old.request;
  ok.session_timer = focus::SessionTimerFields{false, 90s, focus::SessionRefresher::uas, {}};
  harness.agent->execute(ok);
  const Message plain = harness.answer(peer);
  EXPECT_EQ(plain.header("Session-Expires"), "90;refresher=uas");
  EXPECT_EQ(plain.header("Require"), "") << "who does not know the timer cannot be required to";
  end(call, 5);
}

TEST_P(Session, ReinviteOfThePeerIsAskedAndAnswered) {
  const Call call = establish(harness, peer, "in-1");
  peer.send(peer.request("INVITE", call.target, call.id, 2, call.tag, sdp_type, "v=0\r\noffer"));
  const auto received = harness.next<event::ReinviteReceived>();
  EXPECT_EQ(received.dialog, call.dialog);
  EXPECT_FALSE(received.is_update);
  EXPECT_EQ(received.sdp, "v=0\r\noffer");
  respond(received.request, 200);
  const Message ok = harness.answer(peer);
  EXPECT_EQ(ok.status(), 200);
  EXPECT_EQ(tag_of(ok.header("To")), call.tag);
  peer.send(peer.request("ACK", call.target, call.id, 2, call.tag));
  EXPECT_EQ(harness.next<event::AckReceived>().dialog, call.dialog);
  // One that is refused leaves the dialog as it is.
  peer.send(peer.request("INVITE", call.target, call.id, 3, call.tag, sdp_type, "v=0\r\noffer"));
  respond(harness.next<event::ReinviteReceived>().request, 488, false);
  EXPECT_EQ(harness.answer(peer).status(), 488);
  EXPECT_EQ(harness.agent->census().dialogs, 1U);
  end(call, 4);
}

TEST_P(Session, UpdateIsAskedAndAnswered) {
  const Call call = establish(harness, peer, "up-1");
  peer.send(peer.request("UPDATE", call.target, call.id, 2, call.tag));
  const auto received = harness.next<event::ReinviteReceived>();
  EXPECT_TRUE(received.is_update);
  EXPECT_FALSE(received.sdp.has_value());
  peer.send(peer.request("UPDATE", call.target, call.id, 3, call.tag));
  const Message overlapping = harness.answer(peer);
  EXPECT_EQ(overlapping.status(), 500);
  EXPECT_FALSE(overlapping.header("Retry-After").empty());
  respond(received.request, 200, false);
  const Message ok = harness.answer(peer);
  EXPECT_EQ(ok.status(), 200);
  EXPECT_EQ(ok.header("CSeq"), "2 UPDATE");
  EXPECT_NE(ok.header("Contact").find("isfocus"), std::string::npos);
  end(call, 4);
}

TEST_P(Session, ARefusalSaysWhyInAWarning) {  // RFC 3261 section 20.43
  peer.send(peer.request("INVITE", "sip:conf-1@h", "warn-1", 1, "", sdp_type, "v=0\r\n"));
  command::Respond refusal{harness.next<event::InviteReceived>().request, 488};
  refusal.warning = focus::Warning{focus::Warning::media_format, "m-line 1: \"no\" common codec\r\nX: y"};
  harness.agent->execute(refusal);
  const Message answer = harness.answer(peer);
  EXPECT_EQ(answer.status(), 488);
  EXPECT_EQ(answer.header("Warning"), "305 clued \"m-line 1: \\\"no\\\" common codec  X: y\"");
  EXPECT_EQ(answer.header("X"), "");
  harness.next<event::DialogTerminated>();
}

TEST_P(Session, AnotherContactOfThePeerIsToldOnceItCounts) {  // RFC 3261 section 12.2
  const Call call = establish(harness, peer, "moved-1");
  const std::string moved = "sip:al2@" + peer.host();
  const std::string contact = "Contact: <" + moved + ">;+sip.instance=\"<urn:uuid:2>\"\r\n" + sdp_type;
  peer.send(peer.request("INVITE", call.target, call.id, 2, call.tag, contact, "v=0\r\noffer"));
  respond(harness.next<event::ReinviteReceived>().request, 488, false);
  EXPECT_EQ(harness.answer(peer).status(), 488);
  EXPECT_TRUE(harness.events.empty()) << "a refused request moves nothing";
  peer.send(peer.request("INVITE", call.target, call.id, 3, call.tag, contact, "v=0\r\noffer"));
  respond(harness.next<event::ReinviteReceived>().request, 200);
  const auto told = harness.next<event::TargetRefreshed>();
  EXPECT_EQ(told.dialog, call.dialog);
  EXPECT_EQ(told.contact.uri.to_string(), moved);
  EXPECT_EQ(told.contact.instance, "urn:uuid:2");
  EXPECT_EQ(harness.answer(peer).status(), 200);
  peer.send(peer.request("ACK", call.target, call.id, 3, call.tag));
  harness.next<event::AckReceived>();
  // Another one in the answer to a request of ours; once more, and nothing has moved.
  for (const bool is_new : {true, false}) {
    harness.agent->execute(command::SendReinvite{call.dialog, conference, some_sdp});
    const Message invite = harness.answer(peer);
    EXPECT_EQ(invite.start, "INVITE " + (is_new ? moved : peer.contact()) + " SIP/2.0");
    peer.send(Peer::response(invite, 200, "Contact: <" + peer.contact() + ">\r\n" + sdp_type, "v=0\r\nanswer"));
    if (is_new) {
      EXPECT_EQ(harness.next<event::TargetRefreshed>().contact.uri.to_string(), peer.contact());
    }
    EXPECT_EQ(harness.next<event::ReinviteAnswered>().status, 200);
    EXPECT_EQ(harness.answer(peer).method(), "ACK");
  }
  end(call, 4);
}

TEST_P(Session, OverlappingInviteGets500WithRetryAfter) {
  const Call call = establish(harness, peer, "over-1");
  peer.send(peer.request("INVITE", call.target, call.id, 2, call.tag, sdp_type, some_sdp));
  const auto first = harness.next<event::ReinviteReceived>();
  peer.send(peer.request("INVITE", call.target, call.id, 3, call.tag, sdp_type, some_sdp));
  const Message refused = harness.answer(peer);
  EXPECT_EQ(refused.status(), 500);
  EXPECT_EQ(refused.header("CSeq"), "3 INVITE");
  const int wait = std::atoi(refused.header("Retry-After").c_str());
  EXPECT_TRUE(wait >= 0 && wait <= 10) << wait;
  // An older one than the last is out of order (RFC 3261 section 12.2.2).
  peer.send(peer.request("OPTIONS", call.target, call.id, 1, call.tag));
  EXPECT_EQ(harness.answer(peer).status(), 500);
  respond(first.request, 200);
  EXPECT_EQ(harness.answer(peer).header("CSeq"), "2 INVITE");
  EXPECT_TRUE(harness.events.empty());
  peer.send(peer.request("ACK", call.target, call.id, 2, call.tag));
  harness.next<event::AckReceived>();
  end(call, 4);
}

TEST_P(Session, GlareIsTheCoresToDecide) {
  const Call call = establish(harness, peer, "glare-1");
  harness.agent->execute(command::SendReinvite{call.dialog, conference, some_sdp});
  const Message ours = harness.answer(peer);
  peer.send(peer.request("INVITE", call.target, call.id, 2, call.tag, sdp_type, some_sdp));
  const auto theirs = harness.next<event::ReinviteReceived>();
  respond(theirs.request, 491, false);
  EXPECT_EQ(harness.answer(peer).status(), 491);
  peer.send(Peer::response(ours, 491));
  EXPECT_EQ(harness.next<event::ReinviteAnswered>().status, 491);
  EXPECT_EQ(harness.answer(peer).method(), "ACK");
  end(call, 3);
}

TEST_P(Session, ByeEndsWhatIsPendingOnBothSides) {
  const Call call = establish(harness, peer, "race-1");
  peer.send(peer.request("INVITE", call.target, call.id, 2, call.tag, sdp_type, some_sdp));
  const auto pending = harness.next<event::ReinviteReceived>();
  harness.agent->execute(command::SendBye{call.dialog, {}, ""});
  const Message refused = harness.answer(peer);
  EXPECT_EQ(refused.status(), 487);
  EXPECT_EQ(refused.header("CSeq"), "2 INVITE");
  const Message bye = harness.answer(peer);
  EXPECT_EQ(bye.method(), "BYE");
  // Requests within a dialog that is ending find no session.
  peer.send(peer.request("INVITE", call.target, call.id, 3, call.tag, sdp_type, some_sdp));
  Message gone = harness.answer(peer);
  while (gone.header("CSeq") == "2 INVITE" || gone.method() == "BYE") gone = harness.answer(peer);
  EXPECT_EQ(gone.status(), 481);
  // The peer's BYE crosses ours: one departure.
  peer.send(peer.request("BYE", call.target, call.id, 4, call.tag));
  harness.next<event::ByeReceived>();
  EXPECT_EQ(harness.next<event::DialogTerminated>().dialog, call.dialog);
  peer.send(Peer::response(bye, 481));
  EXPECT_TRUE(harness.until([this] { return harness.idle(); }));
  EXPECT_TRUE(harness.events.empty());
  harness.agent->execute(command::Respond{pending.request, 487, "", {}, {}, false, {}, {}});
  harness.agent->execute(command::SendReinvite{call.dialog, conference, some_sdp});
  harness.agent->execute(command::SendBye{call.dialog, {}, ""});
}

TEST_P(Session, ReinviteUnderWayAtTheEndOfTheDialogIsStillAcknowledged) {
  const Call call = establish(harness, peer, "race-2");
  harness.agent->execute(command::SendReinvite{call.dialog, conference, some_sdp});
  const Message invite = harness.answer(peer);
  harness.agent->execute(command::SendBye{call.dialog, {}, ""});
  const Message bye = harness.answer(peer);
  EXPECT_EQ(bye.method(), "BYE");
  peer.send(Peer::response(bye, 200));
  EXPECT_EQ(harness.next<event::DialogTerminated>().status, 200);
  EXPECT_EQ(harness.agent->census().dialogs, 1U) << "kept for the ACK";
  peer.send(Peer::response(invite, 200, "Contact: <" + peer.contact() + ">\r\n" + sdp_type, some_sdp));
  EXPECT_EQ(harness.answer(peer).method(), "ACK");
  EXPECT_TRUE(harness.idle());
  EXPECT_TRUE(harness.events.empty());
}

TEST_P(Session, RouteSetAndTargetAreFollowed) {
  // The first hop is the peer itself under a name; the second is never resolved.
  const std::string routes = "Record-Route: <sip:proxy.example.net;lr>, <sip:edge.example.net;lr>\r\n";
  const Call call = establish(harness, peer, "route-1", routes);
  harness.agent->execute(command::SendBye{call.dialog, {}, ""});
  const Message bye = harness.answer(peer);
  EXPECT_EQ(bye.start, "BYE " + peer.contact() + " SIP/2.0");
  EXPECT_EQ(bye.all("Route"), "Route: <sip:proxy.example.net;lr>\r\nRoute: <sip:edge.example.net;lr>\r\n");
  peer.send(Peer::response(bye, 200));
  EXPECT_EQ(harness.next<event::DialogTerminated>().status, 200);
}

TEST_P(Session, ContactThatIsANameIsReachedWhereItCameFrom) {
  const Call call = establish(harness, peer, "name-1", "Contact: <sip:alice@ue.example.net;gr=urn:uuid:1>\r\n");
  harness.agent->execute(command::SendBye{call.dialog, {}, ""});
  const Message bye = harness.answer(peer);
  EXPECT_EQ(bye.start, "BYE sip:alice@ue.example.net;gr=urn:uuid:1 SIP/2.0");
  peer.send(Peer::response(bye, 200));
  EXPECT_EQ(harness.next<event::DialogTerminated>().status, 200);
}

TEST(LargeRequest, ReachesAPeerThatHasOnlyUdp) {
  Harness harness;
  Peer peer(harness.io, Wire::udp, harness.uri(Wire::udp));
  const Call call = establish(harness, peer, "large-1");
  // RFC 3261 section 18.1.1: beyond 1300 bytes TCP is tried first; nobody listens there.
  std::string sdp = some_sdp;
  for (int i = 0; i < 200; ++i) sdp += "a=label:encoding-" + std::to_string(i) + "\r\n";
  harness.agent->execute(command::SendReinvite{call.dialog, conference, sdp});
  const Message invite = harness.answer(peer);
  EXPECT_EQ(invite.method(), "INVITE");
  EXPECT_EQ(invite.body, sdp);
  EXPECT_EQ(invite.header("Via").substr(0, 11), "SIP/2.0/UDP");
  peer.send(Peer::response(invite, 488));
  EXPECT_EQ(harness.next<event::ReinviteAnswered>().status, 488);
}

TEST(Connection, ByeOpensANewOneWhenTheOldIsDead) {
  Harness harness;
  Peer peer(harness.io, Wire::tcp, harness.uri(Wire::tcp));
  const Call call = establish(harness, peer, "conn-1");
  peer.drop_connection();
  harness.pass(50ms);
  harness.agent->execute(command::SendBye{call.dialog, {}, ""});
  const Message bye = harness.answer(peer);
  EXPECT_EQ(bye.method(), "BYE");
  EXPECT_EQ(peer.accepted, 1U);
  peer.send(Peer::response(bye, 200));
  EXPECT_EQ(harness.next<event::DialogTerminated>().status, 200);
  EXPECT_TRUE(harness.logged("sip.connection_replaced"));
  EXPECT_TRUE(harness.idle());
}

TEST(Connection, ByeIsRepeatedOnANewOneWhenTheOldDiesUnderIt) {
  Harness harness;
  Peer peer(harness.io, Wire::tcp, harness.uri(Wire::tcp));
  const Call call = establish(harness, peer, "conn-2");
  // Closed, but the agent has not heard of it when it writes.
  peer.drop_connection();
  harness.agent->execute(command::SendBye{call.dialog, {}, ""});
  const Message bye = harness.answer(peer);
  EXPECT_EQ(bye.method(), "BYE");
  EXPECT_EQ(peer.accepted, 1U);
  peer.send(Peer::response(bye, 200));
  EXPECT_EQ(harness.next<event::DialogTerminated>().status, 200);
  EXPECT_TRUE(harness.idle());
}

TEST(Connection, UnreachablePeerIs503) {
  Harness harness;
  auto peer = std::make_unique<Peer>(harness.io, Wire::tcp, harness.uri(Wire::tcp));
  const Call call = establish(harness, *peer, "conn-3");
  peer.reset();
  harness.pass(50ms);
  harness.agent->execute(command::SendReinvite{call.dialog, conference, some_sdp});
  EXPECT_EQ(harness.next<event::ReinviteAnswered>().status, 503);
  harness.agent->execute(command::SendBye{call.dialog, {}, ""});
  EXPECT_EQ(harness.next<event::DialogTerminated>().status, 503);
  EXPECT_TRUE(harness.idle());
}

TEST(Pacing, AFanOutReachesEverybody) {
  Settings settings = Harness::quick();
  settings.max_unanswered = 8;
  settings.requests_per_turn = 4;
  settings.unanswered_hold = std::chrono::milliseconds(100);
  Harness harness("127.0.0.1", settings);
  Peer peer(harness.io, Wire::udp, harness.uri(Wire::udp));
  std::vector<Call> calls;
  for (int i = 0; i < 20; ++i) calls.push_back(establish(harness, peer, "fan-" + std::to_string(i)));
  for (const Call& call : calls) harness.agent->execute(command::SendReinvite{call.dialog, conference, some_sdp});
  EXPECT_EQ(harness.agent->census().outgoing, 4U) << "the rest waits for the next turns";
  EXPECT_TRUE(harness.until([&] { return harness.agent->census().outgoing == 8; }));
  // Nobody answers: after the hold time the others are sent all the same.
  EXPECT_TRUE(harness.until([&] { return harness.agent->census().outgoing == 20; }));
  for (const Call& call : calls) harness.agent->execute(command::SendBye{call.dialog, {}, ""});
  std::size_t byes = 0;
  while (byes < calls.size()) {
    const Message request = harness.answer(peer);
    if (request.method().empty()) break;
    peer.send(Peer::response(request, request.method() == "BYE" ? 200 : 487));
    if (request.method() == "BYE") ++byes;
  }
  EXPECT_TRUE(harness.until([&] { return harness.agent->census().dialogs == 0; }));
}

}  // namespace
}  // namespace clued::sip::test
