// What a certificate says whose it is. Each name is read with its length, and one with an octet that no such name can
// have is none: cut at a NUL it would be somebody else's (RFC 5280 section 4.2.1.6). Private to server/sip.
#pragma once

#include <openssl/x509.h>

#include <string>
#include <vector>

namespace clued::sip {

/// The subject alternative names of kind DNS, then those of kind URI. Without any alternative name, of whatever kind,
/// the common name (RFC 5922 section 7.1): of several the most specific one, which is the last (RFC 6125
/// section 6.4.4).
std::vector<std::string> names_in(const X509& certificate);

/// Whether this is the certificate of a SIP domain (RFC 5922 sections 7.1 and 7.2): by a sip URI of it without a user;
/// without any such URI by a DNS name; without any alternative name by the common name. Wildcards prove nothing.
bool proves_domain(X509* certificate, const std::string& domain);

}  // namespace clued::sip
