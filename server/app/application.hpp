// The composition root: everything is made here and handed to what needs it.
#pragma once

#include <memory>
#include <string>

#include "app/config.hpp"

namespace clued::app {

class Log;

/// Exit statuses (sysexits.h where it has one).
enum ExitStatus : int {
  exit_done = 0,
  exit_interrupted = 1,   ///< a second signal came before every conference was over
  exit_usage = 64,        ///< the command line is wrong
  exit_unavailable = 69,  ///< an address or port to listen on cannot be had
  exit_os_error = 71,     ///< anything else the system refused at the start
  exit_config = 78,       ///< the configuration is wrong; trying again does not help
};

class Application {
 public:
  /// `log` must outlive the application.
  Application(Config config, std::string config_file, std::string version, Log& log);
  ~Application();

  /// Binds all sockets, says READY=1 and serves until a signal ends it.
  ExitStatus run();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace clued::app
