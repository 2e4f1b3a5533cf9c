// Who is believed, and what the focus says of itself.
#include <gmock/gmock.h>

#include "component/sip/harness.hpp"
#include "sip/trusted_peers.hpp"

namespace clued::sip::test {
namespace {

namespace event = focus::event;
namespace command = focus::command;

TEST(TrustedPeers, AreAddressesAddressesWithPortAndNetworks) {
  const auto peers = TrustedPeers::from({"192.0.2.1", "198.51.100.0/24", "203.0.113.9:5060", "2001:db8::/32",
                                         "[2001:db9::1]:5070", "2001:dba::/33", "::ffff:10.0.0.1"});
  ASSERT_TRUE(peers.has_value()) << peers.error();
  EXPECT_TRUE(peers->contains("192.0.2.1", 1));
  EXPECT_TRUE(peers->contains("::ffff:192.0.2.1", 1));
  EXPECT_FALSE(peers->contains("192.0.2.2", 5060));
  EXPECT_TRUE(peers->contains("198.51.100.77", 40000));
  EXPECT_FALSE(peers->contains("198.51.101.77", 40000));
  EXPECT_TRUE(peers->contains("203.0.113.9", 5060));
  EXPECT_FALSE(peers->contains("203.0.113.9", 5061));
  EXPECT_TRUE(peers->contains("2001:db8:7::1", 9));
  EXPECT_TRUE(peers->contains("2001:db9::1", 5070));
  EXPECT_FALSE(peers->contains("2001:db9::1", 5060));
  EXPECT_TRUE(peers->contains("10.0.0.1", 9));
  EXPECT_TRUE(peers->contains("2001:dba:7fff::1", 9));
  EXPECT_FALSE(peers->contains("2001:dba:8000::1", 9));
  EXPECT_FALSE(peers->contains("everybody", 9));
  EXPECT_FALSE(TrustedPeers().contains("127.0.0.1", 5060));
}

TEST(TrustedPeers, BadOnesAreNamed) {
  for (const char* text : {"", "example.net", "192.0.2.1:0", "192.0.2.1:65536", "192.0.2.1:", "192.0.2.0/33",
                           "192.0.2.0/", "10.0.0.0/x", "10.0.0.0/8x", "192.0.2.0/24:5060", "[2001:db8::1]",
                           "[2001:db8::1]5060", "2001:db8::/129", "192.0.2.1 ", "[192.0.2.1:5060"}) {
    const auto peers = TrustedPeers::from({text});
    ASSERT_FALSE(peers.has_value()) << text;
    EXPECT_THAT(peers.error(), testing::HasSubstr("'" + std::string(text) + "'"));
  }
}

class Trust : public testing::Test {
 protected:
  static Settings trusting(std::vector<std::string> peers) {
    Settings settings = Harness::quick();
    settings.trusted_peers = std::move(peers);
    return settings;
  }
  static focus::ProvenIdentities identities(Harness& harness, Peer& peer, const std::string& headers) {
    peer.send(peer.request("INVITE", "sip:c@h", "trust", 1, "", headers));
    const auto invite = harness.next<event::InviteReceived>();
    harness.agent->execute(command::Respond{invite.request, 404, "", {}, {}, false, {}, {}});
    harness.next<event::DialogTerminated>();
    return invite.proven;
  }
};

TEST_F(Trust, ForgedIdentityOfAnUntrustedPeerIsIgnoredAndLogged) {  // IMS-01
  Harness harness("127.0.0.1", trusting({"192.0.2.1"}));
  Peer peer(harness.io, Wire::udp, harness.uri(Wire::udp));
  EXPECT_TRUE(identities(harness, peer, "P-Asserted-Identity: <sip:admin@example.net>\r\n").empty());
  EXPECT_TRUE(harness.logged("sip.identity_ignored"));
}

TEST_F(Trust, PeerIsTrustedFromThePortThatItIsConfiguredWith) {
  Harness harness("127.0.0.1", trusting({"127.0.0.1:1"}));
  Peer peer(harness.io, Wire::udp, harness.uri(Wire::udp));
  EXPECT_TRUE(identities(harness, peer, "P-Asserted-Identity: <sip:al@h>\r\n").empty());
  // Another agent at the same place, configured with the port that the peer really sends from.
  Settings settings = trusting({peer.host()});
  const std::string uri = harness.uri(Wire::udp);
  settings.listen = {
      {"127.0.0.1", static_cast<std::uint16_t>(std::atoi(uri.c_str() + uri.rfind(':') + 1)), true, false}};
  harness.agent.reset();
  harness.agent = std::make_unique<Agent>(
      harness.io, settings, [&harness](focus::Event one) { harness.events.push_back(std::move(one)); },
      [](const base::Record&) {});
  ASSERT_TRUE(harness.agent->start().has_value());
  peer.inbox.clear();
  EXPECT_FALSE(identities(harness, peer, "P-Asserted-Identity: <sip:al@h>\r\n").empty());
}

TEST_F(Trust, ASipAndATelIdentityAreBothTheUserAndTheSipOneIsShown) {  // RFC 3325 section 9.1
  Harness harness;
  Peer peer(harness.io, Wire::udp, harness.uri(Wire::udp));
  const auto both = identities(harness, peer, "P-Asserted-Identity: <tel:+12015550123>, \"Al\" <sip:al@h>\r\n");
  ASSERT_EQ(both.size(), 2U);
  EXPECT_EQ(both.primary().uri.to_string(), "sip:al@h");
  EXPECT_EQ(both.primary().display_name, "Al");
  EXPECT_TRUE(both.includes({"tel", "+1-201-555-0123", "", 0, {}}));
}

TEST_F(Trust, OfManyIdentitiesSoManyAreKeptAndNobodysNone) {
  Harness harness;
  Peer peer(harness.io, Wire::udp, harness.uri(Wire::udp));
  std::string headers = "P-Asserted-Identity: <sip:anonymous@anonymous.invalid>, <sip:u0@h>, <SIP:u0@H>\r\n";
  for (int i = 1; i < 20; ++i) headers += "P-Asserted-Identity: <sip:u" + std::to_string(i) + "@h>\r\n";
  const auto many = identities(harness, peer, headers + "P-Asserted-Identity: nonsense\r\n");
  EXPECT_EQ(many.size(), focus::ProvenIdentities::max_identities);
  EXPECT_EQ(many.primary().uri.to_string(), "sip:u0@h");
}

TEST_F(Trust, TelIdentityAloneAndInTwoHeadersAreRead) {
  Harness harness;
  Peer peer(harness.io, Wire::tcp, harness.uri(Wire::tcp));
  peer.send(peer.request("OPTIONS", "sip:c@h", "trust-0", 1, "", "P-Preferred-Identity: <sip:x@h>\r\n"));
  harness.next<event::OptionsReceived>();
  peer.send(peer.request("INVITE", "sip:c@h", "trust-1", 1, "", "P-Asserted-Identity: tel:+1-201-555-0123\r\n"));
  const auto tel = harness.next<event::InviteReceived>();
  ASSERT_FALSE(tel.proven.empty());
  EXPECT_EQ(tel.proven.primary().uri.scheme, "tel");
  peer.send(peer.request("INVITE", "sip:c@h", "trust-2", 1, "",
                         "P-Asserted-Identity: <tel:+12015550123>\r\nP-Asserted-Identity: <sip:al@h>\r\n"));
  const auto both = harness.next<event::InviteReceived>().proven;
  EXPECT_EQ(both.size(), 2U);
  EXPECT_EQ(both.primary().uri.to_string(), "sip:al@h");
}

TEST_F(Trust, HeadersOfTheImsAndUnknownOnesAreTolerated) {  // IMS-08
  Harness harness;
  Peer peer(harness.io, Wire::udp, harness.uri(Wire::udp));
  const auto one =
      identities(harness, peer,
                 "Contact: <" + peer.contact() +
                     ">\r\nP-Access-Network-Info: 3GPP-E-UTRAN-FDD;utran-cell-id-3gpp=\"23415EE0B00A7BCD\"\r\n"
                     "P-Early-Media: supported\r\nRecv-Info:\r\nP-Visited-Network-ID: \"Visited\", other.net\r\n"
                     "P-Charging-Vector: icid-value=\"AyretyU0dm+6O2IrT5tAFrbHLso=023551024\"\r\n"
                     "Session-Expires: 1800;refresher=uac\r\nMin-SE: 90\r\nP-Nobody-Knows: (((\r\n"
                     "Accept-Contact: *;+g.3gpp.icsi-ref=\"urn%3Aurn-7%3A3gpp-service.ims.icsi.mmtel\"\r\n"
                     "P-Asserted-Identity: <sip:al@h>\r\n");
  EXPECT_FALSE(one.empty());
}

TEST(Abilities, AreToldInTheAnswersToInviteAndOptions) {  // FOC-07
  Harness harness;
  Peer peer(harness.io, Wire::udp, harness.uri(Wire::udp));
  for (const std::string method : {"INVITE", "OPTIONS"}) {
    peer.send(peer.request(method, "sip:c@h", "abilities-" + method, 1));
    const base::RequestId id = method == "INVITE" ? harness.next<event::InviteReceived>().request
                                                  : harness.next<event::OptionsReceived>().request;
    harness.agent->execute(command::Respond{id, 200, "", conference, {}, false, {}, {}});
    const Message ok = harness.answer(peer);
    EXPECT_EQ(ok.header("Allow"), "INVITE, ACK, CANCEL, BYE, OPTIONS, PRACK, UPDATE, REFER, SUBSCRIBE, NOTIFY");
    for (const char* tag : {"100rel", "gruu", "norefersub", "tdialog"}) {
      EXPECT_THAT(ok.header("Supported"), testing::HasSubstr(tag));
      // What is said to be supported can be required.
      peer.send(peer.request("OPTIONS", "sip:c@h", method + tag, 1, "", "Require: " + std::string(tag) + "\r\n"));
      harness.next<event::OptionsReceived>();
    }
    for (const char* type : {"application/sdp", "message/sipfrag"}) {
      EXPECT_THAT(ok.header("Accept"), testing::HasSubstr(type));
    }
    EXPECT_THAT(ok.header("Allow-Events"), testing::HasSubstr("refer"));
    EXPECT_THAT(ok.header("Contact"), testing::HasSubstr(">;isfocus"));
  }
}

TEST(AdvertisedAddress, IsInContactAndVia) {
  for (const Wire wire : {Wire::udp, Wire::tcp}) {
    Harness harness;
    Settings settings = Harness::quick();
    settings.listen = {{"127.0.0.1", 0, true, true, "198.51.100.7"}};
    harness.agent = std::make_unique<Agent>(
        harness.io, settings, [&harness](focus::Event one) { harness.events.push_back(std::move(one)); },
        [](const base::Record&) {});
    ASSERT_TRUE(harness.agent->start().has_value());
    const std::string bound = harness.uri(wire);
    EXPECT_THAT(bound, testing::StartsWith("sip:127.0.0.1:"));
    const std::string port = bound.substr(14, bound.find(';') - 14);
    Peer peer(harness.io, wire, bound);
    const Call call = establish(harness, peer, "nat-1");
    EXPECT_EQ(call.target, "sip:conf-1@198.51.100.7:" + port + (wire == Wire::tcp ? ";transport=tcp" : ""));
    harness.agent->execute(command::SendBye{call.dialog, {}, ""});
    const Message bye = harness.answer(peer);
    EXPECT_THAT(bye.header("Via"), testing::HasSubstr(" 198.51.100.7:" + port));
    peer.send(Peer::response(bye, 200));
    EXPECT_EQ(harness.next<event::DialogTerminated>().status, 200);
  }
}

}  // namespace
}  // namespace clued::sip::test
