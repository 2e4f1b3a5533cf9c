#include "sdp/data_channel.hpp"

#include <algorithm>
#include <array>
#include <limits>

#include "sdp/dcmap.hpp"
#include "sdp/groups.hpp"
#include "sdp/text.hpp"

namespace clued::sdp {
namespace {

// More than any endpoint gathers; each costs connectivity checks.
constexpr std::size_t kMostCandidates = 64;
// Channel ids reach up to 1023 in browsers. SCTP reserves memory for every stream below the highest one, so 65534
// would let a peer claim megabytes by one number.
constexpr std::uint16_t kHighestStream = 1023;

using Problem = const char*;  // nullptr: none

/// Attributes that RFC 8839, 8122 and 8842 allow on both levels: the m-line's own count before the session's.
std::optional<std::string_view> inherited(const SessionDescription& session, const MediaDescription& line,
                                          std::string_view name) {
  if (const Attribute* own = line.attribute(name)) return trimmed(own->text());
  if (const Attribute* general = session.attribute(name)) return trimmed(general->text());
  return std::nullopt;
}

bool is_ice_text(std::string_view text, std::size_t shortest) {
  return text.size() >= shortest && text.size() <= 256 && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+' || c == '/' ||
                  c == '-' || c == '_' || c == '=';
         });
}

Problem read_ice(const SessionDescription& session, const MediaDescription& line, const DataChannel* known,
                 DataChannel& channel) {
  const auto ufrag = inherited(session, line, "ice-ufrag");
  const auto password = inherited(session, line, "ice-pwd");
  if (!ufrag && !password && known != nullptr) {
    channel.ice_ufrag = known->ice_ufrag;
    channel.ice_pwd = known->ice_pwd;
    channel.candidates = known->candidates;
    channel.ice_options = known->ice_options;
    channel.end_of_candidates = known->end_of_candidates;
    channel.ice_lite = known->ice_lite;
    return nullptr;
  }
  if (!ufrag || !password) return "no ICE credentials";
  // RFC 8839 section 5.4: at least 4 and 22 characters.
  if (!is_ice_text(*ufrag, 4) || !is_ice_text(*password, 22)) return "malformed ICE credentials";
  channel.ice_ufrag = *ufrag;
  channel.ice_pwd = *password;
  for (const Attribute& attribute : line.attributes) {
    if (attribute.name == "candidate" && attribute.value && channel.candidates.size() < kMostCandidates) {
      channel.candidates.emplace_back(trimmed(*attribute.value));
    }
  }
  if (const auto options = inherited(session, line, "ice-options")) {
    for (const std::string_view option : fields(*options)) channel.ice_options.emplace_back(option);
  }
  channel.end_of_candidates = line.attribute("end-of-candidates") != nullptr;
  channel.ice_lite = session.attribute("ice-lite") != nullptr;
  return nullptr;
}

/// Octets of a hash that RFC 8122 section 5 allows; 0 for others (MD2, MD5 and unknown ones are of no use to us).
std::size_t hash_octets(std::string_view hash) {
  constexpr std::array<std::pair<std::string_view, std::size_t>, 5> known{
      {{"sha-1", 20}, {"sha-224", 28}, {"sha-256", 32}, {"sha-384", 48}, {"sha-512", 64}}};
  for (const auto& [name, octets] : known) {
    if (name == hash) return octets;
  }
  return 0;
}

std::optional<Fingerprint> read_fingerprint(std::string_view value) {
  const auto parts = fields(value);
  if (parts.size() != 2) return std::nullopt;
  Fingerprint fingerprint{lower(parts[0]), upper(parts[1])};
  const std::size_t octets = hash_octets(fingerprint.hash);
  if (octets == 0 || fingerprint.value.size() != octets * 3 - 1) return std::nullopt;
  for (std::size_t i = 0; i < fingerprint.value.size(); ++i) {
    const char c = fingerprint.value[i];
    const bool hex = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'F');
    if (i % 3 == 2 ? c != ':' : !hex) return std::nullopt;
  }
  return fingerprint;
}

void read_fingerprints(const std::vector<Attribute>& attributes, std::vector<Fingerprint>& fingerprints) {
  for (const Attribute& attribute : attributes) {
    if (attribute.name != "fingerprint" || !attribute.value) continue;
    auto fingerprint = read_fingerprint(*attribute.value);
    const bool known =
        fingerprint && std::find(fingerprints.begin(), fingerprints.end(), *fingerprint) != fingerprints.end();
    if (fingerprint && !known) fingerprints.push_back(std::move(*fingerprint));
  }
}

Problem read_dtls(const SessionDescription& session, const MediaDescription& line, const DataChannel* known,
                  DataChannel& channel) {
  const bool own = line.attribute("fingerprint") != nullptr;
  const bool none = !own && session.attribute("fingerprint") == nullptr;
  if (none && known != nullptr) {
    channel.fingerprints = known->fingerprints;
  } else {
    read_fingerprints(own ? line.attributes : session.attributes, channel.fingerprints);
  }
  if (channel.fingerprints.empty()) return "no usable fingerprint";
  if (const auto setup = inherited(session, line, "setup")) {
    if (*setup == "active") {
      channel.setup = SetupRole::active;
    } else if (*setup == "passive") {
      channel.setup = SetupRole::passive;
    } else if (*setup != "actpass") {
      return "a=setup is neither actpass nor active nor passive";
    }
  }
  if (const auto tls_id = inherited(session, line, "tls-id")) {
    // RFC 8842 section 4 wants 20 to 255; short ones do no harm, as it is only compared with its next value.
    if (!is_ice_text(*tls_id, 1)) return "malformed tls-id";
    channel.tls_id = *tls_id;
  }
  return nullptr;
}

/// The two ways to write an association: RFC 8841 and the drafts before it.
Problem read_association(const MediaDescription& line, const DataChannel* known, DataChannel& channel) {
  channel.old_sctpmap_syntax = line.protocol == "DTLS/SCTP";
  std::string_view port;
  std::string known_port;
  if (channel.old_sctpmap_syntax) {
    port = line.formats.front();
    const auto map = line.value("sctpmap");
    const auto parts = fields(map.value_or(""));
    if (map && (parts.size() < 2 || parts[0] != port || parts[1] != "webrtc-datachannel")) return "unusable sctpmap";
  } else {
    const auto value = line.value("sctp-port");
    if (!value && known == nullptr) return "no sctp-port";
    known_port = value ? "" : std::to_string(known->sctp_port);
    port = value ? trimmed(*value) : known_port;  // the RFC's own examples have a blank here (defect D10)
  }
  if (port == "0") return "the association is refused by port 0";
  const auto sctp_port = number<std::uint16_t>(port);
  if (!sctp_port || port.front() == '0') return "malformed SCTP port";
  channel.sctp_port = *sctp_port;
  if (const auto size = line.value("max-message-size")) {
    if (!is_digits(trimmed(*size))) return "malformed max-message-size";
    // What does not fit is more than anybody sends.
    channel.max_message_size =
        number<std::uint64_t>(trimmed(*size)).value_or(std::numeric_limits<std::uint64_t>::max());
  }
  return nullptr;
}

/// One CLUE channel per session (RFC 8850 section 3.1): the first counts. Maps of other channels are not our business.
Problem read_clue_map(const MediaDescription& line, DataChannel& channel) {
  for (const Attribute& attribute : line.attributes) {
    if (attribute.name != "dcmap") continue;
    const auto map = read_dcmap(attribute.text());
    if (!map) return "malformed dcmap";
    if (!equal_ignoring_case(map->subprotocol, "CLUE")) continue;
    if (!map->ordered) return "the CLUE channel is not ordered";
    if (map->limited_retransmission) return "the CLUE channel is not reliable";
    if (map->stream_id > kHighestStream) return "the stream id of the CLUE channel is too high";
    channel.stream_id = map->stream_id;
    channel.has_dcmap = true;
    return nullptr;
  }
  return nullptr;
}

}  // namespace

base::expected<DataChannel, std::string> read_data_channel(const SessionDescription& session,
                                                           const MediaDescription& media_line,
                                                           const DataChannel* known) {
  if (!is_data_channel(media_line)) return base::unexpected(std::string("not a data channel"));
  if (!media_line.is_enabled()) return base::unexpected(std::string("the m-line is disabled"));
  const Connection* connection = session.connection_of(media_line);
  if (connection == nullptr) return base::unexpected(std::string("no connection address"));
  DataChannel channel;
  channel.family = connection->family;
  channel.address = connection->address;
  channel.port = media_line.port;
  Problem problem = read_association(media_line, known, channel);
  if (problem == nullptr) problem = read_clue_map(media_line, channel);
  if (problem == nullptr) problem = read_ice(session, media_line, known, channel);
  if (problem == nullptr) problem = read_dtls(session, media_line, known, channel);
  if (problem != nullptr) return base::unexpected(std::string(problem));
  return channel;
}

bool is_data_channel(const MediaDescription& media_line) {
  if (media_line.media != "application" || media_line.formats.size() != 1) return false;
  if (media_line.protocol == "UDP/DTLS/SCTP") return media_line.formats.front() == "webrtc-datachannel";
  return media_line.protocol == "DTLS/SCTP" && is_digits(media_line.formats.front());
}

std::optional<std::size_t> find_clue_channel(const SessionDescription& session) {
  const auto found = find_clue_group(session);
  if (!found) return std::nullopt;
  return found->channel_line;
}

}  // namespace clued::sdp
