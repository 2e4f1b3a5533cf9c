// What an answer says of a format (the value of a=fmtp). It describes our own side: of the offer's parameters it
// repeats those alone that both sides have to use alike, as each payload format lays down.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace clued::sdp {

/// The parameters of the answer, "" for none; nothing when what is offered under this name is not what is ours. A
/// parameter that ours leaves out limits nothing. `encoding`: of rtpmap.
std::optional<std::string> answered_parameters(std::string_view encoding, std::string_view offered,
                                               std::string_view ours);

/// Formats that say something of other payload types of the m-line, `96/97` or `apt=96`: repair and redundancy.
bool refers_to_others(std::string_view encoding);
/// Whether each payload type that they name is there.
bool names_only(std::string_view encoding, std::string_view parameters,
                const std::function<bool(std::string_view)>& is_there);

}  // namespace clued::sdp
