// A user agent's side of Digest (RFC 7616 section 3.4), with SHA-256.
#pragma once

#include <string>

#include "sip/digest_a1.hpp"
#include "sip/settings.hpp"

namespace clued::sip::test {

/// A user whose password is the name with "-secret" behind it.
inline AuthUser password_user(const std::string& name) {
  AuthUser user;
  user.name = name;
  user.a1_sha256 = digest_a1(DigestAlgorithm::sha256, name, "test", name + "-secret");
  user.a1_md5 = digest_a1(DigestAlgorithm::md5, name, "test", name + "-secret");
  user.identity.uri.user = name;
  user.identity.uri.host = "users.example.net";
  return user;
}

/// The header line that answers the challenge of a 401 as this user.
inline std::string authorization(const std::string& challenge, const std::string& name, const std::string& method) {
  const std::size_t at = challenge.find("nonce=\"") + 7;
  const std::string nonce = challenge.substr(at, challenge.find('"', at) - at);
  const auto hash = [](const std::string& a, const std::string& b, const std::string& c) {
    return digest_a1(DigestAlgorithm::sha256, a, b, c);
  };
  const std::string response =
      hash(hash(name, "test", name + "-secret"), nonce, "00000001:cn:auth:" + hash(method, "sip", "c@h"));
  return "Authorization: Digest username=\"" + name + "\", realm=\"test\", nonce=\"" + nonce +
         "\", uri=\"sip:c@h\", response=\"" + response +
         "\", algorithm=SHA-256, cnonce=\"cn\", nc=00000001, qop=auth\r\n";
}

}  // namespace clued::sip::test
