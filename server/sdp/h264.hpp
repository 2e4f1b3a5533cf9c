// What the H.264 payload format says of a stream (RFC 6184 section 8.1): profile and level in one number.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace clued::sdp {

/// A profile-level-id: three octets in hexadecimal.
struct H264Profile {
  std::uint8_t profile_idc = 0x42;
  std::uint8_t constraints = 0;  ///< profile-iop: constraint_set0 is the highest bit
  std::uint8_t level_idc = 10;

  static std::optional<H264Profile> from(std::string_view text);
  /// Without one: the Baseline profile at level 1.
  static H264Profile unsaid() { return {}; }
  std::string to_string() const;
  bool operator==(const H264Profile&) const = default;
};

/// The profile that both can (RFC 6184 section 8.2.2), at the lower of the two levels, or at `ours` where each side may
/// have its own; nothing when there is none. A profile is spelled in several ways (table 5). Of Baseline and
/// Constrained Baseline it is the latter, which is part of the former; what offers the one usually sends nothing but
/// the other.
std::optional<H264Profile> common_profile(const H264Profile& offered, const H264Profile& ours, bool levels_may_differ);

}  // namespace clued::sdp
