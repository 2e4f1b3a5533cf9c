#include "sdp/offer_review.hpp"

#include <algorithm>
#include <utility>

#include "sdp/extensions.hpp"
#include "sdp/groups.hpp"
#include "sdp/peer_profiles.hpp"

namespace clued::sdp {
namespace {

class OfferReview {
  using Cause = OfferError::Cause;

 public:
  OfferReview(const SessionDescription& offer, const ReviewTerms& terms)
      : offer_(offer), terms_(terms), clue_group_(find_clue_group(offer)) {
    review_.timing = offer.timing;
    review_.clue_offered = clue_group_.has_value();
    if (clue_group_) review_clue();
  }

  base::expected<Review, OfferError> run() {
    for (const MediaDescription& line : offer_.media) start(line);
    if (!choose_family()) {
      return base::unexpected(OfferError{
          488, "no local media address of the address family that the offer uses", {}, OfferError::Cause::address});
    }
    for (std::size_t i = 0; i < offer_.media.size(); ++i) continue_stream(i);
    for (std::size_t i = 0; i < offer_.media.size(); ++i) begin_stream(i);
    const bool any = std::any_of(review_.lines.begin(), review_.lines.end(),
                                 [](const ReviewedLine& line) { return line.slot.use != Slot::Use::disabled; });
    // A later offer of nothing takes the media out of the session, and is answered. One of something that cannot be had
    // must not do that: the session stays as it is (RFC 3261 section 14.2).
    if (!any && (terms_.is_first || misfit_)) return base::unexpected(nothing_acceptable());
    if (terms_.preconditions && !review_preconditions()) {
      return base::unexpected(OfferError{400, "too many precondition types"});
    }
    return std::move(review_);
  }

 private:
  void remark(std::size_t index, const std::string& text) {
    review_.remarks.push_back("m-line " + std::to_string(index + 1) + ": " + text);
  }

  void review_clue() {
    const std::size_t index = clue_group_->channel_line;
    if (!terms_.accept_clue) return remark(index, "CLUE is not wanted here");
    const auto& known = terms_.before.peer_channel;
    auto channel = read_data_channel(offer_, offer_.media[index], known ? &*known : nullptr);
    if (!channel) return remark(index, channel.error());
    if (!channel->has_dcmap) return remark(index, "no dcmap for CLUE");
    if (address_of(terms_.media, channel->family).empty())
      return remark(index, "no local address of the channel's family");
    review_.peer_channel = std::move(*channel);
    review_.clue_mids = clue_group_->group->mids;
  }

  bool is_channel(std::size_t index) const { return review_.peer_channel && index == clue_group_->channel_line; }

  /// RFC 8848 section 4.3: the m-lines in the group are unidirectional; what is not is ordinary media in a wrong place.
  bool is_clue_controlled(const MediaDescription& line) const {
    return clue_group_ && contains(*clue_group_->group, line) && offer_.direction_of(line) != Direction::sendrecv;
  }

  /// The peer's encodings have labels (RFC 8848 section 4.4.1.1); what it pre-allocates to receive has none yet.
  std::string encoding_label(const MediaDescription& line) const {
    return offer_.direction_of(line) == Direction::recvonly ? "" : std::string(line.label().value_or(""));
  }

  /// The m-line with port 0 and what it is made of, and whether it could be accepted.
  void start(const MediaDescription& line) {
    const std::size_t index = review_.lines.size();
    ReviewedLine reviewed;
    reviewed.slot.mid = line.mid().value_or("");
    reviewed.slot.media = line.media;
    reviewed.slot.protocol = line.protocol;
    reviewed.slot.formats.emplace({line.formats, {}});
    if (line.is_enabled() && is_clue_controlled(line)) reviewed.slot.peer_label = encoding_label(line);
    review_.lines.push_back(std::move(reviewed));
    Formats formats;
    if (is_channel(index)) {
      candidates_.push_back({true, {}});
    } else if (!line.is_enabled()) {
      candidates_.push_back({});
    } else if (const Misfit misfit = misfit_of(index, formats); misfit.why != nullptr) {
      reject(index, misfit);
      candidates_.push_back({});
    } else {
      candidates_.push_back({true, std::move(formats)});
    }
  }

  /// Why an enabled m-line is refused; nullptr: it is not.
  struct Misfit {
    Cause cause = Cause::other;
    const char* why = nullptr;
  };

  void reject(std::size_t index, const Misfit& misfit) {
    remark(index, misfit.why);
    if (!misfit_) misfit_ = Rejected{misfit.cause, review_.remarks.back()};
  }

  /// Why an enabled m-line cannot be a stream, or the formats that it can have.
  Misfit misfit_of(std::size_t index, Formats& formats) const {
    const MediaDescription& line = offer_.media[index];
    const auto kind = media_kind(line.media);
    if (!kind) {
      return {Cause::media_type,
              is_data_channel(line) ? "a data channel that is not for CLUE" : "the media type is not supported"};
    }
    if (!is_plain_profile(line.protocol)) return {Cause::transport, "the transport profile is not supported"};
    if (line.port_count != 1) return {Cause::other, "more than one port"};
    const Connection* connection = offer_.connection_of(line);
    if (connection == nullptr) return {Cause::address, "no connection address"};
    if (connection->address.find('/') != std::string::npos) return {Cause::address, "multicast is not supported"};
    if (is_clue_controlled(line) && !review_.peer_channel && !continues(index, *kind)) {
      return {Cause::other, "CLUE-controlled, but CLUE is not used"};
    }
    formats = common_formats(line, codecs_of(terms_.media, *kind));
    if (formats.payload_types.empty()) return {Cause::format, "no common codec"};
    return {};
  }

  bool continues(std::size_t index, MediaKind kind) const {
    if (index >= terms_.before.slots.size()) return false;
    const Slot& slot = terms_.before.slots[index];
    if (!slot.is_stream() || slot.key.kind != kind) return false;
    return slot.key.role != StreamRole::main || !is_clue_controlled(offer_.media[index]);
  }

  /// The family of the first acceptable m-line for which we have an address; false when none has one.
  bool choose_family() {
    bool any = false;
    for (std::size_t i = 0; i < candidates_.size(); ++i) {
      if (!candidates_[i].acceptable) continue;
      any = true;
      const IpFamily family = offer_.connection_of(offer_.media[i])->family;
      if (address_of(terms_.media, family).empty()) continue;
      review_.family = family;
      return true;
    }
    review_.family = terms_.before.family;
    return !any;
  }

  /// Channels bring their own address; the streams of a session share one family.
  bool is_acceptable_stream(std::size_t index) const {
    return candidates_[index].acceptable && !is_channel(index) &&
           offer_.connection_of(offer_.media[index])->family == review_.family;
  }

  /// First pass: what goes on keeps its key and, unless the peer changed its address family, its port.
  void continue_stream(std::size_t index) {
    ReviewedLine& line = review_.lines[index];
    if (is_channel(index)) {
      line.slot.use = Slot::Use::channel;
      return;
    }
    const auto kind = media_kind(offer_.media[index].media);
    if (!is_acceptable_stream(index) || !continues(index, *kind)) return;
    const Slot& before = terms_.before.slots[index];
    line.slot.key = before.key;
    line.slot.wanted = before.wanted;
    line.slot.label = before.label;
    line.needs_port = before.family != review_.family;
    if (!line.needs_port) line.slot.port = before.port;
    accept(index);
    ++streams_;
  }

  /// Second pass: what is new gets the keys that are free then.
  void begin_stream(std::size_t index) {
    ReviewedLine& line = review_.lines[index];
    if (!candidates_[index].acceptable || line.slot.use != Slot::Use::disabled) return;
    if (!is_acceptable_stream(index)) return reject(index, {Cause::address, "another address family than the rest"});
    if (streams_ >= terms_.media.max_peer_streams) return reject(index, {Cause::other, "too many streams"});
    const MediaKind kind = *media_kind(offer_.media[index].media);
    const bool clue = is_clue_controlled(offer_.media[index]);
    const StreamRole role = clue ? StreamRole::receive : StreamRole::main;
    if (!clue && next_ordinal(role, kind) >= terms_.media.max_main_streams_of_kind) {
      return reject(index, {Cause::other, "too many lines of one kind without CLUE"});
    }
    line.slot.key = StreamKey{role, kind, next_ordinal(role, kind)};
    line.slot.wanted = is_known(index, role) ? most_of(role) : Direction::inactive;
    line.needs_port = true;
    line.only_with_channel = clue;
    accept(index);
    ++streams_;
  }

  /// RFC 8848 section 5.3: what no advertisement names yet is not asked for.
  bool is_known(std::size_t index, StreamRole role) const {
    if (role != StreamRole::receive || terms_.advertised == nullptr) return true;
    return terms_.advertised->count(encoding_label(offer_.media[index])) != 0;
  }

  unsigned next_ordinal(StreamRole role, MediaKind kind) const {
    std::vector<unsigned> taken;
    for (const ReviewedLine& line : review_.lines) {
      const StreamKey& key = line.slot.key;
      if (line.slot.is_stream() && key.role == role && key.kind == kind) taken.push_back(key.ordinal);
    }
    unsigned ordinal = 0;
    while (std::find(taken.begin(), taken.end(), ordinal) != taken.end()) ++ordinal;
    return ordinal;
  }

  void accept(std::size_t index) {
    const MediaDescription& offered = offer_.media[index];
    Slot& slot = review_.lines[index].slot;
    slot.use = Slot::Use::stream;
    slot.formats = std::move(candidates_[index].formats);
    slot.family = review_.family;
    slot.rtcp_mux = offered.attribute("rtcp-mux") != nullptr;
    const Direction direction = offer_.direction_of(offered);
    slot.said = common(reversed(direction), slot.wanted);
    slot.sends = sends(slot.said);
    slot.peer_sends = sends(direction);
    slot.peer_label = slot.key.role == StreamRole::receive ? encoding_label(offered) : "";
    if (slot.is_clue_controlled()) slot.extensions = answered_extensions(offered);
  }

  /// Those of m-lines with port 0 do not count (RFC 3312 section 7.1). False when there are absurdly many.
  bool review_preconditions() {
    for (std::size_t i = 0; i < review_.lines.size(); ++i) {
      ReviewedLine& line = review_.lines[i];
      if (line.slot.use == Slot::Use::disabled) continue;
      const PreconditionLines offered = read_preconditions(offer_.media[i]);
      if (offered.has_too_many) return false;
      if (offered.has_unreadable) remark(i, "a precondition that cannot be read");
      PreconditionAnswer answer = answer_preconditions(offered.preconditions);
      line.slot.preconditions = std::move(answer.said);
      line.failures = std::move(answer.failures);
    }
    return true;
  }

  OfferError nothing_acceptable() const {
    if (misfit_) return {488, "nothing acceptable, " + misfit_->remark, {}, misfit_->cause};
    return {488, "the offer has no enabled m-line", {}, Cause::other};
  }

  /// The first m-line that was refused.
  struct Rejected {
    Cause cause = Cause::other;
    std::string remark;
  };

  struct Candidate {
    bool acceptable = false;
    Formats formats;
  };

  const SessionDescription& offer_;
  const ReviewTerms& terms_;
  std::optional<ClueGroup> clue_group_;
  Review review_;
  std::vector<Candidate> candidates_;
  std::size_t streams_ = 0;
  std::optional<Rejected> misfit_;
};

}  // namespace

base::expected<Review, OfferError> review_offer(const SessionDescription& offer, const ReviewTerms& terms) {
  if (offer.media.size() < terms.before.slots.size()) {
    return base::unexpected(OfferError{400, "the offer has fewer m-lines than the session (RFC 3264 section 8)"});
  }
  return OfferReview(offer, terms).run();
}

}  // namespace clued::sdp
