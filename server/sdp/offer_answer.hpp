// Our side of a session through all its offers and answers (RFC 3264): which stream is in which m-line, for ever.
// Pure; knows nothing of dialogs or of when an offer may be sent.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/expected.hpp"
#include "base/ids.hpp"
#include "sdp/data_channel.hpp"
#include "sdp/groups.hpp"
#include "sdp/offer_review.hpp"
#include "sdp/peer_profiles.hpp"
#include "sdp/session_description.hpp"
#include "sdp/slots.hpp"
#include "sdp/stream.hpp"

namespace clued::sdp {

/// What the answer to an offer will need.
struct OfferPlan {
  std::size_t ports_needed = 0;             ///< for m-lines that we newly accept
  std::optional<DataChannel> peer_channel;  ///< the peer's CLUE channel, if it offers a usable one
  bool clue_offered = false;                ///< CLUE group and data channel were there, usable or not
  bool channel_is_new = false;   ///< first time, or a new transport or association (tls-id, SCTP port, ufrag changed)
  bool channel_removed = false;  ///< it had one and the offer has it no more (DC-17)
  std::vector<std::string> remarks;  ///< what was rejected or ignored, for the log
};

/// What our offer's answer changed.
struct AnswerOutcome {
  std::optional<DataChannel> peer_channel;  ///< as in OfferPlan
  bool channel_is_new = false;              ///< as in OfferPlan
  bool channel_rejected = false;            ///< port 0, no dcmap (DC-09), no CLUE group, or unusable
  std::vector<std::string> remarks;
};

/// An RTP m-line as it stands, for who shows it to others.
struct NegotiatedStream {
  std::size_t m_line = 0;
  MediaKind kind = MediaKind::audio;
  StreamRole role = StreamRole::main;
  std::string label;        ///< RFC 4574, of whoever sends in it; "": none
  bool peer_sends = false;  ///< seen from the peer
  bool peer_receives = false;
};

class OfferAnswer {
 public:
  /// A session keeps the `media` that it began with, and so its payload types. `session_id` is our o= line's, for the
  /// life of the session.
  OfferAnswer(std::shared_ptr<const LocalMedia> media, std::string session_id);

  // --- the peer offers ---

  /// Reads an offer and keeps it until make_answer or drop_offer. Nothing of the state signalled before is changed
  /// when it is an error. `accept_clue`: the peer showed that it wants CLUE and policy allows it.
  /// `advertised`: the encodings that the peer's advertisement names. New m-lines for others are answered inactive, to
  /// be made recvonly by an offer of ours once they are known (RFC 8848 section 5.3). nullptr: all are taken at once,
  /// which does no harm, as nothing is sent on them before it is configured.
  base::expected<OfferPlan, OfferError> receive_offer(SessionDescription offer, bool accept_clue,
                                                      const std::set<std::string>* advertised = nullptr);
  /// Answers the kept offer. `fresh` holds at least OfferPlan::ports_needed ports; `channel` is our end of the CLUE
  /// channel if the plan has a peer_channel that we accept (its setup role already chosen), else nullptr: port 0.
  SessionDescription make_answer(std::vector<LocalPort> fresh, const DataChannel* channel);
  void drop_offer();

  // --- preconditions (RFC 3312) ---

  /// The peer said that it knows them: those of its offers count from now on, and are answered.
  void use_preconditions() noexcept { uses_preconditions_ = true; }
  /// The streams that come into the session by an offer of ours say that our side is there.
  void offer_preconditions() noexcept { offers_preconditions_ = true; }
  /// What the last exchange says of them; `are met` is true without any.
  bool has_preconditions() const noexcept;
  bool preconditions_are_met() const;
  /// The peer's last answer asks to be told of our resources (a=conf).
  bool owes_confirmation() const noexcept { return owes_confirmation_; }
  /// The body of a 580 that says what is missing.
  std::string describe_unmet() const;

  // --- we offer ---

  /// How many ports make_offer will need for streams that are in no m-line yet.
  std::size_t ports_needed(std::span<const WantedStream> wanted) const;
  /// The offer that brings the session to exactly the wanted streams: existing ones keep their m-line, mid and port;
  /// others become port 0 and leave their groups; new ones recycle port-0 m-lines before they append (OA-05, OA-06,
  /// OA-10, OA-11). The o= version goes up by one if anything differs from the last description sent. `channel` is our
  /// end of the CLUE channel, sent with setup:actpass (OA-12), or nullptr when there is none.
  SessionDescription make_offer(std::span<const WantedStream> wanted, std::vector<LocalPort> fresh,
                                const DataChannel* channel);
  /// True when make_offer with these would say something that the last exchange does not. What the peer refused or took
  /// out of the session is no difference until it is wanted in another way: else it would be offered for ever. Nor is
  /// what it has shown it cannot take.
  bool differs(std::span<const WantedStream> wanted, const DataChannel* channel) const;
  /// An answer that breaks RFC 3264 is an error; the session is then what it was before the offer.
  base::expected<AnswerOutcome, std::string> receive_answer(const SessionDescription& answer);
  /// The offer failed (non-2xx): the session is what it was before (RFC 3261 section 14.1).
  void drop_own_offer();

  // --- what is signalled ---

  /// The text of the offer or answer that was made last, to be sent; it is not kept.
  std::string take_text() { return std::exchange(text_, {}); }
  bool has_session() const noexcept;  ///< one exchange was completed
  IpFamily family() const noexcept;   ///< of the peer's address, or of our first one
  std::vector<PeerEncoding> peer_encodings() const;
  bool has_stream(StreamKey key) const;  ///< in an enabled m-line after the last exchange
  bool encoding_active(
      std::string_view label) const;  ///< our encoding is wanted: answered recvonly or sendrecv (SIG-04a)
  std::size_t m_lines() const noexcept;
  /// Streams the peer put into the session by offers of its own or that were accepted, in m-line order.
  std::vector<WantedStream> current_streams() const;
  /// The enabled RTP m-lines after the last exchange.
  std::vector<NegotiatedStream> negotiated_streams() const;
  /// Whether we have a codec of this kind: an m-line without a format cannot be offered.
  bool has_codecs(MediaKind kind) const noexcept;
  /// Ports that no m-line uses any more; each is returned once. Only filled when an exchange is complete (RFC 3264
  /// section 8.3.1) or an offer was dropped.
  std::vector<base::PortId> take_released();
  /// All ports still in use, for the end of the session.
  std::vector<base::PortId> ports_in_use() const;

 private:
  struct OwnOffer {
    State next;
    std::set<base::PortId> ports;  // in `next`, and what was given for it in vain
  };

  SessionDescription say(const State& state, std::vector<std::string> clue_mids);
  DataChannel answered_channel(const DataChannel& own, const DataChannel& peer) const;
  DataChannel offered_channel(const DataChannel& own) const;
  void place(const WantedStream& wanted, State& next, std::vector<LocalPort>& fresh);
  void give_mids(State& next);
  void apply_answer_line(const SessionDescription& answer, std::size_t index, State& next, AnswerOutcome& outcome);
  void apply_answer_channel(const SessionDescription& answer, std::size_t index, State& next, AnswerOutcome& outcome);
  void apply_answer_preconditions(const MediaDescription& line, Slot& slot);
  void complete(State next, const std::set<base::PortId>& used);
  bool is_new_channel(const DataChannel& peer) const;
  std::optional<OfferError> precondition_failure(const Review& review) const;
  Origin origin_of(IpFamily family) const;

  std::shared_ptr<const LocalMedia> media_;  // never null; a pointer, so that a session can be copied and put back
  std::string session_id_;
  std::optional<Origin> origin_;  // address and family never change (RFC 8866 section 5.2)
  std::uint64_t version_ = 0;     // of the last description sent
  std::size_t last_said_ = 0;     // a digest of what it said but for its version
  std::string text_;              // its text, until taken
  MidSequence mids_;
  bool has_session_ = false;
  State signalled_;                    // the last completed exchange
  std::optional<Review> peer_offer_;   // kept for make_answer
  std::optional<OwnOffer> own_offer_;  // sent and not answered
  PeerProfiles profiles_;
  std::vector<WantedStream> refused_;  // by the peer: not to be offered again for their own sake
  bool channel_refused_ = false;
  bool uses_preconditions_ = false;
  bool offers_preconditions_ = false;
  bool owes_confirmation_ = false;
  std::vector<base::PortId> released_;
};

}  // namespace clued::sdp
