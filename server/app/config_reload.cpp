#include "app/config_reload.hpp"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "app/config_document.hpp"
#include "sip/operator_file.hpp"

namespace clued::app {

namespace {

using enum Effect;

/// Each key is here once; a test compares this with the keys that are read. Whoever adds a key decides: what is asked
/// anew each time is applied, what is handed over once at the start waits.
constexpr std::pair<std::string_view, Effect> effects[] = {
    {"auth.algorithms", at_once},
    {"auth.nonce_lifetime", at_once},
    {"auth.realm", at_once},
    {"auth.require", at_once},
    {"auth.users", at_once},
    {"auth.users_file", at_once},
    {"channel.check_grace", after_restart},
    {"channel.connect_timeout", after_restart},
    {"channel.consent_grace", after_restart},
    {"channel.dtls_first_retransmission", after_restart},
    {"channel.dtls_longest_retransmission", after_restart},
    {"channel.ice", after_restart},
    {"channel.lite_port", after_restart},
    {"channel.max_inbound_message", after_restart},
    {"channel.max_port", after_restart},
    {"channel.min_port", after_restart},
    {"channel.shutdown_timeout", after_restart},
    {"channel.stun_port", after_restart},
    {"channel.stun_server", after_restart},
    {"clue.audio_bandwidth", at_once},
    {"clue.enabled", at_once},
    {"clue.guard_timeout", at_once},
    {"clue.max_advertised_captures", at_once},
    {"clue.max_bytes_per_second", at_once},
    {"clue.max_captures", at_once},
    {"clue.max_messages_per_second", at_once},
    {"clue.max_receive_streams", at_once},
    {"clue.max_video_encodings", at_once},
    {"clue.nack_backoff", at_once},
    {"clue.nack_retries", at_once},
    {"clue.options_timeout", at_once},
    {"clue.sequence_errors", at_once},
    {"clue.video_bandwidth", at_once},
    {"conference.create", at_once},
    {"conference.domains", at_once},
    {"conference.end", at_once},
    {"conference.end_when", at_once},
    {"conference.factory_user", at_once},
    {"conference.invite", at_once},
    {"conference.invite_list", at_once},
    {"conference.join", at_once},
    {"conference.lock_after", at_once},
    {"conference.max_conferences", at_once},
    {"conference.max_conferences_per_source", at_once},
    {"conference.max_participants", at_once},
    {"conference.max_participants_per_conference", at_once},
    {"conference.max_participants_per_source", at_once},
    {"conference.moderator_succession", at_once},
    {"conference.moderators", at_once},
    {"conference.remove", at_once},
    {"conference.replace", at_once},
    {"conference.subscribe", at_once},
    {"conference_event.max_expires", at_once},
    {"conference_event.max_subscriptions", at_once},
    {"conference_event.max_subscriptions_per_conference", at_once},
    {"conference_event.max_subscriptions_per_source", at_once},
    {"conference_event.max_subscriptions_per_user", at_once},
    {"conference_event.min_expires", at_once},
    {"conference_event.min_interval", at_once},
    {"conference_event.watch_after_leaving", at_once},
    {"conference_event.watch_after_removal", at_once},
    {"conferences", at_once},
    {"dialout.domains", at_once},
    {"dialout.max_list_entries", at_once},
    {"dialout.max_outstanding", at_once},
    {"dialout.offer_clue", at_once},
    {"dialout.preconditions", at_once},
    {"dialout.redirects", at_once},
    {"dialout.ring_time", at_once},
    {"ims.charging_function_addresses", at_once},
    {"ims.orig_ioi", at_once},
    {"ims.service", at_once},
    {"ims.term_ioi", at_once},
    {"log.file", after_restart},
    {"log.format", after_restart},
    {"log.level", at_once},
    {"media.address_v4", after_restart},
    {"media.address_v6", after_restart},
    {"media.audio_codecs", at_once},
    {"media.max_port", after_restart},
    {"media.max_port_pairs", after_restart},
    {"media.min_port", after_restart},
    {"media.video_codecs", at_once},
    {"refer.accept_code", at_once},
    {"refer.final_notify", at_once},
    {"refer.max_open", at_once},
    {"refer.removal_reason", at_once},
    {"refresh.max_window", at_once},
    {"refresh.reinvite_retries", at_once},
    {"refresh.reinvite_retry", at_once},
    {"refresh.reinvite_spread", at_once},
    {"refresh.sdp", at_once},
    {"refresh.window", at_once},
    {"session.channel_wait", at_once},
    {"session.end_wait", at_once},
    {"session.expires", at_once},
    {"session.min_expires", at_once},
    {"session.on_channel_loss", at_once},
    {"session.on_consent_loss", at_once},
    {"session.precondition_wait", at_once},
    {"session.refresher", at_once},
    {"session.resource_wait", at_once},
    {"session.takeover_wait", at_once},
    {"sip.domain", at_once},
    {"sip.idle_connection", after_restart},
    {"sip.listen", after_restart},
    {"sip.lookup_timeout", after_restart},
    {"sip.max_burst_per_source", at_once},
    {"sip.max_connections_per_source", at_once},
    {"sip.max_dialogs", at_once},
    {"sip.max_message_size", after_restart},
    {"sip.max_proceeding", after_restart},
    {"sip.max_rate_per_source", at_once},
    {"sip.max_unanswered", at_once},
    {"sip.outbound_proxy", at_once},
    {"sip.refer_expires", at_once},
    {"sip.reinvite_wait", at_once},
    {"sip.requests_per_turn", at_once},
    {"sip.server_name", at_once},
    {"sip.t1x64", after_restart},
    {"sip.t4", after_restart},
    {"sip.trusted_peers", at_once},
    {"sip.udp_mtu", after_restart},
    {"sip.udp_receive_buffer", after_restart},
    {"sip.unanswered_hold", at_once},
    {"tls.authorities", at_once},
    {"tls.certificates", at_once},
    {"tls.client_certificates", at_once},
    {"tls.handshake_timeout", at_once},
    {"tls.least_version", at_once},
    {"tls.max_connections", at_once},
    {"tls.max_connections_per_source", at_once},
    {"tls.trusted_names", at_once},
    {"tls.verify_servers", at_once},
};

bool waits(std::string_view key) { return effect_of(key).value_or(after_restart) == after_restart; }

std::vector<std::string> waiting_keys(const Config& running, const Config& fresh) {
  std::vector<std::string> waiting;
  for (const auto& [key, value] : fresh.values) {
    const auto before = running.values.find(key);
    if (waits(key) && (before == running.values.end() || before->second != value)) waiting.push_back(key);
  }
  return waiting;
}

/// Puts what the running configuration was given for this key in the place of what the file says now.
void keep(YAML::Node& root, const std::string& key, const Config& running) {
  const std::size_t dot = key.find('.');
  if (!root.IsMap()) root = YAML::Node(YAML::NodeType::Map);
  YAML::Node section = dot == std::string::npos ? root : root[key.substr(0, dot)];
  const std::string name = dot == std::string::npos ? key : key.substr(dot + 1);
  if (const auto given = running.given.find(key); given != running.given.end()) {
    section[name] = YAML::Load(given->second);
  } else if (section.IsMap()) {
    section.remove(name);
  }
}

/// A file that somebody is about to write is empty for a moment. Taken for a configuration it would open what the one in
/// force has closed.
bool would_reset(const Config& running, const std::string& text) {
  const auto document = parse_document(text);
  if (!document || !document->IsNull()) return false;
  const auto defaults = parse_config("");
  return defaults && defaults->values != running.values;
}

}  // namespace

std::optional<Effect> effect_of(std::string_view key) {
  const auto* found =
      std::find_if(std::begin(effects), std::end(effects), [&](const auto& one) { return one.first == key; });
  return found == std::end(effects) ? std::nullopt : std::optional(found->second);
}

std::vector<std::string_view> decided_keys() {
  std::vector<std::string_view> keys;
  for (const auto& [key, effect] : effects) keys.push_back(key);
  return keys;
}

base::expected<Reload, std::vector<ConfigError>> reload_config(const Config& running, const std::string& text,
                                                               const std::string& file) {
  auto fresh = parse_config(text, file);
  if (!fresh) return base::unexpected(std::move(fresh.error()));
  std::vector<std::string> waiting = waiting_keys(running, *fresh);
  if (waiting.empty()) return Reload{*std::move(fresh), {}};
  auto document = parse_document(text);
  if (!document) return base::unexpected(std::vector{document.error()});
  for (const std::string& key : waiting) keep(*document, key, running);
  auto merged = read_document(*document, {file, text});
  if (merged) return Reload{*std::move(merged), std::move(waiting)};
  std::string kept;
  for (const std::string& key : waiting) kept += (kept.empty() ? "" : ", ") + key;
  for (ConfigError& error : merged.error()) {
    // What is kept stands in no line of this file.
    const bool is_kept = std::any_of(waiting.begin(), waiting.end(),
                                     [&error](const std::string& key) { return error.key.starts_with(key); });
    if (is_kept) error.line = 0;
    error.reason += " (needs a restart, as long as the old " + kept + " are in force)";
  }
  return base::unexpected(std::move(merged.error()));
}

base::expected<Reload, std::vector<ConfigError>> reload_config_file(const Config& running, const std::string& file) {
  const auto text = sip::read_operator_file(file, sip::max_configuration_bytes);
  if (!text) return base::unexpected(std::vector{ConfigError{0, "", text.error()}});
  if (would_reset(running, *text)) {
    return base::unexpected(std::vector{ConfigError{0, "", "has nothing in it; each key would have its default"}});
  }
  return reload_config(running, *text, file);
}

}  // namespace clued::app
