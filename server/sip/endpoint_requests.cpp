// Endpoint: requests that come in.
#include <algorithm>

#include "focus/account.hpp"
#include "sip/abilities.hpp"
#include "sip/endpoint.hpp"
#include "sip/recipient_list.hpp"
#include "sip/records.hpp"
#include "sip/session_timer.hpp"

namespace clued::sip {
namespace {

focus::NameAddress from_of(const sip_t& sip) { return to_name_address(sip.sip_from->a_display, *sip.sip_from->a_url); }

/// A header as it came, without its name; "" when it is not there.
std::string raw_value(const msg_common_t* header) {
  if (header == nullptr || header->h_data == nullptr || header->h_len == 0) return {};
  std::string_view line(static_cast<const char*>(header->h_data), header->h_len);
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) return {};
  line.remove_prefix(colon + 1);
  std::string value;
  for (const char c : line) value += c == '\r' || c == '\n' || c == '\t' ? ' ' : c;  // folding undone
  const std::size_t start = value.find_first_not_of(' ');
  if (start == std::string::npos) return {};
  return value.substr(start, value.find_last_not_of(' ') - start + 1);
}

std::string user_agent_of(const sip_t& sip) {
  return sip.sip_user_agent == nullptr ? std::string{} : std::string(text_or_empty(sip.sip_user_agent->g_string));
}

/// RFC 3261 section 14.2: 0 to 10 seconds.
Refusal overlapping(const char* why) {
  return {500, "", "Retry-After: " + std::to_string(su_randint(0, 10)) + "\r\n", why};
}

/// Somebody on the way leads a call of ours back to us: the conference would become its own participant.
Refusal own_invite() { return {482, "Loop Detected", "", "an INVITE of ours came back"}; }

}  // namespace

extern "C" int clued_sip_on_request(Dialog* dialog, nta_leg_t*, nta_incoming_t* irq, sip_t const* sip) noexcept {
  dialog->endpoint.receive(*dialog, IncomingHandle(irq), *sip);
  return 0;
}

extern "C" int clued_sip_on_ack_or_cancel(ServerRequest* request, nta_incoming_t*, sip_t const* sip) noexcept {
  if (request != nullptr) request->endpoint.receive_ack_or_cancel(*request, sip);
  return 0;
}

extern "C" int clued_sip_on_prack(ServerRequest* request, nta_reliable_t* response, nta_incoming_t* prack,
                                  sip_t const* sip) noexcept {
  return request->endpoint.receive_prack(*request, response, prack, sip);
}

void Endpoint::receive(Dialog& dialog, IncomingHandle irq, const sip_t& sip) {
  const std::shared_ptr<Dialog> kept = dialog.shared_from_this();
  heap_.note();
  // An ACK that no transaction wanted (RFC 3261 section 13.3.1.4: its INVITE is over) needs no answer.
  if (sip.sip_request->rq_method == sip_method_ack) return;
  take(kept, Received{std::move(irq), sip, {}, {}, dialog.focus_user});
  forget_refused(*kept);
}

void Endpoint::take(const std::shared_ptr<Dialog>& dialog, Received request) {
  request.flow = flow_of(request.irq.get());
  if (request.flow.local.empty()) return refuse(std::move(request), {403, "", "", "not a connection of ours"});
  if (!admit(*dialog, request)) return;
  if (auto refusal = refusal_of(request.sip, {request.flow.source.transport == "tls", tls_ != nullptr}))
    return refuse(std::move(request), *refusal);
  if (dialog == outside_) {
    receive_outside(std::move(request));
  } else {
    receive_inside(dialog, std::move(request));
  }
}

void Endpoint::receive_outside(Received request) {
  const sip_t& sip = request.sip;
  if (sip.sip_to->a_tag != nullptr) return refuse(std::move(request), {481, "", "", "unknown dialog"});
  switch (sip.sip_request->rq_method) {
    case sip_method_invite:
      return receive_invite(std::move(request));
    case sip_method_refer:
      return receive_refer(nullptr, std::move(request));
    case sip_method_subscribe:
      return receive_subscribe(nullptr, std::move(request));
    case sip_method_options:
      return receive_options(nullptr, std::move(request));
    default:
      return refuse(std::move(request), {481, "", "", "needs a dialog"});
  }
}

void Endpoint::receive_inside(const std::shared_ptr<Dialog>& dialog, Received request) {
  InviteUsage* invite = dialog->invite ? usage(*dialog->invite) : nullptr;
  const bool calling = invite != nullptr && invite->state == InviteUsage::State::calling;
  const bool usable = invite != nullptr && invite->state != InviteUsage::State::leaving;
  if (request.is_proven) dialog->remote_cseq = request.sip.sip_cseq->cs_seq;
  // A peer that lost its connection comes back on another one; a live one is not given up for a datagram (RFC 5923).
  const bool alive =
      dialog->flow.connection && dialog->flow.transport && tport_is_clear_to_send(dialog->flow.transport.get()) != 0;
  if (request.is_proven && (request.flow.connection || !alive)) {
    const bool secure = dialog->flow.local.secure;  // what the dialog began with (RFC 5630 section 5.1.1.2)
    dialog->flow = flow_of(request.irq.get());
    dialog->flow.local.secure = secure;
  }
  switch (request.sip.sip_request->rq_method) {
    case sip_method_bye:
      // RFC 3261 section 15: the callee does not end a call by BYE before it answered.
      if (calling) return refuse(std::move(request), {481, "", "", "BYE before the answer"});
      return receive_bye(dialog, std::move(request));
    case sip_method_invite:
      if (calling && request.sip.sip_to->a_tag == nullptr) return refuse(std::move(request), own_invite());
      if (calling) return refuse(std::move(request), {491, "", "", "INVITE before the answer"});
      [[fallthrough]];
    case sip_method_update:
      if (!usable) return refuse(std::move(request), {481, "", "", "no session in this dialog"});
      return receive_reinvite(*invite, std::move(request));
    case sip_method_refer:
      if (invite != nullptr && !usable) return refuse(std::move(request), {481, "", "", "the dialog is ending"});
      return receive_refer(dialog, std::move(request));
    case sip_method_subscribe:
      return receive_subscribe(dialog, std::move(request));
    case sip_method_options:
      return receive_options(dialog, std::move(request));
    case sip_method_notify:
      return refuse(std::move(request), {481, "Subscription Does Not Exist", "", "no subscription of ours"});
    default:
      return refuse(std::move(request), {481, "", "", "nothing to match"});
  }
}

void Endpoint::refuse(Received request, const Refusal& refusal) {
  log_(record_of_call(record::request_refused, request.conference, text_or_empty(request.sip.sip_call_id->i_id),
                      {{"method", request.sip.sip_request->rq_method_name},
                       {"status", refusal.status},
                       {"why", refusal.why},
                       {"source", request.flow.source.to_string()}}));
  reply(request.irq.get(), refusal.status, refusal.phrase, refusal.headers);
}

void Endpoint::receive_invite(Received request) {
  const sip_t& sip = request.sip;
  if (auto refusal = contact_refusal(sip, request.flow.source.transport == "tls"))
    return refuse(std::move(request), *refusal);
  if (is_our_own(sip.sip_call_id->i_id)) return refuse(std::move(request), own_invite());
  if (auto refusal = replaces_refusal(sip)) return refuse(std::move(request), *refusal);
  if (auto refusal = precondition_refusal(sip)) return refuse(std::move(request), *refusal);
  if (auto refusal = session_timer_refusal(sip, settings_.min_session_expires)) {
    return refuse(std::move(request), *refusal);
  }
  SessionBody body = session_of(body_of(sip));
  if (!body.refusal.empty()) return refuse(std::move(request), content_refusal(body.refusal, true));
  auto recipients = read_recipient_lists(body.recipient_lists);
  if (!recipients) {
    const std::string& why = recipients.error();
    return refuse(std::move(request), {400, "Bad Recipient List: " + why, "", "recipient-list: " + why});
  }
  if (live_dialogs_ >= settings_.max_dialogs) return refuse(std::move(request), too_busy("max_dialogs"));
  if (!may_begin_call()) return refuse(std::move(request), too_busy("no file descriptors are left"));

  focus::event::InviteReceived event;
  event.call_id = sip.sip_call_id->i_id;
  event.request_uri = to_uri(*sip.sip_request->rq_url);
  event.from = from_of(sip);
  event.proven = proven_identities(request);
  event.contact = to_contact(*sip.sip_contact);
  event.privacy = privacy_of(sip);
  event.supports_100rel = supports(sip, "100rel");
  event.supports_preconditions = supports(sip, "precondition");
  event.allows_update = sip.sip_allow != nullptr && sip_is_allowed(sip.sip_allow, SIP_METHOD_UPDATE) != 0;
  event.session_timer = session_timer_of(sip);
  event.sdp = std::move(body.sdp);
  event.replaces = replaces_of(sip);
  if (!body.recipient_lists.empty() || sip_has_feature(sip.sip_require, "recipient-list-invite") != 0) {
    event.recipient_list = *std::move(recipients);
  }
  event.user_agent = user_agent_of(sip);
  event.source = request.flow.source.to_string();
  event.is_from_trusted_peer = trusts(request.flow.source);

  const std::string account = focus::account_of(event).name;
  if (has_too_many_dialogs(account, Use::any))
    return refuse(std::move(request), too_many_of_one("max_dialogs of one source"));
  Beginner beginner{account, user_beginning(request, event.proven)};
  const std::shared_ptr<Dialog> dialog =
      make_dialog(request.irq.get(), sip, std::move(request.flow), std::move(beginner));
  if (!dialog) {
    reply(request.irq.get(), 500, "", "");
    return;
  }
  if (const auto vector = unknown_header(sip, "P-Charging-Vector"); vector && trusts(dialog->flow.source)) {
    dialog->charging = read_charging_vector(*vector);
  }
  ServerRequest& kept = keep(std::move(request.irq));
  event.request = kept.id;
  event.dialog = dialog_ids_.next();
  kept.dialog = dialog;
  kept.usage = event.dialog;
  kept.initial = true;
  dialog->invite = event.dialog;
  usages_by_key_[dialog->key] = event.dialog;
  usages_.emplace(event.dialog, InviteUsage{event.dialog, dialog, InviteUsage::State::early, kept.id, {}, {}});
  post_(std::move(event));
}

void Endpoint::receive_reinvite(InviteUsage& usage, Received request) {
  const sip_t& sip = request.sip;
  const bool update = sip.sip_request->rq_method == sip_method_update;
  const ServerRequest* open = this->request(usage.open_invite);
  // RFC 3261 section 14.2 and RFC 3311 section 5.2. An UPDATE may come while the first INVITE is unanswered.
  if (!update && usage.open_invite) return refuse(std::move(request), overlapping("INVITE while one is unanswered"));
  if (!update && usage.unacknowledged) return refuse(std::move(request), overlapping("INVITE before the ACK"));
  if (usage.open_update || (update && open != nullptr && !open->initial)) {
    return refuse(std::move(request), overlapping("a request is unanswered"));
  }
  if (auto refusal = session_timer_refusal(sip, settings_.min_session_expires)) {
    return refuse(std::move(request), *refusal);
  }
  SessionBody body = session_of(body_of(sip));
  if (!body.recipient_lists.empty()) return refuse(std::move(request), list_refusal());
  if (!body.refusal.empty()) return refuse(std::move(request), content_refusal(body.refusal, false));
  ServerRequest& kept = keep(std::move(request.irq));
  kept.dialog = usage.dialog;
  kept.usage = usage.id;
  kept.target_refresh = true;
  const auto timer = session_timer_of(sip);
  (update ? usage.open_update : usage.open_invite) = kept.id;
  const bool preconditions = supports(sip, "precondition");
  post_(focus::event::ReinviteReceived{kept.id, usage.id, update, std::move(body.sdp), timer, preconditions});
}

void Endpoint::receive_bye(const std::shared_ptr<Dialog>& dialog, Received request) {
  if (!dialog->invite) return refuse(std::move(request), {481, "", "", "no session in this dialog"});
  reply(request.irq.get(), 200, "", "");
  const base::DialogId id = *dialog->invite;
  std::string reason;
  if (request.sip.sip_reason != nullptr) reason = raw_value(request.sip.sip_reason->re_common);
  post_(focus::event::ByeReceived{id, std::move(reason)});
  end_usage(id, 0);
}

void Endpoint::receive_refer(const std::shared_ptr<Dialog>& dialog, Received request) {
  const sip_t& sip = request.sip;
  if (auto refusal = refer_refusal(sip)) return refuse(std::move(request), *refusal);
  if (auto refusal = contact_refusal(sip, request.flow.source.transport == "tls"))
    return refuse(std::move(request), *refusal);
  focus::event::ReferReceived event;
  event.subscription = subscription_ids_.next();
  if (dialog) {
    event.dialog = dialog->invite;
  } else {
    event.target_dialog = target_dialog(sip);
  }
  event.request_uri = to_uri(*sip.sip_request->rq_url);
  event.from = from_of(sip);
  event.proven = proven_identities(request);
  event.contact = to_contact(*sip.sip_contact);
  event.refer_to = to_refer_target(*sip.sip_refer_to);
  if (const sip_refer_sub_t* header = sip_refer_sub(&sip)) {
    event.refer_sub = !equal_ignoring_case(text_or_empty(header->rs_value), "false");
  }
  const bool asks_for_refer_sub = event.refer_sub.has_value();
  if (sip_has_feature(sip.sip_require, "nosub") != 0) event.refer_sub = false;  // RFC 7614 section 4.3
  if (sip.sip_referred_by != nullptr) event.referred_by = raw_value(sip.sip_referred_by->b_common);
  event.privacy = privacy_of(sip);
  event.call_id = sip.sip_call_id->i_id;
  event.source = request.flow.source.to_string();
  event.is_from_trusted_peer = trusts(request.flow.source);
  auto user = user_beginning(request, event.proven);
  std::string account = focus::account_of(event).name;
  const Use use = event.refer_to.method == "BYE" ? Use::removal : Use::any;
  const bool makes_subscription = event.refer_sub != false;
  if (makes_subscription && !has_room_for_usage(dialog.get(), use)) {
    return refuse(std::move(request), too_busy("max_dialogs"));
  }
  if (makes_subscription && !dialog && has_too_many_dialogs(account, use)) {
    return refuse(std::move(request), too_many_of_one("max_dialogs of one source"));
  }

  ServerRequest& kept = keep(std::move(request.irq));
  kept.dialog = dialog;
  kept.local = request.flow.local;
  kept.beginner = {std::move(account), std::move(user)};
  kept.subscription = event.subscription;
  kept.asks_for_refer_sub = asks_for_refer_sub;
  kept.target_refresh = true;
  if (dialog) ++dialog->refers;
  event.request = kept.id;
  post_(std::move(event));
}

void Endpoint::receive_options(const std::shared_ptr<Dialog>& dialog, Received request) {
  focus::event::OptionsReceived event;
  event.request_uri = to_uri(*request.sip.sip_request->rq_url);
  ServerRequest& kept = keep(std::move(request.irq));
  kept.dialog = dialog;
  kept.local = request.flow.local;
  event.request = kept.id;
  post_(std::move(event));
}

void Endpoint::receive_ack_or_cancel(ServerRequest& request, const sip_t* sip) {
  const base::DialogId id = request.usage;
  InviteUsage* invite = usage(id);
  if (sip != nullptr && sip->sip_request->rq_method == sip_method_cancel) {
    if (invite != nullptr && !request.final_sent) post_(focus::event::CancelReceived{id});
    return;
  }
  const bool acknowledged = sip != nullptr;
  // Without a message the library gave up: on a PRACK, on an ACK, or on sending the final response at all.
  const bool no_prack = !acknowledged && nta_incoming_status(request.irq.get()) < 200 && !request.reliable.empty();
  const base::RequestId over = request.id;
  const bool initial = request.initial;
  std::optional<std::string> sdp;
  if (acknowledged) sdp = session_of(body_of(*sip)).sdp;
  if (invite != nullptr) {
    if (invite->unacknowledged == over) invite->unacknowledged = {};
    if (invite->open_invite == over) invite->open_invite = {};
    if (acknowledged && invite->state == InviteUsage::State::answered) invite->state = InviteUsage::State::confirmed;
  }
  request.final_sent = true;
  requests_.erase(over);
  if (invite == nullptr) return;
  if (acknowledged) {
    post_(focus::event::AckReceived{id, std::move(sdp)});
  } else if (no_prack) {
    // RFC 3262 section 3: the library answers the INVITE with a 5xx itself.
    post_(focus::event::PrackTimedOut{id});
    if (initial) end_usage(id, 0);
  } else {
    if (invite->state == InviteUsage::State::answered) invite->state = InviteUsage::State::confirmed;
    post_(focus::event::AckTimedOut{id});
  }
}

// With 200 the library answers the PRACK, with 0 that is left to us.
int Endpoint::receive_prack(ServerRequest& request, nta_reliable_t* response, nta_incoming_t* irq, const sip_t* sip) {
  // Without a PRACK the library only gives up: a final response went out, or receive_ack_or_cancel() hears of it.
  if (sip == nullptr) return 200;
  std::erase(request.reliable, response);
  nta_reliable_destroy(response);
  InviteUsage* invite = usage(request.usage);
  if (invite == nullptr) return 200;
  focus::event::PrackReceived event{invite->id, session_of(body_of(*sip)).sdp, {}};
  if (event.sdp && !invite->open_update) {
    // An offer (RFC 3262 section 5): the core answers it in the 2xx to the PRACK.
    ServerRequest& kept = keep(IncomingHandle(irq));
    kept.dialog = invite->dialog;
    kept.usage = invite->id;
    invite->open_update = event.request = kept.id;
  }
  const bool answered = !event.request;
  post_(std::move(event));
  return answered ? 200 : 0;
}

}  // namespace clued::sip
