// From PEM files (RFC 7468) into OpenSSL. Nobody is ever asked for a passphrase: OpenSSL would ask on the
// terminal, and the daemon would wait for an answer. Private to server/sip.
#pragma once

#include <openssl/ssl.h>

#include <string>

namespace clued::sip {

// Each says what is wrong with the file or what is in it, or "".

/// The first certificate is ours, the others lead to its root.
std::string use_chain(SSL_CTX* context, const std::string& file);
std::string use_key(SSL_CTX* context, const std::string& file);
/// Certificates, and revocation lists if there are some.
std::string use_authorities(SSL_CTX* context, const std::string& file);

}  // namespace clued::sip
