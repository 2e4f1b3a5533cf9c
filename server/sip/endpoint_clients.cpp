// Endpoint: what goes out: responses, and requests within dialogs with what becomes of them.
#include <array>

#include "sip/abilities.hpp"
#include "sip/endpoint.hpp"
#include "sip/records.hpp"
#include "sip/session_timer.hpp"

namespace clued::sip {
namespace {

const char* or_standard(const std::string& phrase) { return phrase.empty() ? nullptr : phrase.c_str(); }

bool concerns_session(sip_method_t method) { return method == sip_method_invite || method == sip_method_update; }

/// A proxy that names an address in its Record-Route where nobody can be reached still has its connection with us.
bool may_go_back(const Dialog& dialog) {
  const Flow& flow = dialog.flow;
  return flow.connection && flow.transport && tport_is_clear_to_send(flow.transport.get()) != 0 &&
         (!flow.local.secure || flow.source.transport == "tls");
}

}  // namespace

extern "C" int clued_sip_on_response(ClientRequest* request, nta_outgoing_t*, sip_t const* sip) noexcept {
  if (request != nullptr) request->endpoint.receive_response(*request, sip);
  return 0;
}

std::string reason_header(const focus::Reason& reason) {
  std::string header = "Reason: SIP;cause=" + std::to_string(reason.cause);
  if (!reason.text.empty()) header += ";text=" + quoted(one_line(reason.text));
  return header + "\r\n";
}

bool Endpoint::reply(nta_incoming_t* irq, int status, const std::string& phrase, const std::string& headers,
                     const std::string& contact) {
  nta_incoming_treply(irq, status, or_standard(phrase), SIPTAG_SERVER_STR(settings_.server_name.c_str()),
                      TAG_IF(!contact.empty(), SIPTAG_CONTACT_STR(contact.c_str())),
                      TAG_IF(!headers.empty(), SIPTAG_HEADER_STR(headers.c_str())), TAG_END());
  const bool is_built = status < 200 || nta_incoming_status(irq) >= 200;
  if (!is_built) reply_unbuilt(irq, status);
  return is_built;
}

// A response that the library cannot build is one that nobody would hear of. This one has nothing in it that could be
// wrong again.
void Endpoint::reply_unbuilt(nta_incoming_t* irq, int status) {
  const MessageHandle message(nta_incoming_getrequest(irq));
  const sip_t* sip = sip_object(message.get());
  // What the core answers is kept, and whose it is known.
  const ServerRequest* kept = nta_incoming_magic(irq, clued_sip_on_ack_or_cancel);
  const Dialog* dialog = kept != nullptr ? kept->dialog.get() : nullptr;
  log_(record_of_call(record::message_unbuilt, dialog != nullptr ? dialog->focus_user : "",
                      sip != nullptr && sip->sip_call_id != nullptr ? text_or_empty(sip->sip_call_id->i_id) : "",
                      {{"method", text_or_empty(nta_incoming_method_name(irq))}, {"status", status}}));
  nta_incoming_treply(irq, 500, nullptr, TAG_END());
}

void Endpoint::log_unbuilt(const Dialog& dialog, const char* method) const {
  log_(record_of_call(record::message_unbuilt, dialog, {{"method", method}}));
}

bool Endpoint::send_response(ServerRequest& request, const focus::command::Respond& command) {
  const std::string phrase = one_line(command.phrase);
  std::string headers;
  if (command.retry_after) headers += "Retry-After: " + std::to_string(command.retry_after->count()) + "\r\n";
  if (command.reason) headers += reason_header(*command.reason);
  if (command.warning) {
    headers += "Warning: " + std::to_string(command.warning->code) + " clued " +
               quoted(one_line(command.warning->text)) + "\r\n";
  }
  if (command.session_timer) headers += session_timer_response(*command.session_timer);
  if (!command.unsupported.empty()) headers += "Unsupported: " + command.unsupported + "\r\n";
  if (command.min_expires) headers += "Min-Expires: " + std::to_string(command.min_expires->count()) + "\r\n";
  std::string contact;
  if (command.contact && command.status > 100) {
    contact = request.dialog ? contact_text(*request.dialog, *command.contact)
                             : contact_text(request.local, *command.contact);
  }
  take_conference(request, command.contact);
  if (!trusted_.empty() || !settings_.trusted_certificates.empty()) headers += ims_headers_of(request, command);
  const bool success = command.status / 100 == 2;
  const bool abilities = success && (request.method == sip_method_invite || request.method == sip_method_options ||
                                     request.method == sip_method_update);
  const auto& supported = command.takes_recipient_list ? supported_by_factory() : supported_in_responses();
  const auto& accepted = command.takes_recipient_list ? types_accepted_by_factory() : accepted_types();
  nta_incoming_t* irq = request.irq.get();
  const auto with_tags = [&](auto function) {
    return function(
        SIPTAG_SERVER_STR(settings_.server_name.c_str()), TAG_IF(!contact.empty(), SIPTAG_CONTACT_STR(contact.c_str())),
        TAG_IF(abilities || (command.status < 200 && command.status > 100),
               SIPTAG_ALLOW_STR(allowed_methods().c_str())),
        TAG_IF(abilities, SIPTAG_SUPPORTED_STR(supported.c_str())),
        TAG_IF(command.preconditions, SIPTAG_REQUIRE_STR("precondition")),
        TAG_IF(abilities, SIPTAG_ACCEPT_STR(accepted.c_str())),
        TAG_IF(abilities, SIPTAG_ALLOW_EVENTS_STR(allowed_events().c_str())),
        TAG_IF(!headers.empty(), SIPTAG_HEADER_STR(headers.c_str())),
        TAG_IF(command.sdp.has_value(), SIPTAG_CONTENT_TYPE_STR("application/sdp")),
        TAG_IF(command.sdp.has_value(), SIPTAG_PAYLOAD_STR(command.sdp ? command.sdp->c_str() : "")), TAG_END());
  };
  if (command.reliable && request.method == sip_method_invite && command.status > 100 && command.status < 200) {
    nta_reliable_t* sent = with_tags([&](auto... tags) {
      return nta_reliable_treply(irq, clued_sip_on_prack, &request, command.status, or_standard(phrase), tags...);
    });
    if (sent != nullptr) {
      request.reliable.push_back(sent);
      return true;
    }
    // The peer does not support 100rel: the same response goes out without it.
  }
  return with_tags(
             [&](auto... tags) { return nta_incoming_treply(irq, command.status, or_standard(phrase), tags...); }) == 0;
}

// The core takes what it said for answered, so it has to hear that the peer knows nothing of it: of a call by the end
// of its dialog, of a session that goes on as of a 2xx without ACK.
void Endpoint::fail_response(ServerRequest& request, int status) {
  reply_unbuilt(request.irq.get(), status);
  const bool is_session_in_doubt = request.method == sip_method_invite && !request.initial && status < 300;
  const base::DialogId dialog = request.usage;
  finish_response(request, 500);
  if (is_session_in_doubt && usage(dialog) != nullptr) post_(focus::event::AckTimedOut{dialog});
}

void Endpoint::finish_response(ServerRequest& request, int status) {
  request.final_sent = true;
  const base::RequestId id = request.id;
  InviteUsage* invite = usage(request.usage);
  if (invite != nullptr) {
    if (invite->open_invite == id) invite->open_invite = {};
    if (invite->open_update == id) invite->open_update = {};
  }
  const bool success = status < 300;
  if (success) refresh_target(request);
  if (request.method == sip_method_invite && success) {
    // Kept until the ACK comes or does not come: the library repeats the 2xx meanwhile (RFC 3261 section 13.3.1.4).
    if (invite != nullptr) {
      invite->unacknowledged = id;
      if (request.initial) invite->state = InviteUsage::State::answered;
    }
    return;
  }
  if (request.makes_subscription && !success) drop_subscription(request.subscription);
  const bool over = request.initial;
  const base::DialogId usage_id = request.usage;
  requests_.erase(id);
  if (over) end_usage(usage_id, 0);
}

void Endpoint::send(const std::shared_ptr<Dialog>& dialog, Outgoing request,
                    std::function<void(const Answered&)> on_final) {
  const std::uint64_t id = ++last_client_;
  auto owned = std::make_unique<ClientRequest>(*this, id, dialog, std::move(request), std::move(on_final));
  ClientRequest& client = *owned;
  clients_.emplace(id, std::move(owned));
  client.ticket = pacer_.take();
  transmit(client);
}

std::string Endpoint::ims_headers_of(const ServerRequest& request, const focus::command::Respond& command) const {
  if (command.status == 100) return {};
  const Flow flow = flow_of(request.irq.get());
  if (!trusts(flow.source)) return {};
  std::optional<ChargingVector> vector;
  const MessageHandle message(nta_incoming_getrequest(request.irq.get()));
  if (const auto value = unknown_header(*sip_object(message.get()), "P-Charging-Vector")) {
    vector = read_charging_vector(*value);
  }
  std::string identity;
  if (command.contact && request.dialog) identity = focus_identity(*request.dialog, command.contact->user);
  return ims_response_headers(identity, vector, settings_.ims);
}

void Endpoint::transmit(ClientRequest& client) {
  const Loop::Use use(loop_);
  if (forget_lost_connection(*client.dialog)) client.replaces_connection = true;
  find_exit(client.dialog, client.goes_back, [this, id = client.id](const Exit& exit) {
    const auto found = clients_.find(id);
    if (found != clients_.end()) transmit(*found->second, exit);
  });
}

void Endpoint::transmit(ClientRequest& client, const Exit& exit) {
  const Loop::Use use(loop_);
  Dialog& dialog = *client.dialog;
  const Outgoing& request = client.request;
  client.on_connection = exit.connection != nullptr;
  client.relay = exit.relay;
  // While the next hop was looked up the session may have ended.
  if (concerns_session(request.method) && !dialog.invite) return finish(client, {481, nullptr});
  if (exit.problem != nullptr) {
    log_failure(dialog, request.name, 503, exit.problem);
    return finish(client, {503, nullptr});
  }
  std::string headers = request.headers;
  if (trusts(dialog, exit)) {
    headers += ims_request_headers(focus_identity(dialog, dialog.focus_user), dialog.charging, settings_.ims);
  }
  const std::string supported = supported_in_requests() + (request.preconditions ? ", precondition" : "");
  client.orq.reset(create_request(dialog, exit, clued_sip_on_response, &client, request.method, request.name,
                                  SIPTAG_USER_AGENT_STR(settings_.server_name.c_str()),
                                  TAG_IF(!request.contact.empty(), SIPTAG_CONTACT_STR(request.contact.c_str())),
                                  TAG_IF(request.lists_abilities, SIPTAG_ALLOW_STR(allowed_methods().c_str())),
                                  TAG_IF(request.lists_abilities, SIPTAG_SUPPORTED_STR(supported.c_str())),
                                  TAG_IF(request.lists_abilities, SIPTAG_ACCEPT_STR(accepted_types().c_str())),
                                  TAG_IF(!headers.empty(), SIPTAG_HEADER_STR(headers.c_str())),
                                  TAG_IF(!request.verbatim.empty(), SIPTAG_UNKNOWN_STR(request.verbatim.c_str())),
                                  TAG_IF(!request.body.empty(), SIPTAG_CONTENT_TYPE_STR(request.content_type.c_str())),
                                  TAG_IF(!request.body.empty(), SIPTAG_PAYLOAD_STR(request.body.c_str())), TAG_END()));
  if (client.orq && request.method == sip_method_invite) {
    client.patience = timers_.after(settings_.reinvite_wait, [this, id = client.id] { withdraw_reinvite(id); });
  }
  if (client.orq) return;
  log_unbuilt(dialog, request.name);
  finish(client, {503, nullptr});
}

void Endpoint::receive_response(ClientRequest& client, const sip_t* sip) {
  if (client.call) return receive_call_response(client, sip);
  const int status = sip != nullptr && sip->sip_status != nullptr ? sip->sip_status->st_status : 408;
  if (status < 200) return;
  const bool internal = sip == nullptr || nta_sip_is_internal(sip) != 0;
  if (internal && client.on_connection && status == 503) {
    // The connection died under the request: once more, on a new one to the target (RFC 3261 section 18.1.1).
    client.replaces_connection = true;
    client.dialog->flow.transport.reset();
    client.orq.reset();
    return transmit(client);
  }
  if (internal && !client.on_connection && !client.goes_back && status == 503 && may_go_back(*client.dialog)) {
    client.goes_back = true;
    client.orq.reset();
    return transmit(client);
  }
  if (internal) {
    log_failure(*client.dialog, client.request.name, status, client.relay);
  } else {
    client.dialog->is_failing = false;
    if (client.replaces_connection) {
      log_(record_of_call(record::connection_replaced, *client.dialog, {{"method", client.request.name}}));
    }
  }
  const bool refreshes_target =
      client.request.method == sip_method_invite || client.request.method == sip_method_update;
  if (refreshes_target && status < 300) {
    // The target may have moved with the answer; the ACK already goes to the new one (RFC 3261 section 12.2.1.2).
    take_target(*client.dialog, *sip);
    if (client.request.method == sip_method_invite) acknowledge(client);
  }
  finish(client, {status, sip});
}

void Endpoint::acknowledge(ClientRequest& client) {
  acknowledge(client.dialog, nta_outgoing_cseq(client.orq.get()),
              std::string(text_or_empty(nta_outgoing_branch(client.orq.get()))));
}

/// `branch`: of the INVITE.
void Endpoint::acknowledge(const std::shared_ptr<Dialog>& dialog, std::uint32_t cseq, std::string branch) {
  forget_lost_connection(*dialog);
  find_exit(dialog, false, [this, dialog, cseq, branch = std::move(branch)](const Exit& exit) {
    if (exit.problem != nullptr) return;
    const Home home = make_home();
    // Given back at once: the library keeps it as long as the 2xx can be repeated and answers each with this ACK.
    const OutgoingHandle ack(create_request(*dialog, exit, nullptr, nullptr, SIP_METHOD_ACK,
                                            NTATAG_ACK_BRANCH(branch.c_str()),
                                            SIPTAG_CSEQ(sip_cseq_create(home.get(), cseq, SIP_METHOD_ACK)), TAG_END()));
  });
}

void Endpoint::finish(ClientRequest& client, const Answered& answered) {
  const auto found = clients_.find(client.id);
  if (found == clients_.end()) return;
  // Out of the table first: what follows may look at the census or send the next request.
  const std::unique_ptr<ClientRequest> over = std::move(found->second);
  clients_.erase(found);
  over->on_final(answered);
  pacer_.release(over->ticket);
}

/// The peer said that it is at work, and then nothing: RFC 3261 section 9.1, as for the INVITE that begins a dialog.
void Endpoint::withdraw_reinvite(std::uint64_t id) {
  const auto found = clients_.find(id);
  if (found == clients_.end()) return;
  const Loop::Use use(loop_);
  nta_outgoing_tcancel(found->second->orq.get(), nullptr, nullptr, TAG_END());
  found->second->patience = give_up_after_t1x64(id);
}

/// Those of a dialog that is over: their answers are waited for no longer than there are timers for.
void Endpoint::give_up_reinvites(const Dialog& dialog) {
  for (const auto& [id, client] : clients_) {
    if (client->dialog.get() == &dialog && client->patience) client->patience = give_up_after_t1x64(id);
  }
}

Timers::Ticket Endpoint::give_up_after_t1x64(std::uint64_t id) {
  return timers_.after(settings_.t1x64, [this, id] {
    const auto found = clients_.find(id);
    if (found == clients_.end()) return;
    const Loop::Use use(loop_);
    finish(*found->second, {408, nullptr});
  });
}

void Endpoint::ignored(std::string_view command, std::string_view why) const {
  log_({&record::command_ignored, {{"command", command}, {"why", why}}});
}

}  // namespace clued::sip
