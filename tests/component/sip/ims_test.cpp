// What trusted peers are told that others are not (IMS-02, IMS-03, IMS-04).
#include "sip/ims.hpp"

#include <gmock/gmock.h>

#include "component/sip/harness.hpp"
#include "sip/ims_service.hpp"

namespace clued::sip::test {
namespace {

namespace event = focus::event;
namespace command = focus::command;
using testing::HasSubstr;

TEST(ChargingVector, IsReadWhateverItsOrderAndQuotes) {
  const auto one = read_charging_vector("icid-value=\"a;b=1\\\"\";icid-generated-at=192.0.2.1 ; ORIG-IOI=home1.net;x");
  ASSERT_TRUE(one.has_value());
  EXPECT_EQ(one->icid, "\"a;b=1\\\"\"");
  EXPECT_EQ(one->generated_at, "192.0.2.1");
  EXPECT_EQ(one->orig_ioi, "home1.net");
  for (const std::string& bad :
       {std::string(), std::string("icid-value"), std::string("icid-value="), std::string("orig-ioi=h"),
        std::string(";;;"), "icid-value=" + std::string(600, 'a')}) {
    EXPECT_FALSE(read_charging_vector(bad).has_value()) << bad;
  }
}

TEST(ChargingVector, OfASessionThatTheFocusBeginsIsNew) {
  ImsSettings settings;
  settings.orig_ioi = "home1.net";
  const ChargingVector one = make_charging_vector("192.0.2.7", settings);
  EXPECT_GE(one.icid.size(), 16U);
  EXPECT_NE(one.icid, make_charging_vector("192.0.2.7", settings).icid);
  EXPECT_EQ(ims_request_headers("sip:c@h", one, settings),
            "P-Asserted-Identity: <sip:c@h>\r\nP-Charging-Vector: "
            "icid-value=" +
                one.icid + ";icid-generated-at=192.0.2.7;orig-ioi=home1.net\r\n");
}

TEST(ImsService, IsAnIdentifierOfTheImsAndNothingElse) {
  EXPECT_TRUE(is_service_identifier("urn:urn-7:3gpp-service.ims.icsi.mmtel"));
  EXPECT_TRUE(is_service_identifier("urn:urn-7:3gpp-service.ims.icsi.my_own-1.x"));
  for (const char* bad : {"", "mmtel", "urn:urn-7:3gpp-service.", "urn:urn-7:3gpp-application.ims.iari.x",
                          "urn:urn-7:3gpp-service.a\"b", "urn:urn-7:3gpp-service.a\r\nX: y"}) {
    EXPECT_FALSE(is_service_identifier(bad)) << bad;
  }
  EXPECT_FALSE(is_service_identifier("urn:urn-7:3gpp-service." + std::string(200, 'a')));
}

TEST(ImsService, IsWrittenAsTheImsReadsIt) {
  EXPECT_EQ(ims_service_headers("urn:urn-7:3gpp-service.ims.icsi.mmtel"),
            "P-Asserted-Service: urn:urn-7:3gpp-service.ims.icsi.mmtel\r\n"
            "Accept-Contact: *;+g.3gpp.icsi-ref=\"urn%3Aurn-7%3A3gpp-service.ims.icsi.mmtel\"\r\n");
  EXPECT_EQ(ims_service_headers(""), "");
  EXPECT_EQ(ims_service_feature(""), "");
}

const std::string charged =
    "P-Charging-Vector: icid-value=\"AyretyU0dm+6O2IrT5\";icid-generated-at=192.0.2.1;orig-ioi=ue.net\r\n";

class Ims : public testing::TestWithParam<Wire> {
 protected:
  static Settings settings(bool trusted) {
    Settings settings = Harness::quick();
    settings.trusted_peers = {trusted ? "127.0.0.1" : "192.0.2.1"};
    settings.ims = {"orig.net", "term.net", "ccf=192.0.2.50", "urn:urn-7:3gpp-service.ims.icsi.mmtel"};
    return settings;
  }
  /// What a callee there sees of an INVITE of ours; the call is refused then.
  static Message called(Harness& harness, Peer& peer) {
    command::SendInvite invite;
    invite.dialog = base::DialogId{focus::first_called_dialog};
    invite.call_id = "ims-call";
    invite.target.user = "bob";
    invite.target.host = "127.0.0.1";
    invite.target.port = static_cast<std::uint16_t>(std::stoi(peer.host().substr(peer.host().find(':') + 1)));
    if (GetParam() == Wire::tcp) invite.target.params = {{"transport", "tcp"}};
    invite.contact = conference;
    invite.sdp = some_sdp;
    harness.agent->execute(invite);
    Message seen = harness.message(peer);
    peer.send(Peer::response(seen, 486));
    harness.next<event::InviteAnswered>();
    harness.next<event::DialogTerminated>();
    return seen;
  }
};

INSTANTIATE_TEST_SUITE_P(Sip, Ims, testing::Values(Wire::udp, Wire::tcp),
                         [](const auto& one) { return one.param == Wire::udp ? "Udp" : "Tcp"; });

TEST_P(Ims, TrustedPeerIsToldTheIdentityAndItsChargingVectorComesBack) {
  Harness harness("127.0.0.1", settings(true));
  Peer peer(harness.io, GetParam(), harness.uri(GetParam()));
  peer.send(peer.request("INVITE", "sip:conf-1@example.net", "ims-1", 1, "", charged));
  const auto invite = harness.next<event::InviteReceived>();
  harness.agent->execute(command::Respond{invite.request, 200, "", conference, some_sdp, false, {}, {}});
  const Message ok = harness.answer(peer);
  const std::string bound = harness.uri(GetParam());
  const std::string identity = "<sip:conf-1@" + bound.substr(4, bound.find(';') - 4) + ">";
  EXPECT_EQ(ok.header("P-Asserted-Identity"), identity);
  EXPECT_EQ(ok.header("P-Charging-Vector"),
            "icid-value=\"AyretyU0dm+6O2IrT5\";icid-generated-at=192.0.2.1;orig-ioi=ue.net;term-ioi=term.net");
  EXPECT_EQ(ok.header("P-Charging-Function-Addresses"), "ccf=192.0.2.50");
  EXPECT_THAT(ok.header("Contact"),
              HasSubstr(">;isfocus;+g.3gpp.icsi-ref=\"urn%3Aurn-7%3A3gpp-service.ims.icsi.mmtel\""));
  EXPECT_EQ(ok.count("P-Asserted-Service"), 0U);
  peer.send(peer.request("ACK", "sip:conf-1@h", "ims-1", 1, tag_of(ok.header("To"))));
  harness.next<event::AckReceived>();

  harness.agent->execute(command::SendReinvite{invite.dialog, conference, some_sdp});
  const Message reinvite = harness.answer(peer);
  EXPECT_EQ(reinvite.header("P-Asserted-Identity"), identity);
  EXPECT_EQ(reinvite.header("P-Charging-Vector"),
            "icid-value=\"AyretyU0dm+6O2IrT5\";icid-generated-at=192.0.2.1;orig-ioi=ue.net")
      << "the same within the dialog";
  peer.send(Peer::response(reinvite, 488));
  harness.next<event::ReinviteAnswered>();
  harness.agent->execute(command::SendBye{invite.dialog, {}, ""});
  Message bye = harness.answer(peer);
  while (bye.method() == "ACK") bye = harness.answer(peer);
  EXPECT_EQ(bye.header("P-Asserted-Identity"), identity);
  EXPECT_THAT(bye.header("P-Charging-Vector"), HasSubstr("AyretyU0dm+6O2IrT5"));
  peer.send(Peer::response(bye, 200));
  harness.next<event::DialogTerminated>();
}

// IMS-03
TEST_P(Ims, InviteToATrustedPeerNamesIdentityChargingAndService) {
  Harness harness("127.0.0.1", settings(true));
  Peer peer(harness.io, GetParam(), harness.uri(GetParam()));
  const Message seen = called(harness, peer);
  EXPECT_THAT(seen.header("P-Asserted-Identity"), HasSubstr("<sip:conf-1@127.0.0.1:"));
  EXPECT_THAT(seen.header("P-Charging-Vector"), HasSubstr("orig-ioi=orig.net"));
  EXPECT_EQ(seen.header("P-Charging-Function-Addresses"), "ccf=192.0.2.50");
  EXPECT_EQ(seen.header("P-Asserted-Service"), "urn:urn-7:3gpp-service.ims.icsi.mmtel");
  EXPECT_EQ(seen.header("Accept-Contact"), "*;+g.3gpp.icsi-ref=\"urn%3Aurn-7%3A3gpp-service.ims.icsi.mmtel\"");
  EXPECT_THAT(seen.header("Contact"), HasSubstr(";+g.3gpp.icsi-ref=\"urn%3Aurn-7%3A3gpp-service.ims.icsi.mmtel\""));
}

TEST_P(Ims, InviteToAnybodyElseNamesNothing) {
  for (const bool trusted : {false, true}) {
    Settings one = settings(trusted);
    if (trusted) one.ims.service.clear();
    Harness harness("127.0.0.1", one);
    Peer peer(harness.io, GetParam(), harness.uri(GetParam()));
    const Message seen = called(harness, peer);
    EXPECT_EQ(seen.count("P-Asserted-Identity"), trusted ? 1U : 0U);
    EXPECT_EQ(seen.count("P-Asserted-Service") + seen.count("Accept-Contact"), 0U);
    EXPECT_EQ(seen.header("Contact").find("icsi"), std::string::npos);
  }
}

TEST_P(Ims, UntrustedPeerIsToldNothing) {
  Harness harness("127.0.0.1", settings(false));
  Peer peer(harness.io, GetParam(), harness.uri(GetParam()));
  peer.send(peer.request("INVITE", "sip:conf-1@example.net", "ims-2", 1, "", charged));
  const auto invite = harness.next<event::InviteReceived>();
  harness.agent->execute(command::Respond{invite.request, 200, "", conference, some_sdp, false, {}, {}});
  const Message ok = harness.answer(peer);
  peer.send(peer.request("ACK", "sip:conf-1@h", "ims-2", 1, tag_of(ok.header("To"))));
  harness.next<event::AckReceived>();
  harness.agent->execute(command::SendBye{invite.dialog, {}, ""});
  const Message bye = harness.answer(peer);
  for (const Message& one : {ok, bye}) {
    for (const char* name : {"P-Asserted-Identity", "P-Charging-Vector", "P-Charging-Function-Addresses"}) {
      EXPECT_EQ(one.count(name), 0U) << one.start << " has " << name;
    }
    EXPECT_EQ(one.header("Contact").find("icsi"), std::string::npos);
  }
  peer.send(Peer::response(bye, 200));
  harness.next<event::DialogTerminated>();
}

TEST(ImsRequest, ThatLeavesTheTrustDomainCarriesNothing) {
  // The proxy is trusted but stays out of the dialog, so the focus' request goes to the user agent behind it.
  Settings settings = Harness::quick();
  settings.listen = {{"127.0.0.1", 0, true, true}};
  Harness harness("127.0.0.1", settings);
  Peer proxy(harness.io, Wire::udp, harness.uri(Wire::udp));
  Settings strict = settings;
  strict.trusted_peers = {proxy.host()};
  strict.listen[0].port = static_cast<std::uint16_t>(std::stoi(harness.uri(Wire::udp).substr(14)));
  harness.agent.reset();
  harness.agent = std::make_unique<Agent>(
      harness.io, strict, [&harness](focus::Event one) { harness.events.push_back(std::move(one)); },
      [](const base::Record&) {});
  ASSERT_TRUE(harness.agent->start().has_value());
  Peer ue(harness.io, Wire::udp, harness.uri(Wire::udp));
  const Call call = establish(harness, proxy, "ims-3", charged + "Contact: <" + ue.contact() + ">\r\n");
  harness.agent->execute(command::SendBye{call.dialog, {}, ""});
  const Message bye = harness.answer(ue);
  EXPECT_EQ(bye.method(), "BYE");
  EXPECT_EQ(bye.count("P-Asserted-Identity"), 0U);
  EXPECT_EQ(bye.count("P-Charging-Vector"), 0U);
  ue.send(Peer::response(bye, 200));
  harness.next<event::DialogTerminated>();
}

}  // namespace
}  // namespace clued::sip::test
