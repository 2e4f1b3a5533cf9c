// The words in which the core and offer/answer speak about RTP streams.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/ids.hpp"
#include "sdp/session_description.hpp"

namespace clued::sdp {

enum class MediaKind { audio, video };

/// What an m-line is for, seen from the focus.
enum class StreamRole {
  main,      ///< ordinary, not CLUE-controlled media (the plain phone's line)
  encoding,  ///< CLUE-controlled, from us to the peer, labelled (RFC 8848 section 4.4.1)
  receive,   ///< CLUE-controlled, from the peer to us: pre-allocated by us as recvonly (SIG-11) or offered by the peer
};

/// Names one RTP stream of the session; ordinals count from 0 within role and kind.
struct StreamKey {
  StreamRole role = StreamRole::main;
  MediaKind kind = MediaKind::audio;
  unsigned ordinal = 0;
  auto operator<=>(const StreamKey&) const = default;
};

/// A bound RTP/RTCP port pair on our side.
struct LocalPort {
  base::PortId id;
  std::uint16_t rtp_port = 0;
};

/// The codecs we admit on an m-line we do not transcode: rtpmap encodings like "PCMU/8000", with their static or
/// default dynamic payload type and fmtp for offers of our own.
struct Codec {
  std::string encoding;  ///< "H264/90000", "opus/48000/2"; compared case-insensitively
  unsigned payload_type = 96;
  std::string fmtp;
};

/// What holds for all sessions of the process.
struct LocalMedia {
  std::string origin_username = "clued";
  std::string address_v4;  ///< empty: no IPv4 media
  std::string address_v6;
  std::vector<Codec> audio_codecs;
  std::vector<Codec> video_codecs;
  std::size_t max_peer_streams = 32;  ///< RTP m-lines of one session that the peer's own offers may bring in
  /// Of these, what CLUE does not control: somebody who speaks, and something that is shown beside.
  unsigned max_main_streams_of_kind = 2;
};

/// One stream that we want to be in the session.
struct WantedStream {
  StreamKey key;
  Direction direction = Direction::sendrecv;
  std::string label;  ///< required for role encoding
  bool operator==(const WantedStream&) const = default;
};

/// What the peer's RTP m-lines say, for who configures it (SIG-05).
struct PeerEncoding {
  std::string label;
  MediaKind kind = MediaKind::video;
  std::size_t m_line = 0;
  bool active = false;  ///< sendonly or sendrecv towards us, and not rejected by us
  StreamKey key{};      ///< the stream that carries it, of role receive
  bool operator==(const PeerEncoding&) const = default;
};

}  // namespace clued::sdp
