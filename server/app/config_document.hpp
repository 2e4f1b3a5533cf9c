// From the text of a configuration file to one YAML document that is safe to walk through. Private to server/app.
#pragma once

#include <yaml-cpp/yaml.h>

#include <string>
#include <string_view>
#include <vector>

#include "app/config.hpp"

namespace clued::app {

/// What a document was made from.
struct Source {
  std::string file;       ///< "": none
  std::string_view text;  ///< what is in it
};

/// The line that this begins on; 0: none.
std::size_t line_of(const YAML::Node& node);

/// The configuration in it; every mistake is found, in the order of the lines.
base::expected<Config, std::vector<ConfigError>> read_document(const YAML::Node& document, const Source& source);

/// The document; an undefined node when the text has none. One mistake at most, with its line.
base::expected<YAML::Node, ConfigError> parse_document(const std::string& text);

}  // namespace clued::app
