// What is right by itself and cannot work: places where nobody can be reached, keys that contradict each other. And
// where a mistake is said to be.
#include <string>
#include <vector>

#include "app/config_reload.hpp"
#include "gmock/gmock.h"

namespace clued::app {
namespace {

using ::testing::ElementsAreArray;

std::vector<std::string> refused(const std::string& text) {
  const auto config = parse_config(text);
  std::vector<std::string> errors;
  if (!config) {
    for (const auto& error : config.error()) errors.push_back(error.to_string("f"));
  }
  return errors;
}

struct Mistaken {
  const char* text;
  std::vector<std::string> errors;
};

class ConfigSense : public ::testing::TestWithParam<Mistaken> {};

TEST_P(ConfigSense, IsAskedFor) { EXPECT_THAT(refused(GetParam().text), ElementsAreArray(GetParam().errors)); }

INSTANTIATE_TEST_SUITE_P(
    Places, ConfigSense,
    ::testing::Values(
        Mistaken{"media: {address_v4: 224.0.0.1}\n", {"f:1: media.address_v4: must not be a multicast address"}},
        Mistaken{"media: {address_v4: 255.255.255.255}\n",
                 {"f:1: media.address_v4: must not be the broadcast address"}},
        Mistaken{"media: {address_v4: 0.1.2.3}\n", {"f:1: media.address_v4: must not be of the network 0.0.0.0/8"}},
        Mistaken{"media: {address_v6: \"ff02::1\"}\n", {"f:1: media.address_v6: must not be a multicast address"}},
        Mistaken{"media: {address_v6: \"::\"}\n", {"f:1: media.address_v6: must be one address, not any"}},
        Mistaken{"media: {address_v6: \"::ffff:127.0.0.1\"}\n",
                 {"f:1: media.address_v6: must not be an IPv4 address in the form of IPv6"}},
        Mistaken{"media: {address_v6: \"fe80::1\"}\n",
                 {"f:1: media.address_v6: must be an address that needs no interface"}},
        Mistaken{"media: {address_v6: \"2001:db8::1%eth0\"}\n",
                 {"f:1: media.address_v6: must be an address without interface"}},
        Mistaken{"sip: {listen: [{address: 224.0.0.1}]}\n",
                 {"f:1: sip.listen[0].address: must not be a multicast address"}},
        Mistaken{"sip: {listen: [{address: 127.0.0.1, advertise: 0.0.0.0}]}\n",
                 {"f:1: sip.listen[0].advertise: must be one address, not any"}},
        Mistaken{"sip: {listen: [{address: \"::1\", advertise: \"[::]\"}]}\n",
                 {"f:1: sip.listen[0].advertise: must be one address, not any"}},
        Mistaken{"sip: {listen: [{address: 127.0.0.1, advertise: 000.000.000.000}]}\n",
                 {"f:1: sip.listen[0].advertise: must be an address without leading zeros, or a name"}},
        Mistaken{"sip: {domain: \"224.0.0.1:5070\"}\n", {"f:1: sip.domain: must not be a multicast address"}},
        Mistaken{"sip: {domain: \"[ff02::1]:5070\"}\n", {"f:1: sip.domain: must not be a multicast address"}},
        Mistaken{"sip: {outbound_proxy: \"255.255.255.255;transport=udp\"}\n",
                 {"f:1: sip.outbound_proxy: must not be the broadcast address"}},
        Mistaken{"channel: {stun_server: 224.0.0.1}\n", {"f:1: channel.stun_server: must not be a multicast address"}},
        Mistaken{"media: {address_v4: \"\"}\n",
                 {"f:1: media.address_v4: address_v4 and address_v6 must not both be empty"}}));

INSTANTIATE_TEST_SUITE_P(
    Contradictions, ConfigSense,
    ::testing::Values(
        Mistaken{"sip:\n  listen:\n    - {address: 127.0.0.1}\n    - {address: 127.0.0.1, udp: no}\n",
                 {"f:4: sip.listen[1].port: is where sip.listen[0].tcp listens already"}},
        Mistaken{"sip:\n  listen:\n    - {address: \"::1\"}\n    - {address: \"0:0:0:0:0:0:0:1\", tcp: no}\n",
                 {"f:4: sip.listen[1].port: is where sip.listen[0].udp listens already"}},
        Mistaken{"sip:\n  listen: [{address: 127.0.0.1, tls: yes, tls_port: 5060}]\ntls: {certificates: [x]}\n",
                 {"f:2: sip.listen[0].tls_port: is where sip.listen[0].tcp listens already",
                  "f:3: tls.certificates[0]: must be a mapping of keys to values"}},
        Mistaken{"sip: {listen: [{address: 127.0.0.1}, {address: 127.0.0.2}]}\n", {}},
        Mistaken{"sip: {listen: [{address: 127.0.0.1, port: 0}, {address: 127.0.0.1, port: 0}]}\n", {}},
        Mistaken{"sip: {listen: [{address: 127.0.0.1, udp: no}, {address: 127.0.0.1, tcp: no}]}\n", {}},
        Mistaken{"sip: {outbound_proxy: \"proxy.example.com;transport=tls\"}\n",
                 {"f:1: sip.outbound_proxy: needs a listener of its transport and its kind of address in sip.listen"}},
        Mistaken{"sip: {outbound_proxy: \"[2001:db8::1]\"}\n",
                 {"f:1: sip.outbound_proxy: needs a listener of its transport and its kind of address in sip.listen"}},
        Mistaken{"sip: {outbound_proxy: \"proxy.example.com;transport=tcp\"}\n", {}},
        Mistaken{"channel: {ice: lite, lite_port: 5060}\n",
                 {"f:1: channel.lite_port: is where one of sip.listen listens by UDP"}},
        Mistaken{"channel: {stun_server: \"2001:db8::1\"}\n", {"f:1: channel.stun_server: needs media.address_v6"}},
        Mistaken{"media: {audio_codecs: [], video_codecs: []}\n",
                 {"f:1: media.audio_codecs: audio_codecs and video_codecs must not both be empty"}},
        Mistaken{"media: {audio_codecs: []}\n", {}}, Mistaken{"media: {video_codecs: []}\n", {}},
        Mistaken{"media:\n  audio_codecs: [{encoding: Telephone-Event/8000, payload_type: 101}]\n",
                 {"f:2: media.audio_codecs: must have one for sound beside telephone-event and CN"}},
        Mistaken{"media: {max_port_pairs: 0}\n",
                 {"f:1: media.max_port_pairs: must be a whole number from 1 to 1000000, not \"0\""}},
        Mistaken{"refresh:\n  window: 6s\n", {"f:2: refresh.window: max_window must not be below window"}},
        Mistaken{"refresh:\n  window: 5s\n  max_window: 1s\n",
                 {"f:3: refresh.max_window: max_window must not be below window"}},
        Mistaken{"channel:\n  dtls_first_retransmission: 5s\n",
                 {"f:2: channel.dtls_first_retransmission: dtls_longest_retransmission must not be below "
                  "dtls_first_retransmission"}},
        Mistaken{"session:\n  min_expires: 1h\n", {"f:2: session.min_expires: expires must not be below min_expires"}},
        Mistaken{"conference_event:\n  max_expires: 1m\n  min_expires: 2m\n",
                 {"f:2: conference_event.max_expires: max_expires must not be below min_expires"}},
        Mistaken{"auth:\n  algorithms: [SHA-256]\n  users:\n    - {name: a, identity: \"sip:a@h\", ha1_md5: "
                 "0123456789abcdef0123456789abcdef}\n",
                 {"f:4: auth.users[0].ha1_md5: is for none of auth.algorithms"}},
        Mistaken{"auth:\n  users:\n    - {name: \"a:b\", identity: \"sip:a@h\", password: p}\n",
                 {"f:3: auth.users[0].name: must not have a colon, which ends it in the hashes"}}));

INSTANTIATE_TEST_SUITE_P(
    Lines, ConfigSense,
    ::testing::Values(
        Mistaken{"conferences:\n  - {user: a}\n  - {}\n", {"f:3: conferences[1].user: is needed"}},
        Mistaken{"conferences: [{user: a},\n  {}]\n", {"f:2: conferences[1].user: is needed"}},
        Mistaken{"conferences:\n  - {user: a}\n  -\n  # one more\n\n  - {user: b}\n",
                 {"f:3: conferences[1]: has no value"}},
        Mistaken{"conferences:\n  - {user: a}\n  -\nrefer: {}\n", {"f:3: conferences[1]: has no value"}},
        Mistaken{"conferences: [{user: a}, ~]\n", {"f:1: conferences[1]: has no value"}},
        Mistaken{"conferences: [x]\n", {"f:1: conferences[0]: must be a mapping of keys to values"}},
        Mistaken{"conferences:\n  - {user: \"a b\"}\n",
                 {"f:2: conferences[0].user: \"a b\" cannot be the user part of a SIP URI"}},
        Mistaken{"conferences:\n\n\nrefer: {}\n", {"f:1: conferences: has no value"}},
        Mistaken{"conference:\nrefer: {}\n", {"f:1: conference: has no value"}},
        Mistaken{"conference:\n  # factory_user: x\n", {"f:1: conference: has no value"}},
        Mistaken{"conference:\n  moderators:\n    - \"sip:a@h\"\n    -\n",
                 {"f:4: conference.moderators: has an entry without value"}},
        Mistaken{"auth: {users: [x]}\n", {"f:1: auth.users[0]: must be a mapping of keys to values"}},
        Mistaken{"auth:\n  users:\n    - {name: a, ha1_md5: 12, identity: \"sip:a@h\"}\n",
                 {"f:3: auth.users[0].ha1_md5: must be 32 hexadecimal digits"}},
        Mistaken{"sip: {listen: [x]}\n", {"f:1: sip.listen[0]: must be a mapping of keys to values"}},
        Mistaken{"sip:\n  listen:\n    - address: 127.0.0.1\n      tls: yes\n",
                 {"f:4: sip.listen[0].tls: needs tls.certificates"}},
        Mistaken{"tls:\n  certificates:\nsip: {listen: [{address: 127.0.0.1, tls: yes}]}\n",
                 {"f:2: tls.certificates: has no value"}},
        Mistaken{"refer: {}\nconferences:\n  - &a [x]\n  - &b [*a, *a]\n  - &c [*b, *b, [[[[[[[[[[[[[1]]]]]]]]]]]]]]\n",
                 {"f:2: is nested too deeply or repeats too much by aliases"}}));

TEST(ConfigLines, NoneIsMadeUpForWhatTheFileDoesNotSay) {
  auto before = parse_config("");
  ASSERT_TRUE(before);
  before->given["sip.listen"] = "[{address: 127.0.0.1, tls: true}]";
  before->values["sip.listen"] = "tls";
  const auto reload = reload_config(*before, "refer: {}\nsip: {listen: [{address: 127.0.0.1}]}\n");
  ASSERT_FALSE(reload);
  EXPECT_EQ(
      reload.error().front().to_string("f"),
      "f: sip.listen[0].tls: needs tls.certificates (needs a restart, as long as the old sip.listen are in force)");
}

TEST(ConfigLines, AreNotCountedWithoutEnd) {
  std::string text = "conferences:\n";
  for (int n = 0; n < 5000; ++n) text += "  - {}\n";
  const auto errors = refused(text);
  ASSERT_EQ(errors.size(), 101U);
  EXPECT_EQ(errors.back(), "f: has 4900 more mistakes");
}

}  // namespace
}  // namespace clued::app
