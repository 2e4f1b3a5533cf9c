#pragma once

#include <string>

namespace clued::channel {

/// A fresh value for a=tls-id (RFC 8842 section 4): at least 120 random bits in at least 20 characters.
std::string make_tls_id();

}  // namespace clued::channel
