// A branch that has no room for the cookie of RFC 3261 ends where it ends.
#include "component/sip/harness.hpp"

namespace clued::sip::test {
namespace {

/// The same request but for its branch.
std::string options(const Harness& harness, const Peer& peer, const std::string& via_parameters) {
  return "OPTIONS " + uri_of("<" + harness.uri(Wire::udp) + ">") + " SIP/2.0\r\nVia: SIP/2.0/UDP " + peer.host() +
         via_parameters + "\r\nMax-Forwards: 70\r\nFrom: <sip:a@127.0.0.1>;tag=1\r\nTo: <sip:b@127.0.0.1>\r\n" +
         "Call-ID: short-branch\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n";
}

/// Answers what the agent hands on, until the peer has its response.
Message answered(Harness& harness, Peer& peer) {
  EXPECT_TRUE(harness.until([&] {
    while (!harness.events.empty()) {
      if (const auto* asked = std::get_if<focus::event::OptionsReceived>(&harness.events.front())) {
        harness.agent->execute(focus::command::Respond{asked->request, 200, "", {}, {}, false, {}, {}});
      }
      harness.events.pop_front();
    }
    return !peer.inbox.empty();
  }));
  if (peer.inbox.empty()) return {};
  Message message = peer.inbox.front();
  peer.inbox.pop_front();
  return message;
}

TEST(ShortBranch, IsEchoedAndMatchesNoRequestWithAnother) {
  Harness harness;
  Peer peer(harness.io, Wire::udp, harness.uri(Wire::udp));
  // Seven characters after the beginning of the first branch stand those of the second one.
  const std::string first = ";branch=a;p=123hidden";
  peer.send(options(harness, peer, first));
  EXPECT_EQ(answered(harness, peer).header("Via"), "SIP/2.0/UDP " + peer.host() + first);
  const std::string second = ";branch=z9hG4bKhidden";
  peer.send(options(harness, peer, second));
  EXPECT_EQ(answered(harness, peer).header("Via"), "SIP/2.0/UDP " + peer.host() + second);
}

}  // namespace
}  // namespace clued::sip::test
