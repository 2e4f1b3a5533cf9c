// We offer, the peer answers.
#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

#include "sdp/describe.hpp"
#include "sdp/extensions.hpp"
#include "sdp/offer_answer.hpp"

namespace clued::sdp {
namespace {

bool is_wanted(std::span<const WantedStream> wanted, const Slot& slot) {
  return std::any_of(wanted.begin(), wanted.end(),
                     [&slot](const WantedStream& stream) { return slot.carries(stream); });
}

/// Our end of the channel apart from the role, which an offer leaves open again and again, and from whether there is a
/// tls-id, which depends on the peer.
bool is_same_end(DataChannel a, const DataChannel& b) {
  a.setup = b.setup;
  if (!a.tls_id || !b.tls_id) a.tls_id = b.tls_id;
  return a == b;
}

void take_port(Slot& slot, std::vector<LocalPort>& fresh) {
  slot.port = fresh.front();
  fresh.erase(fresh.begin());
}

}  // namespace

std::size_t OfferAnswer::ports_needed(std::span<const WantedStream> wanted) const {
  std::set<StreamKey> missing;
  for (const WantedStream& stream : wanted) {
    if (signalled_.find(stream) == nullptr && profiles_.choose(stream.key)) missing.insert(stream.key);
  }
  return missing.size();
}

SessionDescription OfferAnswer::make_offer(std::span<const WantedStream> wanted, std::vector<LocalPort> fresh,
                                           const DataChannel* channel) {
  drop_own_offer();
  peer_offer_.reset();
  State next = signalled_;
  for (Slot& slot : next.slots) forget_confirmation(slot.preconditions);
  std::set<base::PortId> ports = ports_of(signalled_);
  for (const LocalPort& port : fresh) ports.insert(port.id);
  // New streams are placed before old ones leave: a slot is only free once its port 0 was agreed on, or the peer would
  // take the new stream for a change of the old one.
  std::optional<std::size_t> channel_slot = next.channel_slot();
  if (channel != nullptr) {
    next.local_channel = offered_channel(*channel);
    if (!channel_slot) {
      Slot& slot = next.slots[free_slot(next.slots, "application")];
      slot = Slot{};
      slot.use = Slot::Use::channel;
      slot.media = "application";
      slot.protocol = "UDP/DTLS/SCTP";
      slot.formats = Formats{{"webrtc-datachannel"}, {}};
    }
  } else {
    next.local_channel.reset();
    next.peer_channel.reset();
  }
  for (const WantedStream& stream : wanted) place(stream, next, fresh);
  for (Slot& slot : next.slots) {
    const bool leaves = slot.is_stream() && !is_wanted(wanted, slot);
    if (leaves || (slot.use == Slot::Use::channel && channel == nullptr)) disable(slot);
  }
  give_mids(next);
  SessionDescription offer = say(next, clue_mids(next));
  own_offer_ = OwnOffer{std::move(next), std::move(ports)};
  return offer;
}

bool OfferAnswer::has_codecs(MediaKind kind) const noexcept { return !codecs_of(*media_, kind).empty(); }

void OfferAnswer::place(const WantedStream& wanted, State& next, std::vector<LocalPort>& fresh) {
  const StreamRole role = wanted.key.role;
  Slot* slot = next.find(wanted);
  if (slot == nullptr) {
    const auto profile = profiles_.choose(wanted.key);
    if (!profile || fresh.empty()) return;
    slot = &next.slots[free_slot(next.slots, to_string(wanted.key.kind))];
    *slot = Slot{};
    slot->use = Slot::Use::stream;
    slot->key = wanted.key;
    if (role == StreamRole::encoding) slot->label = wanted.label;
    slot->media = to_string(wanted.key.kind);
    slot->protocol = *profile;
    slot->formats = offered_formats(codecs_of(*media_, wanted.key.kind), role == StreamRole::main);
    slot->family = next.family;
    if (role == StreamRole::encoding && wanted.key.kind == MediaKind::video) slot->extensions = {offered_extension()};
    if (offers_preconditions_ && role == StreamRole::main) slot->preconditions = {offered_precondition()};
    take_port(*slot, fresh);
  }
  slot->wanted = wanted.direction;
  slot->said = wanted.direction;
}

/// Every m-line has a mid of its own (RFC 5888 section 6); one that the peer gave twice or never is ours to give.
void OfferAnswer::give_mids(State& next) {
  std::set<std::string> seen;
  for (Slot& slot : next.slots) {
    if (!slot.mid.empty() && seen.insert(slot.mid).second) continue;
    slot.mid = mids_.next();
    seen.insert(slot.mid);
  }
}

/// An m-line that goes on keeps stream id and syntax, and has a tls-id only for a peer that had one.
DataChannel OfferAnswer::offered_channel(const DataChannel& own) const {
  DataChannel channel = own;
  channel.has_dcmap = true;
  channel.setup = SetupRole::actpass;  // RFC 8842 section 5.2, also when the roles are known
  if (signalled_.channel_slot() && signalled_.peer_channel) {
    channel.stream_id = signalled_.peer_channel->stream_id;
    channel.old_sctpmap_syntax = signalled_.peer_channel->old_sctpmap_syntax;
    if (!signalled_.peer_channel->tls_id) channel.tls_id.reset();
  }
  return channel;
}

bool OfferAnswer::differs(std::span<const WantedStream> wanted, const DataChannel* channel) const {
  for (const WantedStream& stream : wanted) {
    const Slot* slot = signalled_.find(stream);
    if (slot == nullptr) {
      const bool was_refused = std::find(refused_.begin(), refused_.end(), stream) != refused_.end();
      if (!was_refused && profiles_.choose(stream.key)) return true;
    } else if (slot->wanted != stream.direction) {
      return true;
    }
  }
  const auto leaves = [&](const Slot& slot) { return slot.is_stream() && !is_wanted(wanted, slot); };
  if (std::any_of(signalled_.slots.begin(), signalled_.slots.end(), leaves)) return true;
  const bool has_channel = signalled_.channel_slot().has_value();
  if (channel == nullptr) return has_channel;
  if (!has_channel) return !channel_refused_;
  return !signalled_.local_channel || !is_same_end(offered_channel(*channel), *signalled_.local_channel);
}

base::expected<AnswerOutcome, std::string> OfferAnswer::receive_answer(const SessionDescription& answer) {
  if (!own_offer_) return base::unexpected(std::string("an answer without an offer"));
  if (answer.media.size() != own_offer_->next.slots.size()) {
    drop_own_offer();
    return base::unexpected(std::string("the answer has another number of m-lines than the offer"));
  }
  mids_.note(answer);
  State next = std::move(own_offer_->next);
  const std::set<base::PortId> ports = std::move(own_offer_->ports);
  own_offer_.reset();
  AnswerOutcome outcome;
  std::vector<WantedStream> offered;
  for (const Slot& slot : next.slots) {
    if (slot.is_stream()) offered.push_back({slot.key, slot.wanted, slot.label});
  }
  owes_confirmation_ = false;
  for (std::size_t i = 0; i < next.slots.size(); ++i) {
    apply_answer_line(answer, i, next, outcome);
    apply_answer_preconditions(answer.media[i], next.slots[i]);
  }
  refused_.clear();
  for (WantedStream& stream : offered) {
    if (next.find(stream) == nullptr) refused_.push_back(std::move(stream));
  }
  if (outcome.channel_rejected) channel_refused_ = true;
  complete(std::move(next), ports);
  return outcome;
}

/// M-lines are matched by their index, whatever their mids say (defect D11).
void OfferAnswer::apply_answer_line(const SessionDescription& answer, std::size_t index, State& next,
                                    AnswerOutcome& outcome) {
  const MediaDescription& line = answer.media[index];
  Slot& slot = next.slots[index];
  const auto remark = [&](const char* text) {
    outcome.remarks.push_back("m-line " + std::to_string(index + 1) + ": " + text);
  };
  if (slot.use == Slot::Use::disabled) {
    if (line.is_enabled()) remark("answered although it was offered with port 0");
  } else if (slot.use == Slot::Use::channel) {
    apply_answer_channel(answer, index, next, outcome);
  } else if (!line.is_enabled()) {
    remark("refused");
    profiles_.peer_answered(slot.key.kind, slot.protocol, false);
    disable(slot);
  } else if (line.media != slot.media) {
    remark("answered with another media type");
    disable(slot);
  } else {
    profiles_.peer_answered(slot.key.kind, slot.protocol, true);
    const Direction direction = answer.direction_of(line);
    slot.sends = sends(slot.said) && receives(direction);
    slot.peer_sends = receives(slot.said) && sends(direction);
    slot.rtcp_mux = slot.rtcp_mux && line.attribute("rtcp-mux") != nullptr;
    const bool labelled = slot.key.role == StreamRole::receive && line.label().has_value();
    slot.peer_label = labelled ? std::string(*line.label()) : "";
    if (slot.key.role == StreamRole::receive && sends(direction) && slot.peer_label.empty()) {
      remark("an encoding without a label");  // RFC 8848 section 4.4.1.1
    }
  }
}

/// Without any in the answer the peer does not use them (RFC 3312 section 11). What the callee waits for is its own
/// business, and our side is there: nothing of it keeps us from anything.
void OfferAnswer::apply_answer_preconditions(const MediaDescription& line, Slot& slot) {
  slot.preconditions.clear();
  if (slot.use == Slot::Use::disabled) return;
  const PreconditionLines answered = read_preconditions(line);
  if (!answered.preconditions.empty()) uses_preconditions_ = true;
  owes_confirmation_ = owes_confirmation_ || asks_for_confirmation(answered.preconditions);
  slot.preconditions = answer_preconditions(answered.preconditions).said;
  forget_confirmation(slot.preconditions);
}

void OfferAnswer::apply_answer_channel(const SessionDescription& answer, std::size_t index, State& next,
                                       AnswerOutcome& outcome) {
  const auto reject = [&](const std::string& reason) {
    outcome.channel_rejected = true;
    outcome.remarks.push_back("m-line " + std::to_string(index + 1) + ": " + reason);
    next.peer_channel.reset();
  };
  const MediaDescription& line = answer.media[index];
  if (!line.is_enabled()) {
    reject("the data channel is refused");
    next.local_channel.reset();
    return disable(next.slots[index]);
  }
  const auto& known = signalled_.peer_channel;
  auto peer = read_data_channel(answer, line, known ? &*known : nullptr);
  if (!peer) return reject(peer.error());
  if (!peer->has_dcmap) return reject("no dcmap for CLUE");
  if (find_clue_channel(answer) != index) return reject("the CLUE group does not name the data channel");
  // RFC 8864 section 6.4 has it echoed; on another stream the two sides would wait for each other.
  if (peer->stream_id != next.local_channel->stream_id) return reject("another stream id for CLUE");
  const bool is_new = is_new_channel(*peer);
  // The answerer chooses a role; without one it is the passive side (RFC 4145 section 4), unless the roles are known.
  const bool keeps_role = !is_new && signalled_.local_channel;
  if (peer->setup == SetupRole::actpass) {
    const bool active = keeps_role && signalled_.local_channel->setup == SetupRole::passive;
    peer->setup = active ? SetupRole::active : SetupRole::passive;
  }
  next.local_channel->setup = peer->setup == SetupRole::active ? SetupRole::passive : SetupRole::active;
  outcome.peer_channel = *peer;
  outcome.channel_is_new = is_new;
  next.peer_channel = std::move(*peer);
}

void OfferAnswer::drop_own_offer() {
  if (!own_offer_) return;
  const std::set<base::PortId> kept = ports_of(signalled_);
  std::set_difference(own_offer_->ports.begin(), own_offer_->ports.end(), kept.begin(), kept.end(),
                      std::back_inserter(released_));
  own_offer_.reset();
}

}  // namespace clued::sdp
