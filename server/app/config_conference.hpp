// The sections `conference` and `conferences` of the configuration.
#pragma once

#include <string>
#include <vector>

#include "app/config_reader.hpp"
#include "focus/conference_policy.hpp"

namespace clued::app {

/// Hosts, a list under the key `domains`.
void read_domains(ConfigReader& reader, std::vector<std::string>& domains);

/// Rights, limits and rules for all conferences.
void read_conference(ConfigReader reader, focus::ConferencePolicy& policy);

/// The permanent conferences, a list under the key `conferences` of `root`. After read_conference().
void read_permanent_conferences(ConfigReader& root, focus::ConferencePolicy& policy);

}  // namespace clued::app
