// The configuration as one typed value. config/clued.yaml is the operator's description of every key.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "app/log.hpp"
#include "base/expected.hpp"
#include "channel/settings.hpp"
#include "focus/policy.hpp"
#include "media/media_plane.hpp"
#include "sip/settings.hpp"

namespace clued::app {

struct Config {
  focus::Policy policy;
  sip::Settings sip;
  channel::Settings channel;
  media::Settings media;
  LogSettings log;

  /// Every key, by its dotted name, with what is in force for it: to find what a reload changes. No part of a list is a
  /// key; what is in a list of mappings is not told, as it has secrets.
  std::map<std::string, std::string> values{};
  /// Of the keys that need a restart, those that were given, as YAML.
  std::map<std::string, std::string> given{};
};

/// One mistake of the operator.
struct ConfigError {
  std::size_t line = 0;  ///< 1 based; 0: concerns the whole file
  std::string key;       ///< dotted, such as `refer.accept_code`; "" when the file is no YAML
  std::string reason;

  /// `file:line: key: reason`, or `file: reason`
  std::string to_string(const std::string& file) const;
};

/// Reads the text of a configuration, which is that of `file` if there is one; mistakes are found and told in the order
/// of the lines, up to a hundred.
base::expected<Config, std::vector<ConfigError>> parse_config(const std::string& text, const std::string& file = "");

/// The same for a file. One that cannot be read is an error of line 0.
base::expected<Config, std::vector<ConfigError>> load_config(const std::string& file);

}  // namespace clued::app
