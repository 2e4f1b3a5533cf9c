#include "component/sip/harness.hpp"

#include <algorithm>

namespace clued::sip::test {

Settings Harness::quick() {
  Settings settings;
  settings.t1x64 = std::chrono::milliseconds(1500);
  settings.t4 = std::chrono::milliseconds(200);
  settings.trusted_peers = {"127.0.0.0/8", "::1"};
  return settings;
}

Harness::Harness(const std::string& address, Settings settings, base::DescriptorBudget descriptors) {
  settings.listen = {{address, 0, true, true}};
  agent = std::make_unique<Agent>(
      io, settings, [this](focus::Event event) { events.push_back(std::move(event)); },
      base::RecordSink([this](const base::Record& record) { note(record); },
                       [this](base::Severity severity) { return traces || severity > base::Severity::trace; }),
      std::move(descriptors));
  const auto started = agent->start();
  EXPECT_TRUE(started.has_value()) << (started ? "" : started.error());
}

void Harness::note(const base::Record& record) {
  std::string line(record.kind->name);
  for (const base::Field& field : record.fields) {
    if (const auto* text = std::get_if<std::string>(&field.value)) line += " " + std::string(field.key) + "=" + *text;
  }
  records.push_back(line);
}

Message Harness::message(Peer& peer) {
  if (!until([&peer] { return !peer.inbox.empty(); })) {
    ADD_FAILURE() << "no message came";
    return {};
  }
  Message message = peer.inbox.front();
  peer.inbox.pop_front();
  return message;
}

Message Harness::answer(Peer& peer) {
  Message one = message(peer);
  while (one.status() == 100) one = message(peer);
  return one;
}

std::string Harness::uri(Wire wire) const {
  const std::string wanted = wire == Wire::udp ? "transport=udp" : "transport=tcp";
  for (const std::string& uri : agent->bound()) {
    if (uri.find(wanted) != std::string::npos) return uri;
  }
  ADD_FAILURE() << "not bound: " << wanted;
  return "";
}

bool Harness::idle() const {
  const Census census = agent->census();
  return census.dialogs == 0 && census.incoming == 0 && census.outgoing == 0 && census.subscriptions == 0;
}

bool Harness::logged(std::string_view name) const {
  return std::any_of(records.begin(), records.end(),
                     [name](const std::string& line) { return line.find(name) != std::string::npos; });
}

std::string tag_of(const std::string& header) {
  const std::size_t at = header.find(";tag=");
  if (at == std::string::npos) return "";
  return header.substr(at + 5, header.find(';', at + 5) - at - 5);
}

std::string uri_of(const std::string& header) {
  const std::size_t start = header.find('<');
  return header.substr(start + 1, header.find('>') - start - 1);
}

Call establish(Harness& harness, Peer& peer, const std::string& id, const std::string& extra) {
  peer.send(peer.request("INVITE", "sip:conf-1@example.net", id, 1, "", sdp_type + extra, some_sdp));
  const auto invite = harness.next<focus::event::InviteReceived>();
  focus::command::Respond ok;
  ok.request = invite.request;
  ok.contact = conference;
  ok.sdp = some_sdp;
  harness.agent->execute(ok);
  const Message response = harness.answer(peer);
  EXPECT_EQ(response.status(), 200);
  Call call{id, tag_of(response.header("To")), uri_of(response.header("Contact")), invite.dialog};
  peer.send(peer.request("ACK", call.target, id, 1, call.tag));
  harness.next<focus::event::AckReceived>();
  return call;
}

}  // namespace clued::sip::test
