#include "sdp/codecs.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <utility>

#include "sdp/format_parameters.hpp"
#include "sdp/text.hpp"

namespace clued::sdp {
namespace {

/// Payload types that need no rtpmap (RFC 3551 section 6).
std::string_view static_encoding(std::string_view payload_type) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 12> known{{{"0", "PCMU/8000"},
                                                                                 {"3", "GSM/8000"},
                                                                                 {"4", "G723/8000"},
                                                                                 {"8", "PCMA/8000"},
                                                                                 {"9", "G722/8000"},
                                                                                 {"13", "CN/8000"},
                                                                                 {"15", "G728/8000"},
                                                                                 {"18", "G729/8000"},
                                                                                 {"26", "JPEG/90000"},
                                                                                 {"31", "H261/90000"},
                                                                                 {"32", "MPV/90000"},
                                                                                 {"34", "H263/90000"}}};
  for (const auto& [type, encoding] : known) {
    if (type == payload_type) return encoding;
  }
  return {};
}

/// Formats that carry no media of their own.
bool is_auxiliary(std::string_view encoding) {
  constexpr std::array<std::string_view, 7> names{"telephone-event", "CN",  "red", "ulpfec", "rtx",
                                                  "flexfec-03",      "tone"};
  const std::string_view name = encoding.substr(0, encoding.find('/'));
  return std::any_of(names.begin(), names.end(), [&](std::string_view n) { return equal_ignoring_case(n, name); });
}

/// One channel is what no number of channels means (RFC 8866 section 6.6).
std::string_view without_mono(std::string_view encoding) {
  const std::size_t first = encoding.find('/');
  if (first == std::string_view::npos) return encoding;
  const std::size_t second = encoding.find('/', first + 1);
  return second != std::string_view::npos && encoding.substr(second) == "/1" ? encoding.substr(0, second) : encoding;
}

/// What we say of a format that is offered, if it is one of ours.
std::optional<std::string> answered(std::string_view encoding, std::string_view parameters,
                                    std::span<const Codec> ours) {
  for (const Codec& codec : ours) {
    if (!equal_ignoring_case(without_mono(codec.encoding), without_mono(encoding))) continue;
    if (auto said = answered_parameters(encoding, parameters, codec.fmtp)) return said;
  }
  return std::nullopt;
}

/// The text after the payload type of the first such attribute, e.g. "H264/90000".
std::optional<std::string_view> explanation(const MediaDescription& line, std::string_view name,
                                            std::string_view payload_type) {
  for (const Attribute& attribute : line.attributes) {
    if (attribute.name != name || !attribute.value) continue;
    const std::string_view value = trimmed(*attribute.value);
    const std::size_t blank = value.find(' ');
    if (blank != std::string_view::npos && value.substr(0, blank) == payload_type) return trimmed(value.substr(blank));
  }
  return std::nullopt;
}

void add(Formats& formats, const std::string& payload_type, std::string_view encoding, std::string_view parameters) {
  formats.payload_types.push_back(payload_type);
  if (!encoding.empty()) formats.attributes.push_back({"rtpmap", payload_type + ' ' + std::string(encoding)});
  if (!parameters.empty()) formats.attributes.push_back({"fmtp", payload_type + ' ' + std::string(parameters)});
}

}  // namespace

Formats common_formats(const MediaDescription& offered, std::span<const Codec> ours) {
  struct Common {
    const std::string& payload_type;
    std::string_view mapped;
    std::string_view encoding;
    std::string parameters;
  };
  std::vector<Common> both;
  std::set<std::string_view> seen;
  bool has_media = false;
  for (const std::string& payload_type : offered.formats) {
    const auto type = number<unsigned>(payload_type);
    if (!type || *type > 127 || !seen.insert(payload_type).second) continue;
    const std::string_view mapped = explanation(offered, "rtpmap", payload_type).value_or("");
    const std::string_view encoding = mapped.empty() ? static_encoding(payload_type) : mapped;
    if (encoding.empty()) continue;
    auto parameters = answered(encoding, explanation(offered, "fmtp", payload_type).value_or(""), ours);
    if (!parameters) continue;
    has_media = has_media || !is_auxiliary(encoding);
    both.push_back({payload_type, mapped, encoding, *std::move(parameters)});
  }
  if (!has_media) return {};
  // Repair is for what is there: neither for what is not ours nor for other repair.
  const auto is_there = [&](std::string_view payload_type) {
    return std::any_of(both.begin(), both.end(), [&](const Common& one) {
      return one.payload_type == payload_type && !refers_to_others(one.encoding);
    });
  };
  Formats common;
  for (const Common& one : both) {
    if (refers_to_others(one.encoding) && !names_only(one.encoding, one.parameters, is_there)) continue;
    add(common, one.payload_type, one.mapped, one.parameters);
  }
  return common;
}

Formats offered_formats(std::span<const Codec> ours, bool with_auxiliary) {
  Formats formats;
  std::set<unsigned> seen;
  for (const Codec& codec : ours) {
    if ((!with_auxiliary && is_auxiliary(codec.encoding)) || !seen.insert(codec.payload_type).second) continue;
    add(formats, std::to_string(codec.payload_type), codec.encoding, codec.fmtp);
  }
  return formats;
}

}  // namespace clued::sdp
