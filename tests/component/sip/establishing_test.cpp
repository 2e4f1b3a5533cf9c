// Between the INVITE and the ACK.
#include <algorithm>

#include "component/sip/harness.hpp"

namespace clued::sip::test {
namespace {

using namespace std::chrono_literals;
namespace event = focus::event;
namespace command = focus::command;

class Establishing : public testing::TestWithParam<Wire> {
 protected:
  Harness harness;
  Peer peer{harness.io, GetParam(), harness.uri(GetParam())};
  std::string via = "Via: SIP/2.0/" + peer.transport() + " " + peer.host() + ";branch=z9hG4bKsame\r\n";

  event::InviteReceived invite(const std::string& id, const std::string& extra = "") {
    peer.send(peer.request("INVITE", "sip:conf-1@example.net", id, 1, "", via + sdp_type + extra, some_sdp));
    return harness.next<event::InviteReceived>();
  }
  command::Respond respond(base::RequestId request, int status) {
    command::Respond answer;
    answer.request = request;
    answer.status = status;
    if (status < 300) answer.contact = conference;
    if (status < 300) answer.sdp = some_sdp;
    return answer;
  }
};

INSTANTIATE_TEST_SUITE_P(Sip, Establishing, testing::Values(Wire::udp, Wire::tcp),
                         [](const auto& one) { return one.param == Wire::udp ? "Udp" : "Tcp"; });

TEST_P(Establishing, CancelIsAnsweredAndTheInviteIsOwed487) {
  const auto received = invite("cancel-1");
  harness.agent->execute(respond(received.request, 180));
  EXPECT_EQ(harness.answer(peer).status(), 180);
  peer.send(peer.request("CANCEL", "sip:conf-1@example.net", "cancel-1", 1, "", via));
  const Message ok = harness.answer(peer);
  EXPECT_EQ(ok.status(), 200);
  EXPECT_EQ(ok.header("CSeq"), "1 CANCEL");
  EXPECT_EQ(harness.next<event::CancelReceived>().dialog, received.dialog);
  harness.agent->execute(respond(received.request, 487));
  const Message refused = harness.answer(peer);
  EXPECT_EQ(refused.status(), 487);
  EXPECT_EQ(harness.next<event::DialogTerminated>().dialog, received.dialog);
  peer.send(peer.request("ACK", "sip:conf-1@example.net", "cancel-1", 1, tag_of(refused.header("To")), via));
  EXPECT_TRUE(harness.idle());
  // A second answer has nobody to go to.
  harness.agent->execute(respond(received.request, 200));
  harness.pass(50ms);
  EXPECT_TRUE(peer.inbox.empty());
  EXPECT_TRUE(harness.events.empty());
}

TEST_P(Establishing, RefusedInviteLeavesNothing) {
  const auto received = invite("refused-1");
  command::Respond answer = respond(received.request, 503);
  answer.retry_after = 7s;
  answer.reason = focus::Reason{503, "full"};
  answer.phrase = "No Room\r\nX: y";
  harness.agent->execute(answer);
  const Message refused = harness.answer(peer);
  EXPECT_EQ(refused.start, "SIP/2.0 503 No Room  X: y");
  EXPECT_EQ(refused.header("Retry-After"), "7");
  EXPECT_EQ(refused.header("Reason"), "SIP;cause=503;text=\"full\"");
  EXPECT_EQ(harness.next<event::DialogTerminated>().dialog, received.dialog);
  peer.send(peer.request("ACK", "sip:conf-1@example.net", "refused-1", 1, tag_of(refused.header("To")), via));
  EXPECT_TRUE(harness.idle());
  EXPECT_TRUE(harness.until([this] { return harness.agent->census().lingering == 0; })) << "what the library holds";
}

TEST_P(Establishing, ReliableProvisionalResponseIsRepeatedUntilPrack) {
  const auto received = invite("prack-1", "Require: 100rel\r\n");
  EXPECT_TRUE(received.supports_100rel);
  command::Respond progress = respond(received.request, 183);
  progress.reliable = true;
  harness.agent->execute(progress);
  const Message first = harness.answer(peer);
  EXPECT_EQ(first.status(), 183);
  EXPECT_EQ(first.header("Require"), "100rel");
  EXPECT_FALSE(first.header("RSeq").empty());
  EXPECT_NE(first.header("Contact").find("isfocus"), std::string::npos);
  EXPECT_EQ(first.body, some_sdp);
  EXPECT_EQ(harness.answer(peer).header("RSeq"), first.header("RSeq")) << "repeated after T1";
  const std::string tag = tag_of(first.header("To"));
  peer.send(peer.request("PRACK", uri_of(first.header("Contact")), "prack-1", 2, tag,
                         "RAck: " + first.header("RSeq") + " 1 INVITE\r\n" + sdp_type, some_sdp));
  const auto prack = harness.next<event::PrackReceived>();
  EXPECT_EQ(prack.dialog, received.dialog);
  EXPECT_EQ(prack.sdp, some_sdp);
  harness.agent->execute(respond(prack.request, 200));
  Message ok = harness.answer(peer);
  while (ok.status() == 183) ok = harness.answer(peer);
  EXPECT_EQ(ok.status(), 200);
  EXPECT_EQ(ok.header("CSeq"), "2 PRACK");
  // A PRACK for nothing that is under way.
  peer.send(peer.request("PRACK", uri_of(first.header("Contact")), "prack-1", 3, tag, "RAck: 77 1 INVITE\r\n"));
  EXPECT_EQ(harness.answer(peer).status(), 481);

  command::Respond accepted = respond(received.request, 200);
  accepted.sdp.reset();
  harness.agent->execute(accepted);
  EXPECT_EQ(harness.answer(peer).header("CSeq"), "1 INVITE");
  peer.send(peer.request("ACK", uri_of(first.header("Contact")), "prack-1", 1, tag));
  EXPECT_EQ(harness.next<event::AckReceived>().dialog, received.dialog);
  EXPECT_EQ(harness.agent->census().incoming, 0U);
}

TEST_P(Establishing, MissingPrackEndsTheInvite) {
  const auto received = invite("prack-2", "Supported: 100rel\r\n");
  command::Respond progress = respond(received.request, 183);
  progress.reliable = true;
  harness.agent->execute(progress);
  EXPECT_EQ(harness.next<event::PrackTimedOut>().dialog, received.dialog);
  EXPECT_EQ(harness.next<event::DialogTerminated>().dialog, received.dialog);
  Message last = harness.answer(peer);
  while (last.status() == 183) last = harness.answer(peer);
  EXPECT_EQ(last.status(), 503) << "as the core has it in its records";
  EXPECT_TRUE(harness.idle());
}

TEST_P(Establishing, CancelWhileAReliableResponseIsUnderWay) {
  const auto received = invite("prack-3", "Supported: 100rel\r\n");
  command::Respond progress = respond(received.request, 183);
  progress.reliable = true;
  harness.agent->execute(progress);
  const Message first = harness.answer(peer);
  peer.send(peer.request("CANCEL", "sip:conf-1@example.net", "prack-3", 1, "", via));
  harness.next<event::CancelReceived>();
  harness.agent->execute(respond(received.request, 487));
  harness.next<event::DialogTerminated>();
  // The PRACK crosses: there is nothing any more that it could belong to.
  peer.send(peer.request("PRACK", uri_of(first.header("Contact")), "prack-3", 2, tag_of(first.header("To")),
                         "RAck: " + first.header("RSeq") + " 1 INVITE\r\n"));
  ASSERT_TRUE(harness.until([this] { return !peer.inbox.empty() && peer.inbox.back().header("CSeq") == "2 PRACK"; }));
  EXPECT_TRUE(harness.events.empty());
  EXPECT_TRUE(harness.idle());
}

TEST_P(Establishing, AcceptedInviteIsRepeatedUntilTheAck) {
  const auto received = invite("ack-1");
  harness.agent->execute(respond(received.request, 200));
  const Message first = harness.answer(peer);
  const Message second = harness.answer(peer);
  EXPECT_EQ(first.status(), 200);
  EXPECT_EQ(second.status(), 200) << "RFC 3261 section 13.3.1.4: over TCP too";
  EXPECT_EQ(second.header("CSeq"), "1 INVITE");
  const std::string tag = tag_of(first.header("To"));
  const std::string ack = peer.request("ACK", uri_of(first.header("Contact")), "ack-1", 1, tag, sdp_type, some_sdp);
  peer.send(ack);
  EXPECT_EQ(harness.next<event::AckReceived>().sdp, some_sdp);
  peer.send(ack);
  harness.pass(100ms);
  EXPECT_TRUE(harness.events.empty()) << "a repeated ACK is no event";
}

TEST_P(Establishing, MissingAckIsToldAndTheSessionCanBeEnded) {
  const auto received = invite("ack-2");
  harness.agent->execute(respond(received.request, 200));
  const Message ok = harness.answer(peer);
  // Not before the ACK (RFC 3261 section 15): such a command is not carried out.
  harness.agent->execute(command::SendBye{received.dialog, {200, "early"}, ""});
  EXPECT_TRUE(harness.logged("sip.command_ignored"));
  EXPECT_EQ(harness.next<event::AckTimedOut>().dialog, received.dialog);
  harness.agent->execute(command::SendBye{received.dialog, {408, "no ACK"}, ""});
  Message bye = harness.answer(peer);
  while (bye.status() == 200) bye = harness.answer(peer);
  EXPECT_EQ(bye.method(), "BYE");
  EXPECT_EQ(tag_of(bye.header("From")), tag_of(ok.header("To")));
  peer.send(Peer::response(bye, 481));
  EXPECT_EQ(harness.next<event::DialogTerminated>().status, 481);
  EXPECT_TRUE(harness.idle());
}

TEST_P(Establishing, ByeOfTheCallerEndsAnUnansweredInvite) {
  const auto received = invite("early-bye");
  harness.agent->execute(respond(received.request, 180));
  const Message ringing = harness.answer(peer);
  peer.send(peer.request("BYE", uri_of(ringing.header("Contact")), "early-bye", 2, tag_of(ringing.header("To"))));
  std::vector<std::string> answers;
  for (int i = 0; i < 2; ++i) {
    const Message answer = harness.answer(peer);
    answers.push_back(std::to_string(answer.status()) + " to " + answer.header("CSeq"));
  }
  std::sort(answers.begin(), answers.end());
  EXPECT_EQ(answers, (std::vector<std::string>{"200 to 2 BYE", "487 to 1 INVITE"}));
  harness.next<event::ByeReceived>();
  harness.next<event::DialogTerminated>();
  harness.agent->execute(respond(received.request, 487));
  EXPECT_TRUE(harness.idle());
}

TEST_P(Establishing, TryingIsSentWhenTheAnswerTakesLong) {
  const auto received = invite("slow-1");
  EXPECT_EQ(harness.message(peer).status(), 100);
  harness.agent->execute(respond(received.request, 200));
  EXPECT_EQ(harness.answer(peer).status(), 200);
}

TEST_P(Establishing, OfferlessInviteGetsTheOfferAndGivesTheAnswerInTheAck) {
  peer.send(peer.request("INVITE", "sip:conf-1@example.net", "offerless", 1));
  const auto received = harness.next<event::InviteReceived>();
  EXPECT_FALSE(received.sdp.has_value());
  EXPECT_FALSE(received.supports_100rel);
  // Without 100rel on the other side a reliable response goes out as an ordinary one.
  command::Respond progress = respond(received.request, 183);
  progress.reliable = true;
  harness.agent->execute(progress);
  EXPECT_EQ(harness.answer(peer).header("RSeq"), "");
  harness.agent->execute(respond(received.request, 200));
  const Message ok = harness.answer(peer);
  peer.send(
      peer.request("ACK", uri_of(ok.header("Contact")), "offerless", 1, tag_of(ok.header("To")), sdp_type, some_sdp));
  EXPECT_EQ(harness.next<event::AckReceived>().sdp, some_sdp);
}

}  // namespace
}  // namespace clued::sip::test
