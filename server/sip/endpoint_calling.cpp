// Endpoint: INVITEs of ours that begin a dialog: forks, reliable provisional responses, CANCEL, ACK.
#include <algorithm>

#include "sip/abilities.hpp"
#include "sip/endpoint.hpp"
#include "sip/ims_service.hpp"
#include "sip/multipart.hpp"
#include "sip/parse.hpp"
#include "sip/records.hpp"
#include "sip/session_timer.hpp"

namespace clued::sip {
namespace {

/// Contacts of a 3xx beyond these are not looked at.
constexpr std::size_t max_alternatives = 8;
/// Devices of one callee beyond these are not told apart.
constexpr std::size_t max_forks = 16;

bool is_header_line(std::string_view text) {
  return std::none_of(text.begin(), text.end(),
                      [](char c) { return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f; });
}

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

void Endpoint::execute(const focus::command::SendInvite& command) {
  focus::SipUri first = command.target;
  if (!settings_.outbound_proxy.empty()) {
    if (auto proxy = parse_uri("sip:" + settings_.outbound_proxy)) first = *std::move(proxy);
  }
  const NextHop hop = first_hop(first);
  OutgoingCall call;
  call.id = command.dialog;
  call.call_id = command.call_id;
  calls_.emplace(command.dialog, std::move(call));
  // RFC 5630 section 5.1.1: the way to who is called by a SIPS URI begins with TLS, or it is not gone.
  if (command.target.scheme == "sips" && hop.by != NextHop::By::nothing && hop.to.transport != "tls") {
    return refuse_call(command, {command.dialog, 503, "No TLS To The Outbound Proxy"});
  }
  switch (hop.by) {
    case NextHop::By::address:
      return reach_callee(command, hop.to, {Lookup::Outcome::found, {hop.to.address}});
    case NextHop::By::name:
      return resolver_.look_up(hop.to.domain, command.contact.user, [this, command, hop](const Lookup& found) {
        log_lookup(command.contact.user, command.call_id, hop.to.domain, found);
        reach_callee(command, hop.to, found);
      });
    default:
      return refuse_call(command, {command.dialog, 503, "No Transport To The Target"});
  }
}

void Endpoint::reach_callee(const focus::command::SendInvite& command, const Source& hop, const Lookup& found) {
  if (!calls_.contains(command.dialog)) return;  // it was withdrawn meanwhile
  if (found.addresses.empty()) {
    if (found.outcome == Lookup::Outcome::unknown) return refuse_call(command, {command.dialog, 404, "Host Unknown"});
    // RFC 3261 section 21.5.5: somebody who had to be asked, such as a name server, did not answer in time.
    if (found.outcome == Lookup::Outcome::too_slow)
      return refuse_call(command, {command.dialog, 504, "Host Not Found In Time"});
    return refuse_call(command, {command.dialog, 503, "Too Many Hosts Being Looked Up"});
  }
  for (const std::string& address : found.addresses) {
    Source numeric = hop;
    numeric.address = address;
    // Whatever it is called: the conference would become its own participant.
    if (is_ours(numeric)) return refuse_call(command, {command.dialog, 403, "The Target Is This Focus"});
    if (!can_reach(numeric)) continue;
    return pacer_.enqueue(false, [this, command, numeric] {
      if (calls_.contains(command.dialog)) place_call(command, numeric);
    });
  }
  refuse_call(command, {command.dialog, 503, "No Transport To The Target"});
}

/// The preloaded route (RFC 3261 section 8.1.2). RFC 5630 section 5.1.1: with a SIPS Request-URI it is of SIPS URIs.
RouteUri Endpoint::proxy_route(bool secure) const {
  const std::string& proxy = settings_.outbound_proxy;
  const std::string text = secure ? "sips:" + proxy.substr(0, proxy.find(';')) + ";lr" : "sip:" + proxy + ";lr";
  return {text, parse_uri(text).value_or(focus::SipUri{})};
}

/// No INVITE goes out.
void Endpoint::refuse_call(const focus::command::SendInvite& command, focus::event::InviteAnswered answered) {
  log_(record_of_call(record::request_failed, command.contact.user, command.call_id,
                      {{"method", "INVITE"}, {"status", answered.status}, {"why", answered.phrase}}));
  fail_call(command.dialog, std::move(answered));
}

void Endpoint::place_call(const focus::command::SendInvite& command, const Source& hop) {
  const Loop::Use use(loop_);
  focus::event::InviteAnswered failed;
  failed.status = 503;
  if (live_dialogs_ >= settings_.max_dialogs) {
    failed.phrase = "Too Many Dialogs";
    return refuse_call(command, std::move(failed));
  }
  if (!may_begin_call()) {
    failed.phrase = "No File Descriptors";
    return refuse_call(command, std::move(failed));
  }
  OutgoingCall& call = calls_.at(command.dialog);
  call.hop = hop;
  call.target = command.target.to_string();
  if (begin_call(call, command)) return;
  failed.phrase = call.hop.transport == "tls" ? "No TLS Connection" : "";
  refuse_call(command, std::move(failed));
}

bool Endpoint::begin_call(OutgoingCall& call, const focus::command::SendInvite& command) {
  auto dialog = std::make_shared<Dialog>(*this, &live_dialogs_);
  dialog->flow.source = call.hop;
  dialog->flow.local = {local_towards(call.hop), command.target.scheme == "sips"};
  dialog->flow.called = true;
  dialog->flow.sent_by = call.hop.domain.empty() ? call.hop.address : call.hop.domain;
  dialog->flow.sent_by_port = call.hop.port;
  dialog->call_id = command.call_id;
  dialog->invite = command.dialog;
  dialog->focus_user = command.contact.user;
  dialog->routes.set_target({call.target, command.target});
  if (!settings_.outbound_proxy.empty()) dialog->routes.set_routes({proxy_route(command.target.scheme == "sips")});
  const OwnEnd local{dialog->flow.local.host(), dialog->flow.local.secure};
  // IMS-03: a charging identifier of its own for a session that we begin.
  if (trusts(call.hop)) {
    dialog->charging = make_charging_vector(local.text.substr(0, local.text.rfind(':')), settings_.ims);
    dialog->knows_service = !settings_.ims.service.empty();
  }
  const std::string from = "<" + local.uri(command.contact.user) + ">;tag=" + random_tag();
  const std::string to = "<" + call.target + ">";
  dialog->leg.reset(nta_leg_tcreate(agent_.get(), clued_sip_on_request, dialog.get(),
                                    SIPTAG_CALL_ID_STR(command.call_id.c_str()), SIPTAG_FROM_STR(from.c_str()),
                                    SIPTAG_TO_STR(to.c_str()), TAG_END()));
  if (!dialog->leg) return false;
  usages_.emplace(command.dialog, InviteUsage{command.dialog, dialog, InviteUsage::State::calling, {}, {}, {}});

  TypedBody body{"application/sdp", command.sdp};
  if (command.recipient_history) {
    body = with_recipient_history(command.sdp, *command.recipient_history, random_tag() + random_tag());
  }
  Outgoing request{SIP_METHOD_INVITE,
                   contact_text(*dialog, command.contact),
                   session_timer_request(command.session_timer),
                   "",
                   std::move(body.content_type),
                   std::move(body.content),
                   true};
  request.preconditions = command.preconditions;
  if (!command.referred_by.empty() && is_header_line(command.referred_by)) {
    request.verbatim = "Referred-By: " + command.referred_by;
  }
  for (const auto& [name, value] : command.headers) {
    if (is_header_line(name) && is_header_line(value)) request.more_verbatim.push_back(name + ": " + value);
  }
  call.client = ++last_client_;
  auto owned = std::make_unique<ClientRequest>(*this, call.client, dialog, std::move(request), nullptr);
  ClientRequest& client = *owned;
  clients_.emplace(call.client, std::move(owned));
  client.call = call.id;
  client.ticket = pacer_.take();
  transmit_call(client);
  if (!client.orq && client.relay == 0 && call.hop.transport != "tls") log_unbuilt(*dialog, "INVITE");
  return client.orq != nullptr;
}

void Endpoint::transmit_call(ClientRequest& client) {
  const OutgoingCall& call = calls_.at(client.call);
  const Outgoing& request = client.request;
  const Exit exit = exit_to(*client.dialog, call.hop);
  client.relay = exit.relay;
  if (exit.problem != nullptr) return;
  std::string headers = request.headers;
  if (trusts(call.hop)) {
    const Dialog& dialog = *client.dialog;
    headers += ims_request_headers(focus_identity(dialog, dialog.focus_user), dialog.charging, settings_.ims);
    headers += ims_service_headers(settings_.ims.service);
  }
  const std::string supported = "100rel, " + supported_in_requests() + (request.preconditions ? ", precondition" : "");
  std::vector<tagi_t> lines;
  for (const auto& line : request.more_verbatim) {
    lines.push_back({siptag_unknown_str, reinterpret_cast<tag_value_t>(line.c_str())});
  }
  lines.push_back({tag_null, 0});
  client.orq.reset(create_request(
      *client.dialog, exit, clued_sip_on_response, &client, request.method, request.name,
      // The first sign of life allows a CANCEL (RFC 3261 section 9.1).
      NTATAG_PASS_100(1), SIPTAG_USER_AGENT_STR(settings_.server_name.c_str()),
      SIPTAG_CONTACT_STR(request.contact.c_str()), SIPTAG_ALLOW_STR(allowed_methods().c_str()),
      SIPTAG_SUPPORTED_STR(supported.c_str()), SIPTAG_ACCEPT_STR(accepted_types().c_str()),
      SIPTAG_ALLOW_EVENTS_STR(allowed_events().c_str()), TAG_IF(!headers.empty(), SIPTAG_HEADER_STR(headers.c_str())),
      TAG_IF(!request.verbatim.empty(), SIPTAG_UNKNOWN_STR(request.verbatim.c_str())),
      SIPTAG_CONTENT_TYPE_STR(request.content_type.c_str()), SIPTAG_PAYLOAD_STR(request.body.c_str()),
      TAG_NEXT(lines.data())));
}

void Endpoint::execute(const focus::command::WithdrawInvite& command) {
  const auto found = calls_.find(command.dialog);
  if (found == calls_.end()) return ignored("WithdrawInvite", "the INVITE has its final response");
  if (found->second.client != 0) return;  // it was sent: a CANCEL follows
  fail_call(command.dialog, {command.dialog, 487, ""});
}

void Endpoint::execute(const focus::command::SendCancel& command) {
  const Loop::Use use(loop_);
  const auto found = calls_.find(command.dialog);
  const auto client = found == calls_.end() ? clients_.end() : clients_.find(found->second.client);
  if (client == clients_.end()) return ignored("SendCancel", "the INVITE has its final response");
  const std::string reason = reason_header(command.reason);
  nta_outgoing_tcancel(client->second->orq.get(), nullptr, nullptr, SIPTAG_HEADER_STR(reason.c_str()), TAG_END());
  // RFC 3261 section 9.1: without a final response the INVITE is over after 64*T1.
  found->second.patience = timers_.after(settings_.t1x64, [this, id = command.dialog] { give_up_cancelled(id); });
}

bool Endpoint::is_our_own(const std::string& call_id) const {
  return std::any_of(calls_.begin(), calls_.end(),
                     [&call_id](const auto& one) { return one.second.call_id == call_id; });
}

void Endpoint::give_up_cancelled(base::DialogId id) {
  focus::event::InviteAnswered answered;
  answered.status = 408;
  fail_call(id, std::move(answered));
}

/// The last of a call that nothing came of.
void Endpoint::fail_call(base::DialogId id, focus::event::InviteAnswered answered) {
  const Loop::Use use(loop_);
  if (const auto found = calls_.find(id); found != calls_.end()) {
    if (const auto client = clients_.find(found->second.client); client != clients_.end()) {
      pacer_.release(client->second->ticket);
      await_late_answers(*client->second, "");
      clients_.erase(client);
    }
    calls_.erase(found);
  }
  answered.dialog = id;
  if (answered.phrase.empty()) {
    const char* standard = sip_status_phrase(answered.status);
    answered.phrase = standard == nullptr ? "Unknown" : standard;
  }
  post_(std::move(answered));
  if (usage(id) != nullptr) return end_usage(id, 0);
  post_(focus::event::DialogTerminated{id, 0});
}

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
  if (event.status > 100 && !event.fork.empty() && (call.forks.size() < max_forks)) {
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
