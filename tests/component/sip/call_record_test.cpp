// What sip/ says about a call has the ids by which the story of its conference is found.
#include <gmock/gmock.h>

#include <algorithm>

#include "component/sip/harness.hpp"

namespace clued::sip::test {
namespace {

using namespace std::chrono_literals;
namespace event = focus::event;
namespace command = focus::command;

constexpr base::DialogId called{focus::first_called_dialog};

command::SendInvite invite_to(const std::string& host, std::uint16_t port) {
  command::SendInvite invite;
  invite.dialog = called;
  invite.call_id = "out";
  invite.target = {"sip", "bob", host, port, {}};
  invite.contact = conference;
  invite.sdp = some_sdp;
  return invite;
}

TEST(CallRecords, NameTheConferenceFromWhenTheCoreHasToldIt) {
  Harness harness;
  Peer peer(harness.io, Wire::udp, harness.uri(Wire::udp));
  peer.send(peer.request("INVITE", "sip:factory@example.net", "strange", 1, "", "Require: foo\r\n"));
  EXPECT_EQ(harness.answer(peer).status(), 420);
  EXPECT_TRUE(harness.logged("sip.request_refused call_id=strange ")) << "it belongs to none yet";
  const Call call = establish(harness, peer, "joined");
  peer.send(
      peer.request("NOTIFY", call.target, call.id, 2, call.tag, "Event: refer\r\nSubscription-State: active\r\n"));
  EXPECT_EQ(harness.answer(peer).status(), 481);
  EXPECT_TRUE(harness.logged("sip.request_refused conference=conf-1 call_id=joined method=NOTIFY"));
  peer.send(peer.request("OPTIONS", call.target, call.id, 3, call.tag));
  const auto options = harness.next<event::OptionsReceived>();
  command::Respond other{options.request, 200, "", focus::FocusContact{"factory"}, {}, false, {}, {}};
  harness.agent->execute(other);
  EXPECT_EQ(harness.answer(peer).status(), 200);
  peer.send(
      peer.request("NOTIFY", call.target, call.id, 4, call.tag, "Event: refer\r\nSubscription-State: active\r\n"));
  EXPECT_EQ(harness.answer(peer).status(), 481);
  EXPECT_FALSE(harness.logged("conference=factory"));
}

TEST(CallRecords, OfARequestThatLosesItsConnection) {
  Harness harness;
  Peer peer(harness.io, Wire::tcp, harness.uri(Wire::tcp));
  const Call call = establish(harness, peer, "lost");
  peer.drop_connection();
  harness.pass(50ms);
  harness.agent->execute(command::SendBye{call.dialog, {}, ""});
  const Message bye = harness.answer(peer);
  EXPECT_EQ(bye.method(), "BYE");
  EXPECT_FALSE(harness.logged("sip.connection_replaced")) << "it may fail as well";
  peer.send(Peer::response(bye, 200));
  harness.next<event::DialogTerminated>();
  EXPECT_TRUE(harness.logged("sip.connection_replaced conference=conf-1 call_id=lost method=BYE"));
}

// Who is gone is tried again by whoever has something to say.
TEST(CallRecords, OfADeadPeerAreTwoAndNotOneForEachRequest) {
  Settings settings = Harness::quick();
  settings.t1x64 = 100ms;
  Harness harness("127.0.0.1", settings);
  Peer peer(harness.io, Wire::udp, harness.uri(Wire::udp));
  const Call call = establish(harness, peer, "dead");
  for (int i = 0; i < 3; ++i) {
    harness.agent->execute(command::SendReinvite{call.dialog, conference, some_sdp});
    EXPECT_EQ(harness.next<event::ReinviteAnswered>().status, 408);
  }
  const auto said = [&](const std::string& name) {
    return std::count_if(harness.records.begin(), harness.records.end(),
                         [&](const std::string& line) { return line.find(name + ' ') == 0; });
  };
  EXPECT_EQ(said("sip.request_failed"), 1);
  EXPECT_EQ(said("sip.request_failed_again"), 2);
}

TEST(CallRecords, OfACallThatCannotBePlaced) {
  Harness harness;
  harness.agent->execute(invite_to("nobody.invalid", 0));
  EXPECT_EQ(harness.next<event::InviteAnswered>().status, 404);
  EXPECT_TRUE(harness.logged("sip.lookup_failed conference=conf-1 call_id=out host=nobody.invalid"));
  EXPECT_TRUE(harness.logged("sip.request_failed conference=conf-1 call_id=out method=INVITE"));
}

TEST(CallRecords, OfAnUnansweredNotifyOfASubscription) {
  Settings settings = Harness::quick();
  settings.t1x64 = 200ms;
  Harness harness("127.0.0.1", settings);
  Peer peer(harness.io, Wire::udp, harness.uri(Wire::udp));
  peer.send(peer.request("SUBSCRIBE", "sip:conf-1@example.net", "watch", 1, "", "Event: conference\r\n"));
  const auto received = harness.next<event::SubscribeReceived>();
  harness.agent->execute(command::AcceptSubscribe{received.request, received.subscription, 60s, conference});
  EXPECT_EQ(harness.answer(peer).status(), 200);
  harness.agent->execute(command::NotifyConference{received.subscription, "active;expires=60", false, ""});
  EXPECT_EQ(harness.next<event::NotifyAnswered>().status, 408);
  EXPECT_TRUE(harness.logged("sip.request_failed conference=conf-1 call_id=watch method=NOTIFY"));
}

TEST(CallRecords, OfAReferrersSubscriptionOutsideOfTheCall) {
  Settings settings = Harness::quick();
  settings.t1x64 = 200ms;
  Harness harness("127.0.0.1", settings);
  Peer peer(harness.io, Wire::udp, harness.uri(Wire::udp));
  peer.send(peer.request("REFER", "sip:conf-1@example.net", "refer", 1, "", "Refer-To: <sip:bob@h;method=BYE>\r\n"));
  const auto received = harness.next<event::ReferReceived>();
  harness.agent->execute(command::AcceptRefer{received.request, 200, conference, true});
  EXPECT_EQ(harness.answer(peer).status(), 200);
  harness.agent->execute(command::NotifyRefer{received.subscription, 100, "", false});
  EXPECT_EQ(harness.next<event::NotifyAnswered>().status, 408);
  EXPECT_TRUE(harness.logged("sip.request_failed conference=conf-1 call_id=refer method=NOTIFY"));
}

TEST(CallRecords, OfWhatCannotBeBuilt) {
  Settings settings = Harness::quick();
  settings.domain = "foo bar>";  // no configuration has that
  Harness harness("127.0.0.1", settings);
  Peer peer(harness.io, Wire::udp, harness.uri(Wire::udp));
  peer.send(peer.request("INVITE", "sip:factory@example.net", "broken", 1, "", sdp_type, some_sdp));
  const auto received = harness.next<event::InviteReceived>();
  harness.agent->execute(command::Respond{received.request, 200, "", conference, some_sdp, false, {}, {}});
  EXPECT_EQ(harness.answer(peer).status(), 500);
  EXPECT_TRUE(harness.logged("sip.message_unbuilt conference=conf-1 call_id=broken method=INVITE"));
}

}  // namespace
}  // namespace clued::sip::test
