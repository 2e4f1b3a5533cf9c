// Endpoint: INVITEs of ours that begin a dialog: where they go, and how they are given up.
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

bool is_header_line(std::string_view text) {
  return std::none_of(text.begin(), text.end(),
                      [](char c) { return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f; });
}

/// What a call comes to whose target cannot be looked up. Only a name that does not exist is 404, which tells everybody
/// to give up.
focus::event::InviteAnswered answer_to(const focus::command::SendInvite& command, Lookup::Outcome outcome) {
  focus::event::InviteAnswered answered{command.dialog, 503, ""};
  switch (outcome) {
    case Lookup::Outcome::unknown:
      answered.status = 404;
      answered.phrase = "Host Unknown";
      break;
    case Lookup::Outcome::too_slow:
      // RFC 3261 section 21.5.5: somebody who had to be asked, such as a name server, did not answer in time.
      answered.status = 504;
      answered.phrase = "Host Not Found In Time";
      break;
    case Lookup::Outcome::too_many:
      answered.phrase = "Too Many Hosts Being Looked Up";
      break;
    case Lookup::Outcome::no_descriptors:
      answered.phrase = "No File Descriptors";
      break;
    case Lookup::Outcome::unavailable:
    case Lookup::Outcome::found:
      answered.phrase = "Name Service Temporarily Unavailable";
      break;
  }
  return answered;
}

/// Why an INVITE is not sent, as a phrase of the answer that stands for it.
std::string phrase_of(std::string_view problem) {
  if (problem == no_tls) return "No TLS Connection";
  if (problem == no_descriptors) return "No File Descriptors";
  return problem.empty() ? "" : "No Transport To The Target";
}

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
  if (found.addresses.empty()) return refuse_call(command, answer_to(command, found.outcome));
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
  if (const auto problem = begin_call(call, command)) {
    failed.phrase = *problem;
    refuse_call(command, std::move(failed));
  }
}

/// Nothing when it is on its way, or the phrase of what became of it.
std::optional<std::string> Endpoint::begin_call(OutgoingCall& call, const focus::command::SendInvite& command) {
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
  dialog->parties.local = sip_from_make(dialog->parties.home.get(), from.c_str());
  dialog->parties.remote = sip_to_make(dialog->parties.home.get(), to.c_str());
  if (dialog->parties.local == nullptr || dialog->parties.remote == nullptr || !make_leg(*dialog, 0)) return "";
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
  const char* problem = transmit_call(client);
  if (client.orq) return std::nullopt;
  // To the relay the library connects at once, and may fail with that.
  if (problem == nullptr && call.hop.transport == "tls") problem = no_tls;
  if (problem == nullptr) log_unbuilt(*dialog, "INVITE");
  return phrase_of(text_or_empty(problem));
}

/// What keeps it from being sent, if it is not for how it is built.
const char* Endpoint::transmit_call(ClientRequest& client) {
  const OutgoingCall& call = calls_.at(client.call);
  const Outgoing& request = client.request;
  const Exit exit = exit_to(*client.dialog, call.hop);
  client.relay = exit.relay;
  if (exit.problem != nullptr) return exit.problem;
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
  return nullptr;
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

}  // namespace clued::sip
