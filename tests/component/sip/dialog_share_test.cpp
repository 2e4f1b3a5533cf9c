// Nobody takes all dialogs that there may be, whatever they are kept for.
#include <gtest/gtest.h>

#include "component/sip/harness.hpp"

namespace clued::sip::test {
namespace {

using namespace std::chrono_literals;
namespace event = focus::event;
namespace command = focus::command;

constexpr const char* eve = "P-Asserted-Identity: <sip:eve@example.net>\r\n";
constexpr const char* bob = "P-Asserted-Identity: <sip:bob@example.net>\r\n";

Settings with_dialogs(std::size_t most) {
  Settings settings = Harness::quick();
  settings.max_dialogs = most;
  return settings;
}

class DialogShare : public testing::Test {
 protected:
  /// The status of a refusal, or 0 when the core was asked.
  int sent(const std::string& method, const std::string& extra) {
    const std::string call = "call-" + std::to_string(++last_);
    peer.send(peer.request(method, "sip:conf-1@h", call, 1, "", "Contact: <" + peer.contact() + ">\r\n" + extra));
    int status = 0;
    harness.until([&] {
      for (const Message& one : peer.inbox) {
        if (one.header("Call-ID") == call && one.status() >= 200) status = one.status();
      }
      return status != 0 || !harness.events.empty();
    });
    harness.events.clear();
    return status;
  }

  Harness harness{"127.0.0.1", with_dialogs(8)};
  Peer peer{harness.io, Wire::udp, harness.uri(Wire::udp)};
  unsigned last_ = 0;
};

TEST_F(DialogShare, OfOneUserIsAQuarter) {
  EXPECT_EQ(sent("INVITE", eve), 0);
  EXPECT_EQ(sent("INVITE", eve), 0);
  EXPECT_EQ(sent("INVITE", eve), 486);
  EXPECT_EQ(sent("SUBSCRIBE", eve + std::string("Event: conference\r\n")), 403);
  EXPECT_EQ(sent("REFER", eve + std::string("Refer-To: <sip:x@h>\r\n")), 486);
  EXPECT_EQ(sent("REFER", eve + std::string("Refer-To: <sip:x@h;method=BYE>\r\n")), 0) << "it makes room";
  EXPECT_EQ(sent("INVITE", bob), 0);
  EXPECT_EQ(sent("SUBSCRIBE", bob + std::string("Event: conference\r\n")), 0);
}

TEST_F(DialogShare, OfOneAddressLikewise) {
  Settings settings = with_dialogs(8);
  settings.trusted_peers.clear();
  ASSERT_TRUE(harness.agent->reload(settings));
  EXPECT_EQ(sent("INVITE", eve), 0);
  EXPECT_EQ(sent("INVITE", bob), 0);
  EXPECT_EQ(sent("INVITE", "P-Asserted-Identity: <sip:carl@example.net>\r\n"), 486)
      << "what he says he is proves nothing";
}

// The core has forgotten both of them: who does not answer is not there for anybody any more.
TEST_F(DialogShare, IsHeldUntilWhatIsOwedIsAnsweredOrGivenUp) {
  const Call first = establish(harness, peer, "first", eve);
  const Call second = establish(harness, peer, "second", eve);
  harness.agent->execute(command::SendBye{first.dialog, {}, ""});
  harness.agent->execute(command::SendBye{second.dialog, {}, ""});
  const Message bye = harness.answer(peer);
  EXPECT_EQ(bye.method(), "BYE");
  EXPECT_EQ(sent("INVITE", eve), 486);
  peer.send(Peer::response(bye, 200));
  harness.next<event::DialogTerminated>();
  EXPECT_EQ(sent("INVITE", eve), 0);
}

// What makes room again needs none, or has its own.
class DialogsUsedUp : public testing::Test {
 protected:
  DialogsUsedUp() {
    first = establish(harness, peer, "first", eve);
    establish(harness, peer, "second", bob);
  }
  void send(const char* method, const std::string& extra) {
    peer.send(peer.request(method, first.target, first.id, ++cseq_, first.tag, extra));
  }
  void remove_from_outside(const std::string& call, const std::string& extra = "") {
    peer.send(peer.request("REFER", "sip:conf-1@h", call, 1, "", "Refer-To: <sip:bob@h;method=BYE>\r\n" + extra));
  }

  Harness harness{"127.0.0.1", with_dialogs(2)};
  Peer peer{harness.io, Wire::udp, harness.uri(Wire::udp)};
  Call first;
  unsigned cseq_ = 10;
};

TEST_F(DialogsUsedUp, LeaveADialogsOwnRequestsAlone) {
  peer.send(peer.request("INVITE", "sip:conf-1@h", "third", 1));
  EXPECT_EQ(harness.answer(peer).status(), 503);
  send("REFER", "Refer-To: <sip:bob@h;method=BYE>\r\n");
  const auto refer = harness.next<event::ReferReceived>();
  harness.agent->execute(command::AcceptRefer{refer.request, 200, conference, true});
  EXPECT_EQ(harness.answer(peer).status(), 200);
  send("SUBSCRIBE", "Event: conference\r\n");
  harness.next<event::SubscribeReceived>();
  send("REFER", "Refer-To: <sip:bob@h;method=BYE>\r\nRefer-Sub: false\r\n");
  EXPECT_EQ(harness.next<event::ReferReceived>().refer_sub, false);
}

TEST_F(DialogsUsedUp, LetSomebodyBeRemovedFromOutsideOfADialog) {
  remove_from_outside("remove", eve);
  const auto refer = harness.next<event::ReferReceived>();
  harness.agent->execute(command::AcceptRefer{refer.request, 200, conference, true});
  EXPECT_EQ(harness.answer(peer).status(), 200);
  EXPECT_EQ(harness.agent->census().dialogs, 3U);
  peer.send(peer.request("REFER", "sip:conf-1@h", "call", 1, "", "Refer-To: <sip:carl@h>\r\n"));
  EXPECT_EQ(harness.answer(peer).status(), 503) << "a call makes no room";
}

TEST_F(DialogsUsedUp, HaveABoundForRemovalsToo) {
  for (int i = 0; i < 8; ++i) {
    const std::string who = "P-Asserted-Identity: <sip:m" + std::to_string(i) + "@example.net>\r\n";
    remove_from_outside("remove-" + std::to_string(i), who);
    const auto refer = harness.next<event::ReferReceived>();
    harness.agent->execute(command::AcceptRefer{refer.request, 200, conference, true});
    EXPECT_EQ(harness.answer(peer).status(), 200);
  }
  remove_from_outside("too-many");
  EXPECT_EQ(harness.answer(peer).status(), 503);
  remove_from_outside("needs-none", "Refer-Sub: false\r\n");
  EXPECT_EQ(harness.next<event::ReferReceived>().call_id, "needs-none");
}

// Of a call of ours as many answer as whoever is called likes.
TEST(DialogsOfForks, LeaveHalfOfThemToCallers) {
  Harness harness("127.0.0.1", with_dialogs(4));
  Peer peer(harness.io, Wire::udp, harness.uri(Wire::udp));
  command::SendInvite invite;
  invite.dialog = base::DialogId{focus::first_called_dialog};
  invite.call_id = "forked";
  const std::string host = peer.host();
  invite.target = {"sip",
                   "bob",
                   host.substr(0, host.find(':')),
                   static_cast<std::uint16_t>(std::stoi(host.substr(host.find(':') + 1))),
                   {}};
  invite.contact = conference;
  invite.sdp = some_sdp;
  harness.agent->execute(invite);
  const Message seen = harness.answer(peer);
  const auto tagged = [&](int status, const std::string& tag) {
    Message with = seen;
    for (auto& [name, value] : with.headers) {
      if (name == "To") value += ";tag=" + tag;
    }
    return Peer::response(with, status, "Contact: <sip:bob@" + host + ">\r\n" + sdp_type, some_sdp);
  };
  for (const char* tag : {"a", "b", "c", "d", "a"}) {
    peer.send(tagged(180, tag));
    EXPECT_EQ(harness.next<event::InviteProgressed>().fork, tag);
  }
  EXPECT_EQ(harness.agent->census().dialogs, 2U);
  peer.send(tagged(200, "d"));
  EXPECT_EQ(harness.next<event::InviteAnswered>().fork, "d");
  EXPECT_EQ(harness.answer(peer).method(), "ACK") << "whoever answers has the call";
}

}  // namespace
}  // namespace clued::sip::test
