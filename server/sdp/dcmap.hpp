// `a=dcmap` (RFC 8864 section 5.1): what a data channel is for.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/expected.hpp"

namespace clued::sdp {

struct DataChannelMap {
  std::uint16_t stream_id = 0;
  std::string subprotocol;  ///< unescaped
  bool ordered = true;
  bool limited_retransmission = false;  ///< max-retr or max-time was given
  bool operator==(const DataChannelMap&) const = default;
};

/// Reads the value of the attribute. Parameters may come in any order; unknown ones are ignored.
base::expected<DataChannelMap, std::string> read_dcmap(std::string_view value);

/// The value for the CLUE channel: reliable and ordered (RFC 8850 sections 3.2.3 and 3.2.4).
std::string clue_dcmap(std::uint16_t stream_id);

}  // namespace clued::sdp
