#include "fuzz_process/profile.hpp"

#include <openssl/pem.h>

#include <cstdio>
#include <fstream>
#include <memory>
#include <stdexcept>

namespace clued::fuzz {

namespace {

/// Timers are as short as they may be, so that what has ended is gone soon.
constexpr const char* common = R"(
conferences: [{user: boardroom}]
conference_event: {min_interval: 100ms, min_expires: 1s, max_expires: 1m}
dialout: {ring_time: 2s, max_outstanding: 200}
session: {channel_wait: 500ms, resource_wait: 2s, precondition_wait: 1s, takeover_wait: 500ms, end_wait: 2s, expires: 90s, min_expires: 90s}
clue: {options_timeout: 2s, guard_timeout: 2s}
refresh: {window: 50ms, reinvite_retry: 1s}
log: {level: debug, format: text}
)";

constexpr const char* open_to_all =
    "conference: {invite: anyone, invite_list: anyone, remove: anyone, end: anyone, subscribe: anyone, replace: "
    "anyone}\n";

constexpr const char* with_passwords = R"(
conference: {invite: identified, invite_list: identified, remove: participants, end: identified, subscribe: anyone,
  replace: same-user, end_when: last-leaves, moderator_succession: longest-present}
auth:
  require: untrusted
  users: [{name: alice, password: secret, identity: "sip:alice@127.0.0.1"}]
ims: {orig_ioi: a.example, term_ioi: b.example, service: "urn:urn-7:3gpp-service.ims.icsi.mmtel"}
)";

struct Close {
  void operator()(std::FILE* file) const noexcept { std::fclose(file); }
};

template <class Write>
void write_pem(const std::string& path, Write write) {
  const std::unique_ptr<std::FILE, Close> file(std::fopen(path.c_str(), "w"));
  if (file == nullptr || write(file.get()) != 1) throw std::runtime_error(path + " cannot be written");
}

std::string channel_section(const std::string& ice) {
  return "channel: {ice: " + ice +
         ", connect_timeout: 3s, shutdown_timeout: 300ms, consent_grace: 2s, check_grace: 1s, "
         "dtls_first_retransmission: 50ms}\n";
}

}  // namespace

const std::vector<std::string>& profile_names() {
  static const std::vector<std::string> names = {"full", "lite", "auth"};
  return names;
}

std::string write_profile(const std::string& name, const std::string& folder, const channel::Certificate& certificate,
                          std::uint16_t trusted_port) {
  const std::string chain = folder + "/chain.pem", key = folder + "/key.pem";
  write_pem(chain, [&](std::FILE* file) { return PEM_write_X509(file, certificate.x509()); });
  write_pem(key, [&](std::FILE* file) {
    return PEM_write_PrivateKey(file, certificate.key(), nullptr, nullptr, 0, nullptr, nullptr);
  });
  const bool auth = name == "auth", lite = name == "lite";
  const std::string file = folder + "/clued.yaml";
  std::ofstream config(file);
  config << "sip:\n  max_rate_per_source: 0\n  listen: [{address: 127.0.0.1, port: 0, udp: true, tcp: true, tls: true, "
            "tls_port: 0}]\n"
         << "  trusted_peers: [\"127.0.0.1:" << trusted_port << "\"]\n"
         << "  t1x64: 1s\n  t4: 100ms\n  idle_connection: 10s\n  refer_expires: 60s\n  reinvite_wait: 2s\n  "
            "lookup_timeout: 1s\n  udp_mtu: "
         << (lite ? 1300 : 65'535) << "\ntls: {certificates: [{chain: " << chain << ", key: " << key
         << "}], authorities: " << chain
         << ", verify_servers: false, handshake_timeout: 20s, client_certificates: " << (auth ? "request" : "\"off\"")
         << "}\n"
         << (auth ? with_passwords : open_to_all) << channel_section(lite || auth ? "lite" : "full") << common;
  if (!config.flush()) throw std::runtime_error(file + " cannot be written");
  return file;
}

}  // namespace clued::fuzz
