// INVITE with Replaces (RFC 3891; FOC-11) and with Join (RFC 3911; FOC-12): which dialog the core is told of.
#include "component/sip/harness.hpp"

namespace clued::sip::test {
namespace {

namespace event = focus::event;
namespace command = focus::command;

class Replaces : public testing::Test {
 protected:
  Harness harness;
  Peer peer{harness.io, Wire::udp, harness.uri(Wire::udp)};
  Call call = establish(harness, peer, "call-1");

  event::InviteReceived invite(const std::string& extra) {
    static unsigned number = 0;
    peer.send(peer.request("INVITE", "sip:conf-1@example.net", "other-" + std::to_string(++number), 1, "",
                           sdp_type + extra, some_sdp));
    return harness.next<event::InviteReceived>();
  }
};

TEST_F(Replaces, NamesTheDialogByItsCallIdAndBothTags) {
  const auto found = invite("Require: replaces\r\nReplaces: call-1;to-tag=" + call.tag + ";from-tag=from-call-1\r\n");
  ASSERT_TRUE(found.replaces);
  EXPECT_EQ(found.replaces->dialog, call.dialog);
  EXPECT_FALSE(found.replaces->early_only);
  const auto early = invite("Replaces: call-1;early-only;from-tag=from-call-1;to-tag=" + call.tag + "\r\n");
  ASSERT_TRUE(early.replaces);
  EXPECT_EQ(early.replaces->dialog, call.dialog);
  EXPECT_TRUE(early.replaces->early_only);
}

TEST_F(Replaces, FindsNothingByAnotherNameOrWithTheTagsExchanged) {
  for (const std::string& value :
       {"call-2;to-tag=" + call.tag + ";from-tag=from-call-1", "call-1;to-tag=" + call.tag + ";from-tag=from-call-2",
        "call-1;to-tag=x" + call.tag + ";from-tag=from-call-1", "call-1;to-tag=from-call-1;from-tag=" + call.tag}) {
    const auto found = invite("Replaces: " + value + "\r\n");
    ASSERT_TRUE(found.replaces) << value;
    EXPECT_FALSE(found.replaces->dialog) << value;
  }
}

TEST_F(Replaces, AJoinAloneIsIgnored) {  // FOC-12
  const auto found = invite("Join: call-1;to-tag=" + call.tag + ";from-tag=from-call-1\r\n");
  EXPECT_FALSE(found.replaces);
}

TEST_F(Replaces, ADialogThatEndedIsFoundNoMore) {
  peer.send(peer.request("BYE", call.target, call.id, 2, call.tag));
  EXPECT_EQ(harness.answer(peer).status(), 200);
  harness.next<event::ByeReceived>();
  harness.next<event::DialogTerminated>();
  const auto found = invite("Replaces: call-1;to-tag=" + call.tag + ";from-tag=from-call-1\r\n");
  ASSERT_TRUE(found.replaces);
  EXPECT_FALSE(found.replaces->dialog);
}

}  // namespace
}  // namespace clued::sip::test
