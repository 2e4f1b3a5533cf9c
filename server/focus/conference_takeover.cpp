// INVITE with Replaces (RFC 3891, RFC 4579 section 5.9; FOC-11): a participant moves to another device.
//
// Make before break: the old leg stays in the conference, with its captures, until the new one is confirmed and has
// said what it offers (or has not in time). Only then it gets its BYE, and the others hear of both in one refresh.
// Whatever they are told meanwhile is true, and if the new leg fails nothing has happened to the old one.
#include <utility>

#include "focus/conference.hpp"
#include "focus/records.hpp"

namespace clued::focus {

namespace {

/// Who names the dialog by its secret tags and says that he is its user. Where somebody vouches for one of the two
/// identities, it is that one that counts.
bool is_same_user(const ParticipantNames& present, const event::InviteReceived& invite) {
  if (!present.proven.empty()) return present.proven.is_same_user(invite.proven);
  const SipUri& said = present.from.uri;
  if (said.host == anonymous_host) return false;  // the From of all who say nothing (RFC 3323 section 4.1.1.3)
  return invite.proven.empty() ? equivalent(said, invite.from.uri) : invite.proven.includes(said);
}

}  // namespace

// RFC 3891 section 3, in its order; the tags of a dialog that has not answered yet are of no use to the caller.
std::optional<NotAdmitted> Conference::takeover_refusal(const event::InviteReceived& invite) const {
  const auto* present = participant_of(*invite.replaces->dialog);
  if (present == nullptr) return NotAdmitted{481, "no dialog to be replaced"};
  if (present->is_leaving()) return NotAdmitted{603, "the dialog to be replaced has ended"};
  // Neither one that its peer began and we have not answered, nor one of ours that rings (its tags are not known yet).
  const auto state = present->dialog().state();
  if (state != InviteDialog::State::accepted && state != InviteDialog::State::confirmed) {
    return NotAdmitted{481, "the dialog to be replaced is not established"};
  }
  switch (services_.conference_policy().replace) {
    case Replacing::nobody:
      return NotAdmitted{403, "not allowed to replace"};
    case Replacing::same_user:
      if (!is_same_user(present->names(), invite)) return NotAdmitted{403, "not allowed to replace another user"};
      break;
    case Replacing::anyone:
      break;
  }
  if (invite.replaces->early_only) return NotAdmitted{486, "the dialog to be replaced is established"};
  for (const auto& [successor, takeover] : takeovers_) {
    const bool is_unfinished = successor == present->id() && !present->is_in_conference();
    if (takeover.replaced == present->id() || is_unfinished) {
      return NotAdmitted{491, "the dialog is in a takeover already"};
    }
  }
  return std::nullopt;
}

ParticipantId Conference::take_over(const event::InviteReceived& invite, const Turn& turn) {
  const auto replaced = participant_of(*invite.replaces->dialog)->id();
  // Who is replaced while it takes somebody's place has taken it.
  if (takeovers_.contains(replaced)) {
    complete_takeover(*participants_.at(replaced), turn);
    introduce(*participants_.at(replaced), turn);
  }
  auto& successor = add(invite);
  takeovers_.emplace(successor.id(), Takeover{replaced, {}});
  successor.log().write(turn, record::takeover_started,
                        {{"replaces", participants_.at(replaced)->log().participant()}});
  successor.on(invite, turn);
  const auto id = successor.id();
  settle(successor, turn);
  return id;
}

// True when the successor counts from now on.
bool Conference::advance_takeover(Participant& successor, const Turn& turn) {
  if (!successor.is_in_conference()) return false;
  auto& takeover = takeovers_.at(successor.id());
  if (!takeover.deadline) takeover.deadline = turn.now + services_.policy->takeover_wait;
  if (!successor.offering() && turn.now < *takeover.deadline) return false;
  complete_takeover(successor, turn);
  return true;
}

void Conference::complete_takeover(Participant& successor, const Turn& turn) {
  const auto takeover = takeovers_.extract(successor.id()).mapped();
  auto& replaced = *participants_.at(takeover.replaced);
  successor.log().write(turn, record::takeover_completed, {{"replaces", replaced.log().participant()}});
  hand_over(takeover.replaced, successor.id(), turn);
  Departure departure;
  departure.cause = "replaced";
  departure.ending.reason = {200, "Replaced by another device"};
  replaced.leave(departure, turn);
  settle(replaced, turn);
}

// The user is the same and so is what it may do: that the creator moves is not that it leaves.
void Conference::hand_over(ParticipantId from, ParticipantId to, const Turn& turn) {
  if (creator_ == from) creator_ = to;
  if (heir_ == from) heir_ = to;
  if (watch_.is_watched()) show(*participants_.at(to), turn);
}

// Either end of a takeover left by itself.
void Conference::drop_takeovers_of(Participant& departed, const Turn& turn) {
  if (takeovers_.erase(departed.id()) > 0) {
    if (!dismissing_) departed.log().write(turn, record::takeover_abandoned, {});
    return;
  }
  for (auto entry = takeovers_.begin(); entry != takeovers_.end(); ++entry) {
    if (entry->second.replaced != departed.id()) continue;
    const auto successor = participants_.find(entry->first);
    takeovers_.erase(entry);
    if (successor == participants_.end() || successor->second->is_leaving()) return;
    hand_over(departed.id(), successor->first, turn);
    successor->second->log().write(turn, record::takeover_completed, {{"replaces", departed.log().participant()}});
    introduce(*successor->second, turn);
    return;
  }
}

// What its first events meant and was held back.
void Conference::introduce(Participant& newcomer, const Turn& turn) {
  touched_.push_back(newcomer.id());
  offering_changed(newcomer, turn);
  if (newcomer.can_be_told()) newcomer.mark_stale(RefreshView::Urgency::at_once, turn);
}

}  // namespace clued::focus
