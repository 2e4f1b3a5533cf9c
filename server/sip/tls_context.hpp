// Certificates and the rules of TLS as OpenSSL takes them. A new one is made when the files are read again; connections
// keep what they began with. Private to server/sip.
#pragma once

#include <memory>
#include <string>
#include <vector>
// Boost 1.74 uses std::exchange without including it under C++20.
#include <utility>
// clang-format keeps the order: the line above comes first.
#include <boost/asio/ssl/context.hpp>

#include "base/expected.hpp"
#include "sip/settings.hpp"

namespace clued::sip {

class TlsContext {
 public:
  /// Error: a sentence with the name of the file that it is about.
  static base::expected<std::shared_ptr<TlsContext>, std::string> make(const TlsSettings& settings);

  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;
  ~TlsContext() = default;

  boost::asio::ssl::context& server() { return *servers_.front(); }
  boost::asio::ssl::context& client() { return client_; }

  /// OpenSSL's choice of a certificate by SNI (RFC 6066 section 3).
  void choose(SSL* connection) const;

 private:
  TlsContext() : client_(boost::asio::ssl::context::tls_client) {}

  std::vector<std::unique_ptr<boost::asio::ssl::context>> servers_;
  boost::asio::ssl::context client_;
};

/// The names in the peer's certificate (names_in()). None when it showed no certificate; one that does not verify never
/// gets so far.
std::vector<std::string> certificate_names(SSL* connection);

}  // namespace clued::sip
