#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sdp/data_channel.hpp"

namespace clued::channel {

enum class CandidateType { host, server_reflexive, peer_reflexive, relayed };

/// A UDP candidate of component 1 with a numeric address.
struct Candidate {
  std::string foundation;
  std::uint32_t priority = 0;
  std::string address;
  std::uint16_t port = 0;
  CandidateType type = CandidateType::host;
  std::string related_address;  ///< "" for host candidates
  std::uint16_t related_port = 0;
  bool operator==(const Candidate&) const = default;
};

/// The value of an a=candidate (RFC 8839 section 5.1). None when it is malformed or of no use to us: TCP, a name (mDNS
/// ones too: the peer's checks will show its address), another component, a multicast or unspecified address.
std::optional<Candidate> read_candidate(std::string_view value);

struct RemoteCandidates {
  std::vector<Candidate> usable;
  std::size_t ignored = 0;
};

/// What of the peer's description can be checked: at most 32 candidates. Without any, the default one of c= and m=.
RemoteCandidates remote_candidates(const sdp::DataChannel& remote);

}  // namespace clued::channel
