// The peer offers, we answer; and what both directions share.
#include "sdp/offer_answer.hpp"

#include <algorithm>
#include <cassert>
#include <functional>
#include <iterator>
#include <set>
#include <utility>

#include "sdp/describe.hpp"

namespace clued::sdp {
namespace {

/// A description's text without its beginning, in which nothing but the version ever changes.
std::string_view beyond_origin(std::string_view text) {
  const auto origin = text.find("\no=");
  return origin == std::string_view::npos ? text : text.substr(text.find('\n', origin + 1));
}

}  // namespace

OfferAnswer::OfferAnswer(std::shared_ptr<const LocalMedia> media, std::string session_id)
    : media_(std::move(media)), session_id_(std::move(session_id)) {
  signalled_.family = media_->address_v4.empty() && !media_->address_v6.empty() ? IpFamily::v6 : IpFamily::v4;
}

// --- the peer offers ---

base::expected<OfferPlan, OfferError> OfferAnswer::receive_offer(SessionDescription offer, bool accept_clue,
                                                                 const std::set<std::string>* advertised) {
  // RFC 3264 section 4; which SIP status a glare really gets is for the dialog to know.
  if (own_offer_) return base::unexpected(OfferError{491, "our own offer is not answered yet"});
  auto review = review_offer(offer, {signalled_, *media_, !has_session_, accept_clue, advertised, uses_preconditions_});
  if (!review) return base::unexpected(std::move(review).error());
  if (auto error = precondition_failure(*review)) return base::unexpected(std::move(*error));
  mids_.note(offer);
  profiles_.peer_offered(offer);
  OfferPlan plan;
  plan.ports_needed = static_cast<std::size_t>(std::count_if(review->lines.begin(), review->lines.end(),
                                                             [](const ReviewedLine& line) { return line.needs_port; }));
  plan.peer_channel = review->peer_channel;
  plan.clue_offered = review->clue_offered;
  plan.channel_is_new = plan.peer_channel && is_new_channel(*plan.peer_channel);
  plan.channel_removed = signalled_.peer_channel.has_value() && !plan.peer_channel;
  plan.remarks = review->remarks;
  peer_offer_ = std::move(*review);
  return plan;
}

SessionDescription OfferAnswer::make_answer(std::vector<LocalPort> fresh, const DataChannel* channel) {
  assert(peer_offer_);
  if (!peer_offer_) return say(signalled_, clue_mids(signalled_));
  Review review = std::move(*peer_offer_);
  peer_offer_.reset();
  std::set<base::PortId> used = ports_of(signalled_);
  for (const LocalPort& port : fresh) used.insert(port.id);
  if (!review.peer_channel) channel = nullptr;
  State next;
  next.family = review.family;
  next.timing = std::move(review.timing);
  for (ReviewedLine& line : review.lines) {
    Slot& slot = line.slot;
    const bool channel_missing = channel == nullptr && (line.only_with_channel || slot.use == Slot::Use::channel);
    const bool port_missing = line.needs_port && fresh.empty();
    if (channel_missing || port_missing) {
      std::string label = std::move(slot.peer_label);
      disable(slot);
      slot.peer_label = std::move(label);
    } else if (line.needs_port) {
      slot.port = fresh.front();
      fresh.erase(fresh.begin());
    }
    next.slots.push_back(std::move(slot));
  }
  std::vector<std::string> group;
  if (channel != nullptr) {
    next.local_channel = answered_channel(*channel, *review.peer_channel);
    next.peer_channel = std::move(review.peer_channel);
    // A subset of the offered group, in its order (RFC 5888 section 9.2).
    const std::vector<std::string> present = clue_mids(next);
    for (std::string& mid : review.clue_mids) {
      const bool is_present = std::find(present.begin(), present.end(), mid) != present.end();
      if (is_present && std::find(group.begin(), group.end(), mid) == group.end()) group.push_back(std::move(mid));
    }
  }
  for (const Slot& slot : signalled_.slots) {
    // What the peer took out must not come back by an offer of ours that only means something else.
    if (slot.is_stream() && next.find(slot.key) == nullptr) refused_.push_back({slot.key, slot.wanted, slot.label});
  }
  SessionDescription answer = say(next, std::move(group));
  complete(std::move(next), used);
  return answer;
}

void OfferAnswer::drop_offer() { peer_offer_.reset(); }

/// What must follow the offer: the stream id (RFC 8864 section 6.4), the syntax, no tls-id when the offer has none
/// (RFC 8842 section 5.3), and a role that fits. An association that goes on keeps its roles (RFC 8842 section 5.5).
DataChannel OfferAnswer::answered_channel(const DataChannel& own, const DataChannel& peer) const {
  DataChannel channel = own;
  channel.has_dcmap = true;
  channel.stream_id = peer.stream_id;
  channel.old_sctpmap_syntax = peer.old_sctpmap_syntax;
  if (!peer.tls_id) channel.tls_id.reset();
  if (peer.setup != SetupRole::actpass) {
    channel.setup = peer.setup == SetupRole::active ? SetupRole::passive : SetupRole::active;
  } else if (signalled_.local_channel && !is_new_channel(peer)) {
    channel.setup = signalled_.local_channel->setup;
  } else if (channel.setup == SetupRole::actpass) {
    channel.setup = peer.stream_id % 2 == 0 ? SetupRole::passive : SetupRole::active;  // RFC 8864 section 6.1
  }
  return channel;
}

/// A changed default candidate alone is what ICE does when it is done (RFC 8839 section 4.4.1.2.2).
bool OfferAnswer::is_new_channel(const DataChannel& peer) const {
  const std::optional<DataChannel>& known = signalled_.peer_channel;
  if (!known) return true;
  const bool other_tls_id = known->tls_id && peer.tls_id && known->tls_id != peer.tls_id;
  return other_tls_id || known->sctp_port != peer.sctp_port || known->ice_ufrag != peer.ice_ufrag ||
         known->ice_pwd != peer.ice_pwd || known->fingerprints != peer.fingerprints ||
         known->stream_id != peer.stream_id;
}

// --- what both directions share ---

SessionDescription OfferAnswer::say(const State& state, std::vector<std::string> clue_mids) {
  if (!origin_) origin_ = origin_of(state.family);
  SessionDescription description = describe(state, *media_, *origin_, std::move(clue_mids));
  description.origin.session_version = version_ + 1;
  std::string text = serialize(description);
  const std::size_t said = std::hash<std::string_view>()(beyond_origin(text));
  if (version_ != 0 && said == last_said_) {
    description.origin.session_version = version_;
    text = serialize(description);
  } else {
    ++version_;
  }
  last_said_ = said;
  text_ = std::move(text);
  return description;
}

Origin OfferAnswer::origin_of(IpFamily family) const {
  return {media_->origin_username, session_id_, version_, family, address_of(*media_, family)};
}

void OfferAnswer::complete(State next, const std::set<base::PortId>& used) {
  const std::set<base::PortId> kept = ports_of(next);
  std::set_difference(used.begin(), used.end(), kept.begin(), kept.end(), std::back_inserter(released_));
  const auto is_in_use = [&next](const WantedStream& refused) { return next.find(refused.key) != nullptr; };
  refused_.erase(std::remove_if(refused_.begin(), refused_.end(), is_in_use), refused_.end());
  if (next.peer_channel) channel_refused_ = false;
  signalled_ = std::move(next);
  compact(signalled_);
  has_session_ = true;
}

bool OfferAnswer::has_session() const noexcept { return has_session_; }

IpFamily OfferAnswer::family() const noexcept { return peer_offer_ ? peer_offer_->family : signalled_.family; }

std::vector<PeerEncoding> OfferAnswer::peer_encodings() const {
  std::vector<PeerEncoding> encodings;
  std::set<std::string_view> seen;
  for (std::size_t i = 0; i < signalled_.slots.size(); ++i) {
    const Slot& slot = signalled_.slots[i];
    const auto kind = media_kind(slot.media);
    // Labels are unique in the group (RFC 8848 section 4.4.1.1); of equal ones the first counts.
    if (slot.peer_label.empty() || !kind || !seen.insert(slot.peer_label).second) continue;
    encodings.push_back({slot.peer_label, *kind, i, slot.is_stream() && slot.peer_sends, slot.key});
  }
  return encodings;
}

bool OfferAnswer::has_stream(StreamKey key) const { return signalled_.find(key) != nullptr; }

bool OfferAnswer::encoding_active(std::string_view label) const {
  return std::any_of(signalled_.slots.begin(), signalled_.slots.end(), [label](const Slot& slot) {
    return slot.is_stream() && slot.key.role == StreamRole::encoding && slot.label == label && slot.sends;
  });
}

std::size_t OfferAnswer::m_lines() const noexcept { return signalled_.slots.size(); }

std::vector<WantedStream> OfferAnswer::current_streams() const {
  std::vector<WantedStream> streams;
  for (const Slot& slot : signalled_.slots) {
    if (slot.is_stream()) streams.push_back({slot.key, slot.wanted, slot.label});
  }
  return streams;
}

std::vector<NegotiatedStream> OfferAnswer::negotiated_streams() const {
  std::vector<NegotiatedStream> streams;
  for (std::size_t i = 0; i < signalled_.slots.size(); ++i) {
    const Slot& slot = signalled_.slots[i];
    if (!slot.is_stream()) continue;
    const std::string& label = slot.key.role == StreamRole::encoding ? slot.label : slot.peer_label;
    streams.push_back({i, slot.key.kind, slot.key.role, label, slot.peer_sends, slot.sends});
  }
  return streams;
}

std::vector<base::PortId> OfferAnswer::take_released() { return std::exchange(released_, {}); }

std::vector<base::PortId> OfferAnswer::ports_in_use() const {
  std::set<base::PortId> ports = ports_of(signalled_);
  if (own_offer_) ports.insert(own_offer_->ports.begin(), own_offer_->ports.end());
  return {ports.begin(), ports.end()};
}

}  // namespace clued::sdp
