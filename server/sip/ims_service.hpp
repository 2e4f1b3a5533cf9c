// The service that the focus is part of, in the words of the IMS (TS 24.229 section 7.2A.8, RFC 6050, RFC 3841). Pure.
#pragma once

#include <string>
#include <string_view>

namespace clued::sip {

/// True for an IMS communication service identifier: "urn:urn-7:3gpp-service.ims.icsi.mmtel".
bool is_service_identifier(std::string_view text);

/// Header lines for an INVITE that begins a session, to a peer in the trust domain: an application server that calls by
/// itself asserts the service, and asks for devices that have it (TS 24.229 section 5.7.3). "" without a service.
std::string ims_service_headers(const std::string& service);

/// The feature tag of a Contact (";+g.3gpp.icsi-ref=..."), or "".
std::string ims_service_feature(const std::string& service);

}  // namespace clued::sip
