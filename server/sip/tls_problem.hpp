// Whether TLS could begin with these files: for whoever reads the configuration. Each says what is wrong, or "".
#pragma once

#include <string>

#include "sip/settings.hpp"

namespace clued::sip {

/// Whether it can be read at all.
std::string problem_of_file(const std::string& file);
std::string problem_of_chain(const std::string& file);
std::string problem_of_key(const std::string& file);
std::string problem_of_authorities(const std::string& file);
/// Of a chain and a key that are both right. With the file's name.
std::string problem_of_pair(const TlsSettings::Certificate& certificate);

}  // namespace clued::sip
