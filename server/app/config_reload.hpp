// What of a changed configuration a running daemon takes over.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/config.hpp"

namespace clued::app {

enum class Effect {
  at_once,        ///< decides what is asked from the reload on
  after_restart,  ///< bound, opened or handed to a library at the start
};

/// Of a key by its dotted name, such as `sip.listen`. None: nobody has decided it, and a reload takes it for one that
/// waits.
std::optional<Effect> effect_of(std::string_view key);
/// Every key whose effect is decided.
std::vector<std::string_view> decided_keys();

struct Reload {
  Config config;                     ///< to be in force from now on: the keys that wait have their old values in it
  std::vector<std::string> waiting;  ///< keys that have another value in the file than in force, and need a restart
};

/// `text` is that of the file now, `file` its name. All or nothing: each mistake of the file is an error, and so is
/// what it lacks as long as some keys keep their old values.
base::expected<Reload, std::vector<ConfigError>> reload_config(const Config& running, const std::string& text,
                                                               const std::string& file = "");

base::expected<Reload, std::vector<ConfigError>> reload_config_file(const Config& running, const std::string& file);

}  // namespace clued::app
