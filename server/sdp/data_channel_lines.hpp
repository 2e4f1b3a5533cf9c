// Our end of the CLUE channel as an m-line.
#pragma once

#include <string>

#include "sdp/data_channel.hpp"

namespace clued::sdp {

/// The m-line as `channel` says it, with its own c= (whether that is superfluous is for the caller to see). `mid` may
/// be empty. `clue`: with a=dcmap; without it the transport is there but CLUE is not (RFC 8864 section 6.6.1).
MediaDescription data_channel_line(const DataChannel& channel, const std::string& mid, bool clue);

}  // namespace clued::sdp
