#include "sip/digest.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "sip/values.hpp"

namespace clued::sip {
namespace {

/// 16 digits of time, 16 of number, and the first half of the HMAC over them.
constexpr std::size_t content_size = 32;
constexpr std::size_t seal_size = 32;

std::string hex(const unsigned char* bytes, std::size_t size) {
  static constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  text.reserve(size * 2);
  for (std::size_t i = 0; i < size; ++i) {
    text += digits[bytes[i] >> 4U];
    text += digits[bytes[i] & 15U];
  }
  return text;
}

std::string hex64(std::uint64_t value) {
  std::array<unsigned char, 8> bytes{};
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<unsigned char>(value >> (56 - 8 * i));
  return hex(bytes.data(), bytes.size());
}

template <class Number>
bool read_hex(std::string_view text, Number& value) {
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, value, 16);
  return error == std::errc{} && rest == end;
}

std::string hash(DigestAlgorithm algorithm, std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  std::size_t size = 0;
  const char* name = algorithm == DigestAlgorithm::sha256 ? "SHA256" : "MD5";
  if (EVP_Q_digest(nullptr, name, nullptr, text.data(), text.size(), digest.data(), &size) != 1) return {};
  return hex(digest.data(), size);
}

std::string_view name_of(DigestAlgorithm algorithm) { return algorithm == DigestAlgorithm::sha256 ? "SHA-256" : "MD5"; }

/// Takes the same time whatever the texts have in common.
bool equal(std::string_view a, std::string_view b) {
  return a.size() == b.size() && !a.empty() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::string lower(std::string text) {
  for (char& c : text) c = c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c;
  return text;
}

std::chrono::milliseconds since_start(DigestAuthenticator::Time now) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch());
}

}  // namespace

std::string digest_a1(DigestAlgorithm algorithm, std::string_view user, std::string_view realm,
                      std::string_view password) {
  std::string text;
  text.append(user).append(":").append(realm).append(":").append(password);
  return hash(algorithm, text);
}

std::string DigestAuthenticator::seal(std::string_view content) const {
  std::array<unsigned char, EVP_MAX_MD_SIZE> mac{};
  unsigned size = 0;
  HMAC(EVP_sha256(), key_.data(), static_cast<int>(key_.size()), reinterpret_cast<const unsigned char*>(content.data()),
       content.size(), mac.data(), &size);
  return hex(mac.data(), seal_size / 2);
}

std::string DigestAuthenticator::make_nonce(Time now) {
  const std::string content = hex64(static_cast<std::uint64_t>(since_start(now).count())) + hex64(++last_nonce_);
  return content + seal(content);
}

bool DigestAuthenticator::read_nonce(std::string_view text, Nonce& nonce) const {
  if (text.size() != content_size + seal_size) return false;
  const std::string_view content = text.substr(0, content_size);
  if (!equal(text.substr(content_size), seal(content))) return false;
  std::uint64_t issued = 0;
  if (!read_hex(content.substr(0, 16), issued) || !read_hex(content.substr(16), nonce.number)) return false;
  nonce.issued = std::chrono::milliseconds(issued);
  return true;
}

bool DigestAuthenticator::is_fresh(const Nonce& nonce, Time now) const {
  return nonce.number > forgotten_ && since_start(now) - nonce.issued <= settings_.nonce_lifetime;
}

bool DigestAuthenticator::count(const Nonce& nonce, std::uint32_t nc) {
  const auto found = used_by_number_.find(nonce.number);
  if (found == used_by_number_.end()) {
    if (used_.size() >= max_used_nonces) {
      forgotten_ = std::max(forgotten_, used_.front().number);
      used_by_number_.erase(used_.front().number);
      used_.pop_front();
    }
    used_.push_back({nonce.number, nonce.issued, nc, 1});
    used_by_number_.emplace(nonce.number, std::prev(used_.end()));
    return true;
  }
  Used& used = *found->second;
  if (nc > used.highest) {
    const std::uint32_t step = nc - used.highest;
    used.seen = step >= 64 ? 1 : (used.seen << step) | 1U;
    used.highest = nc;
    return true;
  }
  const std::uint32_t back = used.highest - nc;
  if (back >= 64 || ((used.seen >> back) & 1U) != 0) return false;
  used.seen |= std::uint64_t{1} << back;
  return true;
}

std::vector<std::string> DigestAuthenticator::challenges(Time now, bool stale) {
  // Expired entries need no memory: their nonces are stale anyway.
  while (!used_.empty() && since_start(now) - used_.front().issued > settings_.nonce_lifetime) {
    used_by_number_.erase(used_.front().number);
    used_.pop_front();
  }
  const std::string nonce = make_nonce(now);
  std::vector<std::string> values;
  for (const DigestAlgorithm algorithm : settings_.algorithms) {
    values.push_back("Digest realm=" + quoted(settings_.realm) + ", nonce=\"" + nonce + "\", algorithm=" +
                     std::string(name_of(algorithm)) + ", qop=\"auth\"" + (stale ? ", stale=true" : ""));
  }
  return values;
}

DigestAuthenticator::Result DigestAuthenticator::verify(const Credentials& credentials, std::string_view method,
                                                        Time now) {
  std::optional<DigestAlgorithm> algorithm;
  for (const DigestAlgorithm one : settings_.algorithms) {
    // RFC 7616 section 3.4: without the parameter it is MD5.
    const std::string_view named = credentials.algorithm.empty() ? "MD5" : std::string_view(credentials.algorithm);
    if (equal_ignoring_case(named, name_of(one))) algorithm = one;
  }
  Nonce nonce;
  std::uint32_t nc = 0;
  // Without qop there would be no nonce count, and so no protection against replay.
  if (!algorithm || credentials.realm != settings_.realm || !equal_ignoring_case(credentials.qop, "auth") ||
      credentials.cnonce.empty() || credentials.nc.size() != 8 || !read_hex(credentials.nc, nc) ||
      !read_nonce(credentials.nonce, nonce)) {
    return {};
  }
  const auto user = std::find_if(settings_.users.begin(), settings_.users.end(),
                                 [&credentials](const AuthUser& one) { return one.name == credentials.username; });
  // The work is the same for an unknown user, so that the time does not tell which names exist.
  static const std::string nobody(64, '0');
  const std::string& known = user == settings_.users.end()           ? nobody
                             : *algorithm == DigestAlgorithm::sha256 ? user->a1_sha256
                                                                     : user->a1_md5;
  const std::string a2 = hash(*algorithm, std::string(method) + ':' + credentials.uri);
  const std::string expected = hash(*algorithm, known + ':' + credentials.nonce + ':' + credentials.nc + ':' +
                                                    credentials.cnonce + ':' + credentials.qop + ':' + a2);
  const bool right = equal(expected, lower(credentials.response));
  if (!right || user == settings_.users.end() || known.empty()) return {Verdict::refused, nullptr};
  if (!is_fresh(nonce, now) || !count(nonce, nc)) return {Verdict::stale, nullptr};
  return {Verdict::accepted, &*user};
}

}  // namespace clued::sip
