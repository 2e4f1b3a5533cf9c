#pragma once

#include "channel/certificate.hpp"
#include "channel/openssl_handle.hpp"

namespace clued::channel {

/// What all DTLS sessions of the process share: the certificate, the SSL_CTX and the way datagrams get in and out.
class DtlsContext {
 public:
  /// Throws std::runtime_error when OpenSSL refuses a part of it.
  DtlsContext();

  DtlsContext(const DtlsContext&) = delete;
  DtlsContext& operator=(const DtlsContext&) = delete;

  const Certificate& certificate() const noexcept { return certificate_; }
  SSL_CTX* ssl_context() const noexcept { return context_.get(); }
  const BIO_METHOD* bio_method() const noexcept { return bio_method_.get(); }

 private:
  Certificate certificate_;
  OpensslHandle<BIO_METHOD> bio_method_;
  OpensslHandle<SSL_CTX> context_;
};

}  // namespace clued::channel
