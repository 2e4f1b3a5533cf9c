// SIP over TLS.
#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <set>

#include "component/sip/tls_fixture.hpp"
#include "sip/via_rewriter.hpp"

namespace clued::sip::test {
namespace {

using namespace std::chrono_literals;
namespace event = focus::event;
namespace command = focus::command;
namespace asio = boost::asio;
using Tcp = asio::ip::tcp;
using testing::HasSubstr;

TEST(ViaRewriter, NamesTheConnectionInstead) {
  ViaRewriter rewriter({"192.0.2.1:5061", "198.51.100.9", 40000});
  const std::string response =
      "SIP/2.0 200 OK\r\nVia: SIP/2.0/TCP ue.example.net;branch=z9;received=127.4.5.6;rport=1234\r\n"
      "Via: SIP/2.0/TCP other;received=1.2.3.4\r\nContent-Length: 5\r\n\r\n\r\nVia";
  const std::string request =
      "BYE sip:a@h SIP/2.0\r\nVia: SIP/2.0/TCP 127.4.5.6:1;branch=z9\r\nContent-Length: 0\r\n\r\n";
  const std::string expected =
      "SIP/2.0 200 OK\r\nVia: SIP/2.0/TLS ue.example.net;branch=z9;received=198.51.100.9;rport=40000\r\n"
      "Via: SIP/2.0/TCP other;received=1.2.3.4\r\nContent-Length: 5\r\n\r\n\r\nVia"
      "\r\n"
      "BYE sip:a@h SIP/2.0\r\nVia: SIP/2.0/TLS 192.0.2.1:5061;branch=z9\r\nContent-Length: 0\r\n\r\n";
  // However the bytes are cut.
  const std::string all = response + "\r\n" + request;
  for (std::size_t size :
       {std::size_t{1}, std::size_t{2}, std::size_t{3}, std::size_t{7}, std::size_t{50}, all.size()}) {
    ViaRewriter one({"192.0.2.1:5061", "198.51.100.9", 40000});
    std::string out;
    for (std::size_t at = 0; at < all.size(); at += size) out += one.take(std::string_view(all).substr(at, size));
    EXPECT_EQ(out, expected) << size;
  }
}

TEST_F(Tls, CallOverTlsLooksLikeOne) {
  start();
  TlsPeer peer(harness);
  ASSERT_TRUE(peer.connect());
  const Call call = join(peer, "tls-1");
  EXPECT_EQ(call.target, "sip:conf-1@" + own() + ";transport=tls");
  EXPECT_THAT(source, testing::StartsWith("tls:127.0.0.1:"));
  const std::string via = response.header("Via");
  EXPECT_THAT(via, testing::StartsWith("SIP/2.0/TLS ue.example.net;"));
  EXPECT_THAT(via, HasSubstr(";received=127.0.0.1"));
  EXPECT_THAT(via, HasSubstr(";rport=" + source.substr(source.rfind(':') + 1)));
  harness.agent->execute(command::SendBye{call.dialog, {}, ""});
  const Message bye = peer.answer();
  EXPECT_EQ(bye.start, "BYE sip:alice@ue.example.net;transport=tls SIP/2.0");
  EXPECT_THAT(bye.header("Via"), testing::StartsWith("SIP/2.0/TLS " + own() + ";branch="));
  peer.send(Peer::response(bye, 200));
  EXPECT_EQ(harness.next<event::DialogTerminated>().status, 200);
  EXPECT_EQ(harness.agent->census().tls_connections, 1U);
  peer.drop();
  EXPECT_TRUE(harness.until([this] { return harness.agent->census().tls_connections == 0; }));
}

TEST_F(Tls, WorksOnIpv6AndWithLargeMessages) {
  start("::1");
  TlsPeer peer(harness);
  ASSERT_TRUE(peer.connect());
  const Call call = join(peer, "tls-2");
  EXPECT_THAT(call.target, HasSubstr("@[::1]:"));
  std::string sdp = some_sdp;
  while (sdp.size() < 100'000) sdp += "a=label:many\r\n";
  harness.agent->execute(command::SendReinvite{call.dialog, conference, sdp});
  const Message invite = peer.answer();
  EXPECT_EQ(invite.body, sdp);
  peer.send(Peer::response(invite, 200, "Contact: <sip:alice@ue.example.net;transport=tls>\r\n" + sdp_type, sdp));
  EXPECT_EQ(harness.next<event::ReinviteAnswered>().sdp, sdp);
  EXPECT_EQ(peer.answer().method(), "ACK");
}

TEST_F(Tls, CertificateIsChosenByTheNameThatIsAskedFor) {
  start();
  const auto shown = [this](const char* name) {
    TlsPeer peer(harness);
    EXPECT_TRUE(peer.connect(name));
    X509* certificate = SSL_get0_peer_certificate(peer.native());
    char common[64] = "";
    X509_NAME_get_text_by_NID(X509_get_subject_name(certificate), NID_commonName, common, sizeof common);
    return std::string(common);
  };
  EXPECT_EQ(shown("tp.example.net"), "server");
  EXPECT_EQ(shown("second.example.net"), "second");
  EXPECT_EQ(shown("unknown.example.net"), "server");
}

TEST_F(Tls, OldVersionsAreRefused) {
  start();
  TlsPeer old(harness, "", TLS1_1_VERSION);
  EXPECT_FALSE(old.connect());
  TlsPeer fine(harness, "", TLS1_2_VERSION);
  EXPECT_TRUE(fine.connect());
  settings.tls.least_version = TlsSettings::Version::v1_3;
  start();
  TlsPeer second(harness, "", TLS1_2_VERSION);
  EXPECT_FALSE(second.connect());
  EXPECT_TRUE(harness.until([this] { return harness.agent->census().tls_connections == 0; }));
}

TEST_F(Tls, OwnerOfATrustedCertificateIsBelieved) {
  settings.tls.client_certificates = TlsSettings::Clients::request;
  settings.trusted_certificates = {"Edge.example.net"};
  start();
  const std::string asserted = "P-Asserted-Identity: <sip:al@ims>\r\n";
  TlsPeer proxy(harness, "proxy");
  ASSERT_TRUE(proxy.connect());
  join(proxy, "tls-trust-1", asserted);
  EXPECT_FALSE(identities.empty());
  EXPECT_THAT(response.header("P-Asserted-Identity"), HasSubstr("sip:conf-1@"));
  TlsPeer nobody(harness);
  ASSERT_TRUE(nobody.connect());
  join(nobody, "tls-trust-2", asserted);
  EXPECT_TRUE(identities.empty());
  TlsPeer other(harness, "second");
  ASSERT_TRUE(other.connect());
  join(other, "tls-trust-3", asserted);
  EXPECT_TRUE(identities.empty());
}

TEST_F(Tls, NameThatIsTrustedOnlyUpToANulOrBehindAnotherIsNotBelieved) {  // RFC 5280 section 4.2.1.6
  settings.tls.client_certificates = TlsSettings::Clients::request;
  settings.trusted_certificates = {"edge.example.net"};
  start();
  const std::string edge = "edge.example.net";
  const std::string nul("edge.example.net\0.evil.example.org", 34);
  const std::pair<Certificates::Names, bool> cases[] = {
      {{{nul}}, false},
      {{{}, {nul}}, false},
      {{{edge}, {nul}}, false},
      {{{edge}, {}, {"sip:" + nul}}, false},
      {{{edge}, {"other.example.net"}}, false},
      {{{edge, "other.example.net"}}, false},
      {{{edge}, {}, {}, {"mail@example.net"}}, false},
      {{{"other.example.net", edge}}, true},
      {{{edge}}, true},
      {{{nul}, {edge}}, true},
  };
  int number = 0;
  for (const auto& [names, believed] : cases) {
    const std::string id = "tls-names-" + std::to_string(++number);
    certificates().forge(id, names);
    TlsPeer proxy(harness, id);
    ASSERT_TRUE(proxy.connect());
    join(proxy, id, "P-Asserted-Identity: <sip:al@ims>\r\n");
    EXPECT_EQ(!identities.empty(), believed) << id;
  }
}

TEST_F(Tls, UserOfACertificateIsTheWholeName) {
  settings.tls.client_certificates = TlsSettings::Clients::request;
  start();
  certificates().forge("users", {{}, {}, {std::string("sip:alice@example.net\0.evil", 27), "sip:bob@example.net"}});
  TlsPeer peer(harness, "users");
  ASSERT_TRUE(peer.connect());
  join(peer, "tls-whole-name");
  ASSERT_EQ(identities.size(), 1U);
  EXPECT_EQ(identities.primary().uri.to_string(), "sip:bob@example.net");
}

TEST_F(Tls, CertificateThatNobodyVouchesForEndsTheConnection) {
  settings.tls.client_certificates = TlsSettings::Clients::request;
  settings.trusted_certificates = {"edge.example.net"};
  start();
  TlsPeer forged(harness, "self");
  if (forged.connect()) {
    EXPECT_TRUE(harness.until([&forged] { return forged.closed(); })) << "TLS 1.3 tells the client afterwards";
  }
  EXPECT_TRUE(harness.until([this] { return harness.agent->census().tls_connections == 0; }));
  EXPECT_TRUE(harness.logged("sip.tls_closed"));
}

TEST_F(Tls, RequiredCertificateOfAUserReplacesThePassword) {
  settings.tls.client_certificates = TlsSettings::Clients::require;
  settings.auth.require = AuthSettings::Require::untrusted;
  start();
  TlsPeer nobody(harness);
  if (nobody.connect()) {
    EXPECT_TRUE(harness.until([&nobody] { return nobody.closed(); }));
  }
  TlsPeer alice(harness, "alice");
  ASSERT_TRUE(alice.connect());
  join(alice, "tls-user");
  ASSERT_EQ(identities.size(), 2U) << "all that the certificate says of a user";
  EXPECT_EQ(identities.primary().uri.to_string(), "sip:alice@users.example.net");
  EXPECT_TRUE(identities.includes({"tel", "+1-201-555-0123", "", 0, {}}));
  // Another one with a valid certificate that names no user is asked for a password.
  TlsPeer second(harness, "second");
  ASSERT_TRUE(second.connect());
  second.send(second.request("INVITE", "tls-user-2", 1));
  EXPECT_EQ(second.answer().status(), 401);
}

TEST_F(Tls, DeadConnectionIsOpenedAgainToTheContact) {
  start();
  TlsPeer peer(harness, "proxy");
  peer.listen();
  ASSERT_TRUE(peer.connect());
  const Call call = join(peer, "tls-again", "Contact: <sip:alice@" + peer.host() + ";transport=tls>\r\n");
  peer.drop();
  EXPECT_TRUE(harness.until([this] { return harness.agent->census().tls_connections == 0; }));
  harness.agent->execute(command::SendReinvite{call.dialog, conference, some_sdp});
  const Message invite = peer.answer();
  EXPECT_EQ(invite.method(), "INVITE");
  EXPECT_EQ(peer.accepted, 1U);
  EXPECT_THAT(invite.header("Via"), testing::StartsWith("SIP/2.0/TLS " + own()));
  peer.send(Peer::response(invite, 488));
  EXPECT_EQ(harness.next<event::ReinviteAnswered>().status, 488);
  EXPECT_EQ(peer.answer().method(), "ACK");
  // The next request uses the same connection.
  harness.agent->execute(command::SendBye{call.dialog, {}, ""});
  const Message bye = peer.answer();
  EXPECT_EQ(bye.method(), "BYE");
  EXPECT_EQ(harness.agent->census().tls_connections, 1U);
  peer.send(Peer::response(bye, 200));
  EXPECT_EQ(harness.next<event::DialogTerminated>().status, 200);
}

TEST_F(Tls, ServerThatCannotProveItsAddressIsNotTalkedTo) {
  start();
  TlsPeer peer(harness, "second");
  peer.listen();
  ASSERT_TRUE(peer.connect());
  const Call call = join(peer, "tls-liar", "Contact: <sip:alice@" + peer.host() + ";transport=tls>\r\n");
  peer.drop();
  EXPECT_TRUE(harness.until([this] { return harness.agent->census().tls_connections == 0; }));
  harness.agent->execute(command::SendBye{call.dialog, {}, ""});
  EXPECT_GE(harness.next<event::DialogTerminated>().status, 400);
  EXPECT_TRUE(peer.inbox.empty());
}

TEST_F(Tls, ConnectionsAreBoundedPerSource) {
  settings.tls.max_connections_per_source = 2;
  start();
  TlsPeer first(harness), second(harness), third(harness);
  EXPECT_TRUE(first.connect());
  EXPECT_TRUE(second.connect());
  EXPECT_FALSE(third.connect());
  EXPECT_TRUE(harness.logged("sip.connection_refused"));
  first.drop();
  EXPECT_TRUE(harness.until([this] { return harness.agent->census().tls_connections == 1; }));
  TlsPeer fourth(harness);
  EXPECT_TRUE(fourth.connect());
}

TEST_F(Tls, SilentClientIsNotKept) {
  settings.tls.handshake_timeout = 100ms;
  start();
  const std::string uri = harness.agent->bound().back();
  Tcp::socket silent(harness.io);
  silent.connect({asio::ip::make_address("127.0.0.1"), static_cast<std::uint16_t>(std::atoi(uri.c_str() + 14))});
  EXPECT_TRUE(harness.until([this] { return harness.agent->census().tls_connections == 1; }));
  EXPECT_TRUE(harness.until([this] { return harness.agent->census().tls_connections == 0; }));
}

TEST_F(Tls, ManyConnectionsLeaveNothing) {
  start();
  for (int i = 0; i < 50; ++i) {
    TlsPeer peer(harness);
    ASSERT_TRUE(peer.connect());
    peer.send(peer.request("OPTIONS", "many-" + std::to_string(i), 1));
    const auto options = harness.next<event::OptionsReceived>();
    harness.agent->execute(command::Respond{options.request, 200, "", conference, {}, false, {}, {}});
    EXPECT_EQ(peer.answer().status(), 200);
  }
  EXPECT_TRUE(harness.until([this] { return harness.agent->census().tls_connections == 0; }));
}

/// The inodes of the sockets of this process: others on the machine may listen at the same time.
std::set<unsigned long> own_sockets() {
  std::set<unsigned long> inodes;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    std::error_code gone;
    const std::string target = std::filesystem::read_symlink(entry, gone).string();
    unsigned long inode = 0;
    if (std::sscanf(target.c_str(), "socket:[%lu]", &inode) == 1) inodes.insert(inode);
  }
  return inodes;
}

/// Where this process listens on 127.x.y.z, 127.0.0.1 aside.
std::vector<Tcp::endpoint> own_loopback_listeners() {
  const auto own = own_sockets();
  std::vector<Tcp::endpoint> found;
  std::ifstream table("/proc/self/net/tcp");
  for (std::string line; std::getline(table, line);) {
    unsigned address = 0, port = 0, state = 0;
    unsigned long inode = 0;
    constexpr const char* columns = " %*d: %8X:%4X %*8X:%*4X %2X %*s %*s %*s %*s %*s %lu";
    if (std::sscanf(line.c_str(), columns, &address, &port, &state, &inode) != 4) continue;
    constexpr unsigned listening = 10;
    const auto host = asio::ip::address_v4(ntohl(address));
    if (state != listening || !own.contains(inode) || !host.is_loopback() || host == asio::ip::address_v4::loopback()) {
      continue;
    }
    found.emplace_back(host, static_cast<std::uint16_t>(port));
  }
  return found;
}

TEST_F(Tls, SomebodyOnThisMachineWhoFindsTheRelayIsRefused) {
  start();
  const auto relay = own_loopback_listeners();
  ASSERT_EQ(relay.size(), 1U);
  Peer peer(harness.io, Wire::tcp,
            "sip:" + relay[0].address().to_string() + ":" + std::to_string(relay[0].port()) + ";transport=tcp");
  peer.send(peer.request("INVITE", "sip:c@h", "intruder", 1));
  ASSERT_TRUE(harness.until([&peer] { return !peer.inbox.empty(); }));
  EXPECT_EQ(peer.inbox.back().status(), 403);
  EXPECT_TRUE(harness.events.empty());
}

TEST_F(Tls, CertificatesAreReadAgainAndWrongOnesChangeNothing) {
  start();
  TlsPeer before(harness);
  ASSERT_TRUE(before.connect());
  Settings wrong = settings;
  wrong.tls.certificates = {{certificates().file("server.pem"), certificates().file("second.key")}};
  EXPECT_THAT(harness.agent->reload(wrong).error(), HasSubstr("second.key"));
  wrong.tls.certificates = {{"/nonexistent", "/nonexistent"}};
  EXPECT_THAT(harness.agent->reload(wrong).error(), HasSubstr("/nonexistent: "));
  Settings fresh = settings;
  fresh.tls.certificates = {certificates().pair("second")};
  ASSERT_TRUE(harness.agent->reload(fresh).has_value());
  TlsPeer after(harness);
  ASSERT_TRUE(after.connect("second.example.net"));
  join(before, "tls-reload");  // the connection from before goes on
}

}  // namespace
}  // namespace clued::sip::test
