// The configurations that the daemon is fuzzed with. Each opens as much as it can.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "channel/certificate.hpp"

namespace clued::fuzz {

/// "full", "lite", "auth": full ICE with rights for everybody; lite ICE and preconditions; passwords, trusted peers and
/// an IMS.
const std::vector<std::string>& profile_names();

/// Writes the configuration and what it needs into the folder; the name of the file. `trusted_port` is believed.
std::string write_profile(const std::string& name, const std::string& folder, const channel::Certificate& certificate,
                          std::uint16_t trusted_port);

}  // namespace clued::fuzz
