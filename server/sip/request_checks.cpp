#include "sip/request_checks.hpp"

#include <string_view>

#include "sip/abilities.hpp"
#include "sip/values.hpp"

namespace clued::sip {
namespace {

/// Longer lists of unknown option tags are not repeated to their sender in full.
constexpr std::size_t max_unsupported = 16;

Refusal with_allow(int status, std::string why) {
  return {status, "", "Allow: " + allowed_methods() + "\r\n", std::move(why)};
}

std::optional<Refusal> method_refusal(const sip_t& sip) {
  switch (sip.sip_request->rq_method) {
    case sip_method_invite:
    case sip_method_bye:
    case sip_method_options:
    case sip_method_prack:
    case sip_method_update:
    case sip_method_refer:
    case sip_method_subscribe:
    case sip_method_notify:
    case sip_method_ack:
    case sip_method_cancel:
      return std::nullopt;
    case sip_method_register:
    case sip_method_info:
    case sip_method_message:
    case sip_method_publish:
      return with_allow(405, "method not allowed");
    default:
      return with_allow(501, "method unknown");
  }
}

/// Who asks for SIPS was promised TLS on every hop. Where it came without, it is not served as if it had (RFC 5630
/// section 5.1.2); without any TLS here, the scheme is not supported at all (RFC 3261 section 8.2.2.1).
std::optional<Refusal> scheme_refusal(const sip_t& sip, Security security) {
  const auto type = sip.sip_request->rq_url->url_type;
  if (type == url_sip || (type == url_sips && security.over_tls)) return std::nullopt;
  if (type == url_sips && security.serves_tls) {
    return Refusal{480, "", "Warning: 380 clued \"SIPS Not Allowed\"\r\n", "a SIPS request that did not come by TLS"};
  }
  return Refusal{416, "", "", "Request-URI is not a sip URI"};
}

/// A header that decides something and cannot be read is not passed over, as the library does with most of those: what
/// was asked for by it would be done as if it had not been (RFC 3261 section 16.3).
std::optional<Refusal> unreadable_refusal(const sip_t& sip) {
  static constexpr std::string_view deciding[] = {
      "Replaces",  "Refer-To",        "Refer-Sub", "Referred-By", "Event",  "Session-Expires", "Min-SE",
      "RAck",      "Require",         "Expires",   "Contact",     "Accept", "Content-Type",    "Content-Disposition",
      "Supported", "Content-Encoding"};
  for (const auto* one = reinterpret_cast<const sip_header_t*>(sip.sip_error); one != nullptr; one = one->sh_next) {
    if (one->sh_class != sip_error_class) continue;
    const std::string_view name = text_or_empty(one->sh_error->er_name);
    for (const std::string_view wanted : deciding) {
      if (!equal_ignoring_case(wanted, name)) continue;
      return Refusal{400, "Bad " + std::string(wanted), "", std::string(wanted) + " cannot be read"};
    }
  }
  return std::nullopt;
}

/// RFC 4538 section 7: without a Call-ID it names no dialog.
std::optional<Refusal> target_dialog_refusal(const sip_t& sip) {
  const auto value = unknown_header(sip, "Target-Dialog");
  if (!value || value->find_first_not_of(" \t;") == 0) return std::nullopt;
  return Refusal{400, "Bad Target-Dialog", "", "Target-Dialog cannot be read"};
}

/// A header that decides something must not be there twice (RFC 4475 section 3.3.9): the library keeps the first one
/// and puts the others aside.
std::optional<Refusal> repeated_refusal(const sip_t& sip) {
  static const msg_hclass_t* const single[] = {sip_call_id_class,      sip_cseq_class,         sip_from_class,
                                               sip_to_class,           sip_max_forwards_class, sip_event_class,
                                               sip_expires_class,      sip_refer_to_class,     sip_referred_by_class,
                                               sip_content_type_class, sip_replaces_class};
  for (const auto* one = reinterpret_cast<const sip_header_t*>(sip.sip_error); one != nullptr; one = one->sh_next) {
    for (const msg_hclass_t* wanted : single) {
      if (one->sh_class != wanted) continue;
      const std::string name = wanted->hc_name;
      return Refusal{400, "More Than One " + name, "", "more than one " + name};
    }
  }
  return std::nullopt;
}

std::optional<Refusal> require_refusal(const sip_t& sip) {
  if (sip.sip_request->rq_method == sip_method_cancel) return std::nullopt;  // RFC 3261 section 8.2.2.3
  const bool begins_dialog =
      sip.sip_request->rq_method == sip_method_invite && (sip.sip_to == nullptr || sip.sip_to->a_tag == nullptr);
  std::string unsupported;
  std::size_t count = 0;
  for (const sip_require_t* header = sip.sip_require; header != nullptr; header = header->k_next) {
    if (header->k_items == nullptr) continue;
    for (const msg_param_t* item = header->k_items; *item != nullptr && count < max_unsupported; ++item) {
      const std::string_view tag = *item;
      if (understands(tag, begins_dialog)) continue;
      unsupported += (unsupported.empty() ? "" : ", ") + std::string(tag);
      ++count;
    }
  }
  if (unsupported.empty()) return std::nullopt;
  return Refusal{420, "", "Unsupported: " + unsupported + "\r\n", "extension required: " + unsupported};
}

}  // namespace

std::optional<Refusal> refusal_of(const sip_t& sip, Security security) {
  if (auto refusal = method_refusal(sip)) return refusal;
  if (auto refusal = scheme_refusal(sip, security)) return refusal;
  if (auto refusal = unreadable_refusal(sip)) return refusal;
  if (auto refusal = target_dialog_refusal(sip)) return refusal;
  if (auto refusal = repeated_refusal(sip)) return refusal;
  return require_refusal(sip);
}

std::optional<Refusal> contact_refusal(const sip_t& sip, bool over_tls) {
  const sip_contact_t* contact = sip.sip_contact;
  if (contact == nullptr) return Refusal{400, "Missing Contact", "", "no Contact"};
  if (contact->m_next != nullptr) return Refusal{400, "More Than One Contact", "", "more than one Contact"};
  const auto type = contact->m_url->url_type;
  const bool is_sip = type == url_sip || (type == url_sips && over_tls);
  if (!is_sip || text_or_empty(contact->m_url->url_host).empty()) {
    return Refusal{400, "Contact Is Not a SIP URI", "", "Contact is not a sip URI"};
  }
  return std::nullopt;
}

std::optional<Refusal> precondition_refusal(const sip_t& sip) {
  if (sip_has_feature(sip.sip_require, "precondition") == 0 || supports(sip, "100rel")) return std::nullopt;
  return Refusal{421, "", "Require: 100rel\r\n", "preconditions without 100rel"};
}

// A header that the library cannot read it puts aside with those that are there twice.
std::optional<Refusal> replaces_refusal(const sip_t& sip) {
  const sip_replaces_t* replaces = sip.sip_replaces;
  if (replaces == nullptr) return std::nullopt;
  const auto has = [](const char* text) { return !text_or_empty(text).empty(); };
  if (!has(replaces->rp_call_id) || !has(replaces->rp_to_tag) || !has(replaces->rp_from_tag)) {
    return Refusal{400, "Bad Replaces", "", "Replaces without a Call-ID or a tag"};
  }
  if (unknown_header(sip, "Join")) return Refusal{400, "Replaces And Join", "", "Replaces and Join in one INVITE"};
  return std::nullopt;
}

std::optional<Refusal> refer_refusal(const sip_t& sip) {
  if (sip.sip_refer_to == nullptr) return Refusal{400, "Missing Refer-To", "", "no Refer-To"};
  // RFC 5368, also from who forgot its Require: a Refer-To that names a list in the body.
  const bool is_list =
      equal_ignoring_case(text_or_empty(sip.sip_refer_to->r_url->url_scheme), "cid") ||
      (sip.sip_content_type != nullptr &&
       equal_ignoring_case(text_or_empty(sip.sip_content_type->c_type), "application/resource-lists+xml"));
  if (is_list) return Refusal{420, "", "Unsupported: multiple-refer\r\n", "a list of Refer-To targets"};
  return std::nullopt;
}

Body body_of(const sip_t& sip) {
  Body body;
  if (const sip_content_type_t* type = sip.sip_content_type; type != nullptr) {
    body.content_type = text_or_empty(type->c_type);
    for (const msg_param_t* param = type->c_params; param != nullptr && *param != nullptr; ++param) {
      body.content_type += ';';
      body.content_type += *param;
    }
  }
  if (sip.sip_payload != nullptr && sip.sip_payload->pl_data != nullptr) {
    body.content = std::string_view(sip.sip_payload->pl_data, sip.sip_payload->pl_len);
  }
  if (sip.sip_content_encoding != nullptr && sip.sip_content_encoding->k_items != nullptr) {
    body.content_encoding = text_or_empty(sip.sip_content_encoding->k_items[0]);
  }
  if (const sip_content_disposition_t* disposition = sip.sip_content_disposition; disposition != nullptr) {
    body.disposition = text_or_empty(disposition->cd_type);
    body.optional = disposition->cd_optional;
  }
  return body;
}

Refusal content_refusal(const std::string& why, bool begins_dialog) {
  const std::string types = begins_dialog ? "application/sdp, application/resource-lists+xml" : "application/sdp";
  return {415, "", "Accept: " + types + "\r\nAccept-Encoding: identity\r\n", why};
}

Refusal list_refusal() {
  return {420, "", "Unsupported: recipient-list-invite\r\n", "a recipient-list within a dialog"};
}

Refusal too_busy(const std::string& why) { return {503, "", "Retry-After: 10\r\n", why}; }

Refusal too_many_of_one(const std::string& why) { return {486, "", "Retry-After: 10\r\n", why}; }

}  // namespace clued::sip
