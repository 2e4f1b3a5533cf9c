#include "app/config_media.hpp"

#include <algorithm>
#include <cctype>
#include <set>

#include "app/config_place.hpp"
#include "sdp/codec_check.hpp"

namespace clued::app {

namespace {

using namespace std::chrono_literals;

/// `least`: how many ports the range has at least.
void read_port_range(ConfigReader& reader, std::uint16_t& min_port, std::uint16_t& max_port, unsigned least) {
  reader.read_number("min_port", min_port, 0);
  reader.read_number("max_port", max_port, 0);
  if ((min_port == 0) != (max_port == 0)) {
    reader.fail(min_port == 0 ? "max_port" : "min_port", "min_port and max_port must both be given, or both be 0");
  } else if (min_port != 0 && max_port + 1U < min_port + least) {
    reader.fail("max_port", "leaves no room above min_port");
  }
}

void read_codecs(ConfigReader& reader, std::string_view key, std::vector<sdp::Codec>& codecs) {
  std::set<unsigned> taken;
  reader.read_sections(
      key, [&codecs] { codecs.clear(); },
      [&](ConfigReader& entry) {
        sdp::Codec codec;
        entry.read_text("encoding", codec.encoding, sdp::problem_of_encoding);
        entry.read_number("payload_type", codec.payload_type, 0, 127);
        entry.read_optional_text("fmtp", codec.fmtp, sdp::problem_of_format_parameters);
        if (!taken.insert(codec.payload_type).second) entry.fail("payload_type", "is that of another codec too");
        codecs.push_back(std::move(codec));
      });
}

/// What carries sound: telephone-event (RFC 4733) and comfort noise (RFC 3389) are sent beside it.
bool carries_sound(const sdp::Codec& codec) {
  std::string name = codec.encoding.substr(0, codec.encoding.find('/'));
  std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::tolower(c); });
  return name != "telephone-event" && name != "cn";
}

// Conferences of sound alone, and of pictures alone, are conferences; without either there is nothing to agree on.
void check_codecs(ConfigReader& reader, const sdp::LocalMedia& local) {
  const bool has_sound = std::any_of(local.audio_codecs.begin(), local.audio_codecs.end(), carries_sound);
  if (!has_sound && !local.audio_codecs.empty()) {
    reader.fail("audio_codecs", "must have one for sound beside telephone-event and CN");
  } else if (!has_sound && local.video_codecs.empty()) {
    reader.fail_together({"audio_codecs", "video_codecs"}, "audio_codecs and video_codecs must not both be empty");
  }
}

void check_channel_addresses(ConfigReader& reader, const channel::Settings& channel,
                             const std::vector<sip::Listener>& listen) {
  const bool is_taken = std::any_of(listen.begin(), listen.end(), [&](const sip::Listener& one) {
    const bool same_address = one.address == channel.address_v4 || one.address == channel.address_v6;
    return one.udp && same_address && one.port == channel.lite_port;
  });
  if (channel.lite_port != 0 && is_taken) reader.fail("lite_port", "is where one of sip.listen listens by UDP");
  const bool is_v6 = channel.stun_server.find(':') != std::string::npos;
  if (!channel.stun_server.empty() && (is_v6 ? channel.address_v6 : channel.address_v4).empty()) {
    reader.fail("stun_server", is_v6 ? "needs media.address_v6" : "needs media.address_v4");
  }
}

}  // namespace

sdp::LocalMedia default_media() {
  sdp::LocalMedia media;
  media.address_v4 = media::Settings{}.address_v4;
  media.audio_codecs = {{"opus/48000/2", 96, ""}, {"AMR-WB/16000", 98, ""}, {"G722/8000", 9, ""},
                        {"PCMA/8000", 8, ""},     {"PCMU/8000", 0, ""},     {"telephone-event/8000", 101, "0-15"}};
  media.video_codecs = {{"H264/90000", 97, "profile-level-id=42e01f;packetization-mode=1"},
                        {"H265/90000", 99, ""},
                        {"VP8/90000", 100, ""}};
  return media;
}

/// A quarter of few is less than a small laboratory behind one address has.
constexpr std::size_t least_port_share = 64;

void read_media(ConfigReader reader, Config& config) {
  sdp::LocalMedia& local = config.policy.media;
  read_address(reader, "address_v4", Family::v4, local.address_v4);
  read_address(reader, "address_v6", Family::v6, local.address_v6);
  if (local.address_v4.empty() && local.address_v6.empty()) {
    reader.fail_together({"address_v4", "address_v6"}, "address_v4 and address_v6 must not both be empty");
  }
  config.media.address_v4 = local.address_v4;
  config.media.address_v6 = local.address_v6;
  // Three ports hold a pair wherever they start.
  read_port_range(reader, config.media.min_port, config.media.max_port, 3);
  reader.read_number("max_port_pairs", config.media.max_pairs, 1, 1'000'000);
  config.policy.max_port_pairs_per_account = std::max(least_port_share, config.media.max_pairs / 4);
  read_codecs(reader, "audio_codecs", local.audio_codecs);
  read_codecs(reader, "video_codecs", local.video_codecs);
  check_codecs(reader, local);
  reader.finish();
}

void read_channel(ConfigReader reader, Config& config) {
  channel::Settings& channel = config.channel;
  // One address for everything that is told in SDP: an operator who changes it means RTP and CLUE channels.
  channel.address_v4 = config.media.address_v4;
  channel.address_v6 = config.media.address_v6;
  using channel::IceMode;
  reader.read_choice("ice", channel.ice, {{"full", IceMode::full}, {"lite", IceMode::lite}});
  reader.read_number("lite_port", channel.lite_port, 0);
  read_port_range(reader, channel.min_port, channel.max_port, 1);
  read_address(reader, "stun_server", Family::any, channel.stun_server);
  // What would be without effect is not what the operator meant.
  if (channel.ice == IceMode::full && channel.lite_port != 0) reader.fail("lite_port", "is for ice: lite alone");
  if (channel.ice == IceMode::lite && channel.min_port != 0)
    reader.fail("min_port", "is for ice: full alone; see lite_port");
  if (channel.ice == IceMode::lite && !channel.stun_server.empty())
    reader.fail("stun_server", "is for ice: full alone");
  check_channel_addresses(reader, channel, config.sip.listen);
  reader.read_number("stun_port", channel.stun_port, 1);
  reader.read_number("max_inbound_message", channel.max_inbound_message, 65'536, 16 * 1024 * 1024);
  reader.read_duration("connect_timeout", channel.connect_timeout, 1s, 5min);
  reader.read_duration("shutdown_timeout", channel.shutdown_timeout, 100ms, 1min);
  reader.read_duration("dtls_first_retransmission", channel.dtls_first_retransmission, 20ms, 10s);
  reader.read_duration("dtls_longest_retransmission", channel.dtls_longest_retransmission, 100ms, 1min);
  if (channel.dtls_longest_retransmission < channel.dtls_first_retransmission) {
    reader.fail_together({"dtls_longest_retransmission", "dtls_first_retransmission"},
                         "dtls_longest_retransmission must not be below dtls_first_retransmission");
  }
  reader.read_duration("consent_grace", channel.consent_grace, 0ms, 5min);
  reader.read_duration("check_grace", channel.check_grace, 0ms, 5min);
  reader.finish();
}

}  // namespace clued::app
