// The m-line of a CLUE data channel (RFC 8841, 8842, 8839, 8864, 8850) as a value, for both sides of it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/expected.hpp"
#include "sdp/session_description.hpp"

namespace clued::sdp {

enum class SetupRole { actpass, active, passive };  ///< RFC 4145; `active` is the DTLS client

struct Fingerprint {
  std::string hash;   ///< "sha-256", lower case
  std::string value;  ///< "AA:BB:...", upper case
  bool operator==(const Fingerprint&) const = default;
};

/// One end of a data channel transport as SDP tells it.
struct DataChannel {
  // the transport
  IpFamily family = IpFamily::v4;
  std::string address;     ///< of the default candidate (c=)
  std::uint16_t port = 0;  ///< of the default candidate (m=)
  std::string ice_ufrag;
  std::string ice_pwd;
  std::vector<std::string> candidates;  ///< values of a=candidate
  std::vector<std::string> ice_options;
  bool end_of_candidates = false;
  bool ice_lite = false;
  std::vector<Fingerprint> fingerprints;
  std::optional<std::string> tls_id;
  SetupRole setup = SetupRole::actpass;
  // the association
  std::uint16_t sctp_port = 5000;
  std::uint64_t max_message_size = 65536;  ///< 0: unlimited (RFC 8841 section 6); absent means 65536
  bool old_sctpmap_syntax = false;         ///< `DTLS/SCTP 5000` with a=sctpmap instead of RFC 8841's
  // the channel
  std::uint16_t stream_id = 0;  ///< of a=dcmap with subprotocol "CLUE"
  bool has_dcmap = false;       ///< without it the peer does not know of the CLUE channel (DC-09)
  bool operator==(const DataChannel&) const = default;
};

/// Reads the m-line and what it inherits from the session level. What a later description of the same channel leaves
/// out (defect D10: ICE credentials, fingerprints, SCTP port) is taken from `known`, the one before, or nullptr. Errors
/// are sentences for a log record; the m-line is then to be rejected alone (DC-02).
base::expected<DataChannel, std::string> read_data_channel(const SessionDescription& session,
                                                           const MediaDescription& media_line,
                                                           const DataChannel* known = nullptr);

/// `UDP/DTLS/SCTP webrtc-datachannel`, or the older `DTLS/SCTP <port>`.
bool is_data_channel(const MediaDescription& media_line);

/// The index of the m-line that carries CLUE: in the first valid CLUE group and a data channel (DC-18, DC-19).
std::optional<std::size_t> find_clue_channel(const SessionDescription& session);

}  // namespace clued::sdp
