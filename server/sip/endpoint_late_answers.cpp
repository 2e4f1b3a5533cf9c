// Endpoint: what further devices answer when a call of ours has its final response (RFC 3261 section 13.2.2.4). The
// library would acknowledge and end it by itself, and look up the names in its Contact and Record-Route for that; so it
// is kept from sending anything by itself (Endpoint::start), and what it cannot deal with comes here.
#include <algorithm>

#include "sip/endpoint.hpp"

namespace clued::sip {
namespace {

/// Devices of one callee beyond these are not ended.
constexpr std::size_t max_late_forks = 16;

}  // namespace

extern "C" int clued_sip_on_stray(Endpoint* endpoint, nta_agent_t*, msg_t* message, sip_t* sip) noexcept {
  const MessageHandle owned(message);
  if (endpoint != nullptr && sip != nullptr && sip->sip_status != nullptr) endpoint->receive_stray_answer(*sip);
  return 0;
}

void Endpoint::await_late_answers(const ClientRequest& client, std::string fork) {
  const MessageHandle invite(nta_outgoing_getrequest(client.orq.get()));
  if (!invite) return;
  const std::string& call_id = client.dialog->call_id;
  LateAnswers late;
  late.tag = text_or_empty(sip_object(invite.get())->sip_from->a_tag);
  late.fork = std::move(fork);
  late.flow = client.dialog->flow.way();
  late.focus_user = client.dialog->focus_user;
  late.end = timers_.after(settings_.t1x64, [this, call_id] { late_answers_.erase(call_id); });
  late_answers_[call_id] = std::move(late);
}

void Endpoint::receive_stray_answer(const sip_t& sip) {
  const int status = sip.sip_status->st_status;
  if (status / 100 != 2 || sip.sip_cseq->cs_method != sip_method_invite) return;
  const auto found = late_answers_.find(sip.sip_call_id->i_id);
  const std::string_view fork = text_or_empty(sip.sip_to->a_tag);
  if (found == late_answers_.end() || fork.empty() || sip.sip_via == nullptr) return;
  LateAnswers& late = found->second;
  if (!equal_ignoring_case(late.tag, text_or_empty(sip.sip_from->a_tag)) || equal_ignoring_case(late.fork, fork))
    return;
  // The library repeats the ACK of those that were ended.
  const bool known = std::any_of(late.ended.begin(), late.ended.end(),
                                 [fork](const std::string& one) { return equal_ignoring_case(one, fork); });
  if (known || late.ended.size() >= max_late_forks || !has_room_for_forks()) return;
  late.ended.emplace_back(fork);
  const std::shared_ptr<Dialog> dialog = make_fork(late, sip);
  if (!dialog->leg) return;
  dialog->take_route(sip);
  acknowledge(dialog, sip.sip_cseq->cs_seq, std::string(text_or_empty(sip.sip_via->v_branch)));
  Outgoing bye{SIP_METHOD_BYE, "", reason_header({200, "Call completed elsewhere"}), "", "", "", false};
  send(dialog, std::move(bye), [](const Answered&) {});
}

/// Who calls by us somebody of his own choice could have thousands of devices answer. They leave half of the dialogs to
/// those that the shares of the core (focus/shares.hpp) bound.
bool Endpoint::has_room_for_forks() const { return live_dialogs_ < settings_.max_dialogs / 2; }

/// The dialog with the device that sent this response to our INVITE.
std::shared_ptr<Dialog> Endpoint::make_fork(const LateAnswers& of, const sip_t& sip) {
  auto dialog = std::make_shared<Dialog>(*this, &live_dialogs_);
  dialog->call_id = sip.sip_call_id->i_id;
  dialog->flow = of.flow.way();
  dialog->focus_user = of.focus_user;
  dialog->parties.local = sip_from_dup(dialog->parties.home.get(), sip.sip_from);
  dialog->parties.remote = sip_to_dup(dialog->parties.home.get(), sip.sip_to);
  make_leg(*dialog, sip.sip_cseq->cs_seq);
  return dialog;
}

}  // namespace clued::sip
