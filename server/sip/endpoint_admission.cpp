// Endpoint: who somebody is, and who is asked for a password (RFC 3261 section 22, RFC 3325).
#include <algorithm>

#include "sip/endpoint.hpp"
#include "sip/parse.hpp"
#include "sip/records.hpp"

namespace clued::sip {
namespace {

/// What begins something. An ACK and a CANCEL cannot be challenged (RFC 3261 section 22.1), OPTIONS is the ping of
/// proxies and tells only what the focus can do, and the rest needs a dialog.
bool begins_something(sip_method_t method) {
  return method == sip_method_invite || method == sip_method_refer || method == sip_method_subscribe;
}

/// Within a dialog whoever knows its tags is the peer, unless it comes from elsewhere than the one who was asked.
bool changes_something(sip_method_t method) {
  return begins_something(method) || method == sip_method_update || method == sip_method_bye;
}

/// A telephone's two port pairs, a channel's agent, and what is opened for a moment.
constexpr std::size_t descriptors_of_a_call = 12;

/// Dialogs for removals, where few are allowed.
constexpr std::size_t least_reserve = 8;

Credentials credentials_of(const msg_auth_t& header) {
  Credentials credentials;
  const std::pair<const char*, std::string*> wanted[] = {
      {"username=", &credentials.username}, {"realm=", &credentials.realm},         {"nonce=", &credentials.nonce},
      {"uri=", &credentials.uri},           {"response=", &credentials.response},   {"cnonce=", &credentials.cnonce},
      {"qop=", &credentials.qop},           {"algorithm=", &credentials.algorithm}, {"nc=", &credentials.nc}};
  const Home home = make_home();
  for (const auto& [name, target] : wanted) {
    const char* value = msg_params_find(header.au_params, name);
    if (value == nullptr) continue;
    const char* unquoted = *value == '"' ? msg_unquote_dup(home.get(), value) : value;
    *target = text_or_empty(unquoted);
  }
  return credentials;
}

/// A certificate proves that its owner is who its URIs say, each of them (RFC 5922 section 7.1), better than a
/// password.
focus::ProvenIdentities certified_identities(const Source& source) {
  focus::ProvenIdentities certified;
  for (const std::string& name : source.certificate) {
    const auto uri = parse_uri(name);
    if (uri && (uri->scheme == "sip" || uri->scheme == "tel") && !uri->user.empty()) certified.add({"", *uri});
  }
  return certified;
}

}  // namespace

Source Endpoint::source_of(const su_sockaddr_t& address) const {
  Source source{address_text(address), ntohs(address.su_port), "tcp"};
  if (tls_ && source.address == tls_->relay_address()) {
    if (const TlsEdge::Peer* peer = tls_->peer(source.port)) return peer->source;
  }
  return source;
}

bool Endpoint::may_send(const su_sockaddr_t& source) {
  if (settings_.max_rate_per_source == 0) return true;
  const Source from = source_of(source);
  if (trusts(from)) return true;
  const auto verdict = buckets_.take(from.address, std::chrono::steady_clock::now());
  if (verdict == SourceBuckets::Verdict::drop_first) {
    log_({&record::source_limited, {{"source", from.address}, {"rate", settings_.max_rate_per_source}}});
  }
  const bool may = verdict == SourceBuckets::Verdict::pass;
  if (!may && gate_) gate_->dropping();
  return may;
}

/// Removals have a sixteenth more. It is held only once the core has accepted one, from somebody who may remove.
std::size_t Endpoint::dialogs_allowed(Use use) const {
  const std::size_t reserve = std::max(settings_.max_dialogs / 16, least_reserve);
  return settings_.max_dialogs + (use == Use::removal ? reserve : 0);
}

/// What the core lets one account hold (focus/shares.hpp) fits in with the limits that are shipped.
bool Endpoint::has_too_many_dialogs(const std::string& account, Use use) const {
  return dialog_shares_.held_by(account) >= std::max<std::size_t>(dialogs_allowed(use) / 4, 1);
}

/// What comes in a dialog needs no other one, however many there are.
bool Endpoint::has_room_for_usage(const Dialog* dialog, Use use) const {
  return (dialog != nullptr ? subscriptions_.size() : live_dialogs_) < dialogs_allowed(use);
}

bool Endpoint::may_begin_call() const {
  return descriptors_.allows(descriptors_of_a_call, base::DescriptorBudget::Use::call);
}

bool Endpoint::may_connect() const { return descriptors_.allows(1, base::DescriptorBudget::Use::call); }

bool Endpoint::trusts(const Source& source) const {
  if (trusted_.contains(source.address, source.port)) return true;
  const auto& names = settings_.trusted_certificates;
  return std::any_of(source.certificate.begin(), source.certificate.end(), [&names](const std::string& shown) {
    return std::any_of(names.begin(), names.end(),
                       [&shown](const std::string& name) { return equal_ignoring_case(name, shown); });
  });
}

/// The first of these to which there is an answer: accepted, stale, refused.
DigestAuthenticator::Result Endpoint::authenticate(const Received& request) {
  DigestAuthenticator::Result best;
  for (const sip_authorization_t* header = request.sip.sip_authorization; header != nullptr; header = header->au_next) {
    if (!equal_ignoring_case(text_or_empty(header->au_scheme), "Digest")) continue;
    const Credentials credentials = credentials_of(*header);
    // The digest-uri is not compared with the Request-URI (RFC 7616 section 3.4.6): proxies rewrite the one, and
    // clients put only the host into the other. The nonce count makes each answer good for one request all the same.
    const auto result =
        digest_->verify(credentials, request.sip.sip_request->rq_method_name, std::chrono::steady_clock::now());
    if (result.verdict == DigestAuthenticator::Verdict::refused) {
      log_(record_of_call(record::authentication_failed, request.conference,
                          text_or_empty(request.sip.sip_call_id->i_id),
                          {{"user", credentials.username}, {"source", request.flow.source.to_string()}}));
    }
    if (result.verdict < best.verdict) best = result;
  }
  return best;
}

bool Endpoint::admit(Dialog& dialog, Received& request) {
  return &dialog == outside_.get() ? admit_outside(request) : admit_inside(dialog, request);
}

bool Endpoint::admit_outside(Received& request) {
  if (trusts(request.flow.source)) return true;
  request.authenticated = certified_identities(request.flow.source);
  if (!request.authenticated.empty() || settings_.auth.require == AuthSettings::Require::never) return true;
  // A request of a dialog that we do not have is told so, which tells nobody anything.
  if (!begins_something(request.sip.sip_request->rq_method) || request.sip.sip_to->a_tag != nullptr) return true;
  const AuthUser* user = ask_password(request);
  if (user == nullptr) return false;
  request.authenticated = focus::ProvenIdentities(user->identity);
  return true;
}

bool Endpoint::admit_inside(Dialog& dialog, Received& request) {
  const Source& source = request.flow.source;
  const bool is_trusted = trusts(source);
  const auto shown =
      is_trusted ? asserted_identities(request.sip, source, request.conference) : certified_identities(source);
  if (!dialog.user) {
    if (!is_trusted) request.authenticated = shown;
    return true;
  }
  DialogUser& user = *dialog.user;
  if (is_trusted ? user.is_another(shown) : !shown.empty() && !user.is(shown)) return refuse_another_user(request);
  if (!is_trusted && shown.empty() && !user.is_at(source.address)) {
    if (settings_.auth.require == AuthSettings::Require::never) return true;
    // What changes nothing is answered all the same.
    if (!changes_something(request.sip.sip_request->rq_method)) {
      request.is_proven = false;
      return true;
    }
    const AuthUser* owner = ask_password(request);
    if (owner == nullptr) return false;
    if (!user.is(focus::ProvenIdentities(owner->identity))) return refuse_another_user(request);
    user.move_to(source.address);
  }
  request.authenticated = user.identities();
  if (!is_trusted) request.authenticated.add(shown);
  return true;
}

/// False, for admit().
bool Endpoint::refuse_another_user(Received& request) {
  refuse(std::move(request), {403, "", "", "proven to be another user than the dialog's"});
  return false;
}

const AuthUser* Endpoint::ask_password(const Received& request) {
  const auto [verdict, user] = authenticate(request);
  if (verdict == DigestAuthenticator::Verdict::accepted && user != nullptr) return user;
  std::string headers;
  const bool stale = verdict == DigestAuthenticator::Verdict::stale;
  for (const std::string& challenge : digest_->challenges(std::chrono::steady_clock::now(), stale)) {
    headers += "WWW-Authenticate: " + challenge + "\r\n";
  }
  log_(record_of_call(
      record::challenged, request.conference, text_or_empty(request.sip.sip_call_id->i_id),
      {{"method", request.sip.sip_request->rq_method_name}, {"source", request.flow.source.to_string()}}));
  reply(request.irq.get(), 401, "", headers);
  return nullptr;
}

/// Of the dialog that a request begins. `proven`: all that is of its sender.
std::optional<DialogUser> Endpoint::user_beginning(const Received& request,
                                                   const focus::ProvenIdentities& proven) const {
  if (trusts(request.flow.source)) return DialogUser(proven, "");
  if (request.authenticated.empty()) return std::nullopt;
  return DialogUser(request.authenticated, request.flow.source.address);
}

focus::ProvenIdentities Endpoint::proven_identities(const Received& request) const {
  focus::ProvenIdentities proven = asserted_identities(request.sip, request.flow.source, request.conference);
  proven.add(request.authenticated);
  return proven;
}

/// There may be a sip and a tel URI, in one header or two (RFC 3325 section 9.1).
focus::ProvenIdentities Endpoint::asserted_identities(const sip_t& sip, const Source& source,
                                                      const std::string& conference) const {
  focus::ProvenIdentities asserted;
  const auto take = [&asserted](const sip_p_asserted_identity_t* identity) {
    for (; identity != nullptr; identity = identity->paid_next) {
      asserted.add(to_name_address(identity->paid_display, *identity->paid_url));
    }
  };
  // The library's default parser may or may not know this header.
  const sip_p_asserted_identity_t* parsed = sip_p_asserted_identity(&sip);
  bool present = parsed != nullptr;
  take(parsed);
  const Home home = make_home();
  for (const sip_unknown_t* header = sip.sip_unknown; header != nullptr; header = header->un_next) {
    if (!equal_ignoring_case(text_or_empty(header->un_name), "P-Asserted-Identity")) continue;
    present = true;
    take(reinterpret_cast<sip_p_asserted_identity_t*>(
        msg_header_make(home.get(), sip_p_asserted_identity_class, header->un_value)));
  }
  if (!present || trusts(source)) return asserted;
  log_(record_of_call(record::identity_ignored, conference, text_or_empty(sip.sip_call_id->i_id),
                      {{"source", source.to_string()}}));
  return {};
}

}  // namespace clued::sip
