#pragma once

#include <functional>
#include <string>
#include <vector>

#include "clue/model.hpp"
#include "sdp/offer_answer.hpp"

namespace clued::focus {

/// What the focus, as Media Consumer, asks of one participant.
struct SourceConfiguration {
  std::vector<clue::CaptureEncoding> encodings;
  bool lacks_streams = false;  ///< something is wanted for which no encoding of the peer is in the SDP yet
};

/// Gives each wanted capture an encoding of its group that the peer's SDP has, each used once (DM-09, SIG-05).
SourceConfiguration configure_source(const clue::AdvertisementContent& advertised,
                                     const std::vector<sdp::PeerEncoding>& encodings,
                                     const std::function<bool(const clue::MediaCapture&)>& is_wanted);

/// The streams to have for that many captures of a kind: those on which the peer's encodings are already, whoever
/// offered them, then new ones (SIG-11).
std::vector<sdp::StreamKey> receive_streams(const std::vector<sdp::PeerEncoding>& encodings, sdp::MediaKind kind,
                                            std::size_t count);

}  // namespace clued::focus
