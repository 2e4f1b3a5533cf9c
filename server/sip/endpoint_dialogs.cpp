// Endpoint: dialogs, their usages and the tables that hold them.
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

#include "sip/endpoint.hpp"

namespace clued::sip {
std::string random_tag() {
  static constexpr std::string_view digits = "0123456789abcdef";
  std::array<unsigned char, 12> bytes{};
  if (getentropy(bytes.data(), bytes.size()) != 0)
    throw std::system_error(errno, std::generic_category(), "getentropy");
  std::string tag;
  for (const unsigned byte : bytes) {
    tag += digits[byte >> 4U];
    tag += digits[byte & 15U];
  }
  return tag;
}

std::string OwnEnd::uri(const std::string& user) const {
  focus::SipUri escaped;  // only for its escaping
  escaped.scheme = secure ? "sips" : "sip";
  escaped.user = user;
  escaped.host = "h";
  const std::string start = escaped.to_string();
  return start.substr(0, start.size() - 1) + (secure ? host() : text);
}

std::string dialog_key(std::string_view call_id, std::string_view local_tag, std::string_view remote_tag) {
  std::string key(call_id);
  for (const std::string_view tag : {local_tag, remote_tag}) {
    key += '\n';
    for (const char c : tag) key += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return key;
}

void Dialog::take_route(const sip_t& response) {
  routes.set_routes(to_routes(response.sip_record_route, true));
  if (response.sip_contact != nullptr) {
    routes.set_target(to_route_uri(*response.sip_contact->m_url));
  } else if (!routes.has_target()) {
    routes.set_target(to_route_uri(*response.sip_to->a_url));
  }
}

std::shared_ptr<Dialog> Endpoint::make_dialog(nta_incoming_t* irq, const sip_t& sip, Flow flow, Beginner beginner) {
  auto dialog = std::make_shared<Dialog>(*this, &live_dialogs_);
  const std::string tag = nta_incoming_tag(irq, random_tag().c_str());
  // The tag is in the leg from the start: a leg that gets it later would also take requests without any To tag.
  DialogParties& parties = dialog->parties;
  parties.local = sip_to_dup(parties.home.get(), sip.sip_to);
  sip_to_tag(parties.home.get(), parties.local, tag.c_str());
  parties.remote = sip_from_dup(parties.home.get(), sip.sip_from);
  dialog->call_id = sip.sip_call_id->i_id;
  dialog->remote_cseq = sip.sip_cseq->cs_seq;
  if (!make_leg(*dialog, 0)) return nullptr;
  dialog->routes.set_routes(to_routes(sip.sip_record_route, false));
  if (sip.sip_contact != nullptr) dialog->routes.set_target(to_route_uri(*sip.sip_contact->m_url));
  dialog->key = dialog_key(dialog->call_id, tag, text_or_empty(sip.sip_from->a_tag));
  dialog->flow = std::move(flow);
  dialog->share = dialog_shares_.take(beginner.account);
  dialog->user = std::move(beginner.user);
  dialog->knows_service = !settings_.ims.service.empty() && trusts(dialog->flow.source);
  return dialog;
}

/// `local_cseq`: of our newest request in the dialog, or 0.
bool Endpoint::make_leg(Dialog& dialog, std::uint32_t local_cseq) {
  const std::string cseq = std::to_string(local_cseq) + " ACK";
  LegHandle made(nta_leg_tcreate(agent_.get(), clued_sip_on_request, &dialog,
                                 SIPTAG_CALL_ID_STR(dialog.call_id.c_str()), SIPTAG_FROM(dialog.parties.local),
                                 SIPTAG_TO(dialog.parties.remote), NTATAG_REMOTE_CSEQ(dialog.remote_cseq),
                                 TAG_IF(local_cseq != 0, SIPTAG_CSEQ_STR(cseq.c_str())), TAG_END()));
  if (!made) return false;
  dialog.leg = std::move(made);
  return true;
}

/// A request that is rejected changes no state (RFC 3261 section 8.2), but the library's leg keeps the CSeq of each
/// that it has passed on, and refuses what the peer itself sends with lower ones from then on. It has no other way back
/// than a leg that begins anew.
void Endpoint::forget_refused(Dialog& dialog) {
  if (!dialog.leg || &dialog == outside_.get() || nta_leg_get_rseq(dialog.leg.get()) == dialog.remote_cseq) return;
  make_leg(dialog, nta_leg_get_seq(dialog.leg.get()));
}

std::optional<base::DialogId> Endpoint::target_dialog(const sip_t& sip) const {
  const auto value = unknown_header(sip, "Target-Dialog");
  if (!value) return std::nullopt;
  // callid *(SEMI generic-param)
  std::array<std::string_view, 2> tags;
  std::string_view rest = *value;
  const auto next = [&rest] {
    const std::size_t end = rest.find(';');
    std::string_view item = rest.substr(0, end);
    rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
    while (!item.empty() && (item.front() == ' ' || item.front() == '\t')) item.remove_prefix(1);
    while (!item.empty() && (item.back() == ' ' || item.back() == '\t')) item.remove_suffix(1);
    return item;
  };
  const std::string_view call_id = next();
  while (!rest.empty()) {
    const std::string_view param = next();
    const std::size_t equals = param.find('=');
    if (equals == std::string_view::npos) continue;
    if (equal_ignoring_case(param.substr(0, equals), "local-tag")) tags[0] = param.substr(equals + 1);
    if (equal_ignoring_case(param.substr(0, equals), "remote-tag")) tags[1] = param.substr(equals + 1);
  }
  // RFC 4538 section 3 means local and remote from the recipient's side; senders that mean their own side exist.
  for (const std::string& key : {dialog_key(call_id, tags[0], tags[1]), dialog_key(call_id, tags[1], tags[0])}) {
    const auto found = usages_by_key_.find(key);
    if (found != usages_by_key_.end()) return found->second;
  }
  return std::nullopt;
}

std::optional<focus::Replaces> Endpoint::replaces_of(const sip_t& sip) const {
  const sip_replaces_t* header = sip.sip_replaces;
  if (header == nullptr) return std::nullopt;
  focus::Replaces replaces;
  replaces.early_only = header->rp_early_only != 0;
  // RFC 3891 section 3: to-tag is our tag, whoever began the dialog.
  const auto found = usages_by_key_.find(dialog_key(text_or_empty(header->rp_call_id), text_or_empty(header->rp_to_tag),
                                                    text_or_empty(header->rp_from_tag)));
  if (found != usages_by_key_.end()) replaces.dialog = found->second;
  return replaces;
}

ServerRequest& Endpoint::keep(IncomingHandle irq) {
  const base::RequestId id = request_ids_.next();
  auto owned = std::make_unique<ServerRequest>(*this, id, std::move(irq));
  ServerRequest& kept = *owned;
  requests_.emplace(id, std::move(owned));
  nta_incoming_bind(kept.irq.get(), clued_sip_on_ack_or_cancel, &kept);
  return kept;
}

/// The core has told in a Contact which conference the request belongs to; what OPTIONS asks about is no matter.
void Endpoint::take_conference(ServerRequest& request, const std::optional<focus::FocusContact>& contact) {
  if (request.dialog && contact && request.method != sip_method_options) request.dialog->focus_user = contact->user;
}

void Endpoint::refresh_target(ServerRequest& request) {
  if (!request.target_refresh || !request.dialog) return;
  const MessageHandle message(nta_incoming_getrequest(request.irq.get()));
  const sip_t* sip = sip_object(message.get());
  if (sip != nullptr) take_target(*request.dialog, *sip);
}

/// The remote target of the dialog is from now on the Contact of this message (RFC 3261 section 12.2). The route set
/// stays what it was when the dialog began. A participant is known by its Contact, so the core hears of another one; of
/// several early dialogs nobody knows yet which one it will be.
void Endpoint::take_target(Dialog& dialog, const sip_t& message) {
  if (contact_refusal(message, dialog.flow.source.transport == "tls")) return;
  RouteUri target = to_route_uri(*message.sip_contact->m_url);
  const bool is_another = dialog.routes.target() != target.uri;
  dialog.routes.set_target(std::move(target));
  if (!is_another) return;
  const InviteUsage* invite = dialog.invite ? usage(*dialog.invite) : nullptr;
  if (invite == nullptr || invite->dialog.get() != &dialog || invite->state == InviteUsage::State::calling) return;
  post_(focus::event::TargetRefreshed{invite->id, to_contact(*message.sip_contact)});
}

void Endpoint::close_open_requests(InviteUsage& usage) {
  for (base::RequestId* id : {&usage.open_invite, &usage.open_update}) {
    if (ServerRequest* open = request(*id); open != nullptr && !open->final_sent) {
      // RFC 3261 section 15.1.2: what is pending when a BYE comes is answered with 487; a PRACK is never refused.
      open->final_sent = true;
      reply(open->irq.get(), open->method == sip_method_prack ? 200 : 487, "", "");
    }
    requests_.erase(*id);
    *id = {};
  }
}

void Endpoint::end_usage(base::DialogId id, int status) {
  const auto found = usages_.find(id);
  if (found == usages_.end()) return;
  close_open_requests(found->second);
  if (const auto call = calls_.find(id); call != calls_.end()) {
    clients_.erase(call->second.client);
    calls_.erase(call);
  }
  const std::shared_ptr<Dialog> dialog = found->second.dialog;
  give_up_reinvites(*dialog);
  dialog->invite.reset();
  usages_by_key_.erase(dialog->key);
  usages_.erase(found);
  post_(focus::event::DialogTerminated{id, status});
}

InviteUsage* Endpoint::usage(base::DialogId id) {
  const auto found = usages_.find(id);
  return found == usages_.end() ? nullptr : &found->second;
}

ServerRequest* Endpoint::request(base::RequestId id) {
  const auto found = requests_.find(id);
  return found == requests_.end() ? nullptr : found->second.get();
}

}  // namespace clued::sip
