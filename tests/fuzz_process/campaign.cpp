#include "fuzz_process/campaign.hpp"

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <numeric>
#include <utility>

#include "fuzz_process/shrink.hpp"

namespace clued::fuzz {

namespace {

using Clock = std::chrono::steady_clock;
using Steps = std::vector<std::uint64_t>;

/// Before the last good probe something may have happened that breaks only later.
constexpr std::size_t steps_before = 20'000;

std::string printable(std::string_view octets) {
  std::string text;
  for (const char c : octets) {
    constexpr std::string_view alphabet = "0123456789abcdef";
    const auto octet = static_cast<unsigned char>(c);
    if (c == '\n' || (octet >= 0x20 && octet < 0x7f && c != '\\')) {
      text += c;
    } else if (c != '\r') {
      text += {'\\', 'x', alphabet[octet >> 4U], alphabet[octet & 15U]};
    }
  }
  return text;
}

class Campaign {
 public:
  explicit Campaign(const CampaignSettings& settings) : settings_(settings) {
    std::filesystem::create_directories(settings_.keep);
  }

  CampaignResult run() {
    for (std::size_t i = 0; i < settings_.profiles.size(); ++i) {
      const auto share = (settings_.messages + settings_.profiles.size() - 1 - i) / settings_.profiles.size();
      run_profile(settings_.profiles[i], share);
    }
    return result_;
  }

  CampaignResult replay(const Replay& replay) {
    auto conditions = conditions_for(replay.profile);
    conditions.seed = replay.seed;
    conditions.names = replay.names;
    conditions.trace = [](std::string_view direction, std::uint16_t port, std::string_view octets) {
      std::printf("--- %s %u, %zu octets\n%s\n", std::string(direction).c_str(), port, octets.size(),
                  printable(octets).c_str());
    };
    take(run_session(conditions, replay.steps));
    if (fault_) std::printf("%s: %s\n%s\n", name_of(fault_->kind), fault_->detail.c_str(), fault_->evidence.c_str());
    return result_;
  }

 private:
  Conditions conditions_for(const std::string& profile) const {
    auto conditions = settings_.conditions;
    conditions.profile = profile;
    conditions.folder = settings_.keep + "/daemon";
    return conditions;
  }

  void run_profile(const std::string& profile, std::size_t messages) {
    Steps steps(messages);
    std::iota(steps.begin(), steps.end(), 1);
    auto conditions = conditions_for(profile);
    while (!steps.empty() && result_.faults < settings_.most_faults) {
      const auto left = steps.size();
      conditions.progress = [&](std::size_t done) {
        if (done % 10'000 == 0) std::printf("%s: %zu of %zu\n", profile.c_str(), messages - left + done, messages);
        std::fflush(stdout);
      };
      const auto outcome = run_session(conditions, steps);
      take(outcome);
      std::printf("%s: %zu messages, longest answer %lld ms, %llu KB resident: %s\n", profile.c_str(), outcome.messages,
                  static_cast<long long>(outcome.longest_answer.count()),
                  static_cast<unsigned long long>(outcome.memory_kb), outcome.fault ? "a fault" : "well");
      std::fflush(stdout);
      if (outcome.fault) keep(conditions, steps, *outcome.fault);
      steps.erase(steps.begin(),
                  steps.begin() + static_cast<std::ptrdiff_t>(std::max<std::size_t>(outcome.messages, 1)));
    }
  }

  void take(const Outcome& outcome) {
    result_.messages += outcome.messages;
    result_.longest_turn = std::max(result_.longest_turn, outcome.longest_turn.value_or(outcome.longest_answer));
    if (outcome.fault) ++result_.faults;
    fault_ = outcome.fault;
  }

  void keep(const Conditions& conditions, const Steps& steps, const Fault& fault) {
    const std::string name = settings_.keep + "/fault-" + std::to_string(result_.faults);
    std::printf("fault: %s: %s\n", name_of(fault.kind), fault.detail.c_str());
    std::fflush(stdout);
    std::ofstream(name + ".log") << fault.detail << "\n" << fault.evidence;
    const auto part = [&](std::size_t from) {
      return Steps(steps.begin() + static_cast<std::ptrdiff_t>(from),
                   steps.begin() + static_cast<std::ptrdiff_t>(fault.step));
    };
    const bool at_end = fault.kind == FaultKind::left || fault.kind == FaultKind::ended_badly;
    const auto recent = at_end ? 0 : fault.last_good;
    Replay replay{conditions.profile, conditions.seed, conditions.names, part(recent)};
    const std::string what = std::string(name_of(fault.kind)) + ": " + fault.detail;
    write_replay(name + ".replay", replay, what);
    if (settings_.shrink_time.count() == 0) return;
    const auto end = Clock::now() + settings_.shrink_time;
    auto quiet = conditions;
    quiet.progress = nullptr;
    if (!at_end) quiet.settle_time = std::chrono::seconds(0);
    const auto breaks = [&](const Steps& some) {
      const auto outcome = run_session(quiet, some);
      return outcome.fault && outcome.fault->kind == fault.kind;
    };
    if (!breaks(replay.steps)) {
      const auto more = part(recent > steps_before ? recent - steps_before : 0);
      if (more.size() == replay.steps.size() || Clock::now() > end || !breaks(more)) {
        return static_cast<void>(
            std::printf("it does not happen again with %zu steps: %s.replay\n", more.size(), name.c_str()));
      }
      replay.steps = more;
    }
    replay.steps = shrunk(std::move(replay.steps), breaks, [&] { return Clock::now() < end; });
    write_replay(name + ".replay", replay, what);
    std::printf("it needs %zu steps: %s.replay\n", replay.steps.size(), name.c_str());
    std::fflush(stdout);
  }

  const CampaignSettings& settings_;
  CampaignResult result_;
  std::optional<Fault> fault_;
};

}  // namespace

CampaignResult run_campaign(const CampaignSettings& settings) { return Campaign(settings).run(); }

CampaignResult run_replay(const CampaignSettings& settings, const Replay& replay) {
  return Campaign(settings).replay(replay);
}

}  // namespace clued::fuzz
