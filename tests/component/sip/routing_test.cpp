// Where requests and responses go on the wire. That no name reaches the library is watched in every test of this
// program (library_lookups.cpp).
#include <future>

#include "component/sip/harness.hpp"

namespace clued::sip::test {
namespace {

using namespace std::chrono_literals;
namespace event = focus::event;
namespace command = focus::command;

std::uint16_t port_of(const Peer& peer) {
  return static_cast<std::uint16_t>(std::stoi(peer.host().substr(peer.host().rfind(':') + 1)));
}

class Routing : public testing::TestWithParam<Wire> {
 protected:
  Harness harness;
  Peer peer{harness.io, GetParam(), harness.uri(GetParam())};
  Peer first{harness.io, GetParam(), harness.uri(GetParam())};
  Peer second{harness.io, GetParam(), harness.uri(GetParam())};

  static std::string uri(const std::string& user, const Peer& at) {
    return "sip:" + user + "@" + at.host() + (GetParam() == Wire::tcp ? ";transport=tcp" : "");
  }
  void end(const Call& call, Peer& at) {
    harness.agent->execute(command::SendBye{call.dialog, {}, ""});
    const Message bye = harness.answer(at);
    EXPECT_EQ(bye.method(), "BYE");
    at.send(Peer::response(bye, 200));
    EXPECT_EQ(harness.next<event::DialogTerminated>().status, 200);
    EXPECT_TRUE(harness.idle());
  }
};

INSTANTIATE_TEST_SUITE_P(Sip, Routing, testing::Values(Wire::udp, Wire::tcp),
                         [](const auto& one) { return one.param == Wire::udp ? "Udp" : "Tcp"; });

// RFC 3261 section 12.2.1.1
TEST_P(Routing, AStrictRouterGetsItsOwnUriAndTheTargetIsTheLastRoute) {
  const std::string p1 = uri("p1", first);
  const std::string p2 = uri("p2", second) + ";lr";
  const Call call = establish(harness, peer, "strict-1", "Record-Route: <" + p1 + ">, <" + p2 + ">\r\n");
  harness.agent->execute(command::SendReinvite{call.dialog, conference, some_sdp});
  const Message invite = harness.answer(first);
  EXPECT_EQ(invite.start, "INVITE " + p1 + " SIP/2.0");
  EXPECT_EQ(invite.all("Route"), "Route: <" + p2 + ">\r\nRoute: <" + peer.contact() + ">\r\n");
  first.send(Peer::response(invite, 200, "Contact: <" + peer.contact() + ">\r\n" + sdp_type, some_sdp));
  const Message ack = harness.answer(first);
  EXPECT_EQ(ack.start, "ACK " + p1 + " SIP/2.0");
  EXPECT_EQ(ack.all("Route"), invite.all("Route"));
  EXPECT_EQ(harness.next<event::ReinviteAnswered>().status, 200);
  end(call, first);
  EXPECT_TRUE(peer.inbox.empty());
  EXPECT_TRUE(second.inbox.empty());
}

TEST_P(Routing, ALooseRouterGetsWhatIsForTheTarget) {
  const std::string p1 = uri("p1", first) + ";lr";
  const std::string p2 = uri("p2", second);
  const Call call = establish(harness, peer, "loose-1", "Record-Route: <" + p1 + ">, <" + p2 + ">;x=y\r\n");
  harness.agent->execute(command::SendUpdate{call.dialog, conference, {}});
  const Message update = harness.answer(first);
  EXPECT_EQ(update.start, "UPDATE " + peer.contact() + " SIP/2.0");
  EXPECT_EQ(update.all("Route"), "Route: <" + p1 + ">\r\nRoute: <" + p2 + ">;x=y\r\n");
  first.send(Peer::response(update, 200, "Contact: <" + peer.contact() + ">\r\n"));
  EXPECT_EQ(harness.next<event::UpdateAnswered>().status, 200);
  end(call, first);
}

TEST_P(Routing, AStrictRouterThatIsANameIsReachedWhereTheRequestsComeFrom) {
  const Call call =
      establish(harness, peer, "strict-2", "Record-Route: <sip:p1.example.com>, <sip:127.0.0.1:9;lr>\r\n");
  end(call, peer);
}

TEST_P(Routing, NamesBehindTheFirstRouteAreOfNoInterest) {
  const Call call =
      establish(harness, peer, "strict-3",
                "Record-Route: <" + uri("p1", first) + ">, <sip:p2.example.com;lr>\r\nContact: <sip:a@b.invalid>\r\n");
  end(call, first);
}

TEST_P(Routing, NotifiesFollowTheRouteOfTheirSubscription) {
  const std::string p1 = uri("p1", first);
  peer.send(peer.request("SUBSCRIBE", "sip:conf-1@example.net", "sub-1", 1, "",
                         "Event: conference\r\nRecord-Route: <" + p1 + ">, <sip:p2.example.com;lr>\r\n"));
  const auto asked = harness.next<event::SubscribeReceived>();
  harness.agent->execute(command::AcceptSubscribe{asked.request, asked.subscription, 600s, conference});
  EXPECT_EQ(harness.answer(peer).status(), 200);
  harness.agent->execute(command::NotifyConference{asked.subscription, "terminated;reason=noresource", true, ""});
  const Message notify = harness.answer(first);
  EXPECT_EQ(notify.start, "NOTIFY " + p1 + " SIP/2.0");
  EXPECT_EQ(notify.all("Route"), "Route: <sip:p2.example.com;lr>\r\nRoute: <" + peer.contact() + ">\r\n");
  first.send(Peer::response(notify, 200));
  EXPECT_EQ(harness.next<event::NotifyAnswered>().status, 200);
}

// RFC 3261 sections 9.1 and 12.1.2: a PRACK goes the way of the early dialog, a CANCEL that of the INVITE.
TEST_P(Routing, PracksFollowTheRouteOfTheEarlyDialogAndCancelsTheInvite) {
  command::SendInvite command;
  command.dialog = base::DialogId{focus::first_called_dialog};
  command.call_id = "call-1";
  command.target = {"sip", "bob", "127.0.0.1", port_of(peer), {}};
  if (GetParam() == Wire::tcp) command.target.params = {{"transport", "tcp"}};
  command.contact = conference;
  command.sdp = some_sdp;
  harness.agent->execute(command);
  Message invite = harness.message(peer);
  for (auto& [name, value] : invite.headers) {
    if (name == "To") value += ";tag=b";
  }
  const std::string p1 = uri("p1", first);
  peer.send(Peer::response(invite, 183,
                           "Require: 100rel\r\nRSeq: 1\r\nContact: <" + peer.contact() +
                               ">\r\nRecord-Route: <sip:p2.example.com;lr>, <" + p1 + ">\r\n" + sdp_type,
                           some_sdp));
  const Message prack = harness.answer(first);
  EXPECT_EQ(prack.start, "PRACK " + p1 + " SIP/2.0");
  EXPECT_EQ(prack.all("Route"), "Route: <sip:p2.example.com;lr>\r\nRoute: <" + peer.contact() + ">\r\n");
  first.send(Peer::response(prack, 200));
  harness.agent->execute(command::SendCancel{command.dialog, {}});
  EXPECT_EQ(harness.answer(peer).method(), "CANCEL");
}

// A proxy that names an address where nobody can be reached.
TEST(RoutingBack, GoesByTheConnectionOfTheProxyWhenItsAddressCannotBeReached) {
  Harness harness;
  Peer peer(harness.io, Wire::tcp, harness.uri(Wire::tcp));
  const Call call = establish(harness, peer, "back-1", "Record-Route: <sip:127.0.0.1:1;transport=tcp;lr>\r\n");
  harness.agent->execute(command::SendBye{call.dialog, {}, ""});
  const Message bye = harness.answer(peer);
  EXPECT_EQ(bye.method(), "BYE");
  peer.send(Peer::response(bye, 200));
  EXPECT_EQ(harness.next<event::DialogTerminated>().status, 200);
}

// RFC 3261 section 18.2.2: the connection is gone, so the response goes to the sent-by, on a new one.
TEST(ResponseRouting, OpensANewConnectionToTheSentByWhenTheOldIsDead) {
  Harness harness;
  Peer peer(harness.io, Wire::tcp, harness.uri(Wire::tcp));
  const std::string via =
      "Via: SIP/2.0/TCP slow.example.net:" + std::to_string(port_of(peer)) + ";branch=z9hG4bKdead\r\n";
  peer.send(peer.request("INVITE", "sip:conf-1@h", "dead-1", 1, "", via + "Contact: <" + peer.contact() + ">\r\n"));
  const auto invite = harness.next<event::InviteReceived>();
  peer.drop_connection();
  harness.pass(50ms);
  harness.agent->execute(command::Respond{invite.request, 486, "", conference, {}, false, {}, {}});
  EXPECT_EQ(harness.answer(peer).status(), 486);
  EXPECT_EQ(peer.accepted, 1U);
}

// What the library answers by itself before it has looked at the Via.
TEST(ResponseRouting, AnswersTheAddressAndNotTheNameInTheVia) {
  Harness harness;
  Peer peer(harness.io, Wire::udp, harness.uri(Wire::udp));
  const std::string via =
      "slow.example.net:" + std::to_string(port_of(peer)) + ";maddr=slower.example.net;received=x.example";
  std::string request =
      peer.request("OPTIONS", "sip:c@h", "505", 1, "", "Via: SIP/2.0/UDP " + via + ";branch=z9hG4bK505\r\n");
  request.replace(request.find("SIP/2.0\r\n"), 7, "SIP/3.0");
  peer.send(request);
  const Message response = harness.answer(peer);
  EXPECT_EQ(response.status(), 505);
  EXPECT_NE(response.header("Via").find(";received=127.0.0.1"), std::string::npos);
}

/// Calls of ours, with a name server of the test.
class CallRouting : public testing::Test {
 protected:
  static Settings settings(std::function<std::vector<std::string>(const std::string&)> ask) {
    Settings made = Harness::quick();
    made.lookup.ask = [ask = std::move(ask)](const std::string& host) {
      auto addresses = ask(host);
      const auto outcome = addresses.empty() ? Lookup::Outcome::unknown : Lookup::Outcome::found;
      return Lookup{outcome, std::move(addresses)};
    };
    return made;
  }
  command::SendInvite invite_to(const std::string& host, std::uint16_t port, const std::string& id = "call-1") {
    command::SendInvite invite;
    invite.dialog = dialog;
    invite.call_id = id;
    invite.target = {"sip", "bob", host, port, {}};
    invite.contact = conference;
    invite.sdp = some_sdp;
    return invite;
  }
  static std::string tagged(const Message& request, int status, const std::string& tag, const std::string& extra) {
    Message with = request;
    for (auto& [name, value] : with.headers) {
      if (name == "To") value += ";tag=" + tag;
    }
    return Peer::response(with, status, extra + sdp_type, some_sdp);
  }
  base::DialogId dialog{focus::first_called_dialog};
};

TEST_F(CallRouting, ANameInTheAnswerIsLookedUp) {
  Harness harness("127.0.0.1", settings([](const std::string& host) {
                    return host == "pc.example.net" ? std::vector<std::string>{"127.0.0.1"}
                                                    : std::vector<std::string>{};
                  }));
  Peer proxy(harness.io, Wire::udp, harness.uri(Wire::udp));
  Peer phone(harness.io, Wire::udp, harness.uri(Wire::udp));
  harness.agent->execute(invite_to("127.0.0.1", port_of(proxy)));
  const Message invite = harness.message(proxy);
  const std::string target = "sip:bob@pc.example.net:" + std::to_string(port_of(phone));
  proxy.send(tagged(invite, 200, "b", "Contact: <" + target + ">\r\n"));
  EXPECT_EQ(harness.next<event::InviteAnswered>().status, 200);
  EXPECT_EQ(harness.answer(phone).start, "ACK " + target + " SIP/2.0");
}

TEST_F(CallRouting, ANameThatLeadsNowhereIsReachedWhereItWasCalled) {
  Harness harness("127.0.0.1", settings([](const std::string&) { return std::vector<std::string>{}; }));
  Peer proxy(harness.io, Wire::udp, harness.uri(Wire::udp));
  harness.agent->execute(invite_to("127.0.0.1", port_of(proxy)));
  const Message invite = harness.message(proxy);
  proxy.send(tagged(invite, 200, "b", "Contact: <sip:bob@pc.example.net>\r\n"));
  harness.next<event::InviteAnswered>();
  EXPECT_EQ(harness.answer(proxy).start, "ACK sip:bob@pc.example.net SIP/2.0");
  EXPECT_TRUE(harness.logged("sip.lookup_failed conference=conf-1 call_id=call-1 host=pc.example.net why=unknown"));
  harness.agent->execute(command::SendBye{dialog, {}, ""});
  EXPECT_EQ(harness.answer(proxy).start, "BYE sip:bob@pc.example.net SIP/2.0");
}

// The library would acknowledge and end it by itself, and look up whatever it names.
TEST_F(CallRouting, AnotherDeviceThatAnswersUnderANameIsEndedToo) {
  Harness harness("127.0.0.1", settings([](const std::string&) { return std::vector<std::string>{}; }));
  Peer proxy(harness.io, Wire::udp, harness.uri(Wire::udp));
  harness.agent->execute(invite_to("127.0.0.1", port_of(proxy)));
  const Message invite = harness.message(proxy);
  proxy.send(tagged(invite, 200, "desk", "Contact: <sip:desk@" + proxy.host() + ">\r\n"));
  harness.next<event::InviteAnswered>();
  EXPECT_EQ(harness.answer(proxy).method(), "ACK");
  const std::string late = tagged(invite, 200, "phone",
                                  "Contact: <sip:phone@slow.example.net>\r\n"
                                  "Record-Route: <sip:a.example.net>, <sip:b.example.net>\r\n");
  proxy.send(late);
  const Message ack = harness.answer(proxy);
  EXPECT_EQ(ack.start, "ACK sip:b.example.net SIP/2.0");
  EXPECT_EQ(ack.all("Route"), "Route: <sip:a.example.net>\r\nRoute: <sip:phone@slow.example.net>\r\n");
  const Message bye = harness.answer(proxy);
  EXPECT_EQ(bye.method(), "BYE");
  EXPECT_EQ(tag_of(bye.header("To")), "phone");
  proxy.send(Peer::response(bye, 200));
  proxy.send(late);  // repeated: its ACK is
  EXPECT_EQ(harness.answer(proxy).method(), "ACK");
  harness.pass(50ms);
  EXPECT_TRUE(proxy.inbox.empty());
  EXPECT_TRUE(harness.events.empty());
}

TEST_F(CallRouting, AnAnswerToNoCallOfOursIsNotAnswered) {
  Harness harness;
  Peer peer(harness.io, Wire::udp, harness.uri(Wire::udp));
  peer.send("SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP " + harness.uri(Wire::udp).substr(4, 15) +
            ";branch=z9hG4bKx\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:c@d>;tag=2\r\nCall-ID: none\r\nCSeq: 1 INVITE\r\n"
            "Contact: <sip:x@slow.example.net>\r\nContent-Length: 0\r\n\r\n");
  harness.pass(50ms);
  EXPECT_TRUE(peer.inbox.empty());
}

// A call that is given up while its name is looked up: nothing goes out.
TEST_F(CallRouting, AWithdrawnCallIsNotSentWhenItsNameIsFound) {
  std::promise<void> gate;
  Harness harness("127.0.0.1", settings([opened = gate.get_future().share()](const std::string&) {
                    opened.wait();
                    return std::vector<std::string>{"127.0.0.1"};
                  }));
  Peer peer(harness.io, Wire::udp, harness.uri(Wire::udp));
  harness.agent->execute(invite_to("slow.example.net", port_of(peer)));
  harness.agent->execute(command::WithdrawInvite{dialog});
  EXPECT_EQ(harness.next<event::InviteAnswered>().status, 487);
  EXPECT_EQ(harness.next<event::DialogTerminated>().dialog, dialog);
  gate.set_value();
  harness.pass(100ms);
  EXPECT_TRUE(peer.inbox.empty());
  EXPECT_TRUE(harness.idle());
}

TEST_F(CallRouting, ACallThatWasSentIsNotWithdrawnButCancelled) {
  Harness harness;
  Peer peer(harness.io, Wire::udp, harness.uri(Wire::udp));
  harness.agent->execute(invite_to("127.0.0.1", port_of(peer)));
  const Message invite = harness.message(peer);
  harness.agent->execute(command::WithdrawInvite{dialog});
  peer.send(Peer::response(invite, 100));
  EXPECT_EQ(harness.next<event::InviteProgressed>().status, 100);
  harness.agent->execute(command::SendCancel{dialog, {}});
  EXPECT_EQ(harness.message(peer).method(), "CANCEL");
}

TEST_F(CallRouting, ANameThatIsNotFoundInTimeIs504) {
  std::promise<void> gate;
  Settings with = settings([opened = gate.get_future().share()](const std::string&) {
    opened.wait();
    return std::vector<std::string>{};
  });
  with.lookup.time_limit = 20ms;
  Harness harness("127.0.0.1", with);
  harness.agent->execute(invite_to("slow.example.net", 5060));
  EXPECT_EQ(harness.next<event::InviteAnswered>().status, 504);
  harness.next<event::DialogTerminated>();
  gate.set_value();
}

// RFC 3263 section 4: that a name server fails says nothing about the name. 404 would tell the referrer to give up.
TEST_F(CallRouting, ANameServerThatFailsIs503AndANameThatDoesNotExist404) {
  Settings with = Harness::quick();
  with.lookup.ask = [](const std::string& host) {
    return Lookup{host == "none.example.net" ? Lookup::Outcome::unknown : Lookup::Outcome::unavailable, {}};
  };
  Harness harness("127.0.0.1", with);
  harness.agent->execute(invite_to("some.example.net", 5060));
  const auto failed = harness.next<event::InviteAnswered>();
  EXPECT_EQ(failed.status, 503);
  EXPECT_EQ(failed.phrase, "Name Service Temporarily Unavailable");
  EXPECT_TRUE(
      harness.logged("sip.lookup_failed conference=conf-1 call_id=call-1 host=some.example.net why=unavailable"));
  harness.next<event::DialogTerminated>();
  harness.agent->execute(invite_to("none.example.net", 5060));
  EXPECT_EQ(harness.next<event::InviteAnswered>().status, 404);
}

// Whatever it is called: the conference would become its own participant.
TEST_F(CallRouting, NobodyIsCalledAtOurOwnAddress) {
  Harness harness("127.0.0.1", settings([](const std::string&) { return std::vector<std::string>{"127.0.0.1"}; }));
  const std::string own = harness.uri(Wire::udp);
  const auto port = static_cast<std::uint16_t>(std::stoi(own.substr(own.find(':', 5) + 1)));
  for (const char* host : {"127.0.0.1", "me.example.net", "ME.example.net.", "0.0.0.0", "::ffff:127.0.0.1"}) {
    harness.agent->execute(invite_to(host, port, std::string("own-") + host));
    EXPECT_EQ(harness.next<event::InviteAnswered>().status, 403) << host;
    harness.next<event::DialogTerminated>();
    dialog = base::DialogId{dialog.value() + 1};
  }
  auto by_maddr = invite_to("other.example.net", port);
  by_maddr.target.params = {{"maddr", "127.0.0.1"}};
  harness.agent->execute(by_maddr);
  EXPECT_EQ(harness.next<event::InviteAnswered>().status, 403);
}

TEST_F(CallRouting, OurOwnInviteThatComesBackIsALoop) {
  Harness harness;
  Peer proxy(harness.io, Wire::udp, harness.uri(Wire::udp));
  harness.agent->execute(invite_to("127.0.0.1", port_of(proxy)));
  const Message invite = harness.message(proxy);
  std::string back = "INVITE sip:conf-1@" + harness.uri(Wire::udp).substr(4, 15) + " SIP/2.0\r\nVia: SIP/2.0/UDP " +
                     proxy.host() + ";branch=z9hG4bKback\r\n";
  for (const char* name : {"Via", "From", "To", "Call-ID", "CSeq", "Contact", "Content-Type"}) back += invite.all(name);
  proxy.send(back + "Max-Forwards: 69\r\nContent-Length: " + std::to_string(invite.body.size()) + "\r\n\r\n" +
             invite.body);
  EXPECT_EQ(harness.answer(proxy).status(), 482);
  EXPECT_TRUE(harness.events.empty()) << "the core does not hear of it";
}

}  // namespace
}  // namespace clued::sip::test
