// Who comes in, and what is there for whom.
#include <algorithm>
#include <utility>

#include "focus/account.hpp"
#include "focus/conference.hpp"
#include "focus/focus.hpp"
#include "focus/records.hpp"

namespace clued::focus {

namespace {

/// When it may be worth trying again: somebody may have left a full conference or focus.
constexpr std::chrono::seconds retry_after_full{30};

/// FOC-03: 128 bits of chance, in letters that are equal in every comparison rule of a URI.
std::string unguessable_user(base::Randomness& randomness) {
  static constexpr char letters[] = "abcdefghijklmnopqrstuvwxyz234567";
  std::string user = "conf-";
  for (int word = 0; word < 2; ++word) {
    auto bits = randomness.next();
    for (int i = 0; i < 13; ++i, bits >>= 5) user += letters[bits & 31];
  }
  return user;
}

}  // namespace

void Focus::on(const event::InviteReceived& invite, const Turn& turn) {
  const auto& policy = services_.conference_policy();
  if (shutdown_deadline_) return refuse(invite, 503, "shutting down", turn);
  if (invite.replaces && !invite.recipient_list) return replace(invite, turn);
  const bool is_creation = is_ours(invite.request_uri) && invite.request_uri.user == policy.factory_user;
  Conference* conference = nullptr;
  if (!is_creation) {
    conference = find_conference(invite.request_uri);
    if (conference == nullptr) {
      const int status = missing_status(invite.request_uri, turn.now);
      return refuse(invite, status, status == 410 ? "conference has ended" : "no such conference", turn);
    }
  }
  // FOC-14: a list is for the factory, and for who is not there yet.
  if (invite.recipient_list && (!is_creation || invite.replaces)) {
    return refuse(invite, 420, "a recipient-list elsewhere than at the factory", turn);
  }
  const auto refusal = is_creation ? creation_refusal(invite) : conference->refusal_of(invite, turn.now);
  if (refusal) return refuse(invite, refusal->status, refusal->why, turn);
  if (const auto full = make_room(invite, conference, turn)) return refuse(invite, full->status, full->why, turn);
  // Who made room may have been the last one in it.
  conference = is_creation ? &create_conference(invite, turn) : find_conference(invite.request_uri);
  if (conference == nullptr) return refuse(invite, 410, "conference has ended", turn);
  const auto participant = conference->join(invite, is_creation, turn);
  if (conference->contains(participant)) participants_.emplace(participant, conference->id());
  if (invite.recipient_list && !conference->is_ending()) conference->call_listed(invite, turn);
  update(*conference, turn);
}

// A share of what is there for all is not exceeded, and what is used up goes to who has less of it.
std::optional<NotAdmitted> Focus::make_room(const event::InviteReceived& invite, Conference* joined, const Turn& turn) {
  const auto& policy = services_.conference_policy();
  const auto account = account_of(invite);
  // Not 503: the focus has room, and a proxy would take it for overloaded (RFC 3261 section 21.5.4).
  if (services_.seats.held_by(account) >= policy.max_participants_per_source) {
    return NotAdmitted{486, "too many participants of this user"};
  }
  if (joined == nullptr && shares_.held_by(account) >= policy.max_conferences_per_source) {
    return NotAdmitted{486, "too many conferences of this user"};
  }
  if (joined == nullptr && shares_.size() >= policy.max_conferences) {
    const auto weakest = shares_.gives_way_to(account);
    if (!weakest) return NotAdmitted{503, "too many conferences"};
    auto& conference = *conferences_.at(weakest);
    conference.end("gave_way", turn);
    update(conference, turn);
  }
  if (joined != nullptr) {
    const bool has_room = joined->make_room(account, turn);
    update(*joined, turn);
    if (!has_room) return NotAdmitted{486, "conference is full"};
  }
  if (!make_seat(account, nullptr, turn)) return NotAdmitted{503, "too many participants"};
  return std::nullopt;
}

bool Focus::make_seat(const Account& account, const Conference* asking, const Turn& turn) {
  if (services_.seats.size() < services_.conference_policy().max_participants) return true;
  const auto weakest = services_.seats.gives_way_to(account);
  if (!weakest) return false;
  auto& home = *conferences_.at(participants_.at(weakest));
  home.give_way(weakest, turn);
  if (&home != asking) update(home, turn);
  return true;
}

// FOC-11. Limits and locks do not count: nobody new comes.
void Focus::replace(const event::InviteReceived& invite, const Turn& turn) {
  Conference* conference = invite.replaces->dialog ? conference_of(*invite.replaces->dialog) : nullptr;
  if (conference == nullptr || conference != find_conference(invite.request_uri)) {
    return refuse(invite, 481, "no dialog to be replaced", turn);
  }
  if (const auto refusal = conference->takeover_refusal(invite)) {
    return refuse(invite, refusal->status, refusal->why, turn);
  }
  const auto participant = conference->take_over(invite, turn);
  if (conference->contains(participant)) participants_.emplace(participant, conference->id());
  update(*conference, turn);
}

std::optional<NotAdmitted> Focus::creation_refusal(const event::InviteReceived& invite) const {
  const auto& policy = services_.conference_policy();
  const bool is_moderator = std::any_of(policy.moderators.begin(), policy.moderators.end(),
                                        [&](const SipUri& moderator) { return invite.proven.includes(moderator); });
  const Role role = is_moderator ? Role::moderator : Role::stranger;
  if (!policy.rights.allow(Action::create, role, invite.proven)) return NotAdmitted{403, "not allowed to create"};
  if (invite.recipient_list) {
    // FOC-15: who has many called has to be known, and may not have more called than the operator allows.
    const bool may_invite = policy.rights.allow(Action::invite_list, role, invite.proven) &&
                            policy.rights.allow(Action::invite, Role::creator, invite.proven);
    if (!may_invite) return NotAdmitted{403, "not allowed to have a list invited"};
    if (invite.recipient_list->entries.size() > services_.policy->dial_out.max_list_entries) {
      return NotAdmitted{403, "too many entries in the recipient-list"};
    }
  }
  return std::nullopt;
}

void Focus::refuse(const event::InviteReceived& invite, int status, const char* why, const Turn& turn) {
  base::Record record{&record::invite_refused,
                      {{"call_id", invite.call_id},
                       {"uri", invite.request_uri.to_string()},
                       {"status", status},
                       {"reason", why},
                       {"from", base::Identity{invite.from.uri.to_string()}},
                       {"source", invite.source}}};
  if (invite.recipient_list) {
    record.fields.push_back({"entries", std::uint64_t{invite.recipient_list->entries.size()}});
  }
  turn.emit(command::Log{std::move(record)});
  command::Respond response{invite.request, status};
  response.reason = Reason{status, why};
  if (status == 420) response.unsupported = "recipient-list-invite";
  const bool is_temporary = status == 503 || status == 486;
  if (is_temporary) response.retry_after = shutdown_deadline_ ? retry_after_shutdown : retry_after_full;
  turn.emit(std::move(response));
}

Conference& Focus::create_conference(const event::InviteReceived& invite, const Turn& turn) {
  auto user = unguessable_user(services_.randomness);
  const NameAddress& creator = invite.proven.empty() ? invite.from : invite.proven.primary();
  base::Record record{
      &record::conference_created,
      {{"conference", user}, {"call_id", invite.call_id}, {"creator", base::Identity{creator.uri.to_string()}}}};
  turn.emit(command::Log{std::move(record)});
  return open_conference(std::move(user), turn.now, account_of(invite), false);
}

}  // namespace clued::focus
