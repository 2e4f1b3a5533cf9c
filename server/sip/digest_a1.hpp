// The one hash that whoever reads passwords needs (RFC 7616 section 3.4.2).
#pragma once

#include <string>
#include <string_view>

#include "sip/settings.hpp"

namespace clued::sip {

/// H(user:realm:password) in lower case hexadecimal digits, "A1" of RFC 7616; "" if OpenSSL refuses the algorithm.
std::string digest_a1(DigestAlgorithm algorithm, std::string_view user, std::string_view realm,
                      std::string_view password);

}  // namespace clued::sip
