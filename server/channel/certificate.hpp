#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "channel/openssl_handle.hpp"
#include "sdp/data_channel.hpp"

namespace clued::channel {

/// The self-signed certificate of the process and its key (P-256). Nobody checks who signed it: the peer compares its
/// fingerprint with the one in our SDP (RFC 8122). One per process, because a fresh one costs 0.7 ms a join.
class Certificate {
 public:
  /// Throws std::runtime_error when OpenSSL cannot make one.
  Certificate();

  X509* x509() const noexcept { return certificate_.get(); }
  EVP_PKEY* key() const noexcept { return key_.get(); }
  /// sha-256, for a=fingerprint.
  const sdp::Fingerprint& fingerprint() const noexcept { return fingerprint_; }

 private:
  OpensslHandle<EVP_PKEY> key_;
  OpensslHandle<X509> certificate_;
  sdp::Fingerprint fingerprint_;
};

/// The fingerprint of a certificate by a hash function of RFC 8122 ("sha-256", any case); none for functions that we do
/// not know or do not trust (md5, md2).
std::optional<sdp::Fingerprint> fingerprint_of(const X509& certificate, std::string_view hash);

/// RFC 8122 section 5: of the hash functions told, the strongest that we know decides, and one of its fingerprints must
/// be the certificate's.
bool matches_fingerprint(const X509& certificate, const std::vector<sdp::Fingerprint>& told);

}  // namespace clued::channel
