// REFER to the conference: removing a participant (RFC 4579 section 5.11, requirements 9.2).
#include <algorithm>
#include <utility>

#include "focus/account.hpp"
#include "focus/callees.hpp"
#include "focus/conference.hpp"
#include "focus/records.hpp"
#include "focus/roster_entry.hpp"

namespace clued::focus {

namespace {

/// Whose Call-IDs stand in the record of a REFER; it is one in all but the end of a whole conference, whose
/// participants name the REFER in records of their own.
constexpr std::size_t max_logged_targets = 8;

/// Telepresence or IMS: knows that a REFER to a focus is not a transfer.
bool is_aware(const event::ReferReceived& refer, const Participant* referrer) {
  const auto is_one = [](const PeerContact& contact) {
    return contact.telepresence || contact.ims || contact.is_focus;
  };
  return is_one(refer.contact) || (referrer != nullptr && is_one(referrer->names().contact));
}

}  // namespace

void Conference::refer(const event::ReferReceived& refer, const Turn& turn) {
  if (!can_name_participant(refer.refer_to.uri)) return refuse(refer, 416, "unsupported URI scheme", turn);
  if (refer.refer_to.method == "INVITE") {
    if (const auto busy = open_refers_refusal(refer)) return refuse(refer, busy->status, busy->why, turn);
    return refer_invite(refer, turn);
  }
  if (refer.refer_to.method != "BYE") return refuse(refer, 403, "neither removal nor invitation", turn);

  const auto referrer = standing_of(dialog_for(refer.dialog, refer.target_dialog, refer.proven), refer.proven);
  std::vector<ParticipantId> targets = registry_.find(refer.refer_to.uri);
  const bool whole_conference = targets.empty() && means_whole_conference(refer, referrer);
  if (targets.empty() && !whole_conference) {
    if (const auto one = registry_.find_at_any_port(refer.refer_to.uri)) targets.push_back(*one);
  }
  if (whole_conference) {
    for (const auto& entry : participants_) targets.push_back(entry.first);
  }
  // Who may not remove others is not told who is there either: 403 comes before 404.
  const bool is_self = !whole_conference && means_itself(referrer, targets);
  if (!is_self && !allows(whole_conference ? Action::end : Action::remove, referrer)) {
    return refuse(refer, 403, "not authorised", turn);
  }
  if (targets.empty() && !whole_conference) return refuse(refer, 404, "no such participant", turn);

  // Who may remove others may do so whatever else is open, and is then told at once what there is to be told.
  const auto busy = open_refers_refusal(refer);
  if (busy && is_self) return refuse(refer, busy->status, busy->why, turn);
  const auto operation = services_.operation_ids.next();
  if (auto open = accept(refer, referrer, targets, operation, turn)) {
    for (const auto target : targets) {
      if (!busy && !participants_.at(target)->dialog().is_terminated()) open->awaited.insert(target);
    }
    refers_.open(*std::move(open), turn);
  }
  if (whole_conference) return is_permanent_ ? clear(refer, turn) : end("referred", turn, refer.call_id);
  for (const auto target : targets) {
    const auto found = participants_.find(target);
    if (found != participants_.end()) remove(*found->second, refer, referrer, operation, turn);
  }
}

std::optional<NotAdmitted> Conference::open_refers_refusal(const event::ReferReceived& refer) const {
  const std::size_t most = services_.policy->max_open_refers;
  if (refers_.size() >= most) return NotAdmitted{503, "too many open REFERs"};
  // Not 503: the focus has room, and a proxy would take it for overloaded (RFC 3261 section 21.5.4).
  if (refers_.open_of(account_of(refer)) >= most) return NotAdmitted{486, "too many open REFERs of this user"};
  return std::nullopt;
}

// The end of a permanent conference is that all are sent away; the next one who calls finds it as it was at the start.
void Conference::clear(const event::ReferReceived& refer, const Turn& turn) {
  log(record::conference_cleared, {{"participants", std::uint64_t{participants_.size()}}}, turn);
  dismiss_all(refer.call_id, turn);
}

// REF-06: the conference URI, by its user part at a host that is ours. That of another host is somebody else's
// conference or user, whatever it is called. Ours are the domains and places of the configuration, and the hosts by
// which the referrer itself has reached us: where its request went to, which in a dialog is our Contact, and where it
// called.
bool Conference::means_whole_conference(const event::ReferReceived& refer, const Standing& referrer) const {
  const SipUri& target = refer.refer_to.uri;
  if (target.scheme == "tel" || target.user != user_) return false;
  if (is_at_our_host(target, services_.policy->dial_out, services_.conference_policy())) return true;
  const std::string host = comparable_host(target.host);
  if (host.empty()) return false;
  return host == comparable_host(refer.request_uri.host) ||
         (referrer.participant != nullptr && host == comparable_host(referrer.participant->called_host()));
}

// Its own leg, or all legs of the user that a trusted peer says it is. A From header that anybody can write is no
// proof.
bool Conference::means_itself(const Standing& referrer, const std::vector<ParticipantId>& targets) const {
  if (referrer.participant == nullptr || targets.empty()) return false;
  const auto& own = referrer.participant->names();
  return std::all_of(targets.begin(), targets.end(), [&](ParticipantId target) {
    const auto& names = participants_.at(target)->names();
    return target == referrer.participant->id() || own.proven.is_same_user(names.proven);
  });
}

void Conference::refuse(const event::ReferReceived& refer, int status, const char* why, const Turn& turn) {
  log(record::refer_refused,
      {{"call_id", refer.call_id},
       {"status", status},
       {"reason", why},
       {"method", refer.refer_to.method},
       {"target", base::Identity{refer.refer_to.uri.to_string()}},
       {"from", base::Identity{refer.from.uri.to_string()}},
       {"source", refer.source}},
      turn);
  command::Respond response{refer.request, status};
  if (status == 503) response.retry_after = std::chrono::seconds(10);
  turn.emit(std::move(response));
}

std::string Conference::call_ids_of(const std::vector<ParticipantId>& targets) const {
  std::string ids;
  for (std::size_t n = 0; n < targets.size() && n < max_logged_targets; ++n) {
    ids += (n == 0 ? "" : ",") + participants_.at(targets[n])->log().call_id();
  }
  return ids;
}

std::optional<ReferHandler::Refer> Conference::accept(const event::ReferReceived& refer, const Standing& referrer,
                                                      const std::vector<ParticipantId>& targets,
                                                      base::OperationId operation, const Turn& turn) {
  auto mode = notify_mode(services_.policy->final_notify, refer, is_aware(refer, referrer.participant));
  const bool is_kept_open = !open_refers_refusal(refer);
  if (!is_kept_open && mode == NotifyMode::progress_and_result) mode = NotifyMode::trying_once;
  const bool subscribe = refer.refer_sub != false;
  static constexpr const char* mode_names[] = {"rfc3515", "trying", "none"};
  log(record::refer_accepted,
      {{"call_id", refer.call_id},
       {"op", operation},
       {"by", referrer.participant != nullptr ? "p" + std::to_string(referrer.participant->number()) : "identity"},
       {"role", std::string(name_of(referrer.role))},
       {"target", base::Identity{refer.refer_to.uri.to_string()}},
       {"method", refer.refer_to.method},
       {"legs", std::uint64_t{targets.size()}},
       {"target_call_ids", call_ids_of(targets)},
       {"in_dialog", refer.dialog.has_value()},
       {"final_notify", mode_names[static_cast<int>(mode)]},
       {"source", refer.source}},
      turn);
  turn.emit(
      command::AcceptRefer{refer.request, services_.policy->refer_accept_code, contact_in(refer.dialog), subscribe});

  if (!subscribe) return std::nullopt;
  ReferHandler::Refer open{refer.subscription, operation, user_, refer.call_id, account_of(refer), mode};
  if (!is_kept_open) open.result = {100, "Trying"};
  return open;
}

// A second REFER for somebody who leaves already costs no second BYE (REF-18): leave() does nothing then.
void Conference::remove(Participant& target, const event::ReferReceived& refer, const Standing& referrer,
                        base::OperationId operation, const Turn& turn) {
  if (target.is_leaving()) return;
  target.log().set_operation(operation);
  Departure departure;
  departure.cause = "removed";
  departure.refer_call_id = refer.call_id;
  departure.ending.refusal_status = 603;
  departure.ending.reason = {200, services_.policy->removal_reason};
  departure.ending.referred_by = refer.referred_by;
  if (referrer.participant != nullptr) departure.by = user_entity(referrer.participant->names());
  target.leave(departure, turn);
  settle(target, turn);
}

}  // namespace clued::focus
