// All sessions of a run, and what becomes of the faults that they find.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "fuzz_process/replay.hpp"
#include "fuzz_process/session.hpp"

namespace clued::fuzz {

struct CampaignSettings {
  Conditions conditions;  ///< profile, folder and trace are the campaign's
  std::vector<std::string> profiles;
  std::size_t messages = 10'000;
  std::chrono::seconds shrink_time{240};  ///< for each fault; 0: faults are kept as they are
  std::size_t most_faults = 20;           ///< then the run is given up
  std::string keep;                       ///< the folder for what is found
};

struct CampaignResult {
  std::size_t messages = 0;
  std::size_t faults = 0;
  std::chrono::milliseconds longest_turn{0};  ///< CPU time; of a daemon that does not tell it, wall time of an answer
};

/// The messages are shared among the profiles.
CampaignResult run_campaign(const CampaignSettings& settings);
/// One session with these steps; what is sent and received is shown.
CampaignResult run_replay(const CampaignSettings& settings, const Replay& replay);

}  // namespace clued::fuzz
