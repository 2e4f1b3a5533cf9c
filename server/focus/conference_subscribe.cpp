// SUBSCRIBE to the conference, and what those who watch are shown of it (RFC 4575, requirements EVT-*).
#include <algorithm>
#include <utility>

#include "focus/account.hpp"
#include "focus/conference.hpp"
#include "focus/roster_entry.hpp"

namespace clued::focus {

namespace {

/// A conference URI is short; what came as one and is not would be in every document.
constexpr std::size_t max_entity_bytes = 512;

/// Whose limits a subscription counts against besides that of its source: all names of a user. Who proves nothing may
/// call itself anything.
std::vector<std::string> user_accounts(const event::SubscribeReceived& subscribe, const ProvenIdentities& user,
                                       const std::string& owner) {
  std::vector<std::string> accounts;
  for (const auto& identity : user) accounts.push_back(account_name_of(identity));
  if (accounts.empty()) accounts.push_back(owner.empty() ? account_of(subscribe).name : "participant " + owner);
  return accounts;
}

}  // namespace

void Conference::subscribe(const event::SubscribeReceived& subscribe, const Turn& turn) {
  const auto& policy = *services_.policy;
  const bool is_known = watch_.contains(subscribe.subscription);
  if (subscribe.is_refresh && !is_known) return watch_.refuse(subscribe, 481, "the subscription is over", turn);
  if (subscribe.request_uri.to_string().size() > max_entity_bytes) {
    return watch_.refuse(subscribe, 414, "the Request-URI is too long", turn);
  }
  const bool is_end = subscribe.expires == std::chrono::seconds::zero();
  const Standing watcher = watcher_of(subscribe);
  // Who ends a subscription needs no right to it.
  if (!allows(Action::subscribe, watcher) && !(is_known && is_end)) {
    return watch_.refuse(subscribe, 403, "not authorised", turn);
  }
  if (subscribe.expires && !is_end && *subscribe.expires < policy.min_subscription) {
    return watch_.refuse(subscribe, 423, "too brief", turn);
  }
  std::string owner = watcher.participant != nullptr ? user_entity(watcher.participant->names()) : std::string();
  auto user = watcher.proven;
  if (!user.empty() && watcher.participant != nullptr) user.add(watcher.participant->names().proven);
  ConferenceWatch::Accounts accounts{user_accounts(subscribe, user, owner), account_of(subscribe).name};
  // Not 503: the focus has room, and a proxy would take it for overloaded (RFC 3261 section 21.5.4).
  if (!is_known && watch_.is_used_up(accounts)) {
    return watch_.refuse(subscribe, 403, "too many subscriptions of this user", turn);
  }
  if (!is_known && watch_.is_full()) return watch_.refuse(subscribe, 503, "too many subscriptions", turn);
  if (!watch_.is_watched()) show_all(turn);
  watch_.accept(subscribe, {std::move(owner), std::move(accounts), contact_in(subscribe.dialog)}, turn);
}

// Besides those whom a REFER would be believed from: a From of a participant that comes from where its INVITE came
// from. User agents subscribe out of dialog, some before their ACK, and who sits there could call anyway.
Conference::Standing Conference::watcher_of(const event::SubscribeReceived& subscribe) const {
  auto standing =
      standing_of(dialog_for(subscribe.dialog, subscribe.target_dialog, subscribe.proven), subscribe.proven);
  if (standing.participant != nullptr || !subscribe.proven.empty()) return standing;
  for (const auto id : registry_.find(subscribe.from.uri)) {
    const auto& found = *participants_.at(id);
    if (found.is_leaving() || host_of(found.source()) != host_of(subscribe.source)) continue;
    standing.participant = &found;
    standing.role = Role::participant;
    break;
  }
  return standing;
}

void Conference::notify_answered(const event::NotifyAnswered& answered, const Turn& turn) {
  if (watch_.answered(answered, turn)) return;
  refers_.notify_answered(answered, turn);
}

// Words of XCON (RFC 6501 section 4.6.5.3) for those of ours; "admin" is what Linphone looks for before it lets its
// user remove others.
std::vector<std::string> Conference::roles_of(const Participant& participant) const {
  switch (role_of(participant)) {
    case Role::creator:
      return {"creator", "moderator", "admin"};
    case Role::moderator:
      return {"moderator", "admin"};
    case Role::participant:
    case Role::stranger:
      break;
  }
  return {"participant"};
}

void Conference::show_all(const Turn& turn) {
  watch_.set_locked(is_locked(turn.now), turn);
  for (const auto& entry : participants_) show(*entry.second, turn);
}

// A conference locks itself without anything happening in it (`lock_after`).
base::Deadline Conference::lock_deadline() const {
  const auto lock_after = services_.conference_policy().lock_after;
  if (was_locked_ || ending_ || own_ || lock_after <= base::Duration::zero()) return std::nullopt;
  return created_ + lock_after;
}

base::Deadline Conference::next_deadline() const {
  if (may_call_listed()) return base::TimePoint{};  // as soon as other work had its turn
  return base::earlier(selections_.next_deadline(), base::earlier(watch_.next_deadline(), lock_deadline()));
}

void Conference::handle_timeout(const Turn& turn) {
  if (!ending_) note_lock(turn);
  if (watch_.is_watched()) watch_.set_locked(is_locked(turn.now), turn);
  watch_.handle_timeout(turn);
  while (const auto consumer = selections_.take_due(turn.now)) {
    demand_changed(demand_.set(consumer, selections_.counted(consumer)), turn);
  }
  call_next_listed(turn);
}

void Conference::show(const Participant& participant, const Turn& turn) {
  if (is_in_roster(participant)) {
    watch_.put(participant.id(), roster_entry(participant, roles_of(participant), services_.calendar), turn);
    return;
  }
  if (!participant.departure()) return;
  const auto& departure = *participant.departure();
  const auto method = disconnection_method(departure);
  watch_.depart(participant.id(), method, disconnection_info(departure, turn.now, services_.calendar), turn);
}

// END-11: who was put out sees no more of it, nor, where policy says so, who left by itself (RFC 4579 lets it
// go on), unless another leg of the same user is still in.
void Conference::stop_watching(const Participant& departed, const Turn& turn) {
  if (!watch_.is_watched()) return;
  const bool is_booted = disconnection_method(*departed.departure()) == event_package::DisconnectionMethod::booted;
  if (is_booted ? services_.policy->watch_after_removal : services_.policy->watch_after_leaving) return;
  const auto user = user_entity(departed.names());
  const auto& names = departed.names();
  for (const auto id : names.proven.empty() ? registry_.find(names.from.uri) : registry_.find_proven(names.proven)) {
    const auto found = participants_.find(id);
    if (found != participants_.end() && !found->second->is_leaving()) return;
  }
  watch_.reject(user, turn);
}

}  // namespace clued::focus
