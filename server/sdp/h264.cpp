#include "sdp/h264.hpp"

#include <charconv>

namespace clued::sdp {
namespace {

constexpr std::uint8_t set0 = 0x80, set1 = 0x40, set3 = 0x10, constrained_high = 0x0c;
constexpr std::uint8_t baseline_idc = 0x42, main_idc = 0x4d, extended_idc = 0x58, high_idc = 0x64;

/// The profiles that are spelled in several ways; all others are one number with their constraint_set3 (intra).
enum class Kind { constrained_baseline, baseline, extended, main, other };

Kind kind_of(const H264Profile& profile) {
  const bool zero = (profile.constraints & set0) != 0;
  const bool one = (profile.constraints & set1) != 0;
  switch (profile.profile_idc) {
    case baseline_idc:
      return one ? Kind::constrained_baseline : Kind::baseline;
    case main_idc:
      return zero ? Kind::constrained_baseline : Kind::main;
    case extended_idc:
      if (!zero) return Kind::extended;
      return one ? Kind::constrained_baseline : Kind::baseline;
    default:
      return Kind::other;
  }
}

bool is_baseline(Kind kind) { return kind == Kind::baseline || kind == Kind::constrained_baseline; }

/// With these level 1b is level 1.1 and constraint_set3; with all others it has a number of its own (9).
bool spells_1b_by_constraint(const H264Profile& profile) { return kind_of(profile) != Kind::other; }

bool is_1b(const H264Profile& profile) {
  if (spells_1b_by_constraint(profile)) return profile.level_idc == 11 && (profile.constraints & set3) != 0;
  return profile.level_idc == 9;
}

/// Level 1b is between 1 and 1.1.
unsigned rank(const H264Profile& profile) { return is_1b(profile) ? 105U : profile.level_idc * 10U; }

void set_level(H264Profile& profile, const H264Profile& from) {
  const bool by_constraint = spells_1b_by_constraint(profile);
  if (by_constraint) profile.constraints = static_cast<std::uint8_t>(profile.constraints & ~set3);
  profile.level_idc = from.level_idc;
  if (!is_1b(from)) return;
  profile.level_idc = by_constraint ? 11 : 9;
  if (by_constraint) profile.constraints |= set3;
}

bool is_same_number(const H264Profile& a, const H264Profile& b) {
  const unsigned relevant = a.profile_idc == high_idc ? set3 | constrained_high : set3;
  return a.profile_idc == b.profile_idc && (a.constraints & relevant) == (b.constraints & relevant);
}

}  // namespace

std::optional<H264Profile> H264Profile::from(std::string_view text) {
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
  if (text.size() != 6 || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return H264Profile{static_cast<std::uint8_t>(value >> 16U), static_cast<std::uint8_t>(value >> 8U),
                     static_cast<std::uint8_t>(value)};
}

std::string H264Profile::to_string() const {
  static constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (const unsigned octet : {profile_idc, constraints, level_idc}) {
    text += {digits[octet >> 4U], digits[octet & 15U]};
  }
  return text;
}

std::optional<H264Profile> common_profile(const H264Profile& offered, const H264Profile& ours, bool levels_may_differ) {
  const Kind kind = kind_of(offered);
  const Kind own_kind = kind_of(ours);
  const bool both_baseline = is_baseline(kind) && is_baseline(own_kind);
  const bool same = kind == Kind::other ? is_same_number(offered, ours) : kind == own_kind;
  if (!both_baseline && !same) return std::nullopt;
  H264Profile common = both_baseline && kind == Kind::baseline ? ours : offered;
  set_level(common, levels_may_differ || rank(ours) < rank(offered) ? ours : offered);
  return common;
}

}  // namespace clued::sdp
