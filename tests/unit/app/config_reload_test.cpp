// What a reload takes over, and what it says of the rest: asked of every key of the shipped configuration.
#include "app/config_reload.hpp"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "support/paths.hpp"

namespace clued::app {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

Config running(const std::string& text) {
  auto config = parse_config(text);
  if (config) return *std::move(config);
  for (const auto& error : config.error()) ADD_FAILURE() << error.to_string("text");
  return {};
}

Reload reloaded(const Config& from, const std::string& text) {
  auto reload = reload_config(from, text);
  if (reload) return *std::move(reload);
  for (const auto& error : reload.error()) ADD_FAILURE() << error.to_string("text");
  return {};
}

YAML::Node shipped() { return YAML::LoadFile(clued::testing::test_data_dir() + "/../../config/clued.yaml"); }

/// Every key of the shipped configuration by its dotted name.
std::vector<std::string> shipped_keys() {
  std::vector<std::string> keys;
  for (const auto& section : shipped()) {
    const auto name = section.first.as<std::string>();
    if (!section.second.IsMap()) {
      keys.push_back(name);
      continue;
    }
    for (const auto& entry : section.second) keys.push_back(name + "." + entry.first.as<std::string>());
  }
  return keys;
}

/// Another value than the default, where the kind of the default does not say which.
const std::map<std::string, std::string> others = {
    {"auth.algorithms", "[MD5]"},
    {"auth.require", "untrusted"},
    {"auth.users", "[{name: a, password: b, identity: \"sip:a@example.com\"}]"},
    {"auth.users_file", ""},  // needs a file; its own test
    {"channel.ice", ""},      // goes with lite_port and min_port: its own test
    {"channel.lite_port", ""},
    {"channel.min_port", ""},
    {"channel.max_port", ""},
    {"channel.stun_server", "192.0.2.1"},
    {"conference.create", "nobody"},
    {"conference.domains", "[example.com]"},
    {"conference.end", "nobody"},
    {"conference.end_when", "last-leaves"},
    {"conference.invite", "nobody"},
    {"conference.invite_list", "nobody"},
    {"conference.join", "nobody"},
    {"conference.moderator_succession", "longest-present"},
    {"conference.moderators", "[\"sip:chair@example.com\"]"},
    {"conference.remove", "nobody"},
    {"conference.replace", "nobody"},
    {"conference.subscribe", "nobody"},
    {"conferences", "[{user: boardroom}]"},
    {"dialout.domains", "[example.com]"},
    {"ims.charging_function_addresses", "ccf=192.0.2.1"},
    {"ims.service", "\"urn:urn-7:3gpp-service.ims.icsi.mmtel\""},
    {"log.file", "/tmp/other.log"},
    {"log.format", "json"},
    {"log.level", "debug"},
    {"media.address_v4", "127.0.0.2"},
    {"media.address_v6", "\"::1\""},
    {"media.audio_codecs", "[{encoding: PCMU/8000, payload_type: 0}]"},
    {"media.max_port", ""},
    {"media.min_port", ""},
    {"media.video_codecs", "[]"},
    {"refer.accept_code", "202"},
    {"refer.final_notify", "none"},
    {"refresh.sdp", "always"},
    {"session.expires", "40m"},
    {"session.min_expires", "100s"},
    {"session.on_channel_loss", "remove"},
    {"session.on_consent_loss", "remove"},
    {"session.refresher", "peer"},
    {"sip.domain", "conf.example.com"},
    {"sip.listen", "[{address: 127.0.0.1, port: 5070}]"},
    {"sip.outbound_proxy", "192.0.2.1"},
    {"sip.trusted_peers", "[192.0.2.1]"},
    {"tls.authorities", "/etc/ssl/ca.pem"},
    {"tls.certificates", "[{chain: a.pem, key: b.pem}]"},
    {"tls.client_certificates", "request"},
    {"tls.least_version", "\"1.3\""},
    {"tls.trusted_names", ""},  // goes with client_certificates
};

std::string other_value(const std::string& key, const YAML::Node& value) {
  if (const auto found = others.find(key); found != others.end()) return found->second;
  const std::string text = value.IsScalar() ? value.Scalar() : "?";
  if (text == "true") return "false";
  if (text == "false") return "true";
  if (text.empty()) return "other";
  std::size_t digits = text.find_first_not_of("0123456789");
  if (digits == 0) return text + "x";
  if (digits == std::string::npos) digits = text.size();
  return std::to_string(std::stoull(text.substr(0, digits)) + 1) + text.substr(digits);
}

YAML::Node value_of(const YAML::Node& root, const std::string& key) {
  const std::size_t dot = key.find('.');
  return dot == std::string::npos ? root[key] : root[key.substr(0, dot)][key.substr(dot + 1)];
}

/// A file with this key alone.
std::string file_with(const std::string& key, const std::string& value) {
  const std::size_t dot = key.find('.');
  return dot == std::string::npos ? key + ": " + value + "\n"
                                  : key.substr(0, dot) + ":\n  " + key.substr(dot + 1) + ": " + value + "\n";
}

TEST(ConfigReload, EveryKeyIsAppliedOrSaidToWait) {
  const YAML::Node defaults = shipped();
  const Config before = running("");
  for (const std::string& key : shipped_keys()) {
    const auto effect = effect_of(key);
    ASSERT_TRUE(effect) << key << ": say in app/config_reload.cpp whether a reload applies it";
    EXPECT_TRUE(before.values.contains(key)) << key << " is not read, or the reader does not say its value";
    const std::string other = other_value(key, value_of(defaults, key));
    if (other.empty()) continue;
    const auto reload = reloaded(before, file_with(key, other));
    const Config after = running(file_with(key, other));
    EXPECT_NE(after.values.at(key), before.values.at(key)) << key << ": " << other << " changes nothing";
    if (*effect == Effect::after_restart) {
      EXPECT_THAT(reload.waiting, ElementsAre(key));
      EXPECT_EQ(reload.config.values.at(key), before.values.at(key)) << key << " is half applied";
    } else {
      EXPECT_THAT(reload.waiting, IsEmpty()) << key;
      EXPECT_EQ(reload.config.values.at(key), after.values.at(key)) << key;
    }
  }
}

TEST(ConfigReload, NoKeyIsDecidedThatIsNotInTheShippedFile) {
  const auto keys = shipped_keys();
  std::set<std::string> decided;
  for (const std::string_view key : decided_keys()) {
    EXPECT_TRUE(decided.emplace(key).second) << key << " is there twice";
    EXPECT_NE(std::find(keys.begin(), keys.end(), key), keys.end()) << key;
  }
  for (const auto& [key, value] : running("").values) EXPECT_TRUE(decided.contains(key)) << key;
}

TEST(ConfigReload, NamesOnlyWhatDiffersFromWhatIsInForce) {
  const Config before = running("sip: {t4: 5s, listen: [{address: 127.0.0.1}]}\n");
  EXPECT_THAT(reloaded(before, "").waiting, IsEmpty()) << "these are the defaults";
  EXPECT_THAT(reloaded(before, "sip: {t4: 5000ms, udp_mtu: 1300}\nrefer: {accept_code: 202}\n").waiting, IsEmpty());
  const auto once = reloaded(before, "sip: {t4: 6s, max_dialogs: 7}\nmedia: {min_port: 20000, max_port: 20100}\n");
  EXPECT_THAT(once.waiting, ElementsAre("media.max_port", "media.min_port", "sip.t4"));
  EXPECT_EQ(once.config.sip.t4, std::chrono::seconds(5));
  EXPECT_EQ(once.config.sip.max_dialogs, 7U);
  EXPECT_EQ(once.config.media.min_port, 0);
  // As long as nobody restarts it, each reload says so again, and the old file has nothing left to say.
  EXPECT_THAT(reloaded(once.config, "sip: {t4: 6s, max_dialogs: 7}\n").waiting, ElementsAre("sip.t4"));
  EXPECT_THAT(reloaded(once.config, "").waiting, IsEmpty());
}

TEST(ConfigReload, WaitingKeysKeepWhatTheyWereGiven) {
  const Config before =
      running("sip:\n  listen:\n    - {address: 127.0.0.1, port: 5070}\nchannel: {ice: lite, lite_port: 4000}\n");
  const auto reload =
      reloaded(before, "channel: {ice: full, min_port: 5000, max_port: 5100}\nrefer: {accept_code: 202}\n");
  EXPECT_THAT(reload.waiting,
              ElementsAre("channel.ice", "channel.lite_port", "channel.max_port", "channel.min_port", "sip.listen"));
  EXPECT_EQ(reload.config.sip.listen[0].port, 5070);
  EXPECT_EQ(reload.config.channel.ice, channel::IceMode::lite);
  EXPECT_EQ(reload.config.channel.lite_port, 4000);
  EXPECT_EQ(reload.config.policy.refer_accept_code, 202);
}

TEST(ConfigReload, AuthenticationIsAppliedAsAWhole) {
  const Config before =
      running("auth: {require: never, users: [{name: a, password: b, identity: \"sip:a@example.com\"}]}\n");
  const auto reload = reloaded(
      before,
      "auth: {require: untrusted, realm: other, users: [{name: a, password: b, identity: \"sip:a@example.com\"}]}\n");
  EXPECT_THAT(reload.waiting, IsEmpty());
  EXPECT_EQ(reload.config.sip.auth.require, sip::AuthSettings::Require::untrusted);
  EXPECT_EQ(reload.config.sip.auth.realm, "other");
  EXPECT_NE(reload.config.sip.auth.users[0].a1_sha256, before.sip.auth.users[0].a1_sha256)
      << "hashed for the new realm";
}

TEST(ConfigReload, AFileThatLacksWhatTheOldSocketsNeedIsRefused) {
  const Config before = running("media: {min_port: 20000, max_port: 20100}\nchannel: {ice: lite, lite_port: 4000}\n");
  EXPECT_FALSE(reload_config(before, "media: {min_port: 1}\n"));
  Config with_tls = before;
  with_tls.given["sip.listen"] = "[{address: 127.0.0.1, tls: true}]";
  with_tls.values["sip.listen"] = "tls";
  const auto refused = reload_config(with_tls, "refer: {accept_code: 202}\n");
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().front().reason, ::testing::HasSubstr("needs a restart"));
}

}  // namespace
}  // namespace clued::app
