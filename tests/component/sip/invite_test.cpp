// INVITE, its answers, and the two ends of a session.
#include "component/sip/harness.hpp"

namespace clued::sip::test {
namespace {

using namespace std::chrono_literals;
namespace event = focus::event;
namespace command = focus::command;

class EveryTransport : public testing::TestWithParam<Endpoints> {
 protected:
  Harness harness{GetParam().address};
  Peer peer{harness.io, GetParam().wire, harness.uri(GetParam().wire)};
};

INSTANTIATE_TEST_SUITE_P(Sip, EveryTransport,
                         testing::Values(Endpoints{Wire::udp, "127.0.0.1"}, Endpoints{Wire::tcp, "127.0.0.1"},
                                         Endpoints{Wire::udp, "::1"}, Endpoints{Wire::tcp, "::1"}),
                         [](const auto& one) {
                           return std::string(one.param.wire == Wire::udp ? "Udp" : "Tcp") +
                                  (one.param.address == "::1" ? "6" : "4");
                         });

TEST_P(EveryTransport, InviteAnswerAckAndByeOfThePeer) {
  peer.send(peer.request("INVITE", "sip:conf-1@example.net", "call-1", 1, "",
                         sdp_type + "Supported: 100rel\r\nUser-Agent: test/1\r\n" + "Contact: <" + peer.contact() +
                             ">;+sip.clue;+sip.instance=\"<urn:uuid:7>\"\r\n" +
                             "P-Asserted-Identity: \"Al\" <sip:al@ims.example.net>\r\n",
                         some_sdp));
  const auto invite = harness.next<event::InviteReceived>();
  EXPECT_EQ(invite.call_id, "call-1");
  EXPECT_EQ(invite.request_uri.to_string(), "sip:conf-1@example.net");
  EXPECT_EQ(invite.from.display_name, "Alice");
  EXPECT_EQ(invite.from.uri.to_string(), "sip:alice@example.net");
  ASSERT_FALSE(invite.proven.empty());
  EXPECT_EQ(invite.proven.primary().uri.to_string(), "sip:al@ims.example.net");
  EXPECT_TRUE(invite.contact.telepresence);
  EXPECT_EQ(invite.contact.instance, "urn:uuid:7");
  EXPECT_TRUE(invite.supports_100rel);
  EXPECT_EQ(invite.sdp, some_sdp);
  EXPECT_EQ(invite.user_agent, "test/1");

  harness.agent->execute(
      command::Respond{invite.request, 200, "", focus::FocusContact{"conf-1", true}, some_sdp, false, {}, {}});
  const Message ok = harness.answer(peer);
  ASSERT_EQ(ok.status(), 200);
  const bool tcp = GetParam().wire == Wire::tcp;
  const std::string bound = harness.uri(GetParam().wire);
  const std::string local = bound.substr(4, bound.find(';') - 4);
  EXPECT_EQ(ok.header("Contact"), "<sip:conf-1@" + local + (tcp ? ";transport=tcp" : "") + ">;isfocus;+sip.clue");
  EXPECT_EQ(ok.header("Content-Type"), "application/sdp");
  EXPECT_EQ(ok.body, some_sdp);
  EXPECT_EQ(ok.header("Server"), "clued");
  EXPECT_NE(ok.header("Allow").find("REFER"), std::string::npos);
  EXPECT_NE(ok.header("Supported").find("tdialog"), std::string::npos);
  EXPECT_NE(ok.header("Accept").find("application/sdp"), std::string::npos);
  EXPECT_EQ(ok.header("Allow-Events"), "conference, refer");

  const std::string tag = tag_of(ok.header("To"));
  EXPECT_GE(tag.size(), 16U);
  peer.send(peer.request("ACK", uri_of(ok.header("Contact")), "call-1", 1, tag));
  EXPECT_EQ(harness.next<event::AckReceived>().dialog, invite.dialog);
  EXPECT_EQ(harness.agent->census().dialogs, 1U);

  peer.send(peer.request("BYE", uri_of(ok.header("Contact")), "call-1", 2, tag,
                         "Reason: SIP;cause=200;text=\"bye  bye\"\r\n"));
  EXPECT_EQ(harness.answer(peer).status(), 200);
  EXPECT_EQ(harness.next<event::ByeReceived>().reason, "SIP;cause=200;text=\"bye  bye\"");
  const auto end = harness.next<event::DialogTerminated>();
  EXPECT_EQ(end.dialog, invite.dialog);
  EXPECT_EQ(end.status, 0);
  EXPECT_TRUE(harness.idle());
}

TEST_P(EveryTransport, ByeOfTheFocusCarriesReasonAndReferredBy) {
  const Call call = establish(harness, peer, "call-2");
  const std::string referred_by = "\"A. B\"   <sip:alice@example.net;x=1> ; cid=\"1@2\"";
  harness.agent->execute(command::SendBye{call.dialog, {200, "Removed \"now\""}, referred_by});
  const Message bye = harness.answer(peer);
  ASSERT_EQ(bye.method(), "BYE");
  EXPECT_EQ(bye.start, "BYE " + peer.contact() + " SIP/2.0");
  EXPECT_EQ(bye.header("Reason"), "SIP;cause=200;text=\"Removed \\\"now\\\"\"");
  EXPECT_EQ(bye.header("Referred-By"), referred_by);
  EXPECT_EQ(tag_of(bye.header("From")), call.tag);
  EXPECT_EQ(tag_of(bye.header("To")), "from-call-2");
  EXPECT_EQ(bye.header("Call-ID"), "call-2");
  peer.send(Peer::response(bye, 200));
  const auto end = harness.next<event::DialogTerminated>();
  EXPECT_EQ(end.dialog, call.dialog);
  EXPECT_EQ(end.status, 200);
  EXPECT_TRUE(harness.idle());
  EXPECT_EQ(peer.accepted, 0U) << "the peer's own connection was there to be used";
}

// RFC 3261 section 25.1: a quoted-pair is the character behind the backslash.
TEST(DisplayName, IsWhatItsQuotesSay) {
  Harness harness;
  Peer peer(harness.io, Wire::udp, harness.uri(Wire::udp));
  const std::pair<const char*, const char*> names[] = {
      {R"("a \"b\" c\\d")", R"(a "b" c\d)"}, {R"("plain")", "plain"}, {"two tokens", "two tokens"}, {R"("")", ""}};
  unsigned calls = 0;
  for (const auto& [said, meant] : names) {
    std::string text = peer.request("INVITE", "sip:conf-1@h", "name-" + std::to_string(++calls), 1);
    text.replace(text.find("\"Alice\""), 7, said);
    peer.send(text);
    EXPECT_EQ(harness.next<event::InviteReceived>().from.display_name, meant);
  }
}

}  // namespace
}  // namespace clued::sip::test
