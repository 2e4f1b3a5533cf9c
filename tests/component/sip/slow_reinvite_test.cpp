// Re-INVITEs of ours that the peer says it is working on, and then nothing.
#include "component/sip/harness.hpp"

namespace clued::sip::test {
namespace {

using namespace std::chrono_literals;
namespace event = focus::event;
namespace command = focus::command;

Settings impatient() {
  Settings settings = Harness::quick();
  settings.t1x64 = 1000ms;
  settings.reinvite_wait = 300ms;
  return settings;
}

class SlowReinvite : public testing::TestWithParam<Wire> {
 protected:
  Message offer(const Call& call) {
    harness.agent->execute(command::SendReinvite{call.dialog, conference, some_sdp});
    return harness.answer(peer);
  }
  void end(const Call& call, unsigned cseq) {
    peer.send(peer.request("BYE", call.target, call.id, cseq, call.tag));
    EXPECT_TRUE(harness.until([this] { return harness.idle(); }));
  }

  Harness harness{"127.0.0.1", impatient()};
  Peer peer{harness.io, GetParam(), harness.uri(GetParam())};
};

INSTANTIATE_TEST_SUITE_P(Sip, SlowReinvite, testing::Values(Wire::udp, Wire::tcp),
                         [](const auto& one) { return one.param == Wire::udp ? "Udp" : "Tcp"; });

TEST_P(SlowReinvite, IsWithdrawnAndItsRefusalIsTheAnswer) {
  const Call call = establish(harness, peer, "slow-1");
  const Message invite = offer(call);
  peer.send(Peer::response(invite, 180));
  const Message cancel = harness.answer(peer);
  ASSERT_EQ(cancel.method(), "CANCEL");
  EXPECT_EQ(cancel.header("Via"), invite.header("Via"));
  peer.send(Peer::response(cancel, 200));
  peer.send(Peer::response(invite, 487));
  EXPECT_EQ(harness.next<event::ReinviteAnswered>().status, 487);
  EXPECT_EQ(harness.answer(peer).method(), "ACK");
  end(call, 2);
}

TEST_P(SlowReinvite, IsOverWhenNotEvenTheCancelHelps) {
  const Call call = establish(harness, peer, "slow-2");
  const Message invite = offer(call);
  peer.send(Peer::response(invite, 100));
  const Message cancel = harness.answer(peer);
  ASSERT_EQ(cancel.method(), "CANCEL");
  peer.send(Peer::response(cancel, 200));
  EXPECT_EQ(harness.next<event::ReinviteAnswered>().status, 408);
  end(call, 2);
}

TEST_P(SlowReinvite, IsForgottenAfterTheEndOfItsDialog) {
  const Call call = establish(harness, peer, "slow-3");
  const Message invite = offer(call);
  peer.send(Peer::response(invite, 180));
  end(call, 2);
}

TEST_P(SlowReinvite, IsForgottenAfterTheEndOfItsDialogThoughTheSignOfLifeCameLater) {
  const Call call = establish(harness, peer, "slow-4");
  const Message invite = offer(call);
  peer.send(peer.request("BYE", call.target, call.id, 2, call.tag));
  harness.answer(peer);
  peer.send(Peer::response(invite, 180));
  EXPECT_TRUE(harness.until([this] { return harness.idle(); }));
}

}  // namespace
}  // namespace clued::sip::test
