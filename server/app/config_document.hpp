// From the text of a configuration file to one YAML document that is safe to walk through. Private to server/app.
#pragma once

#include <yaml-cpp/yaml.h>

#include <string>
#include <vector>

#include "app/config.hpp"

namespace clued::app {

/// The configuration in it; every mistake is found, in the order of the lines.
base::expected<Config, std::vector<ConfigError>> read_document(const YAML::Node& document);

/// The document; an undefined node when the text has none. One mistake at most, with its line.
base::expected<YAML::Node, ConfigError> parse_document(const std::string& text);

/// The text of a file, at most 1 MiB. Error: why it cannot be read.
base::expected<std::string, std::string> read_text(const std::string& file);

}  // namespace clued::app
