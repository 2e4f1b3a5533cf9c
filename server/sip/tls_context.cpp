#include "sip/tls_context.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "sip/certificate_names.hpp"
#include "sip/operator_file.hpp"
#include "sip/pem.hpp"
#include "sip/tls_problem.hpp"

namespace clued::sip {
namespace {

namespace ssl = boost::asio::ssl;

template <auto destroy>
struct Free {
  template <class T>
  void operator()(T* handle) const noexcept {
    destroy(handle);
  }
};
using CertificateHandle = std::unique_ptr<X509, Free<X509_free>>;

extern "C" int clued_sip_tls_servername(SSL* connection, int*, void* context) noexcept {
  static_cast<const TlsContext*>(context)->choose(connection);
  return SSL_TLSEXT_ERR_OK;
}

std::string about(const std::string& file, const std::string& problem) {
  return problem.empty() ? "" : file + ": " + problem;
}

/// What holds for both directions.
std::string set_rules(ssl::context& context, const TlsSettings& settings) {
  SSL_CTX* native = context.native_handle();
  const int least = settings.least_version == TlsSettings::Version::v1_3 ? TLS1_3_VERSION : TLS1_2_VERSION;
  if (SSL_CTX_set_min_proto_version(native, least) != 1) return "OpenSSL does not know this version of TLS";
  // Renegotiation by the peer costs us more than it; TLS 1.3 does not have it.
  SSL_CTX_set_options(native, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_mode(native, SSL_MODE_RELEASE_BUFFERS);
  const std::string& authorities = settings.authorities;
  if (!authorities.empty()) return about(authorities, use_authorities(native, authorities));
  return SSL_CTX_set_default_verify_paths(native) == 1 ? "" : "the authorities of the system cannot be read";
}

std::string set_certificate(ssl::context& context, const TlsSettings::Certificate& certificate) {
  SSL_CTX* native = context.native_handle();
  const auto& [chain, key] = certificate;
  if (std::string wrong = use_chain(native, chain); !wrong.empty()) return about(chain, wrong);
  if (std::string wrong = problem_of_key(key); !wrong.empty()) return about(key, wrong);
  // A key of another kind begins another pair for OpenSSL, any other one it refuses.
  if (!use_key(native, key).empty() || SSL_CTX_check_private_key(native) != 1) {
    return key + ": is not the key of " + chain;
  }
  return "";
}

int client_verification(TlsSettings::Clients clients) {
  switch (clients) {
    case TlsSettings::Clients::require:
      return SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
    case TlsSettings::Clients::request:
      return SSL_VERIFY_PEER;
    case TlsSettings::Clients::off:
      break;
  }
  return SSL_VERIFY_NONE;
}

}  // namespace

base::expected<std::shared_ptr<TlsContext>, std::string> TlsContext::make(const TlsSettings& settings) {
  ERR_clear_error();
  const std::shared_ptr<TlsContext> made(new TlsContext);
  for (const TlsSettings::Certificate& certificate : settings.certificates) {
    auto context = std::make_unique<ssl::context>(ssl::context::tls_server);
    std::string wrong = set_rules(*context, settings);
    if (wrong.empty()) wrong = set_certificate(*context, certificate);
    if (!wrong.empty()) return base::unexpected(wrong);
    SSL_CTX* native = context->native_handle();
    SSL_CTX_set_verify(native, client_verification(settings.client_certificates), nullptr);
    // Needed for session resumption with client certificates; tickets go on working within one process.
    static const unsigned char session_context[] = "clued";
    SSL_CTX_set_session_id_context(native, session_context, sizeof session_context - 1);
    SSL_CTX_set_tlsext_servername_callback(native, clued_sip_tls_servername);
    SSL_CTX_set_tlsext_servername_arg(native, made.get());
    made->servers_.push_back(std::move(context));
  }
  std::string wrong = set_rules(made->client_, settings);
  if (wrong.empty() && !settings.certificates.empty()) {
    wrong = set_certificate(made->client_, settings.certificates.front());
  }
  if (!wrong.empty()) return base::unexpected(wrong);
  made->client_.set_verify_mode(settings.verify_servers ? ssl::verify_peer : ssl::verify_none);
  return made;
}

void TlsContext::choose(SSL* connection) const {
  const char* name = SSL_get_servername(connection, TLSEXT_NAMETYPE_host_name);
  if (name == nullptr) return;
  for (const auto& server : servers_) {
    X509* certificate = SSL_CTX_get0_certificate(server->native_handle());
    if (X509_check_host(certificate, name, 0, 0, nullptr) == 1) {
      SSL_set_SSL_CTX(connection, server->native_handle());
      return;
    }
  }
}

std::vector<std::string> certificate_names(SSL* connection) {
  const CertificateHandle certificate(SSL_get1_peer_certificate(connection));
  if (!certificate || SSL_get_verify_result(connection) != X509_V_OK) return {};
  return names_in(*certificate);
}

std::string problem_of_file(const std::string& file) {
  const auto text = read_operator_file(file, max_pem_bytes);
  return text ? "" : text.error();
}

std::string problem_of_chain(const std::string& file) {
  ssl::context context(ssl::context::tls_server);
  return use_chain(context.native_handle(), file);
}

std::string problem_of_key(const std::string& file) {
  ssl::context context(ssl::context::tls_server);
  return use_key(context.native_handle(), file);
}

std::string problem_of_authorities(const std::string& file) {
  ssl::context context(ssl::context::tls_server);
  return use_authorities(context.native_handle(), file);
}

std::string problem_of_pair(const TlsSettings::Certificate& certificate) {
  ssl::context context(ssl::context::tls_server);
  return set_certificate(context, certificate);
}

}  // namespace clued::sip
