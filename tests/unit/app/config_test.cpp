#include "app/config.hpp"

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "support/paths.hpp"

namespace clued::app {
namespace {

using namespace std::chrono_literals;

Config accepted(const std::string& text) {
  auto config = parse_config(text);
  if (config) return *std::move(config);
  for (const auto& error : config.error()) ADD_FAILURE() << error.to_string("text");
  return {};
}

std::vector<std::string> refused(const std::string& text) {
  const auto config = parse_config(text);
  std::vector<std::string> errors;
  if (!config) {
    for (const auto& error : config.error()) errors.push_back(error.to_string("f"));
  }
  return errors;
}

TEST(Config, AnEmptyFileGivesTheDefaultsOfThePolicy) {
  const Config config = accepted("");
  const focus::Policy policy;
  EXPECT_EQ(config.policy.conference.factory_user, policy.conference.factory_user);
  EXPECT_EQ(config.policy.conference.max_participants, policy.conference.max_participants);
  EXPECT_EQ(config.policy.clue_timers.options, policy.clue_timers.options);
  EXPECT_EQ(config.policy.refresh_window, policy.refresh_window);
  ASSERT_EQ(config.sip.listen.size(), 1U);
  EXPECT_EQ(config.sip.listen[0].address, "127.0.0.1");
  EXPECT_EQ(config.policy.media.address_v4, "127.0.0.1");
  EXPECT_EQ(config.channel.address_v4, "127.0.0.1");
  EXPECT_FALSE(config.policy.media.audio_codecs.empty());
  EXPECT_EQ(config.log.level, base::Severity::info);
}

TEST(Config, TheShippedFileSaysWhatTheDefaultsAre) {
  auto shipped = load_config(clued::testing::test_data_dir() + "/../../config/clued.yaml");
  ASSERT_TRUE(shipped) << shipped.error().front().to_string("config/clued.yaml");
  const Config defaults = accepted("");
  const auto describe = [](const Config& c) {
    std::vector<std::string> text;
    const auto add = [&text](const auto&... values) {
      (text.push_back([](const auto& value) {
        if constexpr (std::is_convertible_v<decltype(value), std::string>) {
          return std::string(value);
        } else if constexpr (requires { value.count(); }) {
          return std::to_string(value.count());
        } else {
          return std::to_string(static_cast<long long>(value));
        }
      }(values)),
       ...);
    };
    const focus::Policy& p = c.policy;
    const focus::ConferencePolicy& conference = p.conference;
    const focus::Rights& r = conference.rights;
    add(conference.factory_user, conference.domains.size(), conference.end_when, conference.moderators.size(),
        conference.max_conferences, conference.max_participants, conference.max_participants_per_conference,
        conference.max_conferences_per_source, conference.max_participants_per_source, conference.moderator_succession,
        conference.replace, conference.lock_after, conference.permanent.size());
    for (const auto* permission : {&r.create, &r.join, &r.invite, &r.invite_list, &r.remove, &r.end, &r.subscribe}) {
      add(permission->ring, permission->users.size(), permission->domains.size());
    }
    add(p.final_notify, p.refer_accept_code, p.removal_reason, p.max_open_refers, p.clue_enabled, p.clue_timers.options,
        p.clue_timers.guard, p.clue_timers.nack_backoff, p.clue_timers.nack_retries, p.clue_timers.sequence_errors,
        p.max_messages_per_second, p.max_bytes_per_second, p.max_captures, p.max_refresh_window,
        p.max_advertised_captures, p.max_video_encodings, p.video_bandwidth, p.audio_bandwidth, p.max_receive_streams,
        p.refresh_sdp, p.refresh_window, p.reinvite_spread, p.reinvite_retry, p.reinvite_retries, p.notify_interval,
        p.min_subscription, p.max_subscription, p.watch_after_removal, p.watch_after_leaving, p.max_subscriptions,
        p.max_subscriptions_per_source, p.max_subscriptions_per_conference, p.max_subscriptions_per_user,
        p.dial_out.ring_time, p.dial_out.redirects, p.dial_out.offer_clue, p.dial_out.max_outstanding,
        p.dial_out.max_list_entries, p.dial_out.domains.size(), p.channel_wait, p.resource_wait, p.takeover_wait,
        p.end_wait, p.precondition_wait, p.dial_out.preconditions, p.media.address_v4, p.media.address_v6);
    for (const auto* codecs : {&p.media.audio_codecs, &p.media.video_codecs}) {
      for (const auto& codec : *codecs) add(codec.encoding, codec.payload_type, codec.fmtp);
    }
    for (const auto& l : c.sip.listen) add(l.address, l.port, l.udp, l.tcp, l.tls, l.tls_port, l.advertise);
    add(c.sip.domain, c.sip.trusted_peers.size(), c.sip.server_name, c.sip.t1x64, c.sip.t4, c.sip.reinvite_wait,
        c.sip.idle_connection, c.sip.refer_expires, c.sip.max_dialogs, c.sip.max_proceeding, c.sip.max_message_size,
        c.sip.udp_mtu, c.sip.udp_receive_buffer, c.sip.max_unanswered, c.sip.max_rate_per_source,
        c.sip.max_burst_per_source, c.sip.max_connections_per_source, c.sip.requests_per_turn, c.sip.unanswered_hold);
    add(c.sip.auth.require, c.sip.auth.realm, c.sip.auth.algorithms.size(), c.sip.auth.nonce_lifetime,
        c.sip.auth.users.size(), c.sip.ims.orig_ioi, c.sip.ims.term_ioi, c.sip.ims.charging_function_addresses,
        c.sip.ims.service, c.sip.tls.certificates.size(), c.sip.tls.authorities, c.sip.tls.client_certificates,
        c.sip.tls.least_version, c.sip.tls.verify_servers, c.sip.tls.handshake_timeout, c.sip.tls.max_connections,
        c.sip.tls.max_connections_per_source, c.sip.trusted_certificates.size());
    add(c.channel.ice, c.channel.lite_port, c.channel.min_port, c.channel.max_port, c.channel.stun_server,
        c.channel.stun_port, c.channel.max_inbound_message, c.channel.dtls_first_retransmission,
        c.channel.dtls_longest_retransmission, c.channel.connect_timeout, c.channel.shutdown_timeout,
        c.channel.consent_grace, c.channel.check_grace);
    add(c.media.address_v4, c.media.address_v6, c.media.min_port, c.media.max_port, c.media.max_pairs, c.log.level,
        c.log.format, c.log.file);
    return text;
  };
  EXPECT_EQ(describe(*shipped), describe(defaults));
}

// sip/ lets one account have a quarter of the dialogs.
TEST(Config, WhatOneAccountMayHoldFitsIntoItsShareOfTheDialogs) {
  const Config shipped = accepted("");
  const focus::Policy& policy = shipped.policy;
  const std::size_t held =
      policy.conference.max_participants_per_source + policy.max_subscriptions_per_source + policy.max_open_refers;
  EXPECT_LE(held, shipped.sip.max_dialogs / 4);
}

TEST(Config, WhoLeavesAConferenceOfAnImsWatchesNoMoreUnlessGiven) {
  const std::string ims = "ims: {service: \"urn:urn-7:3gpp-service.ims.icsi.mmtel\"}\n";
  EXPECT_TRUE(accepted("").policy.watch_after_leaving);
  EXPECT_FALSE(accepted(ims).policy.watch_after_leaving);
  EXPECT_TRUE(accepted(ims + "conference_event: {watch_after_leaving: true}\n").policy.watch_after_leaving);
  EXPECT_FALSE(accepted("conference_event: {watch_after_leaving: false}\n").policy.watch_after_leaving);
}

TEST(Config, SharesAndTheLeastSessionReachTheCore) {
  const Config config = accepted(R"(
conference: {max_conferences_per_source: 3, max_participants_per_source: 4}
conference_event: {max_subscriptions_per_source: 5}
session: {min_expires: 2m}
)");
  EXPECT_EQ(config.policy.conference.max_conferences_per_source, 3U);
  EXPECT_EQ(config.policy.conference.max_participants_per_source, 4U);
  EXPECT_EQ(config.policy.max_subscriptions_per_source, 5U);
  EXPECT_EQ(config.policy.min_session_expires, 120s);
  EXPECT_EQ(config.sip.min_session_expires, 120s);
}

TEST(Config, ReadsEverySection) {
  const Config config = accepted(R"(
sip:
  listen:
    - {address: "::1", port: 5070, tcp: no}
    - {address: 127.0.0.2}
  trusted_peers: [192.0.2.1, 2001:db8::/32]
  t1x64: 16s
conference:
  factory_user: create
  domains: Example.COM
  end_when: last-leaves
  moderators: ["sip:boss@example.com", "tel:+4930123"]
  max_conferences: 7
  create: [identified, "sip:alice@example.com", Example.ORG]
  invite_list: ["sip:alice@example.com"]
  remove: participants
  end: nobody
  moderator_succession: longest-present
  replace: anyone
  lock_after: 15m
conferences:
  - {user: boardroom, moderators: "sip:chair@example.com", max_participants: 12, locked: true, join: [example.com]}
  - user: lounge
refer: {final_notify: trying, accept_code: 202, removal_reason: "Out"}
clue:
  enabled: off
  options_timeout: 1500ms
  nack_retries: 0
  video_bandwidth: 2000000
  max_captures: 20
  max_bytes_per_second: 50000
dialout: {max_outstanding: 5, max_list_entries: 10, domains: [Example.com, 192.0.2.7], preconditions: true}
refresh: {sdp: always, window: 0ms, max_window: 2s, reinvite_retry: 1m}
session: {channel_wait: 500ms, precondition_wait: 10s}
ims: {service: "urn:urn-7:3gpp-service.ims.icsi.mmtel"}
media:
  address_v4: ""
  address_v6: "::1"
  min_port: 20000
  max_port: 20009
  audio_codecs: [{encoding: PCMU/8000, payload_type: 0}]
  video_codecs: []
channel: {max_inbound_message: 65536, shutdown_timeout: 1s, min_port: 30000, max_port: 30000}
log: {level: trace, format: json, file: /tmp/x.log}
)");
  ASSERT_EQ(config.sip.listen.size(), 2U);
  EXPECT_EQ(config.sip.listen[0].address, "::1");
  EXPECT_EQ(config.sip.listen[0].port, 5070);
  EXPECT_FALSE(config.sip.listen[0].tcp);
  EXPECT_EQ(config.sip.listen[1].port, 5060);
  EXPECT_EQ(config.sip.trusted_peers, (std::vector<std::string>{"192.0.2.1", "2001:db8::/32"}));
  EXPECT_EQ(config.sip.t1x64, 16s);
  EXPECT_EQ(config.policy.conference.factory_user, "create");
  EXPECT_EQ(config.policy.conference.domains, std::vector<std::string>{"example.com"});
  EXPECT_EQ(config.policy.conference.end_when, focus::EndWhen::last_leaves);
  ASSERT_EQ(config.policy.conference.moderators.size(), 2U);
  EXPECT_EQ(config.policy.conference.moderators[0].user, "boss");
  EXPECT_EQ(config.policy.conference.moderators[1].scheme, "tel");
  EXPECT_EQ(config.policy.conference.max_conferences, 7U);
  using Ring = focus::Permission::Ring;
  const focus::Rights& rights = config.policy.conference.rights;
  EXPECT_EQ(rights.create.ring, Ring::identified);
  ASSERT_EQ(rights.create.users.size(), 1U);
  EXPECT_EQ(rights.create.users[0].user, "alice");
  EXPECT_EQ(rights.create.domains, std::vector<std::string>{"example.org"});
  EXPECT_EQ(rights.remove.ring, Ring::participants);
  EXPECT_EQ(rights.end.ring, Ring::nobody);
  EXPECT_EQ(rights.invite.ring, Ring::moderators);
  EXPECT_EQ(rights.invite_list.ring, Ring::moderators);
  EXPECT_EQ(rights.invite_list.users.size(), 1U);
  EXPECT_EQ(config.policy.dial_out.max_outstanding, 5U);
  EXPECT_EQ(config.policy.dial_out.max_list_entries, 10U);
  EXPECT_EQ(config.policy.dial_out.domains, (std::vector<std::string>{"example.com", "192.0.2.7"}));
  EXPECT_EQ(config.policy.conference.moderator_succession, focus::ModeratorSuccession::longest_present);
  EXPECT_EQ(config.policy.conference.lock_after, 15min);
  EXPECT_EQ(config.policy.conference.replace, focus::Replacing::anyone);
  const auto& permanent = config.policy.conference.permanent;
  ASSERT_EQ(permanent.size(), 2U);
  EXPECT_EQ(permanent.at("boardroom").moderators.size(), 1U);
  EXPECT_EQ(permanent.at("boardroom").max_participants, 12U);
  EXPECT_TRUE(permanent.at("boardroom").locked);
  ASSERT_TRUE(permanent.at("boardroom").join);
  EXPECT_EQ(permanent.at("boardroom").join->ring, Ring::moderators);
  EXPECT_EQ(permanent.at("boardroom").join->domains, std::vector<std::string>{"example.com"});
  EXPECT_FALSE(permanent.at("lounge").join);
  EXPECT_FALSE(permanent.at("lounge").max_participants);
  EXPECT_EQ(config.policy.final_notify, focus::FinalNotify::trying);
  EXPECT_EQ(config.policy.refer_accept_code, 202);
  EXPECT_EQ(config.policy.removal_reason, "Out");
  EXPECT_FALSE(config.policy.clue_enabled);
  EXPECT_EQ(config.policy.clue_timers.options, 1500ms);
  EXPECT_EQ(config.channel.max_messages_per_second, 2 * config.policy.max_messages_per_second);
  EXPECT_EQ(config.policy.clue_timers.nack_retries, 0U);
  EXPECT_EQ(config.policy.video_bandwidth, 2'000'000U);
  EXPECT_EQ(config.policy.refresh_sdp, focus::RefreshSdp::always);
  EXPECT_EQ(config.policy.refresh_window, 0ms);
  EXPECT_EQ(config.policy.reinvite_retry, 1min);
  EXPECT_EQ(config.policy.channel_wait, 500ms);
  EXPECT_EQ(config.policy.precondition_wait, 10s);
  EXPECT_TRUE(config.policy.dial_out.preconditions);
  EXPECT_EQ(config.sip.ims.service, "urn:urn-7:3gpp-service.ims.icsi.mmtel");
  EXPECT_EQ(config.policy.media.address_v4, "");
  EXPECT_EQ(config.media.address_v6, "::1");
  EXPECT_EQ(config.channel.address_v4, "");
  EXPECT_EQ(config.channel.address_v6, "::1");
  EXPECT_EQ(config.media.max_port, 20009);
  ASSERT_EQ(config.policy.media.audio_codecs.size(), 1U);
  EXPECT_EQ(config.policy.media.audio_codecs[0].payload_type, 0U);
  EXPECT_TRUE(config.policy.media.video_codecs.empty());
  EXPECT_EQ(config.channel.max_inbound_message, 65'536U);
  EXPECT_EQ(config.channel.shutdown_timeout, 1s);
  EXPECT_EQ(config.channel.max_port, 30000);
  EXPECT_EQ(config.log.level, base::Severity::trace);
  EXPECT_EQ(config.log.format, LogFormat::json);
  EXPECT_EQ(config.log.file, "/tmp/x.log");
}

TEST(Config, ReadsUsersAndKeepsOnlyTheHashesOfTheirPasswords) {
  const std::string file = ::testing::TempDir() + "/clued_users.yaml";
  std::ofstream(file) << "users:\n  - {name: b, password: p, identity: \"tel:+12\"}\n";
  const Config config = accepted(
      "auth:\n  require: untrusted\n  realm: r\n  algorithms: [MD5]\n  nonce_lifetime: 1m\n  users:\n"
      "    - {name: a, ha1_md5: 0123456789ABCDEF0123456789abcdef, identity: \"sip:a@h\"}\n  users_file: " +
      file + "\n");
  std::filesystem::remove(file);
  EXPECT_EQ(config.sip.auth.require, sip::AuthSettings::Require::untrusted);
  EXPECT_EQ(config.sip.auth.algorithms, std::vector{sip::DigestAlgorithm::md5});
  EXPECT_EQ(config.sip.auth.nonce_lifetime, 60s);
  ASSERT_EQ(config.sip.auth.users.size(), 2U);
  EXPECT_EQ(config.sip.auth.users[0].a1_md5, "0123456789abcdef0123456789abcdef");
  EXPECT_EQ(config.sip.auth.users[0].a1_sha256, "");
  EXPECT_EQ(config.sip.auth.users[0].identity.uri.user, "a");
  EXPECT_EQ(config.sip.auth.users[1].a1_md5, "a22659f52c827ce86d326fd90f024aca");  // md5 of b:r:p
  EXPECT_EQ(config.sip.auth.users[1].a1_sha256.size(), 64U);
}

TEST(Config, TellsTheMistakesOfTheUsersFileUnderTheKeyThatNamesIt) {
  const std::string file = ::testing::TempDir() + "/clued_wrong_users.yaml";
  std::ofstream(file) << "users:\n  - {name: b, password: p, identity: nobody}\nextra: 1\n";
  const auto errors = refused("auth:\n  users_file: " + file + "\n");
  std::filesystem::remove(file);
  EXPECT_EQ(errors, (std::vector<std::string>{
                        "f:2: auth.users_file: " + file +
                            ":2: users[0].identity: must be the SIP, SIPS or tel URI that this user is known by",
                        "f:2: auth.users_file: " + file + ":3: extra: is not a key that clued knows"}));
  EXPECT_EQ(refused("auth: {users_file: /nonexistent}\n"),
            std::vector<std::string>{"f:1: auth.users_file: /nonexistent: No such file or directory"});
}

struct Mistake {
  const char* text;
  const char* error;
};

class ConfigMistakes : public ::testing::TestWithParam<Mistake> {};

TEST_P(ConfigMistakes, AreToldWithLineKeyAndReason) {
  EXPECT_EQ(refused(GetParam().text), std::vector<std::string>{GetParam().error});
}

INSTANTIATE_TEST_SUITE_P(
    Each, ConfigMistakes,
    ::testing::Values(
        Mistake{"sip: {}\nsips: 1\n", "f:2: sips: is not a key that clued knows"},
        Mistake{"log:\n  level: info\n  colour: red\n", "f:3: log.colour: is not a key that clued knows"},
        Mistake{"log:\n  level: info\n  level: debug\n", "f:3: log.level: is given twice"},
        Mistake{"log: {level: loud}\n",
                "f:1: log.level: must be one of trace, debug, info, warning, error, critical, not \"loud\""},
        Mistake{"log:\n- a\n", "f:2: log: must be a mapping of keys to values"},
        Mistake{"- a\n", "f:1: must be a mapping of keys to values"},
        Mistake{"log:\n  level: [info]\n", "f:2: log.level: must be a single value"},
        Mistake{"log:\n  level:\n", "f:2: log.level: has no value"},
        Mistake{"log: {file: \"a\\nb\"}\n", "f:1: log.file: must be one line without control characters"},
        Mistake{"clue:\n  enabled: perhaps\n", "f:2: clue.enabled: must be true or false, not \"perhaps\""},
        Mistake{"clue:\n  options_timeout: 10\n",
                "f:2: clue.options_timeout: must be a duration such as 200ms, 3s, 5m or 1h, not \"10\""},
        Mistake{"clue:\n  options_timeout: s\n",
                "f:2: clue.options_timeout: must be a duration such as 200ms, 3s, 5m or 1h, not \"s\""},
        Mistake{"clue:\n  options_timeout: -1s\n",
                "f:2: clue.options_timeout: must be a duration such as 200ms, 3s, 5m or 1h, not \"-1s\""},
        Mistake{"clue:\n  options_timeout: 99999999999999999999s\n",
                "f:2: clue.options_timeout: must be a duration such as 200ms, 3s, 5m or 1h, not "
                "\"99999999999999999999s\""},
        Mistake{"clue:\n  options_timeout: 1h\n", "f:2: clue.options_timeout: must be from 1s to 5m, not 1h"},
        Mistake{"conference:\n  max_conferences: 0\n",
                "f:2: conference.max_conferences: must be a whole number from 1 to 1000000, not \"0\""},
        Mistake{"conference:\n  max_conferences: 1.5\n",
                "f:2: conference.max_conferences: must be a whole number from 1 to 1000000, not \"1.5\""},
        Mistake{"conference:\n  moderators:\n    - sip:a@b\n    - nobody\n",
                "f:4: conference.moderators: \"nobody\" is not a SIP, SIPS or tel URI"},
        Mistake{"conference:\n  factory_user: \"\"\n",
                "f:2: conference.factory_user: \"\" cannot be the user part of a SIP URI"},
        Mistake{
            "conference:\n  remove: everybody\n",
            "f:2: conference.remove: \"everybody\" is none of nobody, moderators, participants, identified, anyone, "
            "and no URI or domain"},
        Mistake{
            "conference:\n  create:\n    - anyone\n    - http://example.com\n",
            "f:4: conference.create: \"http://example.com\" is none of nobody, moderators, participants, identified, "
            "anyone, and no URI or domain"},
        Mistake{"conference: {end_when: never}\n",
                "f:1: conference.end_when: must be one of creator-leaves, last-leaves, not \"never\""},
        Mistake{"conferences:\n  - locked: yes\n", "f:2: conferences[0].user: is needed"},
        Mistake{"conferences: [{user: a}, {user: a}]\n", "f:1: conferences[1].user: is given twice"},
        Mistake{"conferences: [{user: factory}]\n", "f:1: conferences[0].user: is that of the conference factory"},
        Mistake{"conferences: [{user: a, end_when: last-leaves}]\n",
                "f:1: conferences[0].end_when: is not a key that clued knows"},
        Mistake{"ims:\n  service: mmtel\n",
                "f:2: ims.service: must be an ICSI such as urn:urn-7:3gpp-service.ims.icsi.mmtel"},
        Mistake{"refer:\n  accept_code: 204\n", "f:2: refer.accept_code: must be one of 200, 202, not \"204\""},
        Mistake{"sip:\n  listen: []\n", "f:2: sip.listen: must have at least one address"},
        Mistake{"sip:\n  listen: 127.0.0.1\n", "f:2: sip.listen: must be a list"},
        Mistake{"sip:\n  listen:\n    - port: 5060\n", "f:3: sip.listen[0].address: is needed"},
        Mistake{"sip:\n  listen:\n    - address: ::1\n      port: 65536\n",
                "f:4: sip.listen[0].port: must be a whole number from 0 to 65535, not \"65536\""},
        Mistake{"sip:\n  listen:\n    - {address: ::1, udp: no, tcp: no}\n",
                "f:3: sip.listen[0].udp: tcp and tls must not all be off"},
        Mistake{"sip:\n  trusted_peers:\n    - example.com\n",
                "f:3: sip.trusted_peers: \"example.com\" is neither an address (192.0.2.1, 192.0.2.1:5060) nor a "
                "network (192.0.2.0/24)"},
        Mistake{"auth: {require: always}\n", "f:1: auth.require: must be one of never, untrusted, not \"always\""},
        Mistake{"auth:\n  algorithms: [SHA-1]\n", "f:2: auth.algorithms: \"SHA-1\" must be SHA-256 or MD5"},
        Mistake{"auth:\n  users:\n    - {name: a, identity: \"sip:a@h\"}\n",
                "f:3: auth.users[0].password: or ha1_sha256 or ha1_md5 is needed"},
        Mistake{"auth:\n  users:\n    - {name: a, ha1_md5: 12, identity: \"sip:a@h\", password: p}\n",
                "f:3: auth.users[0].ha1_md5: must be 32 hexadecimal digits"},
        Mistake{"media:\n  address_v4: localhost\n",
                "f:2: media.address_v4: must be an IPv4 address in numbers, or empty"},
        Mistake{"media:\n  address_v6: 127.0.0.1\n",
                "f:2: media.address_v6: must be an IPv6 address in numbers, or empty"},
        Mistake{"media:\n  address_v4: 0.0.0.0\n", "f:2: media.address_v4: must be one address, not any"},
        Mistake{"media:\n  min_port: 20000\n",
                "f:2: media.min_port: min_port and max_port must both be given, or both be 0"},
        Mistake{"media:\n  min_port: 20001\n  max_port: 20002\n", "f:3: media.max_port: leaves no room above min_port"},
        Mistake{
            "media:\n  video_codecs:\n    - {encoding: H264}\n",
            "f:3: media.video_codecs[0].encoding: \"H264\" must be a name and a clock rate such as H264/90000, and the "
            "number of channels if there are several"},
        Mistake{"media:\n  video_codecs:\n    - {encoding: H264/90000, payload_type: 128}\n",
                "f:3: media.video_codecs[0].payload_type: must be a whole number from 0 to 127, not \"128\""},
        Mistake{"channel:\n  max_inbound_message: 1000\n",
                "f:2: channel.max_inbound_message: must be a whole number from 65536 to 16777216, not \"1000\""},
        Mistake{"channel:\n  ice: none\n", "f:2: channel.ice: must be one of full, lite, not \"none\""},
        Mistake{"channel:\n  lite_port: 4000\n", "f:2: channel.lite_port: is for ice: lite alone"},
        Mistake{"channel:\n  ice: lite\n  min_port: 4000\n  max_port: 4100\n",
                "f:3: channel.min_port: is for ice: full alone; see lite_port"},
        Mistake{"channel:\n  ice: lite\n  stun_server: 192.0.2.1\n",
                "f:3: channel.stun_server: is for ice: full alone"},
        Mistake{"log: [\n", "f:2: is not YAML: end of sequence flow not found"},
        Mistake{"log:\n\tlevel: info\n", "f:2: is not YAML: illegal map value"}));

TEST(Config, ReadsThePortOfLiteAgents) {
  EXPECT_EQ(accepted("").channel.ice, channel::IceMode::full);
  const Config config = accepted("channel: {ice: lite, lite_port: 40000}\n");
  EXPECT_EQ(config.channel.ice, channel::IceMode::lite);
  EXPECT_EQ(config.channel.lite_port, 40000);
}

TEST(Config, TellsEveryMistakeInTheOrderOfTheLines) {
  EXPECT_EQ(
      refused("log: {level: loud}\nsip:\n  t4: soon\nrefer:\n  accept_code: 1\nx: 1\n"),
      (std::vector<std::string>{
          "f:1: log.level: must be one of trace, debug, info, warning, error, critical, not \"loud\"",
          "f:3: sip.t4: must be a duration such as 200ms, 3s, 5m or 1h, not \"soon\"",
          "f:5: refer.accept_code: must be one of 200, 202, not \"1\"", "f:6: x: is not a key that clued knows"}));
}

TEST(Config, AFileThatIsNotThereIsOneMistake) {
  const auto config = load_config("/nonexistent/clued.yaml");
  ASSERT_FALSE(config);
  ASSERT_EQ(config.error().size(), 1U);
  EXPECT_EQ(config.error()[0].to_string("f"), "f: No such file or directory");
}

TEST(Config, AFolderOrAHugeFileIsNoConfiguration) {
  EXPECT_FALSE(load_config(::testing::TempDir()));
  const std::string file = ::testing::TempDir() + "/clued_huge.yaml";
  std::ofstream(file) << std::string(2 * 1024 * 1024, '#');
  const auto config = load_config(file);
  std::filesystem::remove(file);
  ASSERT_FALSE(config);
  EXPECT_EQ(config.error()[0].reason, "longer than 1 MiB");
}

}  // namespace
}  // namespace clued::app
