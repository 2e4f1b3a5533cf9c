// An agent that listens on TLS, and calls to it.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "component/sip/tls_peer.hpp"

namespace clued::sip::test {

class Tls : public testing::Test {
 protected:
  Tls() {
    settings.trusted_peers.clear();
    settings.tls.certificates = {certificates().pair("server"), certificates().pair("second")};
    settings.tls.authorities = certificates().file("root.pem");
  }
  void start(const std::string& address = "127.0.0.1") {
    settings.listen = {{address, 0, true, true, "", true, 0}};
    harness.agent = std::make_unique<Agent>(
        harness.io, settings, [this](focus::Event one) { harness.events.push_back(std::move(one)); },
        [this](const base::Record& record) { harness.note(record); }, descriptors);
    const auto started = harness.agent->start();
    ASSERT_TRUE(started.has_value()) << started.error();
  }
  Call join(TlsPeer& peer, const std::string& id, const std::string& extra = "") {
    peer.send(peer.request("INVITE", id, 1, "", sdp_type + extra, some_sdp));
    const auto invite = harness.next<focus::event::InviteReceived>();
    source = invite.source;
    identities = invite.proven;
    harness.agent->execute(focus::command::Respond{invite.request, 200, "", conference, some_sdp, false, {}, {}});
    response = peer.answer();
    EXPECT_EQ(response.status(), 200);
    Call call{id, tag_of(response.header("To")), uri_of(response.header("Contact")), invite.dialog};
    peer.send(peer.request("ACK", id, 1, call.tag));
    harness.next<focus::event::AckReceived>();
    return call;
  }
  std::string own() {
    const std::string uri = harness.agent->bound().back();
    return uri.substr(4, uri.find(';') - 4);
  }

  Harness harness;
  Settings settings = Harness::quick();
  base::DescriptorBudget descriptors;
  Message response;
  std::string source;
  focus::ProvenIdentities identities;
};

}  // namespace clued::sip::test
