// The creator's recipient-list: whom its INVITE to the factory asks the conference to call (RFC 5366, FOC-13).
#include <algorithm>
#include <utility>

#include "focus/account.hpp"
#include "focus/call_plan.hpp"
#include "focus/conference.hpp"
#include "focus/records.hpp"

namespace clued::focus {

namespace {

/// So many calls are begun before other work has its turn: each brings up ports and an ICE agent.
constexpr std::size_t calls_per_turn = 8;

}  // namespace

void Conference::call_listed(const event::InviteReceived& invite, const Turn& turn) {
  const auto& list = *invite.recipient_list;
  auto plan = plan_calls(list, [this](const CallRequest& request) -> std::optional<NotAdmitted> {
    if (const auto refusal = callee_refusal(request.target.uri)) return refusal;
    if (!replaces_a_dialog(request) && find_staying(request.target.uri) != nullptr) {
      return NotAdmitted{200, "in the conference already"};
    }
    return std::nullopt;
  });
  const auto account = account_of(invite);
  for (auto& call : plan.calls) call.account = account;
  const auto operation = services_.operation_ids.next();
  log(record::list_accepted,
      {{"call_id", invite.call_id},
       {"op", operation},
       {"entries", std::uint64_t{list.entries.size()}},
       {"to_call", std::uint64_t{plan.calls.size()}},
       {"collapsed", std::uint64_t{plan.collapsed}},
       {"skipped", std::uint64_t{plan.skipped.size()}},
       {"ignored", std::uint64_t{list.ignored}},
       {"history", !plan.calls.empty() && plan.calls.front().recipient_history != nullptr}},
      turn);
  listed_.accept(std::move(plan.calls), operation, invite.call_id, turn.now);
  for (const auto& skipped : plan.skipped) log_skipped(skipped.uri, skipped.why, operation, turn);
  note_list(turn);
}

bool Conference::may_call_listed() const {
  return listed_.is_due() && calls_outstanding() < services_.policy->dial_out.max_outstanding;
}

// Limits are looked at when somebody's turn comes: who is in, and how many, may be different by then.
void Conference::call_next_listed(const Turn& turn) {
  for (std::size_t begun = 0; begun < calls_per_turn && may_call_listed(); ++begun) {
    auto request = listed_.take_next();
    std::optional<NotAdmitted> refusal;
    if (!replaces_a_dialog(request) && find_staying(request.target.uri) != nullptr) {
      refusal = NotAdmitted{200, "in the conference already"};
    } else {
      refusal = make_room_for_call(request.account, turn);
    }
    if (refusal) {
      listed_.dropped();
      log_skipped(request.target.uri, *refusal, listed_.operation(), turn);
      continue;
    }
    auto& called = add_called(std::move(request), listed_.operation(), turn);
    listed_.called(called.id());
    begin_call(called, turn);
  }
  note_list(turn);
}

void Conference::log_skipped(const SipUri& uri, const NotAdmitted& why, base::OperationId operation,
                             const Turn& turn) const {
  log(record::list_entry_skipped,
      {{"call_id", listed_.call_id()},
       {"op", operation},
       {"target", base::Identity{uri.to_string()}},
       {"status", why.status},
       {"reason", why.why}},
      turn);
}

void Conference::note_list(const Turn& turn) {
  const auto summary = listed_.take_summary(turn.now);
  if (!summary) return;
  log(record::list_concluded,
      {{"call_id", listed_.call_id()},
       {"op", summary->operation},
       {"answered", summary->answered},
       {"failed", summary->failed},
       {"dropped", summary->dropped},
       {"ms", std::int64_t{std::chrono::duration_cast<std::chrono::milliseconds>(summary->took).count()}}},
      turn);
}

}  // namespace clued::focus
