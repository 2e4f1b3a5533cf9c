#include "app/config.hpp"

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <optional>

#include "app/config_conference.hpp"
#include "app/config_document.hpp"
#include "app/config_reader.hpp"
#include "app/config_reload.hpp"
#include "app/config_sip.hpp"
#include "app/own_places.hpp"
#include "sdp/codec_check.hpp"
#include "sip/own_texts.hpp"
#include "sip/trusted_peers.hpp"

namespace clued::app {

namespace {

using namespace std::chrono_literals;
using Errors = std::vector<ConfigError>;

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

enum class Family { v4, v6, any };

void read_address(ConfigReader& reader, std::string_view key, Family family, std::string& target) {
  std::string text = target;
  reader.read(key, text);
  if (text.empty()) {
    target.clear();
    return;
  }
  boost::system::error_code error;
  const auto address = boost::asio::ip::make_address(text, error);
  const bool is_wanted = family == Family::any || address.is_v6() == (family == Family::v6);
  if (error || !is_wanted) {
    const char* name = family == Family::any ? "IP" : family == Family::v6 ? "IPv6" : "IPv4";
    return reader.fail(key, std::string("must be an ") + name + " address in numbers, or empty");
  }
  // It is told to peers as well: 0.0.0.0 in SDP would put them on hold (RFC 3264 section 8.4).
  if (address.is_unspecified()) return reader.fail(key, "must be one address, not any");
  // Neither SDP nor a URI has a place for an interface.
  if (text.find('%') != std::string::npos) return reader.fail(key, "must be an address without interface");
  target = address.to_string();
}

std::string in_uri(const std::string& host) { return host.find(':') == std::string::npos ? host : '[' + host + ']'; }

void read_listeners(ConfigReader& reader, std::vector<sip::Listener>& listen) {
  reader.read_sections(
      "listen", [&listen] { listen.clear(); },
      [&listen](ConfigReader& entry) {
        sip::Listener listener;
        read_address(entry, "address", Family::any, listener.address);
        if (listener.address.empty()) entry.fail("address", "is needed");
        entry.read_number("port", listener.port, 0);
        entry.read("udp", listener.udp);
        entry.read("tcp", listener.tcp);
        entry.read("tls", listener.tls);
        entry.read_number("tls_port", listener.tls_port, 0);
        entry.read("advertise", listener.advertise);
        if (!listener.advertise.empty()) {
          const bool has_brackets = listener.advertise.front() == '[';
          const std::string host = has_brackets ? listener.advertise : in_uri(listener.advertise);
          if (std::string problem = sip::problem_of_host(host); !problem.empty()) {
            entry.fail("advertise", std::move(problem));
          } else if (has_brackets) {
            listener.advertise = host.substr(1, host.size() - 2);
          }
        }
        if (!listener.udp && !listener.tcp && !listener.tls) entry.fail("udp", "tcp and tls must not all be off");
        listen.push_back(std::move(listener));
      });
  if (listen.empty()) reader.fail("listen", "must have at least one address");
  std::string all;
  for (const sip::Listener& one : listen) {
    all += in_uri(one.address) + ':' + std::to_string(one.port) + (one.udp ? " udp" : "") + (one.tcp ? " tcp" : "") +
           (one.tls ? " tls:" + std::to_string(one.tls_port) : "") + ' ' + one.advertise + '\n';
  }
  reader.note("listen", all);
}

void read_sip(ConfigReader reader, sip::Settings& sip) {
  read_listeners(reader, sip.listen);
  reader.read_optional_text("domain", sip.domain, sip::problem_of_host_port);
  reader.read_optional_text("outbound_proxy", sip.outbound_proxy, sip::problem_of_next_hop);
  reader.read_duration("lookup_timeout", sip.lookup.time_limit, 100ms, 1min);
  reader.read_text("server_name", sip.server_name, sip::problem_of_product);
  sip.trusted_peers.clear();
  reader.read_each("trusted_peers", [&sip](const std::string& text) -> std::string {
    if (!sip::TrustedPeers::from({text}))
      return "is neither an address (192.0.2.1, 192.0.2.1:5060) nor a network (192.0.2.0/24)";
    sip.trusted_peers.push_back(text);
    return {};
  });
  reader.read_duration("t1x64", sip.t1x64, 1s, 5min);
  reader.read_duration("t4", sip.t4, 100ms, 1min);
  reader.read_duration("reinvite_wait", sip.reinvite_wait, 1s, 10min);
  reader.read_duration("idle_connection", sip.idle_connection, 1s, 24h);
  reader.read_duration("refer_expires", sip.refer_expires, 60s, 1h);
  reader.read_number("max_dialogs", sip.max_dialogs, 1, 10'000'000);
  reader.read_number("max_proceeding", sip.max_proceeding, 1, 1'000'000);
  reader.read_number("max_rate_per_source", sip.max_rate_per_source, 0, 1'000'000);
  reader.read_number("max_burst_per_source", sip.max_burst_per_source, 1, 1'000'000);
  reader.read_number("max_connections_per_source", sip.max_connections_per_source, 1, 1'000'000);
  reader.read_number("max_message_size", sip.max_message_size, 4096, 16 * 1024 * 1024);
  reader.read_number("udp_mtu", sip.udp_mtu, 512, 65'535);
  reader.read_number("udp_receive_buffer", sip.udp_receive_buffer, 4096, 1024 * 1024 * 1024);
  reader.read_number("max_unanswered", sip.max_unanswered, 1, 20'000);
  reader.read_number("requests_per_turn", sip.requests_per_turn, 1, 1000);
  reader.read_duration("unanswered_hold", sip.unanswered_hold, 10ms, 1min);
  reader.finish();
}

void read_refer(ConfigReader reader, focus::Policy& policy) {
  reader.read_choice("final_notify", policy.final_notify,
                     {{"auto", focus::FinalNotify::automatic},
                      {"rfc3515", focus::FinalNotify::rfc3515},
                      {"trying", focus::FinalNotify::trying},
                      {"none", focus::FinalNotify::none}});
  reader.read_choice("accept_code", policy.refer_accept_code, {{"200", 200}, {"202", 202}});
  reader.read_text("removal_reason", policy.removal_reason, sip::problem_of_quoted_text);
  reader.read_number("max_open", policy.max_open_refers, 1, 100'000);
  reader.finish();
}

void read_clue(ConfigReader reader, focus::Policy& policy) {
  reader.read("enabled", policy.clue_enabled);
  reader.read("options_timeout", policy.clue_timers.options, 1s, 5min);
  reader.read("guard_timeout", policy.clue_timers.guard, 1s, 10min);
  reader.read("nack_backoff", policy.clue_timers.nack_backoff, 100ms, 1min);
  reader.read_number("nack_retries", policy.clue_timers.nack_retries, 0, 100);
  reader.read_number("sequence_errors", policy.clue_timers.sequence_errors, 1, 100);
  auto messages_per_second = static_cast<unsigned>(policy.max_messages_per_second);
  reader.read_number("max_messages_per_second", messages_per_second, 5, 100'000);
  policy.max_messages_per_second = messages_per_second;
  unsigned bytes_per_second = static_cast<unsigned>(policy.max_bytes_per_second);
  reader.read_number("max_bytes_per_second", bytes_per_second, 4096, 1'000'000'000);
  policy.max_bytes_per_second = bytes_per_second;
  reader.read_number("max_captures", policy.max_captures, 1, 1000);
  reader.read_number("max_advertised_captures", policy.max_advertised_captures, 1, 1000);
  reader.read_number("max_video_encodings", policy.max_video_encodings, 0, 100);
  reader.read_number("max_receive_streams", policy.max_receive_streams, 0, 100);
  reader.read_number("video_bandwidth", policy.video_bandwidth, 1000, 10'000'000'000);
  reader.read_number("audio_bandwidth", policy.audio_bandwidth, 1000, 10'000'000'000);
  reader.finish();
}

void read_refresh(ConfigReader reader, focus::Policy& policy) {
  reader.read_choice(
      "sdp", policy.refresh_sdp,
      {{"when-encodings-change", focus::RefreshSdp::when_encodings_change}, {"always", focus::RefreshSdp::always}});
  reader.read("window", policy.refresh_window, 0ms, 1min);
  reader.read("max_window", policy.max_refresh_window, 0ms, 10min);
  reader.read("reinvite_spread", policy.reinvite_spread, 0ms, 1min);
  reader.read("reinvite_retry", policy.reinvite_retry, 1s, 10min);
  reader.read_number("reinvite_retries", policy.reinvite_retries, 0, 100);
  reader.finish();
}

void read_conference_event(ConfigReader reader, focus::Policy& policy, bool is_ims) {
  reader.read("min_interval", policy.notify_interval, 0ms, 1h);
  reader.read_duration("min_expires", policy.min_subscription, 1s, 1h);
  reader.read_duration("max_expires", policy.max_subscription, 1min, 24h);
  if (policy.max_subscription < policy.min_subscription) reader.fail("max_expires", "must not be below min_expires");
  reader.read("watch_after_removal", policy.watch_after_removal);
  // TS 24.147 and TS 34.229-5 A.27 expect that who leaves a conference of an IMS is told nothing of it any more.
  if (is_ims) policy.watch_after_leaving = false;
  reader.read("watch_after_leaving", policy.watch_after_leaving);
  reader.read_number("max_subscriptions", policy.max_subscriptions, 0, 1'000'000);
  reader.read_number("max_subscriptions_per_conference", policy.max_subscriptions_per_conference, 0, 1'000'000);
  reader.read_number("max_subscriptions_per_user", policy.max_subscriptions_per_user, 0, 1'000'000);
  reader.read_number("max_subscriptions_per_source", policy.max_subscriptions_per_source, 0, 1'000'000);
  reader.finish();
}

void read_dialout(ConfigReader reader, focus::DialOut& dial_out) {
  // Timer C of RFC 3261 ends what rings longer.
  reader.read("ring_time", dial_out.ring_time, 1s, 3min);
  reader.read_number("redirects", dial_out.redirects, 0, 20);
  reader.read("offer_clue", dial_out.offer_clue);
  reader.read("preconditions", dial_out.preconditions);
  reader.read_number("max_outstanding", dial_out.max_outstanding, 1, 100'000);
  // The history of them all goes into each of the INVITEs.
  reader.read_number("max_list_entries", dial_out.max_list_entries, 0, 1000);
  read_domains(reader, dial_out.domains);
  reader.finish();
}

void read_session(ConfigReader reader, focus::Policy& policy, sip::Settings& sip) {
  reader.read_duration("expires", policy.session_expires, 90s, 24h);
  reader.read_duration("min_expires", sip.min_session_expires, 90s, 24h);
  policy.min_session_expires = sip.min_session_expires;
  if (policy.session_expires < sip.min_session_expires) reader.fail("expires", "must not be below min_expires");
  reader.read_choice("refresher", policy.session_refresher,
                     {{"focus", focus::PreferredRefresher::focus}, {"peer", focus::PreferredRefresher::peer}});
  for (auto [key, loss] :
       {std::pair{"on_channel_loss", &policy.on_channel_loss}, std::pair{"on_consent_loss", &policy.on_consent_loss}}) {
    reader.read_choice(key, *loss, {{"keep", focus::OnLoss::keep}, {"remove", focus::OnLoss::remove}});
  }
  reader.read("channel_wait", policy.channel_wait, 0ms, 1min);
  reader.read("resource_wait", policy.resource_wait, 100ms, 1min);
  reader.read("precondition_wait", policy.precondition_wait, 1s, 2min);
  reader.read("takeover_wait", policy.takeover_wait, 0ms, 1min);
  reader.read("end_wait", policy.end_wait, 0ms, 5min);
  reader.finish();
}

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
  reader.read_sections(
      key, [&codecs] { codecs.clear(); },
      [&codecs](ConfigReader& entry) {
        sdp::Codec codec;
        entry.read_text("encoding", codec.encoding, sdp::problem_of_encoding);
        entry.read_number("payload_type", codec.payload_type, 0, 127);
        entry.read_optional_text("fmtp", codec.fmtp, sdp::problem_of_format_parameters);
        const bool is_taken = std::any_of(codecs.begin(), codecs.end(), [&codec](const sdp::Codec& one) {
          return one.payload_type == codec.payload_type;
        });
        if (is_taken) entry.fail("payload_type", "is that of another codec too");
        codecs.push_back(std::move(codec));
      });
}

void read_media(ConfigReader reader, Config& config) {
  sdp::LocalMedia& local = config.policy.media;
  read_address(reader, "address_v4", Family::v4, local.address_v4);
  read_address(reader, "address_v6", Family::v6, local.address_v6);
  config.media.address_v4 = local.address_v4;
  config.media.address_v6 = local.address_v6;
  // Three ports hold a pair wherever they start.
  read_port_range(reader, config.media.min_port, config.media.max_port, 3);
  reader.read_number("max_port_pairs", config.media.max_pairs, 0, 1'000'000);
  read_codecs(reader, "audio_codecs", local.audio_codecs);
  read_codecs(reader, "video_codecs", local.video_codecs);
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
  reader.read_number("stun_port", channel.stun_port, 1);
  reader.read_number("max_inbound_message", channel.max_inbound_message, 65'536, 16 * 1024 * 1024);
  reader.read_duration("connect_timeout", channel.connect_timeout, 1s, 5min);
  reader.read_duration("shutdown_timeout", channel.shutdown_timeout, 100ms, 1min);
  reader.read_duration("dtls_first_retransmission", channel.dtls_first_retransmission, 20ms, 10s);
  reader.read_duration("dtls_longest_retransmission", channel.dtls_longest_retransmission, 100ms, 1min);
  reader.read_duration("consent_grace", channel.consent_grace, 0ms, 5min);
  reader.read_duration("check_grace", channel.check_grace, 0ms, 5min);
  reader.finish();
}

void read_log(ConfigReader reader, LogSettings& log) {
  using base::Severity;
  reader.read_choice("level", log.level,
                     {{"trace", Severity::trace},
                      {"debug", Severity::debug},
                      {"info", Severity::info},
                      {"warning", Severity::warning},
                      {"error", Severity::error},
                      {"critical", Severity::critical}});
  reader.read_choice("format", log.format, {{"text", LogFormat::text}, {"json", LogFormat::json}});
  reader.read("file", log.file);
  reader.finish();
}

Config read_config(const YAML::Node& root, Reading& reading) {
  Config config;
  config.policy.media = default_media();
  config.sip.listen = {{"127.0.0.1", 5060, true, true}};
  ConfigReader reader(root, "", reading);
  read_sip(reader.section("sip"), config.sip);
  read_auth(reader.section("auth"), config.sip.auth);
  read_tls(reader.section("tls"), config.sip);
  read_ims(reader.section("ims"), config.sip.ims);
  read_conference(reader.section("conference"), config.policy.conference);
  read_permanent_conferences(reader, config.policy.conference);
  read_refer(reader.section("refer"), config.policy);
  read_clue(reader.section("clue"), config.policy);
  config.channel.max_messages_per_second = 2 * config.policy.max_messages_per_second;
  read_refresh(reader.section("refresh"), config.policy);
  read_conference_event(reader.section("conference_event"), config.policy, !config.sip.ims.service.empty());
  read_dialout(reader.section("dialout"), config.policy.dial_out);
  config.policy.dial_out.has_outbound_proxy = !config.sip.outbound_proxy.empty();
  note_own_places(config.sip, config.policy.dial_out);
  read_session(reader.section("session"), config.policy, config.sip);
  read_media(reader.section("media"), config);
  read_channel(reader.section("channel"), config);
  read_log(reader.section("log"), config.log);
  reader.finish();
  return config;
}

/// What a reload has to put back into a changed file.
std::map<std::string, std::string> given_for_good(const YAML::Node& root,
                                                  const std::map<std::string, std::string>& values) {
  std::map<std::string, std::string> given;
  if (!root.IsMap()) return given;
  for (const auto& [key, value] : values) {
    if (effect_of(key) == Effect::at_once) continue;
    const std::size_t dot = key.find('.');
    const YAML::Node section = dot == std::string::npos ? root : root[key.substr(0, dot)];
    if (!section.IsDefined() || !section.IsMap()) continue;
    const YAML::Node node = section[dot == std::string::npos ? key : key.substr(dot + 1)];
    if (node.IsDefined()) given.emplace(key, YAML::Dump(node));
  }
  return given;
}

}  // namespace

std::string ConfigError::to_string(const std::string& file) const {
  return file + ":" + std::to_string(line) + ": " + (key.empty() ? "" : key + ": ") + reason;
}

base::expected<Config, Errors> read_document(const YAML::Node& document) {
  Reading reading;
  try {
    Config config = read_config(document, reading);
    if (reading.errors.empty()) {
      config.given = given_for_good(document, reading.values);
      config.values = std::move(reading.values);
      return config;
    }
  } catch (const YAML::Exception& error) {
    const std::size_t line = error.mark.is_null() ? 0 : static_cast<std::size_t>(error.mark.line) + 1;
    reading.errors.push_back({line, "", "is not YAML: " + error.msg});
  }
  std::stable_sort(reading.errors.begin(), reading.errors.end(),
                   [](const auto& a, const auto& b) { return a.line < b.line; });
  return base::unexpected(std::move(reading.errors));
}

base::expected<Config, Errors> parse_config(const std::string& text) {
  const auto document = parse_document(text);
  if (!document) return base::unexpected(Errors{document.error()});
  return read_document(*document);
}

base::expected<Config, Errors> load_config(const std::string& file) {
  const auto text = read_text(file);
  if (!text) return base::unexpected(Errors{{0, "", text.error()}});
  return parse_config(*text);
}

}  // namespace clued::app
