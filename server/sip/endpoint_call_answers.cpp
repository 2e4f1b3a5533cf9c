// Endpoint: what is answered to an INVITE of ours that begins a dialog: forks, reliable provisional responses, ACK.
#include <algorithm>

#include "sip/endpoint.hpp"
#include "sip/records.hpp"
#include "sip/session_timer.hpp"

namespace clued::sip {
namespace {

/// Contacts of a 3xx beyond these are not looked at.
constexpr std::size_t max_alternatives = 8;
/// Devices of one callee beyond these are not told apart.
constexpr std::size_t max_forks = 16;

/// The Contacts of a 3xx by their q, highest first (RFC 3261 section 8.1.3.4).
std::vector<focus::SipUri> alternatives_of(const sip_t& sip) {
  std::vector<std::pair<int, focus::SipUri>> found;
  for (const sip_contact_t* one = sip.sip_contact; one != nullptr && found.size() < max_alternatives;
       one = one->m_next) {
    const int q = one->m_q == nullptr ? 1000 : static_cast<int>(sip_q_value(one->m_q));
    found.emplace_back(q, to_uri(*one->m_url));
  }
  std::stable_sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
  std::vector<focus::SipUri> uris;
  for (auto& one : found) uris.push_back(std::move(one.second));
  return uris;
}

std::string tag_of(const sip_t& sip) { return std::string(text_or_empty(sip.sip_to->a_tag)); }

}  // namespace

void Endpoint::receive_call_response(ClientRequest& client, const sip_t* sip) {
  const auto found = calls_.find(client.call);
  if (found == calls_.end()) return;
  OutgoingCall& call = found->second;
  const int status = sip != nullptr && sip->sip_status != nullptr ? sip->sip_status->st_status : 408;
  const bool internal = sip == nullptr || nta_sip_is_internal(sip) != 0;
  if (!internal && !client.dialog->flow.transport) {
    Flow& flow = client.dialog->flow;
    flow.transport.reset(nta_outgoing_transport(client.orq.get()));
    flow.connection = flow.transport && tport_is_secondary(flow.transport.get()) != 0;
  }
  if (status < 200) return receive_progress(client, call, *sip);
  if (status < 300) return receive_answer(client, call, *sip);
  if (internal) log_failure(*client.dialog, "INVITE", status, client.relay);
  focus::event::InviteAnswered answered;
  answered.status = status;
  if (sip != nullptr) {
    answered.phrase = text_or_empty(sip->sip_status->st_phrase);
    if (!internal) answered.alternatives = alternatives_of(*sip);
    if (status == 580) answered.sdp = session_of(body_of(*sip)).sdp;
    answered.requires_preconditions = status == 421 && sip_has_feature(sip->sip_require, "precondition") != 0;
    answered.session_timer = session_timer_of(*sip);
  }
  fail_call(call.id, std::move(answered));
}

void Endpoint::receive_progress(ClientRequest& client, OutgoingCall& call, const sip_t& sip) {
  focus::event::InviteProgressed event;
  event.dialog = call.id;
  event.status = sip.sip_status->st_status;
  event.phrase = text_or_empty(sip.sip_status->st_phrase);
  event.fork = tag_of(sip);
  const bool may_fork = call.forks.empty() || (call.forks.size() < max_forks && has_room_for_forks());
  if (event.status > 100 && !event.fork.empty() && (may_fork || call.find(event.fork) != nullptr)) {
    OutgoingCall::Fork& fork = fork_of(client, call, sip);
    if (sip.sip_rseq != nullptr && sip_has_feature(sip.sip_require, "100rel") != 0) {
      // RFC 3262 section 4: in their order, each once.
      const auto rseq = static_cast<std::uint32_t>(sip.sip_rseq->rs_response);
      if (fork.rseq != 0 && rseq != fork.rseq + 1) return;
      fork.rseq = rseq;
      event.reliable = true;
      acknowledge_progress(call, fork, sip);
    }
  }
  if (event.status > 100) event.sdp = session_of(body_of(sip)).sdp;
  post_(std::move(event));
}

void Endpoint::acknowledge_progress(OutgoingCall& call, OutgoingCall::Fork& fork, const sip_t& sip) {
  Outgoing prack{SIP_METHOD_PRACK, "", "", "", "", "", false};
  prack.headers = "RAck: " + std::to_string(fork.rseq) + ' ' + std::to_string(sip.sip_cseq->cs_seq) + " INVITE\r\n";
  ++fork.open_pracks;
  send(fork.dialog, std::move(prack), [this, tag = fork.tag, id = call.id](const Answered& answered) {
    const auto found = calls_.find(id);
    OutgoingCall::Fork* one = found == calls_.end() ? nullptr : found->second.find(tag);
    if (one == nullptr) return;
    if (answered.status >= 300) {
      log_(record_of_call(record::request_failed, *one->dialog, {{"method", "PRACK"}, {"status", answered.status}}));
    }
    if (--one->open_pracks > 0 || !one->waiting) return;
    offer_early(*std::exchange(one->waiting, std::nullopt));
  });
}

void Endpoint::offer_early(const focus::command::SendReinvite& command) {
  const base::DialogId id = command.dialog;
  const auto call = calls_.find(id);
  OutgoingCall::Fork* fork = call == calls_.end() ? nullptr : call->second.find(*command.fork);
  if (fork == nullptr) return offer_answered(id, {481, nullptr});
  if (fork->open_pracks > 0) {
    fork->waiting = command;
    return;
  }
  Outgoing update = offer_of(*fork->dialog, command);
  update.method = sip_method_update;
  update.name = "UPDATE";
  // When another device has the call, what this one answers is of no interest any more.
  send(fork->dialog, std::move(update), [this, id, dialog = std::weak_ptr(fork->dialog)](const Answered& answered) {
    const InviteUsage* invite = usage(id);
    if (invite != nullptr && (calls_.contains(id) || invite->dialog == dialog.lock())) offer_answered(id, answered);
  });
}

/// The early dialog of the device that sent this response. The first one takes over the leg that sent the INVITE.
OutgoingCall::Fork& Endpoint::fork_of(ClientRequest& client, OutgoingCall& call, const sip_t& sip) {
  const std::string tag = tag_of(sip);
  if (OutgoingCall::Fork* known = call.find(tag)) return *known;
  std::shared_ptr<Dialog> dialog = client.dialog;
  if (call.forks.empty()) {
    nta_leg_rtag(dialog->leg.get(), tag.c_str());
    sip_to_tag(dialog->parties.home.get(), dialog->parties.remote, tag.c_str());
  } else {
    dialog = make_fork({"", "", {}, client.dialog->flow.way(), client.dialog->focus_user, nullptr}, sip);
    dialog->invite = call.id;
    dialog->charging = client.dialog->charging;
    dialog->knows_service = client.dialog->knows_service;
  }
  dialog->take_route(sip);
  call.forks.push_back({tag, std::move(dialog)});
  return call.forks.back();
}

void Endpoint::receive_answer(ClientRequest& client, OutgoingCall& call, const sip_t& sip) {
  focus::event::InviteAnswered event;
  event.dialog = call.id;
  event.status = sip.sip_status->st_status;
  event.phrase = text_or_empty(sip.sip_status->st_phrase);
  event.fork = tag_of(sip);
  event.sdp = session_of(body_of(sip)).sdp;
  event.proven = asserted_identities(sip, call.hop, client.dialog->focus_user);
  event.session_timer = session_timer_of(sip);
  event.allows_update = sip.sip_allow != nullptr && sip_is_allowed(sip.sip_allow, SIP_METHOD_UPDATE) != 0;
  if (!contact_refusal(sip, call.hop.transport == "tls")) event.contact = to_contact(*sip.sip_contact);
  if (sip.sip_user_agent != nullptr) event.user_agent = text_or_empty(sip.sip_user_agent->g_string);
  if (sip.sip_server != nullptr) event.user_agent = text_or_empty(sip.sip_server->g_string);

  InviteUsage* invite = usage(call.id);
  const std::shared_ptr<Dialog> dialog = fork_of(client, call, sip).dialog;
  // RFC 3261 section 13.2.2.4: the route set is that of the 2xx.
  dialog->take_route(sip);
  if (invite != nullptr) {
    invite->dialog = dialog;
    invite->state = InviteUsage::State::confirmed;
    dialog->key = dialog_key(dialog->call_id, text_or_empty(sip.sip_from->a_tag), event.fork);
    usages_by_key_[dialog->key] = call.id;
  }
  client.dialog = dialog;
  acknowledge(client);
  await_late_answers(client, event.fork);
  // What waits for a PRACK can go: no device answers before it has that. The other devices' early dialogs go with the
  // call.
  for (OutgoingCall::Fork& fork : call.forks) {
    fork.open_pracks = 0;
    if (fork.waiting && fork.dialog == dialog) offer_early(*std::exchange(fork.waiting, std::nullopt));
  }
  const auto over = std::move(clients_.find(client.id)->second);
  clients_.erase(over->id);
  calls_.erase(event.dialog);
  pacer_.release(over->ticket);
  post_(std::move(event));
}

}  // namespace clued::sip
