// Whether what the operator says of a codec can be written into SDP. Each function returns "" or why not.
#pragma once

#include <string>
#include <string_view>

namespace clued::sdp {

/// As in a=rtpmap (RFC 8866 section 6.6): name, clock rate, and channels if there are several.
std::string problem_of_encoding(std::string_view text);
/// As behind the payload type in a=fmtp (RFC 8866 section 6.15).
std::string problem_of_format_parameters(std::string_view text);

}  // namespace clued::sdp
