// What is measured on the daemon as a process, each on a fresh one.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "bench/load/lossy_network.hpp"
#include "bench/load/options_probe.hpp"

namespace clued::bench {

/// Nobody is there: how often the daemon wakes up per second.
double idle_wake_ups(const std::string& program, std::chrono::seconds duration, const std::string& extra_config);

struct JoinSettings {
  std::size_t participants = 300;
  std::size_t per_conference = 3;
  std::size_t in_flight = 32;      ///< joins under way at a time
  std::chrono::seconds settle{8};  ///< libnice checks often for a while after a connection
  std::chrono::seconds idle{20};   ///< how long nothing happens then; 0: not measured
  std::string extra_config;        ///< of the daemon
};

struct JoinFigures {
  double cpu_ms_per_join = 0;          ///< from the first INVITE until everybody is complete and all is quiet
  double settled_cpu_ms_per_join = 0;  ///< ... until the time to settle is over
  double seconds = 0;                  ///< the joins took
  double kb_per_participant = 0;       ///< resident, when settled
  double descriptors_per_participant = 0;
  double idle_cpu_percent = 0;  ///< of one core
  double idle_wake_ups = 0;     ///< per second
  double reinvites_per_join = 0;
  double advertisements_per_join = 0;
  std::size_t repeats = 0;  ///< SIP messages that had to be sent again
  std::size_t threads = 0;
};

/// Throws std::runtime_error when an endpoint does not get through.
JoinFigures join_conferences(const std::string& program, const JoinSettings& settings);

struct RemovalFigures {
  std::vector<double> logged_ms;  ///< removal.converged of the daemon
  std::vector<double> seen_ms;    ///< from the REFER sent until the last endpoint got its last refresh
  std::vector<double> cpu_ms;     ///< of the daemon, until everybody was refreshed
  std::size_t reinvites = 0;      ///< in all
};

/// One participant after another is removed by the creator from a conference of so many.
RemovalFigures remove_participants(const std::string& program, std::size_t participants, std::size_t removals,
                                   const std::string& extra_config);

struct CrowdFigures {
  OptionsProbe::Figures idle;     ///< OPTIONS while nothing else happens
  OptionsProbe::Figures removal;  ///< ... and while everybody is told of a removal
  std::vector<double> told_ms;    ///< from the REFER until each endpoint was told, in rising order, of all removals
  double cpu_ms_per_told = 0;     ///< of the daemon, the OPTIONS aside
  double longest_turn_ms = 0;     ///< CPU for which everything else had to wait
  std::size_t stalled = 0;        ///< not told when `removal.converged` was logged
};

/// The same in a conference so large, or behind a network so bad, that it takes a while: what others feel of it
/// meanwhile, and what it costs.
CrowdFigures remove_from_crowd(const std::string& program, std::size_t participants, std::size_t removals,
                               const NetworkSettings& network, const std::string& extra_config);

}  // namespace clued::bench
