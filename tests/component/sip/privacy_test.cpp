// The Privacy header (RFC 3323, RFC 3325), as the core hears of it.
#include "component/sip/harness.hpp"

namespace clued::sip::test {
namespace {

struct Case {
  std::string header;
  bool id, user, header_level, session;
};

class Privacy : public testing::TestWithParam<Case> {};

INSTANTIATE_TEST_SUITE_P(Sip, Privacy,
                         testing::Values(Case{"", false, false, false, false},
                                         Case{"Privacy: id\r\n", true, false, false, false},
                                         Case{"Privacy: user;header\r\n", false, true, true, false},
                                         Case{"Privacy: session; ID ;critical\r\n", true, false, false, true},
                                         Case{"Privacy: none\r\n", false, false, false, false},
                                         Case{"Privacy: history\r\n", false, false, false, false}));

// EVT-11, IMS-02
TEST_P(Privacy, IsReadFromTheInvite) {
  Harness harness;
  Peer peer(harness.io, Wire::udp, harness.uri(Wire::udp));
  peer.send(peer.request("INVITE", "sip:conf-1@example.net", "call-1", 1, "", GetParam().header));
  const auto invite = harness.next<focus::event::InviteReceived>();
  EXPECT_EQ(invite.privacy.id, GetParam().id);
  EXPECT_EQ(invite.privacy.user, GetParam().user);
  EXPECT_EQ(invite.privacy.header, GetParam().header_level);
  EXPECT_EQ(invite.privacy.session, GetParam().session);
  EXPECT_EQ(invite.privacy.hides_user(), GetParam().id || GetParam().user || GetParam().header_level);
}

}  // namespace
}  // namespace clued::sip::test
