// Arguments and exit status.
#include <cstdio>
#include <exception>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "app/application.hpp"
#include "app/config.hpp"
#include "app/log.hpp"
#include "app/process.hpp"
#include "app/signals.hpp"

namespace {

using clued::app::ExitStatus;

// Before the libraries are initialized, which takes a while and may open descriptors: a signal that comes meanwhile
// waits, and descriptors 0 to 2 are what everybody takes them for.
[[gnu::no_sanitize("address", "undefined", "thread")]] void prepare_process(int, char**, char**) {
  clued::app::hold_signals();
  clued::app::open_standard_descriptors();
}
using Preparation = void (*)(int, char**, char**);
[[gnu::used, gnu::section(".preinit_array")]] Preparation preparation = prepare_process;

constexpr const char* usage =
    "Usage: clued [--config FILE] [--check-config]\n"
    "       clued --version | --help\n"
    "\n"
    "The conference focus for telepresence (SIP and CLUE).\n"
    "\n"
    "  --config FILE    read this configuration (default: /etc/clued/clued.yaml)\n"
    "  --check-config   only say whether the configuration is right\n";

struct Arguments {
  std::string config_file = "/etc/clued/clued.yaml";
  bool check_config = false;
  bool version = false;
  bool help = false;
  std::string mistake;
};

Arguments parse_arguments(int count, char** values) {
  Arguments arguments;
  for (int n = 1; n < count; ++n) {
    const std::string_view argument = values[n];
    if (argument == "--config" && n + 1 < count) {
      arguments.config_file = values[++n];
    } else if (argument == "--config") {
      arguments.mistake = "--config needs a file";
    } else if (argument.starts_with("--config=")) {
      arguments.config_file = argument.substr(argument.find('=') + 1);
    } else if (argument == "--check-config") {
      arguments.check_config = true;
    } else if (argument == "--version") {
      arguments.version = true;
    } else if (argument == "--help" || argument == "-h") {
      arguments.help = true;
    } else {
      arguments.mistake = "unknown argument " + std::string(argument);
    }
  }
  return arguments;
}

int start(const Arguments& arguments) {
  if (arguments.check_config) clued::app::release_signals();
  auto config = clued::app::load_config(arguments.config_file);
  if (!config) {
    for (const auto& error : config.error()) {
      std::fprintf(stderr, "%s\n", error.to_string(arguments.config_file).c_str());
    }
    return ExitStatus::exit_config;
  }
  if (arguments.check_config) {
    std::printf("%s: ok\n", arguments.config_file.c_str());
    return ExitStatus::exit_done;
  }
  clued::app::ignore_broken_pipes();
  clued::app::Log log(config->log);
  log.survive_crashes();
  clued::app::Application application(*std::move(config), arguments.config_file, CLUED_VERSION, log);
  return application.run();
}

}  // namespace

int main(int count, char** values) {
  const Arguments arguments = parse_arguments(count, values);
  if (!arguments.mistake.empty()) {
    std::fprintf(stderr, "clued: %s\n%s", arguments.mistake.c_str(), usage);
    return ExitStatus::exit_usage;
  }
  if (arguments.help || arguments.version) {
    std::fputs(arguments.help ? usage : "clued " CLUED_VERSION "\n", stdout);
    return ExitStatus::exit_done;
  }
  try {
    return start(arguments);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "clued: cannot start: %s\n", error.what());
    return ExitStatus::exit_os_error;
  }
}
