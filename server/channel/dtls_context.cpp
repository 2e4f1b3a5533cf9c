#include "channel/dtls_context.hpp"

#include <stdexcept>
#include <string>

#include "channel/datagram_bio.hpp"
#include "channel/dtls_session.hpp"

namespace clued::channel {
namespace {

/// Forward secrecy and authenticated encryption only; RSA for the peers whose certificate is an RSA one.
constexpr const char* kCiphers =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-ECDSA-AES256-GCM-SHA384:"
    "ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-CHACHA20-POLY1305:ECDHE-RSA-AES256-GCM-SHA384";

/// P-256 must be among them, or ECDSA certificates of that curve (nearly all, ours too) are refused.
constexpr const char* kGroups = "X25519:P-256";

/// Without it some peers refuse a handshake that they share with media, even if only data is sent.
constexpr const char* kSrtpProfiles = "SRTP_AES128_CM_SHA1_80";

/// SCTP packets are smaller than this, and OpenSSL sizes its write buffer by it.
constexpr long kLargestRecord = 2048;

void require(bool ok, const char* what) {
  if (!ok) throw std::runtime_error(std::string("DTLS: OpenSSL refuses ") + what);
}

}  // namespace

DtlsContext::DtlsContext() : bio_method_(make_datagram_bio_method()), context_(SSL_CTX_new(DTLS_method())) {
  require(context_ != nullptr, "a context");
  SSL_CTX* const context = context_.get();
  require(SSL_CTX_set_min_proto_version(context, DTLS1_2_VERSION) == 1, "DTLS 1.2");
  require(SSL_CTX_set_cipher_list(context, kCiphers) == 1, "the cipher suites");
  require(SSL_CTX_set1_groups_list(context, kGroups) == 1, "the groups");
  // Unlike everything else of OpenSSL, this returns 0 when it worked.
  require(SSL_CTX_set_tlsext_use_srtp(context, kSrtpProfiles) == 0, "use_srtp");
  require(SSL_CTX_use_certificate(context, certificate_.x509()) == 1, "our certificate");
  require(SSL_CTX_use_PrivateKey(context, certificate_.key()) == 1, "our key");
  require(SSL_CTX_set_max_send_fragment(context, kLargestRecord) == 1, "the record size");
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_options(context, SSL_OP_NO_QUERY_MTU | SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  // Instead of building a chain: the fingerprint is the only question (RFC 8122).
  SSL_CTX_set_cert_verify_callback(context, &DtlsSession::verify, nullptr);
}

}  // namespace clued::channel
