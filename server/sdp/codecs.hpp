// Which formats of an RTP m-line both sides have (RFC 3264 section 6.1).
#pragma once

#include <span>
#include <string>
#include <vector>

#include "sdp/session_description.hpp"
#include "sdp/stream.hpp"

namespace clued::sdp {

/// The formats of an m-line with what explains them.
struct Formats {
  std::vector<std::string> payload_types;
  std::vector<Attribute> attributes;  ///< rtpmap and fmtp, in the order of the payload types
  bool operator==(const Formats&) const = default;
};

/// What an answer to `offered` may list, in the offer's order and numbers, with what is said of our side. Empty when
/// nothing but auxiliary formats (DTMF, comfort noise, repair) is common.
Formats common_formats(const MediaDescription& offered, std::span<const Codec> ours);

/// What an offer of ours lists. Auxiliary formats are left out of CLUE-controlled m-lines.
Formats offered_formats(std::span<const Codec> ours, bool with_auxiliary);

}  // namespace clued::sdp
