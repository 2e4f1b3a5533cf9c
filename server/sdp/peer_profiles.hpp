#pragma once

#include <array>
#include <optional>
#include <string_view>

#include "sdp/session_description.hpp"
#include "sdp/stream.hpp"

namespace clued::sdp {

/// The RTP profiles without encryption, which are those that we have (RFC 3551, RFC 4585).
inline constexpr std::array<std::string_view, 2> plain_profiles{"RTP/AVP", "RTP/AVPF"};
bool is_plain_profile(std::string_view protocol) noexcept;

/// What a peer has shown that it can take, so that it is not offered anything else: by the profiles of its own offers,
/// and by what it answered with port 0. What it takes once it can take.
class PeerProfiles {
 public:
  /// The peer offered this. Who offers RTP with encryption alone takes none without; a later offer counts anew.
  void peer_offered(const SessionDescription& offer);
  /// The peer answered a new m-line of ours.
  void peer_answered(MediaKind kind, std::string_view profile, bool taken);

  /// The profile for a new stream of ours; nothing when there is none that the peer takes.
  std::optional<std::string_view> choose(StreamKey stream) const;

 private:
  struct Experience {
    bool taken = false;
    bool refused = false;
  };

  bool wants_encryption_ = false;
  std::array<std::array<Experience, plain_profiles.size()>, 2> experience_{};  ///< by kind and profile
};

}  // namespace clued::sdp
