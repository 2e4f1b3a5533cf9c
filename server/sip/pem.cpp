#include "sip/pem.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <memory>

#include "sip/operator_file.hpp"

namespace clued::sip {
namespace {

template <auto destroy>
struct Free {
  template <class T>
  void operator()(T* handle) const noexcept {
    destroy(handle);
  }
};
using Bio = std::unique_ptr<BIO, Free<BIO_free_all>>;
using Certificate = std::unique_ptr<X509, Free<X509_free>>;
using RevocationList = std::unique_ptr<X509_CRL, Free<X509_CRL_free>>;
using Key = std::unique_ptr<EVP_PKEY, Free<EVP_PKEY_free>>;

/// `asked` is told that there is something encrypted.
extern "C" int clued_sip_no_passphrase(char*, int, int, void* asked) noexcept {
  *static_cast<bool*>(asked) = true;
  return -1;
}

/// The text, read piece by piece from its beginning.
class Reader {
 public:
  explicit Reader(const std::string& text) : bio_(BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))) {
    ERR_clear_error();
  }
  Certificate own_certificate() {
    return Certificate(PEM_read_bio_X509_AUX(bio_.get(), nullptr, clued_sip_no_passphrase, &is_encrypted_));
  }
  Certificate certificate() {
    return Certificate(PEM_read_bio_X509(bio_.get(), nullptr, clued_sip_no_passphrase, &is_encrypted_));
  }
  RevocationList revocation_list() {
    return RevocationList(PEM_read_bio_X509_CRL(bio_.get(), nullptr, clued_sip_no_passphrase, &is_encrypted_));
  }
  Key key() { return Key(PEM_read_bio_PrivateKey(bio_.get(), nullptr, clued_sip_no_passphrase, &is_encrypted_)); }

  bool is_encrypted() const noexcept { return is_encrypted_; }
  /// There was nothing more of what was looked for, and nothing wrong before that.
  static bool is_at_end() {
    const auto error = ERR_peek_last_error();
    return ERR_GET_LIB(error) == ERR_LIB_PEM && ERR_GET_REASON(error) == PEM_R_NO_START_LINE;
  }

 private:
  Bio bio_;
  bool is_encrypted_ = false;
};

/// What OpenSSL says of the last failure, in its words.
std::string last_error() {
  const char* reason = ERR_reason_error_string(ERR_peek_last_error());
  return reason == nullptr ? "of an unknown kind" : reason;
}

std::string problem_of_reading(const Reader& reader, const std::string& what) {
  if (reader.is_encrypted()) return "the " + what + " is encrypted, and nobody is there to be asked for the passphrase";
  if (Reader::is_at_end()) return "there is no " + what + " in it (PEM)";
  return "the " + what + " cannot be read: " + last_error();
}

std::string refused(const std::string& what) { return "the " + what + " cannot be used: " + last_error(); }

}  // namespace

std::string use_chain(SSL_CTX* context, const std::string& file) {
  const auto text = read_operator_file(file, max_pem_bytes);
  if (!text) return text.error();
  Reader reader(*text);
  const Certificate own = reader.own_certificate();
  if (!own) return problem_of_reading(reader, "certificate");
  if (SSL_CTX_use_certificate(context, own.get()) != 1) return refused("certificate");
  SSL_CTX_clear_chain_certs(context);
  while (const Certificate next = reader.certificate()) {
    if (SSL_CTX_add1_chain_cert(context, next.get()) != 1) return refused("chain");
  }
  if (reader.is_encrypted() || !Reader::is_at_end()) return problem_of_reading(reader, "chain");
  ERR_clear_error();
  return "";
}

std::string use_key(SSL_CTX* context, const std::string& file) {
  const auto text = read_operator_file(file, max_pem_bytes);
  if (!text) return text.error();
  // OpenSSL calls anything else an unsupported key.
  if (text->find("PRIVATE KEY-----") == std::string::npos) return "there is no key in it (PEM)";
  Reader reader(*text);
  const Key key = reader.key();
  if (!key) return problem_of_reading(reader, "key");
  return SSL_CTX_use_PrivateKey(context, key.get()) == 1 ? "" : refused("key");
}

std::string use_authorities(SSL_CTX* context, const std::string& file) {
  const auto text = read_operator_file(file, max_pem_bytes);
  if (!text) return text.error();
  X509_STORE* store = SSL_CTX_get_cert_store(context);
  Reader certificates(*text);
  std::size_t count = 0;
  for (; const Certificate one = certificates.certificate(); ++count) {
    if (X509_STORE_add_cert(store, one.get()) != 1) return refused("certificate");
  }
  if (count == 0 || certificates.is_encrypted() || !Reader::is_at_end()) {
    return problem_of_reading(certificates, "certificate");
  }
  Reader lists(*text);
  while (const RevocationList one = lists.revocation_list()) {
    if (X509_STORE_add_crl(store, one.get()) != 1) return refused("revocation list");
  }
  if (lists.is_encrypted() || !Reader::is_at_end()) return problem_of_reading(lists, "revocation list");
  ERR_clear_error();
  return "";
}

}  // namespace clued::sip
