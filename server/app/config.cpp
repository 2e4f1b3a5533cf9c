#include "app/config.hpp"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include "app/config_conference.hpp"
#include "app/config_document.hpp"
#include "app/config_media.hpp"
#include "app/config_place.hpp"
#include "app/config_reader.hpp"
#include "app/config_reload.hpp"
#include "app/config_sip.hpp"
#include "app/own_places.hpp"
#include "sip/operator_file.hpp"
#include "sip/own_texts.hpp"
#include "sip/trusted_peers.hpp"

namespace clued::app {

namespace {

using namespace std::chrono_literals;
using Errors = std::vector<ConfigError>;

/// Whoever has mended these asks again.
constexpr std::size_t max_mistakes = 100;

void read_sip(ConfigReader reader, sip::Settings& sip) {
  read_listeners(reader, sip.listen);
  reader.read_optional_text("domain", sip.domain, sip::problem_of_host_port);
  reader.read_optional_text("outbound_proxy", sip.outbound_proxy, sip::problem_of_next_hop);
  for (const auto& [key, host] : {std::pair{"domain", &sip.domain}, std::pair{"outbound_proxy", &sip.outbound_proxy}}) {
    if (std::string problem = problem_of_told_host(*host); !problem.empty()) reader.fail(key, std::move(problem));
  }
  if (!sip.outbound_proxy.empty() && !reader.is_wrong("listen")) {
    if (std::string problem = problem_of_way_to_proxy(sip.outbound_proxy, sip.listen); !problem.empty()) {
      reader.fail("outbound_proxy", std::move(problem));
    }
  }
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
  if (policy.max_refresh_window < policy.refresh_window) {
    reader.fail_together({"max_window", "window"}, "max_window must not be below window");
  }
  reader.read("reinvite_spread", policy.reinvite_spread, 0ms, 1min);
  reader.read("reinvite_retry", policy.reinvite_retry, 1s, 10min);
  reader.read_number("reinvite_retries", policy.reinvite_retries, 0, 100);
  reader.finish();
}

void read_conference_event(ConfigReader reader, focus::Policy& policy, bool is_ims) {
  reader.read("min_interval", policy.notify_interval, 0ms, 1h);
  reader.read_duration("min_expires", policy.min_subscription, 1s, 1h);
  reader.read_duration("max_expires", policy.max_subscription, 1min, 24h);
  if (policy.max_subscription < policy.min_subscription) {
    reader.fail_together({"max_expires", "min_expires"}, "max_expires must not be below min_expires");
  }
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
  if (policy.session_expires < sip.min_session_expires) {
    reader.fail_together({"expires", "min_expires"}, "expires must not be below min_expires");
  }
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

/// Whether both names lead to one file.
bool is_same_file(const std::string& one, const std::string& other) {
  std::error_code error;
  return std::filesystem::equivalent(one, other, error) && !error;
}

/// `files`: what was read.
void check_log_file(ConfigReader& reader, const std::string& file, const std::vector<std::string>& files) {
  if (file.empty()) return;
  if (std::string problem = sip::problem_of_log_file(file); !problem.empty()) {
    return reader.fail("file", file + ": " + problem);
  }
  const auto read = std::find_if(files.begin(), files.end(), [&](const auto& one) { return is_same_file(one, file); });
  if (read != files.end()) reader.fail("file", file + ": is read from, as " + *read);
}

void read_log(ConfigReader reader, LogSettings& log, const std::vector<std::string>& files) {
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
  check_log_file(reader, log.file, files);
  reader.finish();
}

Config read_config(const YAML::Node& root, Reading& reading) {
  Config config;
  config.policy.media = default_media();
  config.sip.listen = {{"127.0.0.1", 5060, true, true}};
  ConfigReader reader(root, "", reading);
  read_sip(reader.section("sip"), config.sip);
  read_auth(reader.section("auth"), config.sip.auth);
  read_tls(reader, config.sip);
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
  read_log(reader.section("log"), config.log, reading.files);
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
  return file + (line == 0 ? "" : ":" + std::to_string(line)) + ": " + (key.empty() ? "" : key + ": ") + reason;
}

base::expected<Config, Errors> read_document(const YAML::Node& document, const Source& source) {
  Reading reading(source);
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
  if (const std::size_t count = reading.errors.size(); count > max_mistakes) {
    reading.errors.resize(max_mistakes);
    reading.errors.push_back({0, "", "has " + std::to_string(count - max_mistakes) + " more mistakes"});
  }
  return base::unexpected(std::move(reading.errors));
}

base::expected<Config, Errors> parse_config(const std::string& text, const std::string& file) {
  const auto document = parse_document(text);
  if (!document) return base::unexpected(Errors{document.error()});
  return read_document(*document, {file, text});
}

base::expected<Config, Errors> load_config(const std::string& file) {
  const auto text = sip::read_operator_file(file, sip::max_configuration_bytes);
  if (!text) return base::unexpected(Errors{{0, "", text.error()}});
  return parse_config(*text, file);
}

}  // namespace clued::app
