// Which addresses can be bound, or told to peers as a place to send to. Pure.
#pragma once

#include <map>
#include <string>
#include <tuple>

#include "app/config_reader.hpp"
#include "sip/settings.hpp"

namespace clued::app {

enum class Family { v4, v6, any };

/// An IP address in numbers that is one host's, or "".
void read_address(ConfigReader& reader, std::string_view key, Family family, std::string& target);

/// Why nobody can send to this host, if it is an address, or "". `text` may have a port and parameters.
std::string problem_of_told_host(const std::string& text);

/// `sip.listen`: where each listens, which no two can do at one place.
void read_listeners(ConfigReader& reader, std::vector<sip::Listener>& listen);

/// Why no listener can reach the outbound proxy, or "".
std::string problem_of_way_to_proxy(const std::string& proxy, const std::vector<sip::Listener>& listen);

}  // namespace clued::app
