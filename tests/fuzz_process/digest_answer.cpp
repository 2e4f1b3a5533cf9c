#include "fuzz_process/digest_answer.hpp"

#include <openssl/evp.h>

#include <array>

namespace clued::fuzz {

namespace {

std::string hash(const EVP_MD* algorithm, const std::string& text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> value{};
  unsigned size = 0;
  EVP_Digest(text.data(), text.size(), value.data(), &size, algorithm, nullptr);
  std::string digits;
  for (unsigned i = 0; i < size; ++i) {
    constexpr std::string_view alphabet = "0123456789abcdef";
    digits += alphabet[value.at(i) >> 4U];
    digits += alphabet[value.at(i) & 15U];
  }
  return digits;
}

std::string parameter(std::string_view challenge, const std::string& name) {
  const auto at = challenge.find(name + "=\"");
  if (at == std::string_view::npos) return {};
  const auto begin = at + name.size() + 2;
  return std::string(challenge.substr(begin, challenge.find('"', begin) - begin));
}

}  // namespace

std::string digest_answer(std::string_view challenge, const std::string& user, const std::string& password,
                          const std::string& method, const std::string& uri) {
  const bool md5 = challenge.find("algorithm=MD5") != std::string_view::npos;
  const EVP_MD* const algorithm = md5 ? EVP_md5() : EVP_sha256();
  const auto realm = parameter(challenge, "realm");
  const auto nonce = parameter(challenge, "nonce");
  const auto a1 = hash(algorithm, user + ":" + realm + ":" + password);
  const auto a2 = hash(algorithm, method + ":" + uri);
  const auto response = hash(algorithm, a1 + ":" + nonce + ":00000001:fuzz:auth:" + a2);
  return "Digest username=\"" + user + "\",realm=\"" + realm + "\",nonce=\"" + nonce + "\",uri=\"" + uri +
         "\",response=\"" + response + "\",algorithm=" + (md5 ? "MD5" : "SHA-256") +
         ",qop=auth,nc=00000001,cnonce=\"fuzz\"";
}

}  // namespace clued::fuzz
