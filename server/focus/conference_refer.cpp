// REFER to the conference: removing a participant (RFC 4579 section 5.11, requirements 9.2).
#include <algorithm>
#include <utility>

#include "focus/conference.hpp"
#include "focus/records.hpp"

namespace clued::focus {

namespace {

/// Whose Refer-To can name a participant.
bool can_name_participant(const SipUri& uri) {
  return uri.scheme == "sip" || uri.scheme == "sips" || uri.scheme == "tel";
}

}  // namespace

void Conference::refer(const event::ReferReceived& refer, const Turn& turn) {
  if (!can_name_participant(refer.refer_to.uri)) return refuse(refer, 416, "unsupported URI scheme", turn);
  if (refer.refer_to.method != "BYE") return refuse(refer, 403, "only removal is supported", turn);

  const Referrer referrer = identify(refer);
  std::vector<ParticipantId> targets;
  const bool whole_conference = refer.refer_to.uri.user == user_;
  if (whole_conference) {
    for (const auto& entry : participants_) targets.push_back(entry.first);
  } else {
    targets = registry_.find(refer.refer_to.uri);
  }
  // Who may not remove others is not told who is there either: 403 comes before 404.
  const bool is_self = !whole_conference && means_itself(referrer, targets);
  if (!referrer.may_remove_others && !is_self) return refuse(refer, 403, "not authorised", turn);
  if (targets.empty()) return refuse(refer, 404, "no such participant", turn);

  const auto operation = services_.operation_ids.next();
  accept(refer, referrer, targets, operation, turn);
  if (whole_conference) return end("referred", turn);
  for (const auto target : targets) {
    const auto found = participants_.find(target);
    if (found != participants_.end()) remove(*found->second, refer.referred_by, operation, turn);
  }
}

// The creator and the moderators may remove anybody (REF-05). Who sent the REFER is believed when it came in a dialog
// of the conference, names one by its secret tags (RFC 4538), or carries an identity that a trusted peer asserted.
Conference::Referrer Conference::identify(const event::ReferReceived& refer) const {
  Referrer referrer;
  const auto dialog = refer.dialog ? refer.dialog : refer.target_dialog;
  if (dialog) {
    const auto route = services_.routes.dialogs.find(*dialog);
    const auto found =
        route == services_.routes.dialogs.end() ? participants_.end() : participants_.find(route->second);
    if (found != participants_.end() && !found->second->is_leaving()) referrer.participant = found->second.get();
  }
  referrer.is_aware = refer.contact.telepresence || refer.contact.ims || refer.contact.is_focus;
  if (referrer.participant != nullptr) {
    const auto& names = referrer.participant->names();
    referrer.is_aware = referrer.is_aware || names.contact.telepresence || names.contact.ims || names.contact.is_focus;
    referrer.may_remove_others =
        referrer.participant->id() == creator_ || (names.asserted && is_moderator(*names.asserted));
  }
  if (refer.asserted_identity && !referrer.may_remove_others) {
    const auto creator = participants_.find(creator_);
    const bool is_creator = creator != participants_.end() && creator->second->names().asserted &&
                            equivalent(creator->second->names().asserted->uri, refer.asserted_identity->uri);
    referrer.may_remove_others = is_creator || is_moderator(*refer.asserted_identity);
    if (referrer.participant == nullptr) {
      const auto own = registry_.find(refer.asserted_identity->uri);
      if (!own.empty()) referrer.participant = participants_.at(own.front()).get();
    }
  }
  return referrer;
}

// Its own leg, or all legs of the user that a trusted peer says it is. A From header that anybody can write is no
// proof.
bool Conference::means_itself(const Referrer& referrer, const std::vector<ParticipantId>& targets) const {
  if (referrer.participant == nullptr || targets.empty()) return false;
  const auto& own = referrer.participant->names();
  return std::all_of(targets.begin(), targets.end(), [&](ParticipantId target) {
    const auto& names = participants_.at(target)->names();
    return target == referrer.participant->id() ||
           (own.asserted && names.asserted && equivalent(own.asserted->uri, names.asserted->uri));
  });
}

bool Conference::is_moderator(const NameAddress& identity) const {
  const auto& moderators = services_.policy.moderators;
  return std::any_of(moderators.begin(), moderators.end(),
                     [&](const SipUri& moderator) { return equivalent(moderator, identity.uri); });
}

void Conference::refuse(const event::ReferReceived& refer, int status, const char* why, const Turn& turn) {
  log(record::refer_refused,
      {{"call_id", refer.call_id},
       {"status", status},
       {"reason", why},
       {"method", refer.refer_to.method},
       {"from", base::Identity{refer.from.uri.to_string()}},
       {"source", refer.source}},
      turn);
  turn.emit(command::Respond{refer.request, status});
}

void Conference::accept(const event::ReferReceived& refer, const Referrer& referrer,
                        const std::vector<ParticipantId>& targets, base::OperationId operation, const Turn& turn) {
  const auto mode = notify_mode(services_.policy.final_notify, refer, referrer.is_aware);
  const bool subscribe = refer.refer_sub != false;
  static constexpr const char* mode_names[] = {"rfc3515", "trying", "none"};
  log(record::refer_accepted,
      {{"call_id", refer.call_id},
       {"op", operation},
       {"by", referrer.participant != nullptr ? "p" + std::to_string(referrer.participant->number()) : "identity"},
       {"target", base::Identity{refer.refer_to.uri.to_string()}},
       {"legs", std::uint64_t{targets.size()}},
       {"in_dialog", refer.dialog.has_value()},
       {"final_notify", mode_names[static_cast<int>(mode)]},
       {"source", refer.source}},
      turn);
  turn.emit(
      command::AcceptRefer{refer.request, services_.policy.refer_accept_code, FocusContact{user_, true}, subscribe});

  ReferHandler::Refer open{refer.subscription, operation, user_, refer.call_id, mode, {}};
  for (const auto target : targets) {
    if (participants_.at(target)->dialog().state() != InviteDialog::State::terminated) open.awaited.insert(target);
  }
  if (subscribe) refers_.open(std::move(open), turn);
}

// A second REFER for somebody who leaves already costs no second BYE (REF-18): leave() does nothing then.
void Conference::remove(Participant& target, const std::string& referred_by, base::OperationId operation,
                        const Turn& turn) {
  if (target.is_leaving()) return;
  target.log().set_operation(operation);
  Departure departure;
  departure.cause = "removed";
  departure.ending.refusal_status = 603;
  departure.ending.reason = {200, services_.policy.removal_reason};
  departure.ending.referred_by = referred_by;
  target.leave(departure, turn);
  settle(target, turn);
}

}  // namespace clued::focus
