// REFER that asks the conference to call somebody (RFC 4579 section 5.5, REF-07).
#include <algorithm>
#include <utility>

#include "focus/account.hpp"
#include "focus/callees.hpp"
#include "focus/conference.hpp"
#include "focus/records.hpp"
#include "focus/roster_entry.hpp"

namespace clued::focus {

void Conference::refer_invite(const event::ReferReceived& refer, const Turn& turn) {
  if (const auto refusal = invitation_refusal(refer)) return refuse(refer, refusal->status, refusal->why, turn);
  const auto referrer = standing_of(dialog_for(refer.dialog, refer.target_dialog, refer.proven), refer.proven);
  CallRequest request = call_request(refer.refer_to);
  request.referred_by = refer.referred_by;
  request.referrer = shown_referrer(refer, referrer);
  request.account = account_of(refer);
  // Who is in is not called again, and who is being called not twice; a device that takes over a dialog is another one.
  Participant* known = replaces_a_dialog(request) ? nullptr : find_staying(refer.refer_to.uri);
  if (known == nullptr) {
    if (calls_outstanding() >= services_.policy->dial_out.max_outstanding) {
      return refuse(refer, 503, "too many unanswered invitations", turn);
    }
    if (const auto full = make_room_for_call(request.account, turn)) {
      return refuse(refer, full->status, full->why, turn);
    }
  }
  const auto operation = services_.operation_ids.next();
  auto open = accept(refer, referrer, known == nullptr ? std::vector<ParticipantId>{} : std::vector{known->id()},
                     operation, turn);
  Participant& called = known == nullptr ? add_called(std::move(request), operation, turn) : *known;
  if (open) {
    if (known == nullptr || known->is_being_called()) open->called = called.id();
    refers_.open(*std::move(open), turn);
  }
  if (known == nullptr) begin_call(called, turn);
}

// RFC 4575 section 5.7: <referred>. Not by its Referred-By, which is for the callee to judge (RFC 3892 section 4): a
// claim of whoever sent it. Who wants privacy is shown as in the roster, or not at all (EVT-11).
std::string Conference::shown_referrer(const event::ReferReceived& refer, const Standing& referrer) {
  if (referrer.participant != nullptr) return user_entity(referrer.participant->names());
  if (refer.proven.empty() || refer.privacy.hides_user()) return {};
  return user_entity({refer.proven.primary(), {}, {}});
}

std::optional<NotAdmitted> Conference::invitation_refusal(const event::ReferReceived& refer) const {
  const auto referrer = standing_of(dialog_for(refer.dialog, refer.target_dialog, refer.proven), refer.proven);
  if (!allows(Action::invite, referrer)) return NotAdmitted{403, "not authorised to invite"};
  return callee_refusal(refer.refer_to.uri);
}

std::optional<NotAdmitted> Conference::callee_refusal(const SipUri& callee) const {
  return focus::callee_refusal(callee, services_.policy->dial_out, services_.conference_policy(), user_);
}

// As for somebody who calls: a share is not exceeded, and what is used up goes to who has less of it.
std::optional<NotAdmitted> Conference::make_room_for_call(const Account& account, const Turn& turn) {
  if (services_.seats.held_by(account) >= services_.conference_policy().max_participants_per_source) {
    return NotAdmitted{486, "too many participants of this user"};
  }
  if (!make_room(account, turn)) return NotAdmitted{486, "conference is full"};
  if (!services_.make_seat(account, this, turn)) return NotAdmitted{503, "too many participants"};
  // Who made room may have been the last one in it.
  if (ending_) return NotAdmitted{410, "conference has ended"};
  return std::nullopt;
}

std::size_t Conference::calls_outstanding() const {
  const auto count = std::count_if(participants_.begin(), participants_.end(),
                                   [](const auto& entry) { return entry.second->is_being_called(); });
  return static_cast<std::size_t>(count);
}

/// Somebody of this name who is in or is being called.
Participant* Conference::find_staying(const SipUri& uri) const {
  for (const auto id : registry_.find(uri)) {
    auto& participant = *participants_.at(id);
    if (!participant.is_leaving()) return &participant;
  }
  return nullptr;
}

Participant& Conference::add_called(CallRequest request, base::OperationId operation, const Turn& turn) {
  request.asked_at = turn.now;
  const ParticipantId id = services_.participant_ids.next();
  const bool is_anonymous = request.is_anonymous;
  auto& participant =
      *participants_
           .emplace(id, std::make_unique<Participant>(services_, user_, id, ++last_number_, std::move(request)))
           .first->second;
  participant.log().set_operation(operation);
  if (is_anonymous) participant.make_anonymous(++last_anonymous_);
  registry_.add(id, participant.names());
  // It rings for a bounded time, and who asked for it is known: it gives way to nobody.
  const auto& account = participant.call_request().account;
  for (auto* seats : {&services_.seats, &seats_}) seats->add(id, account, true);
  participant.go_on_telling(returning_.came(id, account.name));
  return participant;
}

void Conference::begin_call(Participant& participant, const Turn& turn) {
  participant.begin_call(turn);
  settle(participant, turn);
}

}  // namespace clued::focus
