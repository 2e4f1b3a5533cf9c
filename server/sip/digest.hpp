// Digest authentication of requests (RFC 3261 section 22, RFC 7616, RFC 8760): challenges and the check of what comes
// back. Nothing is kept for those who do not know a password. Private to server/sip; pure but for the time, which is
// told.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "sip/digest_a1.hpp"
#include "sip/settings.hpp"

namespace clued::sip {

/// The parameters of an Authorization header, unquoted.
struct Credentials {
  std::string username, realm, nonce, uri, response, algorithm, cnonce, nc, qop;
};

class DigestAuthenticator {
 public:
  using Time = std::chrono::steady_clock::time_point;
  using Key = std::array<unsigned char, 32>;

  enum class Verdict {
    accepted,
    stale,     ///< the password is right but the nonce too old or used up: challenge with stale=true
    refused,   ///< the password is wrong, or the user is unknown
    unusable,  ///< not an answer to a challenge of ours
  };
  struct Result {
    Verdict verdict = Verdict::unusable;
    const AuthUser* user = nullptr;  ///< when accepted
  };

  /// Nonces that are known to have been used; more push out the oldest, which become stale.
  static constexpr std::size_t max_used_nonces = 4096;

  /// `key` is secret and random; it makes the nonces. `settings` must outlive this.
  DigestAuthenticator(const AuthSettings& settings, const Key& key) : settings_(settings), key_(key) {}

  /// Values of WWW-Authenticate in the order of preference, with a nonce of this moment.
  std::vector<std::string> challenges(Time now, bool stale);

  Result verify(const Credentials& credentials, std::string_view method, Time now);

 private:
  struct Nonce {
    std::chrono::milliseconds issued{};
    std::uint64_t number = 0;
  };
  /// Which nonce counts were seen: the highest, and of the 64 up to it those whose bit is set (UDP reorders requests).
  struct Used {
    std::uint64_t number = 0;
    std::chrono::milliseconds issued{};
    std::uint32_t highest = 0;
    std::uint64_t seen = 0;
  };

  std::string make_nonce(Time now);
  std::string seal(std::string_view content) const;
  bool read_nonce(std::string_view text, Nonce& nonce) const;
  bool is_fresh(const Nonce& nonce, Time now) const;
  bool count(const Nonce& nonce, std::uint32_t nc);

  const AuthSettings& settings_;
  Key key_;
  std::uint64_t last_nonce_ = 0;
  std::list<Used> used_;  ///< the oldest use first
  std::unordered_map<std::uint64_t, std::list<Used>::iterator> used_by_number_;
  /// Nonces up to this number are stale: what is known of one of them was pushed out.
  std::uint64_t forgotten_ = 0;
};

}  // namespace clued::sip
