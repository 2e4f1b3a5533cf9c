// What sip/ does for preconditions (RFC 3312): option tags, offers in PRACK and in UPDATE before the call is answered.
#include <gmock/gmock.h>

#include "component/sip/harness.hpp"

namespace clued::sip::test {
namespace {

using namespace std::chrono_literals;
namespace event = focus::event;
namespace command = focus::command;
using testing::HasSubstr;
using testing::Not;

class PreconditionsOnTheWire : public testing::TestWithParam<Wire> {
 protected:
  Harness harness;
  Peer peer{harness.io, GetParam(), harness.uri(GetParam())};

  command::Respond answer(base::RequestId request, int status, bool preconditions) {
    command::Respond response{request, status};
    response.contact = conference;
    response.sdp = some_sdp;
    response.preconditions = preconditions;
    return response;
  }
  /// The next message that is neither a 100 nor a repeated 183.
  Message later() {
    Message one = harness.answer(peer);
    while (one.status() == 183) one = harness.answer(peer);
    return one;
  }

  struct Early {
    event::InviteReceived invite;
    std::string tag, target, rseq;
  };
  /// INVITE and reliable 183.
  Early progress(const std::string& id) {
    peer.send(peer.request("INVITE", "sip:conf-1@example.net", id, 1, "",
                           "Require: precondition\r\nSupported: 100rel\r\n" + sdp_type, some_sdp));
    Early early{harness.next<event::InviteReceived>(), {}, {}, {}};
    command::Respond response = answer(early.invite.request, 183, true);
    response.reliable = true;
    harness.agent->execute(response);
    const Message seen = harness.answer(peer);
    EXPECT_EQ(seen.status(), 183);
    EXPECT_THAT(seen.all("Require"), HasSubstr("precondition"));
    EXPECT_THAT(seen.all("Require"), HasSubstr("100rel"));
    early.tag = tag_of(seen.header("To"));
    early.target = uri_of(seen.header("Contact"));
    early.rseq = seen.header("RSeq");
    return early;
  }
  void accept(const Early& early, const std::string& id) {
    command::Respond ok = answer(early.invite.request, 200, false);
    ok.sdp.reset();
    harness.agent->execute(ok);
    const Message seen = later();
    EXPECT_EQ(seen.header("CSeq"), "1 INVITE");
    EXPECT_EQ(seen.count("Require"), 0U) << "there is no SDP in it";
    EXPECT_THAT(seen.header("Supported"), HasSubstr("precondition"));
    peer.send(peer.request("ACK", early.target, id, 1, early.tag));
    harness.next<event::AckReceived>();
    harness.agent->execute(command::SendBye{early.invite.dialog, {}, ""});
    peer.send(Peer::response(harness.answer(peer), 200));
    harness.next<event::DialogTerminated>();
    EXPECT_TRUE(harness.idle());
  }
};

INSTANTIATE_TEST_SUITE_P(Sip, PreconditionsOnTheWire, testing::Values(Wire::udp, Wire::tcp),
                         [](const auto& one) { return one.param == Wire::udp ? "Udp" : "Tcp"; });

TEST_P(PreconditionsOnTheWire, AreReadFromSupportedAndRequire) {
  for (const char* extra :
       {"Require: precondition, 100rel\r\n", "Supported: precondition, 100rel\r\n", "Supported: 100rel\r\n"}) {
    peer.send(peer.request("INVITE", "sip:conf-1@example.net",
                           std::string("read") + std::to_string(extra[0]) + std::to_string(std::string(extra).size()),
                           1, "", extra + sdp_type, some_sdp));
    const auto invite = harness.next<event::InviteReceived>();
    EXPECT_EQ(invite.supports_preconditions, std::string(extra).find("precondition") != std::string::npos) << extra;
    command::Respond refused{invite.request, 580, "Precondition Failure"};
    refused.sdp = some_sdp;
    harness.agent->execute(refused);
    const Message seen = harness.answer(peer);
    EXPECT_EQ(seen.start, "SIP/2.0 580 Precondition Failure");
    EXPECT_EQ(seen.body, some_sdp);
    harness.next<event::DialogTerminated>();
  }
}

// RFC 3262 section 5: the answer is in the 2xx to the PRACK.
TEST_P(PreconditionsOnTheWire, AnOfferInThePrackIsTheCoresToAnswer) {
  const Early early = progress("prack-offer");
  peer.send(peer.request("PRACK", early.target, "prack-offer", 2, early.tag,
                         "RAck: " + early.rseq + " 1 INVITE\r\n" + sdp_type, some_sdp));
  const auto prack = harness.next<event::PrackReceived>();
  EXPECT_EQ(prack.sdp, some_sdp);
  ASSERT_TRUE(prack.request);
  // While it is open there is no other (RFC 3311 section 5.2).
  peer.send(peer.request("UPDATE", early.target, "prack-offer", 3, early.tag, sdp_type, some_sdp));
  const Message overlapping = later();
  EXPECT_EQ(overlapping.header("CSeq"), "3 UPDATE");
  EXPECT_EQ(overlapping.status(), 500);
  harness.agent->execute(answer(prack.request, 200, true));
  const Message ok = later();
  EXPECT_EQ(ok.header("CSeq"), "2 PRACK");
  EXPECT_EQ(ok.status(), 200);
  EXPECT_EQ(ok.body, some_sdp);
  EXPECT_EQ(ok.header("Require"), "precondition");
  accept(early, "prack-offer");
}

TEST_P(PreconditionsOnTheWire, AnOfferInThePrackIsAcknowledgedWhenTheCallEnds) {
  const Early early = progress("prack-end");
  peer.send(peer.request("PRACK", early.target, "prack-end", 2, early.tag,
                         "RAck: " + early.rseq + " 1 INVITE\r\n" + sdp_type, some_sdp));
  harness.next<event::PrackReceived>();
  harness.agent->execute(command::Respond{early.invite.request, 480});
  Message one = later();
  Message other = later();
  if (one.header("CSeq") == "1 INVITE") std::swap(one, other);
  EXPECT_EQ(one.header("CSeq"), "2 PRACK");
  EXPECT_EQ(one.status(), 200);
  EXPECT_EQ(other.status(), 480);
  harness.next<event::DialogTerminated>();
  peer.send(peer.request("ACK", "sip:conf-1@example.net", "prack-end", 1, early.tag));
  EXPECT_TRUE(harness.until([this] { return harness.idle(); }));
}

TEST_P(PreconditionsOnTheWire, AnUpdateInTheEarlyDialogIsTheCoresToAnswer) {
  const Early early = progress("update-early");
  peer.send(peer.request("PRACK", early.target, "update-early", 2, early.tag, "RAck: " + early.rseq + " 1 INVITE\r\n"));
  EXPECT_FALSE(harness.next<event::PrackReceived>().request);
  EXPECT_EQ(later().header("CSeq"), "2 PRACK");
  peer.send(peer.request("UPDATE", early.target, "update-early", 3, early.tag, "Require: precondition\r\n" + sdp_type,
                         some_sdp));
  const auto update = harness.next<event::ReinviteReceived>();
  EXPECT_TRUE(update.is_update);
  EXPECT_TRUE(update.supports_preconditions);
  EXPECT_EQ(update.sdp, some_sdp);
  harness.agent->execute(answer(update.request, 200, true));
  const Message ok = later();
  EXPECT_EQ(ok.header("CSeq"), "3 UPDATE");
  EXPECT_EQ(ok.header("Require"), "precondition");
  EXPECT_EQ(ok.body, some_sdp);
  accept(early, "update-early");
}

class CallingWithPreconditions : public PreconditionsOnTheWire {
 protected:
  base::DialogId dialog{focus::first_called_dialog};

  Message invited(bool preconditions) {
    command::SendInvite invite;
    invite.dialog = dialog;
    invite.call_id = "call-1";
    invite.target.user = "bob";
    invite.target.host = "127.0.0.1";
    invite.target.port = static_cast<std::uint16_t>(std::stoi(peer.host().substr(peer.host().find(':') + 1)));
    if (GetParam() == Wire::tcp) invite.target.params = {{"transport", "tcp"}};
    invite.contact = conference;
    invite.sdp = some_sdp;
    invite.preconditions = preconditions;
    harness.agent->execute(invite);
    return next("INVITE");
  }
  std::string response(const Message& request, int status, const std::string& tag, const std::string& extra = "",
                       const std::string& body = "") const {
    Message tagged = request;
    for (auto& [name, value] : tagged.headers) {
      if (name == "To") value += ";tag=" + tag;
    }
    return Peer::response(tagged, status, extra, body);
  }
  std::string contact() const {
    return "Contact: <sip:bob@" + peer.host() + (GetParam() == Wire::tcp ? ";transport=tcp" : "") + ">\r\n";
  }
  void reliably(const Message& invite, const std::string& tag) {
    peer.send(
        response(invite, 183, tag, contact() + "Require: 100rel, precondition\r\nRSeq: 7\r\n" + sdp_type, some_sdp));
    EXPECT_EQ(harness.next<event::InviteProgressed>().sdp, some_sdp);
  }
  void confirm(const std::string& tag) {
    harness.agent->execute(command::SendReinvite{dialog, conference, some_sdp, {}, true, tag});
  }
  Message next(const std::string& method) {
    for (;;) {
      Message one = harness.message(peer);
      if (one.method() == method || one.start.empty()) return one;
    }
  }
  void hang_up() {
    harness.agent->execute(command::SendBye{dialog, {}, ""});
    peer.send(Peer::response(next("BYE"), 200));
    harness.next<event::DialogTerminated>();
    EXPECT_TRUE(harness.until([this] { return harness.idle(); }));
  }
};

INSTANTIATE_TEST_SUITE_P(Sip, CallingWithPreconditions, testing::Values(Wire::udp, Wire::tcp),
                         [](const auto& one) { return one.param == Wire::udp ? "Udp" : "Tcp"; });

TEST_P(CallingWithPreconditions, TheTagIsToldWhenThereAreSomeAlone) {
  const Message with = invited(true);
  EXPECT_THAT(with.header("Supported"), HasSubstr("precondition"));
  peer.send(response(with, 486, "x"));
  EXPECT_FALSE(harness.next<event::InviteAnswered>().requires_preconditions);
  harness.next<event::DialogTerminated>();
  dialog = base::DialogId{dialog.value() + 1};
  const Message without = invited(false);
  EXPECT_THAT(without.header("Supported"), Not(HasSubstr("precondition")));
  peer.send(response(without, 421, "x", "Require: precondition\r\n"));
  EXPECT_TRUE(harness.next<event::InviteAnswered>().requires_preconditions);
}

// A PRACK that is overtaken by the UPDATE would be refused (RFC 3261 section 12.2.2).
TEST_P(CallingWithPreconditions, TheUpdateFollowsTheAnswerToThePrack) {
  const Message invite = invited(true);
  reliably(invite, "bob-1");
  const Message prack = next("PRACK");
  confirm("bob-1");
  harness.pass(50ms);
  for (const Message& one : peer.inbox) EXPECT_NE(one.method(), "UPDATE");
  peer.send(Peer::response(prack, 200));
  const Message update = next("UPDATE");
  EXPECT_EQ(update.body, some_sdp);
  EXPECT_THAT(update.header("Supported"), HasSubstr("precondition"));
  EXPECT_EQ(tag_of(update.header("To")), "bob-1");
  peer.send(Peer::response(update, 200, contact() + sdp_type, some_sdp));
  const auto answered = harness.next<event::ReinviteAnswered>();
  EXPECT_EQ(answered.status, 200);
  EXPECT_EQ(answered.sdp, some_sdp);
  peer.send(response(invite, 200, "bob-1", contact()));
  EXPECT_EQ(harness.next<event::InviteAnswered>().status, 200);
  next("ACK");
  hang_up();
}

TEST_P(CallingWithPreconditions, TheUpdateGoesOutWhenTheCallIsAnsweredBeforeThePrack) {
  const Message invite = invited(true);
  reliably(invite, "bob-1");
  const Message prack = next("PRACK");
  confirm("bob-1");
  peer.send(response(invite, 200, "bob-1", contact()));
  EXPECT_EQ(harness.next<event::InviteAnswered>().status, 200);
  const Message update = next("UPDATE");
  peer.send(Peer::response(prack, 200));
  peer.send(Peer::response(update, 200, contact() + sdp_type, some_sdp));
  EXPECT_EQ(harness.next<event::ReinviteAnswered>().status, 200);
  hang_up();
}

TEST_P(CallingWithPreconditions, WhatAnotherDeviceSaysLaterIsOfNoInterest) {
  const Message invite = invited(true);
  reliably(invite, "bob-1");
  peer.send(Peer::response(next("PRACK"), 200));
  confirm("bob-1");
  const Message update = next("UPDATE");
  peer.send(response(invite, 200, "bob-2", contact() + sdp_type, some_sdp));
  EXPECT_EQ(harness.next<event::InviteAnswered>().fork, "bob-2");
  peer.send(Peer::response(update, 481));
  harness.pass(50ms);
  EXPECT_TRUE(harness.events.empty());
  // A device that is not there any more is not asked.
  confirm("bob-1");
  EXPECT_EQ(harness.next<event::ReinviteAnswered>().status, 481);
  hang_up();
}

}  // namespace
}  // namespace clued::sip::test
