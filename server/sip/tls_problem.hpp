// Whether TLS could begin with these settings: for whoever reads the configuration.
#pragma once

#include <string>

#include "sip/settings.hpp"

namespace clued::sip {

/// Reads the files. Says what is wrong, with the file's name, or "".
std::string problem_of(const TlsSettings& settings);

}  // namespace clued::sip
