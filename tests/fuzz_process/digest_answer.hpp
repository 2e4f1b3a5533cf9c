#pragma once

#include <string>
#include <string_view>

namespace clued::fuzz {

/// The value of Authorization to this WWW-Authenticate (RFC 7616), with qop=auth and SHA-256 or MD5 as it asks.
std::string digest_answer(std::string_view challenge, const std::string& user, const std::string& password,
                          const std::string& method, const std::string& uri);

}  // namespace clued::fuzz
