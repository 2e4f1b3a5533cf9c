// Our side of a session through all its offers and answers (RFC 3264): which stream is in which m-line, for ever.
// Pure; knows nothing of dialogs or of when an offer may be sent.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/expected.hpp"
#include "base/ids.hpp"
#include "sdp/data_channel.hpp"
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

/// The codecs we admit on an m-line we do not transcode: rtpmap encodings like "PCMU/8000", with their static or default
/// dynamic payload type and fmtp for offers of our own.
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
};

/// One stream that we want to be in the session.
struct WantedStream {
  StreamKey key;
  Direction direction = Direction::sendrecv;
  std::string label;  ///< required for role encoding
};

/// What the peer's RTP m-lines say, for who configures it (SIG-05).
struct PeerEncoding {
  std::string label;
  MediaKind kind = MediaKind::video;
  std::size_t m_line = 0;
  bool active = false;  ///< sendonly or sendrecv towards us, and not rejected by us
};

/// Why an offer cannot be answered: 488 for the INVITE (or 400 when the offer breaks RFC 3264, e.g. fewer m-lines).
struct OfferError {
  int sip_status = 488;
  std::string reason;
};

/// What the answer to an offer will need.
struct OfferPlan {
  std::size_t ports_needed = 0;                       ///< for m-lines that we newly accept
  std::optional<DataChannel> peer_channel;            ///< the peer's CLUE channel, if it offers a usable one
  bool clue_offered = false;                          ///< CLUE group and data channel were there, usable or not
  bool channel_is_new = false;                        ///< first time, or a new transport or association (tls-id, port, ufrag changed)
  bool channel_removed = false;                       ///< it had one and the offer has it no more (DC-17)
  std::vector<std::string> remarks;                   ///< what was rejected or ignored, for the log
};

/// What our offer's answer changed.
struct AnswerOutcome {
  std::optional<DataChannel> peer_channel;  ///< as in OfferPlan
  bool channel_rejected = false;            ///< port 0, no dcmap (DC-09), no CLUE group, or unusable
  std::vector<std::string> remarks;
};

class OfferAnswer {
 public:
  /// `media` must outlive this object. `session_id` is our o= line's, for the life of the session.
  OfferAnswer(const LocalMedia& media, std::string session_id);

  // --- the peer offers ---

  /// Reads an offer and keeps it until make_answer or drop_offer. Nothing of the state signalled before is changed
  /// when it is an error. `accept_clue`: the peer showed that it wants CLUE and policy allows it.
  base::expected<OfferPlan, OfferError> receive_offer(SessionDescription offer, bool accept_clue);
  /// Answers the kept offer. `fresh` holds at least OfferPlan::ports_needed ports; `channel` is our end of the CLUE
  /// channel if the plan has a peer_channel that we accept (its setup role already chosen), else nullptr: port 0.
  SessionDescription make_answer(std::vector<LocalPort> fresh, const DataChannel* channel);
  void drop_offer();

  // --- we offer ---

  /// How many ports make_offer will need for streams that are in no m-line yet.
  std::size_t ports_needed(std::span<const WantedStream> wanted) const;
  /// The offer that brings the session to exactly the wanted streams: existing ones keep their m-line, mid and port;
  /// others become port 0 and leave their groups; new ones recycle port-0 m-lines before they append (OA-05, OA-06,
  /// OA-10, OA-11). The o= version goes up by one if anything differs from the last description sent. `channel` is our
  /// end of the CLUE channel, sent with setup:actpass (OA-12), or nullptr when there is none.
  SessionDescription make_offer(std::span<const WantedStream> wanted, std::vector<LocalPort> fresh,
                                const DataChannel* channel);
  /// True when make_offer with these would say something that the last exchange does not.
  bool differs(std::span<const WantedStream> wanted, const DataChannel* channel) const;
  base::expected<AnswerOutcome, std::string> receive_answer(const SessionDescription& answer);
  /// The offer failed (non-2xx): the session is what it was before (RFC 3261 section 14.1).
  void drop_own_offer();

  // --- what is signalled ---

  bool has_session() const noexcept;           ///< one exchange was completed
  IpFamily family() const noexcept;            ///< of the peer's address, or of our first one
  std::vector<PeerEncoding> peer_encodings() const;
  bool has_stream(StreamKey key) const;        ///< in an enabled m-line after the last exchange
  bool encoding_active(std::string_view label) const;  ///< our encoding is wanted: answered recvonly or sendrecv (SIG-04a)
  std::size_t m_lines() const noexcept;
  /// Streams the peer put into the session by offers of its own or that were accepted, in m-line order.
  std::vector<WantedStream> current_streams() const;
  /// Ports that no m-line uses any more; each is returned once. Only filled when an exchange is complete (RFC 3264
  /// section 8.3.1) or an offer was dropped.
  std::vector<base::PortId> take_released();
  /// All ports still in use, for the end of the session.
  std::vector<base::PortId> ports_in_use() const;

 private:
  const LocalMedia& media_;
  std::string session_id_;
};

}  // namespace clued::sdp
