// SIPS URIs, and calls of ours by TLS.
#include <gmock/gmock.h>

#include "component/sip/tls_fixture.hpp"

namespace clued::sip::test {
namespace {

namespace event = focus::event;
namespace command = focus::command;
using testing::HasSubstr;
using testing::StartsWith;

constexpr const char* sips_conference = "sips:conf-1@tp.example.net";

// RFC 3261 section 12.1.1, RFC 5630 section 5.1.2
TEST_F(Tls, SipsRequestIsServedUnderASipsContact) {
  start();
  TlsPeer peer(harness, "proxy");
  ASSERT_TRUE(peer.connect());
  const std::string contact = "Contact: <sips:alice@ue.example.net>\r\n";
  peer.send(peer.request("INVITE", "sips-1", 1, "", contact + sdp_type, some_sdp, sips_conference));
  const auto invite = harness.next<event::InviteReceived>();
  EXPECT_EQ(invite.request_uri.scheme, "sips");
  EXPECT_EQ(invite.contact.uri.to_string(), "sips:alice@ue.example.net");
  harness.agent->execute(command::Respond{invite.request, 200, "", conference, some_sdp, false, {}, {}});
  const Message ok = peer.answer();
  EXPECT_EQ(uri_of(ok.header("Contact")), "sips:conf-1@" + own());
  const std::string tag = tag_of(ok.header("To"));
  peer.send(peer.request("ACK", "sips-1", 1, tag, contact, "", "sips:conf-1@" + own()));
  harness.next<event::AckReceived>();
  harness.agent->execute(command::SendReinvite{invite.dialog, conference, some_sdp});
  const Message again = peer.answer();
  EXPECT_EQ(again.start, "INVITE sips:alice@ue.example.net SIP/2.0");
  EXPECT_EQ(uri_of(again.header("Contact")), "sips:conf-1@" + own());
  peer.send(Peer::response(again, 200, contact + sdp_type, some_sdp));
  EXPECT_EQ(harness.next<event::ReinviteAnswered>().status, 200);
  EXPECT_EQ(peer.answer().method(), "ACK");
  // The peer's own request in the dialog keeps the scheme of the answer.
  peer.send(peer.request("UPDATE", "sips-1", 2, tag, contact, "", "sips:conf-1@" + own()));
  const auto update = harness.next<event::ReinviteReceived>();
  harness.agent->execute(command::Respond{update.request, 200, "", conference, {}, false, {}, {}});
  EXPECT_EQ(uri_of(peer.answer().header("Contact")), "sips:conf-1@" + own());
  peer.send(peer.request("BYE", "sips-1", 3, tag, contact, "", "sips:conf-1@" + own()));
  EXPECT_EQ(peer.answer().status(), 200);
}

TEST_F(Tls, SipRequestOverTlsIsAnsweredUnderASipContact) {
  start();
  TlsPeer peer(harness);
  ASSERT_TRUE(peer.connect());
  EXPECT_THAT(join(peer, "sip-1").target, StartsWith("sip:conf-1@"));
}

// RFC 5630 section 5.1.2: there is TLS, but it did not come that way.
TEST_F(Tls, SipsRequestWithoutTlsIsRefused) {
  start();
  for (const Wire wire : {Wire::udp, Wire::tcp}) {
    Peer peer(harness.io, wire, harness.uri(wire));
    const std::string call = wire == Wire::udp ? "plain-udp-" : "plain-tcp-";
    for (const char* method : {"INVITE", "OPTIONS", "SUBSCRIBE"}) {
      peer.send(peer.request(method, sips_conference, call + method, 1));
      const Message refusal = harness.answer(peer);
      EXPECT_EQ(refusal.status(), 480) << method;
      EXPECT_THAT(refusal.header("Warning"), StartsWith("380 "));
      if (refusal.header("CSeq").find("INVITE") != std::string::npos) {
        peer.send(peer.request("ACK", sips_conference, call + method, 1, tag_of(refusal.header("To"))));
      }
    }
    peer.send(peer.request("INVITE", "sip:conf-1@h", call + "contact", 1, "", "Contact: <sips:alice@h>\r\n"));
    EXPECT_EQ(harness.answer(peer).status(), 400);
  }
  EXPECT_TRUE(harness.events.empty());
}

// RFC 3261 section 8.2.2.1
TEST(WithoutTls, TheSchemeIsNotSupported) {
  Harness harness;
  Peer peer(harness.io, Wire::tcp, harness.uri(Wire::tcp));
  peer.send(peer.request("OPTIONS", sips_conference, "none-1", 1));
  EXPECT_EQ(harness.answer(peer).status(), 416);
}

class TlsCalling : public Tls {
 protected:
  command::SendInvite call(const TlsPeer& callee, const std::string& host, const std::string& scheme) const {
    command::SendInvite invite;
    invite.dialog = dialog;
    invite.call_id = "out-1";
    invite.target = {scheme, "bob", host, callee.port(), {}};
    if (scheme == "sip") invite.target.params = {{"transport", "tls"}};
    invite.contact = conference;
    invite.sdp = some_sdp;
    return invite;
  }
  static std::string answer(const Message& request, int status, const std::string& extra = "") {
    Message tagged = request;
    for (auto& [name, value] : tagged.headers) {
      if (name == "To" && value.find(";tag=") == std::string::npos) value += ";tag=bob-1";
    }
    return Peer::response(tagged, status, extra, status == 200 ? some_sdp : "");
  }
  /// What comes of a call that cannot be: the reason in the log.
  std::string failure(const command::SendInvite& invite) {
    harness.agent->execute(invite);
    const auto answered = harness.next<event::InviteAnswered>();
    EXPECT_EQ(answered.status, 503) << answered.phrase;
    harness.next<event::DialogTerminated>();
    EXPECT_TRUE(harness.idle());
    for (const std::string& line : harness.records) {
      if (line.find("sip.request_failed conference=conf-1 call_id=out-1") == 0)
        return line.substr(line.find("why=") + 4);
    }
    return "not logged";
  }
  base::DialogId dialog{focus::first_called_dialog};
};

TEST_F(TlsCalling, DialogIsEstablishedRefreshedAndEnded) {
  start();
  TlsPeer bob(harness, "callee");
  bob.listen();
  harness.agent->execute(call(bob, "localhost", "sip"));
  const Message invite = bob.answer();
  EXPECT_EQ(invite.start, "INVITE sip:bob@localhost:" + std::to_string(bob.port()) + ";transport=tls SIP/2.0");
  EXPECT_EQ(bob.asked_for(), "localhost");
  EXPECT_THAT(invite.header("Via"), StartsWith("SIP/2.0/TLS " + own() + ";branch="));
  EXPECT_EQ(uri_of(invite.header("Contact")), "sip:conf-1@" + own() + ";transport=tls");
  bob.send(answer(invite, 180, "Contact: <sip:bob@" + bob.host() + ";transport=tls>\r\n"));
  EXPECT_EQ(harness.next<event::InviteProgressed>().status, 180);
  bob.send(answer(invite, 200, "Contact: <sip:bob@" + bob.host() + ";transport=tls>\r\n" + sdp_type));
  EXPECT_EQ(harness.next<event::InviteAnswered>().status, 200);
  EXPECT_EQ(bob.answer().method(), "ACK");
  EXPECT_EQ(harness.agent->census().tls_connections, 1U);
  // A request of the callee on the same connection.
  const std::string tag = tag_of(invite.header("From"));
  std::string update = bob.request("UPDATE", "out-1", 1, tag);
  update.replace(update.find("tag=f"), 5, "tag=bob-1");
  bob.send(update);
  const auto received = harness.next<event::ReinviteReceived>();
  harness.agent->execute(command::Respond{received.request, 200, "", conference, {}, false, {}, {}});
  EXPECT_EQ(bob.answer().status(), 200);
  harness.next<event::TargetRefreshed>();  // an UPDATE says anew where its sender is
  harness.agent->execute(command::SendBye{dialog, {200, "Removed"}, ""});
  const Message bye = bob.answer();
  EXPECT_EQ(bye.method(), "BYE");
  bob.send(Peer::response(bye, 200));
  EXPECT_EQ(harness.next<event::DialogTerminated>().status, 200);
  EXPECT_EQ(bob.accepted, 1U);
  EXPECT_TRUE(harness.idle());
}

// RFC 5630 section 5.1.1.2
TEST_F(TlsCalling, SipsUriIsCalledUnderASipsContact) {
  start();
  TlsPeer bob(harness, "callee");
  bob.listen();
  harness.agent->execute(call(bob, "localhost", "sips"));
  const Message invite = bob.answer();
  EXPECT_EQ(invite.start, "INVITE sips:bob@localhost:" + std::to_string(bob.port()) + " SIP/2.0");
  EXPECT_EQ(uri_of(invite.header("Contact")), "sips:conf-1@" + own());
  EXPECT_EQ(uri_of(invite.header("From")), "sips:conf-1@" + own());
  bob.send(answer(invite, 200, "Contact: <sips:bob@" + bob.host() + ">\r\n" + sdp_type));
  const auto answered = harness.next<event::InviteAnswered>();
  EXPECT_EQ(answered.contact.uri.scheme, "sips");
  EXPECT_EQ(bob.answer().start, "ACK sips:bob@" + bob.host() + " SIP/2.0");
  harness.agent->execute(command::SendBye{dialog, {200, "Removed"}, ""});
  const Message bye = bob.answer();
  EXPECT_EQ(bye.start, "BYE sips:bob@" + bob.host() + " SIP/2.0");
  bob.send(Peer::response(bye, 200));
  EXPECT_EQ(harness.next<event::DialogTerminated>().status, 200);
}

TEST_F(TlsCalling, DeadConnectionIsOpenedAgainToTheDomainThatWasCalled) {
  start();
  TlsPeer bob(harness, "callee");
  bob.listen();
  harness.agent->execute(call(bob, "localhost", "sips"));
  bob.send(answer(bob.answer(), 200, "Contact: <sips:bob@" + bob.host() + ">\r\n" + sdp_type));
  EXPECT_EQ(harness.next<event::InviteAnswered>().status, 200);
  EXPECT_EQ(bob.answer().method(), "ACK");
  bob.drop();
  EXPECT_TRUE(harness.until([this] { return harness.agent->census().tls_connections == 0; }));
  bob.accept();
  // The certificate has no address, only the name.
  harness.agent->execute(command::SendBye{dialog, {200, "Removed"}, ""});
  const Message bye = bob.answer();
  EXPECT_EQ(bye.method(), "BYE");
  bob.send(Peer::response(bye, 200));
  EXPECT_EQ(harness.next<event::DialogTerminated>().status, 200);
  EXPECT_EQ(bob.accepted, 2U);
}

// The end of a connection is noticed in steps: by its TLS end, by the relay, by the library. Between any two of them a
// request may be due.
class TlsCallingLost : public TlsCalling, public testing::WithParamInterface<int> {};

INSTANTIATE_TEST_SUITE_P(Steps, TlsCallingLost, testing::Range(0, 12));

TEST_P(TlsCallingLost, ARequestIsNotLostWhenTheConnectionIsJustGoing) {
  start();
  TlsPeer bob(harness, "callee");
  bob.listen();
  harness.agent->execute(call(bob, "localhost", "sips"));
  bob.send(answer(bob.answer(), 200, "Contact: <sips:bob@" + bob.host() + ">\r\n" + sdp_type));
  EXPECT_EQ(harness.next<event::InviteAnswered>().status, 200);
  EXPECT_EQ(bob.answer().method(), "ACK");
  bob.accept();
  bob.drop();
  harness.io.restart();
  for (int step = 0; step < GetParam(); ++step) harness.io.poll_one();
  harness.agent->execute(command::SendBye{dialog, {200, "Removed"}, ""});
  const Message bye = bob.answer();
  EXPECT_EQ(bye.method(), "BYE");
  bob.send(Peer::response(bye, 200));
  EXPECT_EQ(harness.next<event::DialogTerminated>().status, 200);
}

TEST_F(TlsCalling, CancelGoesTheSameWay) {
  start();
  TlsPeer bob(harness, "callee");
  bob.listen();
  harness.agent->execute(call(bob, "localhost", "sips"));
  const Message invite = bob.answer();
  bob.send(answer(invite, 180));
  harness.next<event::InviteProgressed>();
  harness.agent->execute(command::SendCancel{dialog, {408, "No answer"}});
  const Message cancel = bob.answer();
  EXPECT_EQ(cancel.method(), "CANCEL");
  EXPECT_EQ(cancel.header("Via"), invite.header("Via"));
  bob.send(Peer::response(cancel, 200));
  bob.send(answer(invite, 487));
  EXPECT_EQ(harness.next<event::InviteAnswered>().status, 487);
  harness.next<event::DialogTerminated>();
  EXPECT_EQ(bob.answer().method(), "ACK");
  EXPECT_TRUE(harness.idle());
}

// RFC 5922 section 7
TEST_F(TlsCalling, ServerThatIsNotTheOneForTheDomainIsNotTalkedTo) {
  start();
  for (const char* certificate : {"second", "self", "proxy"}) {
    SCOPED_TRACE(certificate);
    harness.records.clear();
    TlsPeer liar(harness, certificate);
    liar.listen();
    EXPECT_THAT(failure(call(liar, "localhost", "sips")), StartsWith("certificate: "));
    EXPECT_TRUE(liar.inbox.empty());
  }
  // By number, the address has to be in it.
  TlsPeer named(harness, "callee");
  named.listen();
  harness.records.clear();
  EXPECT_THAT(failure(call(named, "127.0.0.1", "sips")), StartsWith("certificate: "));
  TlsPeer numbered(harness, "proxy");
  numbered.listen();
  harness.agent->execute(call(numbered, "127.0.0.1", "sips"));
  const Message invite = numbered.answer();
  EXPECT_EQ(invite.method(), "INVITE");
  EXPECT_EQ(numbered.asked_for(), "");
  numbered.send(answer(invite, 603));
  EXPECT_EQ(harness.next<event::InviteAnswered>().status, 603);
}

TEST_F(TlsCalling, NothingIsProvedWhereTheOperatorDoesNotAskForIt) {
  settings.tls.verify_servers = false;
  start();
  TlsPeer bob(harness, "self");
  bob.listen();
  harness.agent->execute(call(bob, "localhost", "sips"));
  EXPECT_EQ(bob.answer().method(), "INVITE");
}

TEST_F(TlsCalling, WhoRefusesOrSaysNothingIsReported) {
  settings.tls.handshake_timeout = std::chrono::milliseconds(200);
  start();
  TlsPeer closed(harness, "callee");
  closed.listen();
  const auto nobody = call(closed, "localhost", "sips");
  closed.stop();
  EXPECT_EQ(failure(nobody), "Connection refused");
  harness.records.clear();
  boost::asio::ip::tcp::acceptor silent(harness.io, {boost::asio::ip::make_address("127.0.0.1"), 0});
  auto mute = nobody;
  mute.target.port = silent.local_endpoint().port();
  EXPECT_EQ(failure(mute), "no TLS handshake in time");
}

TEST_F(TlsCalling, IsBoundedLikeAllConnections) {
  settings.tls.max_connections = 1;
  start();
  TlsPeer other(harness);
  ASSERT_TRUE(other.connect());
  TlsPeer bob(harness, "callee");
  bob.listen();
  EXPECT_EQ(failure(call(bob, "localhost", "sips")), "No TLS Connection");
}

TEST_F(TlsCalling, OutboundProxyIsReachedByTls) {
  TlsPeer proxy(harness, "callee");
  proxy.listen();
  settings.outbound_proxy = "localhost:" + std::to_string(proxy.port()) + ";transport=tls";
  start();
  auto invite = call(proxy, "somewhere.invalid", "sip");
  invite.target.params.clear();
  harness.agent->execute(invite);
  const Message seen = proxy.answer();
  EXPECT_THAT(seen.start, StartsWith("INVITE sip:bob@somewhere.invalid:"));
  EXPECT_EQ(seen.header("Route"), "<sip:" + settings.outbound_proxy + ";lr>");
  proxy.send(answer(seen, 603));
  harness.next<event::InviteAnswered>();
  harness.next<event::DialogTerminated>();
  EXPECT_EQ(proxy.answer().method(), "ACK");
  harness.agent->execute(call(proxy, "somewhere.invalid", "sips"));
  const Message secure = proxy.answer();
  EXPECT_EQ(secure.header("Route"), "<sips:localhost:" + std::to_string(proxy.port()) + ";lr>");
  EXPECT_EQ(proxy.accepted, 1U) << "the connection is used again";
}

// RFC 5630 section 5.1.1: no hop without TLS.
TEST_F(TlsCalling, SipsUriIsNotCalledByAProxyWithoutTls) {
  settings.outbound_proxy = "127.0.0.1:1";
  start();
  TlsPeer bob(harness, "callee");
  bob.listen();
  EXPECT_EQ(failure(call(bob, "localhost", "sips")), "No TLS To The Outbound Proxy");
}

TEST(ProvesDomain, ByUriThenByNameThenByCommonName) {
  const Certificates& made = certificates();
  struct Case {
    const char* names;
    const char* domain;
    bool proved;
  };
  const Case cases[] = {
      {"DNS:example.net", "example.net", true},
      {"DNS:example.net", "Example.NET", true},
      {"DNS:example.net", "sip.example.net", false},
      {"DNS:*.example.net", "sip.example.net", false},
      {"URI:sip:example.net", "example.net", true},
      {"URI:sip:example.net,DNS:sip1.example.net", "sip1.example.net", false},
      {"URI:sip:alice@example.net", "example.net", false},
      {"URI:https://example.net", "example.net", false},
      {"URI:sip:alice@example.net,DNS:example.net", "example.net", true},
      {"IP:192.0.2.1", "case", false},
      {"", "case", true},
  };
  for (const Case& one : cases) {
    EXPECT_EQ(made.proves("case", one.names, one.domain), one.proved) << one.names << " for " << one.domain;
  }
}

// RFC 5280 section 4.2.1.6, RFC 6125 section 6.4.4
TEST(ProvesDomain, NotByANameThatIsOneOnlyUpToANul) {
  const Certificates& made = certificates();
  const std::string nul("case.example.net\0.evil.example.org", 34);
  const std::string domain = "case.example.net";
  const auto proves = [&](const Certificates::Names& names) {
    return proves_domain(made.forge("forged", names).get(), domain);
  };
  EXPECT_TRUE(proves({{domain}}));
  EXPECT_FALSE(proves({{nul}}));
  EXPECT_FALSE(proves({{domain + std::string(1, '\0')}}));
  EXPECT_FALSE(proves({{}, {nul}}));
  EXPECT_FALSE(proves({{}, {}, {"sip:" + nul}}));
  EXPECT_FALSE(proves({{domain}, {nul}})) << "an alternative name that cannot be is one all the same";
  EXPECT_FALSE(proves({{domain}, {}, {"https://other.example.net"}}));
  EXPECT_FALSE(proves({{domain}, {}, {}, {"mail@other.example.net"}}));
  EXPECT_FALSE(proves({{domain, "other.example.net"}})) << "not the most specific one";
  EXPECT_TRUE(proves({{"other.example.net", domain}}));
  EXPECT_FALSE(proves({{domain, nul}}));
}

TEST(ProvesDomain, NotForADomainThatIsNone) {
  const auto names = certificates().forge("forged", {{}, {"case.example.net"}});
  for (const char* domain : {"", ".", ".example.net", "*.example.net", "case.example.net "}) {
    EXPECT_FALSE(proves_domain(names.get(), domain)) << domain;
  }
}

TEST_F(TlsCalling, ServerWhoseNameIsTheDomainUpToANulIsNotTalkedTo) {  // RFC 5922 section 7.3
  start();
  certificates().forge("liar", {{std::string("localhost\0.evil.example.org", 27)}});
  TlsPeer bob(harness, "liar");
  bob.listen();
  EXPECT_THAT(failure(call(bob, "localhost", "sip")), HasSubstr("certificate"));
  EXPECT_TRUE(bob.inbox.empty());
}

}  // namespace
}  // namespace clued::sip::test
