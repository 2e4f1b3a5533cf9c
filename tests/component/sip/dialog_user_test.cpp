// Whose a dialog is, and what requests of others in it change: nothing.
#include "sip/dialog_user.hpp"

#include <gmock/gmock.h>

#include "component/sip/digest_client.hpp"
#include "component/sip/tls_fixture.hpp"

namespace clued::sip::test {
namespace {

namespace event = focus::event;
namespace command = focus::command;
using testing::HasSubstr;

constexpr unsigned far_ahead = 2'000'000'000;
const std::string refer_to = "Refer-To: <sip:b@h;method=BYE>\r\n";

focus::ProvenIdentities named(const std::string& user) {
  focus::NameAddress name;
  name.uri = {"sip", user, "h", 0, {}};
  return focus::ProvenIdentities(name);
}

TEST(DialogUser, IsWhoHasProvenOneOfItsNames) {
  DialogUser alice(named("alice"), "192.0.2.1");
  EXPECT_TRUE(alice.is(named("alice")));
  EXPECT_FALSE(alice.is(named("eve")));
  EXPECT_FALSE(alice.is({}));
  EXPECT_TRUE(alice.is_another(named("eve")));
  EXPECT_FALSE(alice.is_another({})) << "nobody is told of";
  EXPECT_TRUE(alice.is_at("192.0.2.1"));
  EXPECT_FALSE(alice.is_at("192.0.2.2"));
  alice.move_to("192.0.2.2");
  EXPECT_TRUE(alice.is_at("192.0.2.2"));
  const DialogUser nobody({}, "");
  EXPECT_FALSE(nobody.is(named("eve"))) << "that it is nobody's does not make it anybody's";
  EXPECT_FALSE(nobody.is_another(named("alice")));
  EXPECT_FALSE(nobody.is_at(""));
}

/// Alice calls from 127.0.0.1; whoever sends from 127.0.0.2 knows her dialog.
class DialogOfAUser : public testing::Test {
 protected:
  explicit DialogOfAUser(std::vector<std::string> trusted = {}) {
    Settings settings = Harness::quick();
    settings.trusted_peers = std::move(trusted);
    settings.auth.require = AuthSettings::Require::untrusted;
    settings.auth.realm = "test";
    settings.auth.users = {password_user("alice"), password_user("eve")};
    settings.listen = {{"127.0.0.1", 0, true, false}, {"127.0.0.2", 0, true, false}};
    harness.agent = std::make_unique<Agent>(
        harness.io, settings, [this](focus::Event one) { harness.events.push_back(std::move(one)); },
        [this](const base::Record& record) { harness.note(record); });
    const auto started = harness.agent->start();
    EXPECT_TRUE(started.has_value());
    home.emplace(harness.io, Wire::udp, harness.agent->bound()[0]);
    away.emplace(harness.io, Wire::udp, harness.agent->bound()[1]);
  }
  std::string challenge() {
    home->send(home->request("SUBSCRIBE", "sip:c@h", "challenge-" + std::to_string(++challenges_), 1, "",
                             "Event: conference\r\n"));
    return harness.answer(*home).header("WWW-Authenticate");
  }
  Call call(const std::string& headers) {
    Call made = establish(harness, *home, "hers", headers);
    cseq_ = 1;
    return made;
  }
  Call alices_call() { return call(authorization(challenge(), "alice", "INVITE")); }
  std::string elsewhere(const std::string& method, const Call& call, unsigned cseq, const std::string& extra = "") {
    std::string headers = extra;
    if (method == "REFER") headers += refer_to;
    if (method == "SUBSCRIBE") headers += "Event: conference\r\nExpires: 0\r\n";
    return away->request(method, "sip:c@h", call.id, cseq, call.tag, headers);
  }
  /// The status of what is sent there, without a password or with one.
  int status_of(const std::string& method, const Call& call, unsigned cseq, const std::string& user = "") {
    away->send(elsewhere(method, call, cseq));
    Message answer = harness.answer(*away);
    acknowledge(method, call, cseq, answer);
    if (user.empty() || answer.status() != 401) return answer.status();
    away->send(elsewhere(method, call, cseq + 1, authorization(answer.header("WWW-Authenticate"), user, method)));
    answer = harness.answer(*away);
    acknowledge(method, call, cseq + 1, answer);
    return answer.status();
  }
  /// That she goes on from where she was, and is reached there.
  void expect_unchanged(const Call& call) {
    EXPECT_TRUE(harness.events.empty());
    harness.agent->execute(command::SendUpdate{call.dialog, conference, {}});
    const Message update = harness.answer(*home);
    EXPECT_EQ(update.method(), "UPDATE");
    EXPECT_EQ(tag_of(update.header("From")), call.tag);
    home->send(Peer::response(update, 200, "Contact: <" + home->contact() + ">\r\n"));
    EXPECT_EQ(harness.next<event::UpdateAnswered>().status, 200);
    home->send(home->request("REFER", "sip:c@h", call.id, ++cseq_, call.tag, refer_to));
    const auto refer = harness.next<event::ReferReceived>();
    EXPECT_EQ(refer.dialog, call.dialog);
    harness.agent->execute(command::Respond{refer.request, 403, "", {}, {}, false, {}, {}});
    EXPECT_EQ(harness.answer(*home).status(), 403);
  }

  Harness harness;
  std::optional<Peer> home;
  std::optional<Peer> away;

 private:
  void acknowledge(const std::string& method, const Call& call, unsigned cseq, const Message& answer) {
    if (method != "INVITE") return;
    away->send(away->request("ACK", "sip:c@h", call.id, cseq, call.tag, answer.all("Via")));
  }
  unsigned challenges_ = 0;
  unsigned cseq_ = 1;
};

TEST_F(DialogOfAUser, IsNotThatOfAnotherWithAPasswordOfItsOwn) {
  const Call hers = alices_call();
  unsigned cseq = far_ahead;
  for (const char* method : {"UPDATE", "REFER", "INVITE", "SUBSCRIBE", "BYE"}) {
    EXPECT_EQ(status_of(method, hers, cseq += 2, "eve"), 403) << method;
    EXPECT_EQ(status_of(method, hers, cseq += 2), 401) << method << ": and it is not remembered either";
  }
  EXPECT_TRUE(harness.logged("sip.request_refused conference=conf-1 call_id=hers"));
  EXPECT_TRUE(harness.logged("why=proven to be another user than the dialog's"));
  expect_unchanged(hers);
}

TEST_F(DialogOfAUser, GoesOnElsewhereWithItsOwnPassword) {
  const Call hers = alices_call();
  EXPECT_EQ(status_of("BYE", hers, 7, "alice"), 200);
  harness.next<event::ByeReceived>();
}

TEST_F(DialogOfAUser, IsNotCountedOnByWhatIsNotProven) {  // RFC 3261 section 8.2
  const Call hers = alices_call();
  EXPECT_EQ(status_of("UPDATE", hers, far_ahead), 401);
  expect_unchanged(hers);
  EXPECT_EQ(status_of("INFO", hers, far_ahead + 1), 405);
  expect_unchanged(hers);
  EXPECT_EQ(status_of("NOTIFY", hers, far_ahead + 2), 481);
  expect_unchanged(hers);
  away->send(elsewhere("OPTIONS", hers, 2'147'483'647));
  const auto options = harness.next<event::OptionsReceived>();
  harness.agent->execute(command::Respond{options.request, 200, "", conference, {}, false, {}, {}});
  EXPECT_EQ(harness.answer(*away).status(), 200) << "it tells only what the focus can do";
  expect_unchanged(hers);
}

TEST_F(DialogOfAUser, HoldsForASubscriptionAsWell) {
  home->send(home->request("SUBSCRIBE", "sip:c@h", "watch", 1, "",
                           "Event: conference\r\n" + authorization(challenge(), "alice", "SUBSCRIBE")));
  const auto subscribe = harness.next<event::SubscribeReceived>();
  command::AcceptSubscribe accept;
  accept.request = subscribe.request;
  accept.subscription = subscribe.subscription;
  accept.contact = conference;
  accept.expires = std::chrono::seconds(60);
  harness.agent->execute(accept);
  const Call hers{"watch", tag_of(harness.answer(*home).header("To")), "", {}};
  EXPECT_EQ(status_of("SUBSCRIBE", hers, far_ahead, "eve"), 403);
  EXPECT_TRUE(harness.events.empty());
  home->send(home->request("SUBSCRIBE", "sip:c@h", "watch", 2, hers.tag, "Event: conference\r\n"));
  EXPECT_TRUE(harness.next<event::SubscribeReceived>().is_refresh);
}

class DialogByAProxy : public DialogOfAUser {
 protected:
  DialogByAProxy() : DialogOfAUser({"127.0.0.1"}) {}
};

TEST_F(DialogByAProxy, IsOfTheUserWhomItVouchesFor) {
  const Call hers = call("P-Asserted-Identity: <sip:alice@users.example.net>, <tel:+12015550123>\r\n");
  for (const char* method : {"UPDATE", "REFER", "BYE"}) {
    EXPECT_EQ(status_of(method, hers, far_ahead), 401) << method;
    EXPECT_EQ(status_of(method, hers, far_ahead + 2, "eve"), 403) << method;
  }
  expect_unchanged(hers);
  // Another user by the same proxy knows the dialog.
  home->send(home->request("REFER", "sip:c@h", hers.id, far_ahead, hers.tag,
                           refer_to + "P-Asserted-Identity: <sip:eve@users.example.net>\r\n"));
  EXPECT_EQ(harness.answer(*home).status(), 403);
  expect_unchanged(hers);
  home->send(home->request("REFER", "sip:c@h", hers.id, 5, hers.tag,
                           refer_to + "P-Asserted-Identity: <tel:+12015550123>\r\n"));
  EXPECT_FALSE(harness.next<event::ReferReceived>().proven.empty()) << "one of her names is enough";
  // She comes without it.
  EXPECT_EQ(status_of("BYE", hers, 9, "alice"), 200);
}

TEST_F(DialogByAProxy, OfNobodyIsNotAnybodysWithAPassword) {
  const Call hers = call("");
  EXPECT_EQ(status_of("REFER", hers, far_ahead, "eve"), 403);
  expect_unchanged(hers);
}

TEST_F(Tls, DialogOfAUserIsNotThatOfAnotherWithACertificateOfItsOwn) {
  settings.tls.client_certificates = TlsSettings::Clients::request;
  start();
  TlsPeer alice(harness, "alice");
  ASSERT_TRUE(alice.connect());
  const Call hers = join(alice, "hers");
  certificates().forge("eve", {{}, {}, {"sip:eve@users.example.net"}});
  TlsPeer eve(harness, "eve");
  ASSERT_TRUE(eve.connect());
  for (const char* method : {"REFER", "UPDATE", "BYE"}) {
    eve.send(eve.request(method, "hers", far_ahead, hers.tag, refer_to));
    EXPECT_EQ(eve.answer().status(), 403) << method;
  }
  alice.send(alice.request("BYE", "hers", 2, hers.tag));
  EXPECT_EQ(alice.answer().status(), 200);
}

// RFC 3261 sections 8.2 and 12.2.2, for whoever sends it.
TEST(RemoteSequence, IsThatOfTheNewestRequestThatWasNotRejected) {
  Harness harness;
  Peer peer(harness.io, Wire::udp, harness.uri(Wire::udp));
  const Call call = establish(harness, peer, "sequence");
  const auto send = [&](const char* method, unsigned cseq) {
    peer.send(peer.request(method, "sip:c@h", call.id, cseq, call.tag));
  };
  const auto update = [&] {
    harness.agent->execute(command::SendUpdate{call.dialog, conference, {}});
    const Message sent = harness.answer(peer);
    peer.send(Peer::response(sent, 200, "Contact: <" + peer.contact() + ">\r\n"));
    EXPECT_EQ(harness.next<event::UpdateAnswered>().status, 200);
    return sent;
  };
  const Message before = update();
  send("INFO", far_ahead);
  EXPECT_EQ(harness.answer(peer).status(), 405);
  const Message after = update();
  EXPECT_EQ(std::atoi(after.header("CSeq").c_str()), std::atoi(before.header("CSeq").c_str()) + 1);
  for (const char* name : {"From", "To", "Call-ID"}) EXPECT_EQ(after.header(name), before.header(name)) << name;
  send("OPTIONS", 5);
  harness.agent->execute(
      command::Respond{harness.next<event::OptionsReceived>().request, 200, "", conference, {}, false, {}, {}});
  EXPECT_EQ(harness.answer(peer).status(), 200);
  send("OPTIONS", 4);
  EXPECT_EQ(harness.answer(peer).status(), 500);
  send("BYE", 6);
  EXPECT_EQ(harness.answer(peer).status(), 200);
}

TEST(RemoteSequence, OfACallOfOursIsNotThatOfARejectedRequestEither) {
  Harness harness;
  Peer bob(harness.io, Wire::udp, harness.uri(Wire::udp));
  command::SendInvite invite;
  invite.dialog = base::DialogId{focus::first_called_dialog};
  invite.call_id = "out";
  const std::string host = bob.host();
  invite.target = {"sip",
                   "bob",
                   host.substr(0, host.find(':')),
                   static_cast<std::uint16_t>(std::atoi(host.c_str() + host.find(':') + 1)),
                   {}};
  invite.contact = conference;
  invite.sdp = some_sdp;
  harness.agent->execute(invite);
  Message request = harness.answer(bob);
  const std::string ours = tag_of(request.header("From"));
  for (auto& [name, value] : request.headers) {
    if (name == "To") value += ";tag=f";
  }
  bob.send(Peer::response(request, 200, "Contact: <" + bob.contact() + ">\r\n" + sdp_type, some_sdp));
  EXPECT_EQ(harness.next<event::InviteAnswered>().status, 200);
  const Message ack = harness.answer(bob);
  EXPECT_EQ(ack.method(), "ACK");
  const auto send = [&](const char* method, unsigned cseq) {
    std::string text = bob.request(method, "sip:c@h", "out", cseq, ours);
    const std::size_t at = text.find("From: ");
    text.replace(at, text.find("\r\n", at) - at, "From: <sip:bob@h>;tag=f");
    bob.send(text);
  };
  send("INFO", far_ahead);
  EXPECT_EQ(harness.answer(bob).status(), 405);
  harness.agent->execute(command::SendUpdate{invite.dialog, conference, {}});
  const Message update = harness.answer(bob);
  EXPECT_EQ(update.header("To"), ack.header("To"));
  EXPECT_EQ(update.header("From"), ack.header("From"));
  EXPECT_EQ(std::atoi(update.header("CSeq").c_str()), std::atoi(ack.header("CSeq").c_str()) + 1);
  send("BYE", 1);
  EXPECT_EQ(harness.answer(bob).status(), 200);
}

}  // namespace
}  // namespace clued::sip::test
