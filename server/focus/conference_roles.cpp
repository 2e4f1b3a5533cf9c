// Who is what in the conference, and what follows from that: admission, rights, succession.
#include <algorithm>
#include <utility>

#include "focus/conference.hpp"
#include "focus/records.hpp"

namespace clued::focus {

namespace {

bool is_among(const std::vector<SipUri>& users, const ProvenIdentities& one) {
  return std::any_of(users.begin(), users.end(), [&](const SipUri& user) { return one.includes(user); });
}

}  // namespace

// What the file does not name any more stays as it was: no right opens because somebody has taken a line away.
bool Conference::take_configuration() {
  const auto& permanent = services_.conference_policy().permanent;
  const auto found = permanent.find(user_);
  if (found != permanent.end()) own_ = found->second;
  return found != permanent.end();
}

bool Conference::is_moderator(const ProvenIdentities& user) const {
  return is_among(services_.conference_policy().moderators, user) || (own_ && is_among(own_->moderators, user));
}

/// The participants who are this user, or who at least say so.
std::vector<ParticipantId> Conference::legs_of(const ProvenIdentities& user) const {
  auto legs = registry_.find_proven(user);
  for (auto identity = user.begin(); legs.empty() && identity != user.end(); ++identity) {
    legs = registry_.find(identity->uri);
  }
  return legs;
}

Role Conference::role_of(const Participant& participant) const {
  if (participant.id() == creator_) return Role::creator;
  if (participant.id() == heir_) return Role::moderator;
  return is_moderator(participant.names().proven) ? Role::moderator : Role::participant;
}

/// Tags that somebody has got hold of make nobody another user (RFC 4538 section 7): where both identities are proven
/// they have to be one user's, as with Replaces.
std::optional<DialogId> Conference::dialog_for(const std::optional<DialogId>& own, const std::optional<DialogId>& named,
                                               const ProvenIdentities& proven) const {
  if (own || !named) return own;
  const auto* participant = participant_of(*named);
  if (participant == nullptr) return named;
  const ProvenIdentities& user = participant->names().proven;
  return user.empty() || proven.empty() || user.is_same_user(proven) ? named : std::nullopt;
}

// Somebody is believed when the request came in a dialog of the conference, names one by its secret tags (RFC 4538), or
// carries an identity that is proven. A From header that anybody can write is none of these.
Conference::Standing Conference::standing_of(const std::optional<DialogId>& dialog,
                                             const ProvenIdentities& proven) const {
  Standing standing;
  standing.proven = proven;
  if (const auto* one = dialog ? participant_of(*dialog) : nullptr; one != nullptr && !one->is_leaving()) {
    standing.participant = one;
  }
  if (standing.participant != nullptr) {
    standing.role = role_of(*standing.participant);
    standing.proven.add(standing.participant->names().proven);
  }
  if (proven.empty()) return standing;
  if (is_moderator(proven)) standing.role = std::max(standing.role, Role::moderator);
  // The creator and the heir keep their role on another device or outside of their dialog.
  for (const auto& holder : {creator_, heir_}) {
    const auto found = participants_.find(holder);
    if (found == participants_.end() || found->second->is_leaving()) continue;
    if (!found->second->names().proven.is_same_user(proven)) continue;
    standing.role = std::max(standing.role, role_of(*found->second));
  }
  if (standing.participant == nullptr) {
    for (const auto id : legs_of(proven)) {
      const auto& own = *participants_.at(id);
      if (own.is_leaving()) continue;
      standing.participant = &own;
      if (own.names().proven.is_same_user(proven)) standing.role = std::max(standing.role, Role::participant);
      break;
    }
  }
  return standing;
}

bool Conference::allows(Action action, const Standing& standing) const {
  if (action == Action::join && own_ && own_->join) return own_->join->includes(standing.role, standing.proven);
  return services_.conference_policy().rights.allow(action, standing.role, standing.proven);
}

bool Conference::is_locked(base::TimePoint now) const {
  if (own_) return own_->locked;
  const auto lock_after = services_.conference_policy().lock_after;
  return lock_after > base::Duration::zero() && now >= created_ + lock_after;
}

void Conference::note_lock(const Turn& turn) {
  const bool locked = is_locked(turn.now);
  if (std::exchange(was_locked_, locked) == locked) return;
  log(locked ? record::conference_locked : record::conference_unlocked,
      {{"by", own_ ? "configuration" : "age"}}, turn);
}

// A locked conference is still open to those who could unlock it, or they could not come back to it.
std::optional<NotAdmitted> Conference::refusal_of(const event::InviteReceived& invite, base::TimePoint now) const {
  const auto standing = standing_of(std::nullopt, invite.proven);
  if (!allows(Action::join, standing)) return NotAdmitted{403, "not allowed to join"};
  if (is_locked(now) && standing.role < Role::moderator) return NotAdmitted{403, "conference is locked"};
  return std::nullopt;
}

bool Conference::make_room(const Account& account, const Turn& turn) {
  if (seats_.size() < max_participants()) return true;
  const auto weakest = seats_.gives_way_to(account);
  if (!weakest) return false;
  give_way(weakest, turn);
  return true;
}

void Conference::give_way(ParticipantId participant, const Turn& turn) {
  auto& member = *participants_.at(participant);
  Departure departure;
  departure.cause = "gave_way";
  departure.ending.reason = {503, "No room for who is not there yet"};
  departure.ending.refusal_status = 503;
  departure.ending.retry_after = std::chrono::seconds(30);
  member.leave(departure, turn);
  settle(member, turn);
}

std::size_t Conference::max_participants() const {
  return own_ && own_->max_participants ? *own_->max_participants
                                        : services_.conference_policy().max_participants_per_conference;
}

/// END-07: who leaves with one device and is still there with another has not left, and is what it was. The same user
/// is only who is proven to be; a From makes nobody the creator.
bool Conference::keeps_role(ParticipantId departed, ParticipantId& holder, const Turn& turn) {
  holder = {};
  if (ending_ || dismissing_) return false;
  for (const auto id : registry_.find_proven(participants_.at(departed)->names().proven)) {
    const auto found = participants_.find(id);
    if (id == departed || found == participants_.end() || found->second->is_leaving()) continue;
    holder = id;
    found->second->log().write(turn, record::role_kept, {{"role", std::string(name_of(role_of(*found->second)))}});
    if (watch_.is_watched()) show(*found->second, turn);
    return true;
  }
  return false;
}

// The conference goes on without its creator (`end_when: last-leaves`): somebody shall be able to put a nuisance out.
void Conference::appoint_heir_if_due(const Turn& turn) {
  if (ending_ || !had_creator_ || creator_ || heir_) return;
  if (services_.conference_policy().moderator_succession != ModeratorSuccession::longest_present) return;
  for (const auto& [id, participant] : participants_) {
    if (!participant->is_in_conference()) continue;
    heir_ = id;
    participant->log().write(turn, record::moderator_appointed,
                             {{"identity", base::Identity{participant->names().identity().uri.to_string()}}});
    if (watch_.is_watched()) show(*participant, turn);
    return;
  }
}

// Who is in stays in. A conference that is permanent no more ends when nobody is left.
void Conference::policy_changed(const Turn& turn) {
  const bool was_permanent = std::exchange(is_permanent_, take_configuration());
  if (was_permanent && !is_permanent_) log(record::conference_withdrawn, {}, turn);
  note_lock(turn);
  catalog_.set_max_per_participant(max_video_per_participant(*services_.policy),
                                   max_audio_per_participant(*services_.policy));
  watch_.policy_changed();
  if (watch_.is_watched()) show_all(turn);
  if (was_permanent && !is_permanent_ && !has_anybody()) end("closed", turn);
}

}  // namespace clued::focus
