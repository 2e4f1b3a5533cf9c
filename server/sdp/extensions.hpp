// The RTP header extension that carries CaptureIDs (RFC 8849 section 5.2).
#pragma once

#include <vector>

#include "sdp/session_description.hpp"

namespace clued::sdp {

/// What our own offers say of it.
Attribute offered_extension();

/// The CaptureID extensions of an offered m-line as an answer accepts them, under the registered name and the one in
/// the text of the RFC (defect D8). Others are not accepted.
std::vector<Attribute> answered_extensions(const MediaDescription& offered);

}  // namespace clued::sdp
