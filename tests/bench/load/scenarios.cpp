#include "bench/load/scenarios.hpp"

#include <algorithm>
#include <csignal>
#include <stdexcept>
#include <utility>

#include "bench/load/daemon.hpp"
#include "bench/load/load_client.hpp"

namespace clued::bench {

namespace {

using namespace std::chrono_literals;
using base::Clock;

/// Nothing more follows when the daemon has been silent for longer than its refresh window.
constexpr auto quiet = 400ms;
constexpr auto patience = 120s;

double milliseconds(std::chrono::nanoseconds time) { return static_cast<double>(time.count()) * 1e-6; }
double seconds(std::chrono::nanoseconds time) { return static_cast<double>(time.count()) * 1e-9; }

bool all_complete(const LoadClient& client) {
  return std::all_of(client.endpoints().begin(), client.endpoints().end(),
                     [](const auto& endpoint) { return endpoint->is_over() || endpoint->is_complete(); });
}

void run_until_quiet(LoadClient& client) {
  client.run_until([&] { return all_complete(client) && Clock::now() - client.last_news() > quiet; }, patience);
}

/// Endpoints that join conferences of the same size, some at a time.
class Arrivals {
 public:
  Arrivals(LoadClient& client, const JoinSettings& settings) : client_(client), settings_(settings) {
    for (std::size_t i = 0; i < settings.participants; ++i) endpoints_.push_back(&client.add());
  }

  /// Lets the next ones join. True when everybody has been complete once.
  bool proceed() {
    std::erase_if(under_way_, [](const Endpoint* endpoint) { return endpoint->is_complete(); });
    while (next_ < endpoints_.size() && under_way_.size() < settings_.in_flight) {
      const auto first = next_ / settings_.per_conference * settings_.per_conference;
      if (next_ != first && endpoints_[first]->conference().empty()) break;  // its creator is still calling
      auto* endpoint = endpoints_[next_];
      client_.join(*endpoint, next_ == first ? client_.factory() : endpoints_[first]->conference());
      under_way_.push_back(endpoint);
      ++next_;
    }
    return next_ == endpoints_.size() && under_way_.empty();
  }

 private:
  LoadClient& client_;
  const JoinSettings& settings_;
  std::vector<Endpoint*> endpoints_;
  std::vector<Endpoint*> under_way_;
  std::size_t next_ = 0;
};

void join_all(LoadClient& client, const JoinSettings& settings) {
  Arrivals arrivals(client, settings);
  client.run_until([&] { return arrivals.proceed(); }, patience);
  run_until_quiet(client);
}

}  // namespace

double idle_wake_ups(const std::string& program, std::chrono::seconds duration, const std::string& extra_config) {
  Daemon daemon(program, extra_config);
  LoadClient client(daemon.port());
  client.run_for(2s);
  const auto before = daemon.wake_ups();
  client.run_for(duration);
  return static_cast<double>(daemon.wake_ups() - before) / static_cast<double>(duration.count());
}

JoinFigures join_conferences(const std::string& program, const JoinSettings& settings) {
  Daemon daemon(program, settings.extra_config);
  LoadClient client(daemon.port());
  const auto count = static_cast<double>(settings.participants);
  // The first ones bring the libraries' code and tables into memory; that is the daemon's cost, not a participant's.
  JoinSettings warm_up = settings;
  warm_up.participants = std::min<std::size_t>(settings.per_conference, 3);
  join_all(client, warm_up);
  const auto resident = daemon.resident_kb();
  const auto descriptors = daemon.descriptors();
  const auto cpu = daemon.cpu_time();
  const auto began = Clock::now();

  join_all(client, settings);
  JoinFigures figures;
  figures.cpu_ms_per_join = milliseconds(daemon.cpu_time() - cpu) / count;
  figures.seconds = seconds(client.last_news() - began);
  client.run_for(settings.settle);
  figures.settled_cpu_ms_per_join = milliseconds(daemon.cpu_time() - cpu) / count;
  figures.kb_per_participant = static_cast<double>(daemon.resident_kb() - resident) / count;
  figures.descriptors_per_participant = static_cast<double>(daemon.descriptors() - descriptors) / count;
  figures.threads = daemon.threads();
  for (std::size_t i = warm_up.participants; i < client.endpoints().size(); ++i) {
    const auto& endpoint = *client.endpoints()[i];
    figures.reinvites_per_join += static_cast<double>(endpoint.reinvites()) / count;
    figures.advertisements_per_join += static_cast<double>(endpoint.advertisements()) / count;
    figures.repeats += endpoint.repeats();
  }
  if (settings.idle == 0s) return figures;

  const auto idle_began = Clock::now();
  const auto idle_cpu = daemon.cpu_time();
  const auto wake_ups = daemon.wake_ups();
  client.run_for(settings.idle);
  const auto idled = seconds(Clock::now() - idle_began);
  figures.idle_cpu_percent = 100 * seconds(daemon.cpu_time() - idle_cpu) / idled;
  figures.idle_wake_ups = static_cast<double>(daemon.wake_ups() - wake_ups) / idled;
  return figures;
}

RemovalFigures remove_participants(const std::string& program, std::size_t participants, std::size_t removals,
                                   const std::string& extra_config) {
  if (removals >= participants) throw std::runtime_error("more removals than participants");
  Daemon daemon(program, extra_config);
  LoadClient client(daemon.port());
  JoinSettings settings;
  settings.participants = settings.per_conference = participants;
  join_all(client, settings);

  RemovalFigures figures;
  const auto& endpoints = client.endpoints();
  for (std::size_t removed = 1; removed <= removals; ++removed) {
    std::vector<std::size_t> advertisements, reinvites;
    for (const auto& endpoint : endpoints) {
      advertisements.push_back(endpoint->advertisements());
      reinvites.push_back(endpoint->reinvites());
    }
    // The second who joined is shown to everybody; after it the third is.
    const auto cpu = daemon.cpu_time();
    const auto began = Clock::now();
    client.remove(*endpoints.front(), *endpoints[removed]);
    std::vector<std::string> logged;
    client.run_until(
        [&] {
          if (logged.empty()) logged = daemon.new_values("removal.converged", "ms");
          return !logged.empty();
        },
        30s);
    figures.cpu_ms.push_back(milliseconds(daemon.cpu_time() - cpu));
    figures.logged_ms.push_back(std::stod(logged.front()));
    run_until_quiet(client);

    auto last = began;
    for (std::size_t i = 0; i < endpoints.size(); ++i) {
      if (endpoints[i]->is_over()) continue;
      if (endpoints[i]->advertisements() == advertisements[i]) throw std::runtime_error("an endpoint was not told");
      last = std::max(last, endpoints[i]->last_refresh());
      figures.reinvites += endpoints[i]->reinvites() - reinvites[i];
    }
    figures.seen_ms.push_back(milliseconds(last - began));
    if (!endpoints[removed]->is_over()) throw std::runtime_error("the removed endpoint got no BYE");
  }
  return figures;
}

namespace {

/// The newest counter of that name, after a signal that has it logged.
double counter(LoadClient& client, Daemon& daemon, const std::string& name) {
  kill(daemon.pid(), SIGUSR1);
  std::vector<std::string> values;
  client.run_until(
      [&] {
        values = daemon.new_values("state.counters", name);
        return !values.empty();
      },
      10s);
  return std::stod(values.back());
}

/// What the daemon needs for so many OPTIONS alone.
struct OptionsCost {
  double cpu_ms = 0;
  OptionsProbe::Figures figures;
};

OptionsCost options_alone(LoadClient& client, const Daemon& daemon) {
  OptionsProbe probe(daemon.port());
  const auto cpu = daemon.cpu_time();
  client.run_for(2s);
  OptionsCost cost;
  cost.cpu_ms = milliseconds(daemon.cpu_time() - cpu);
  cost.figures = probe.finish();
  return cost;
}

}  // namespace

CrowdFigures remove_from_crowd(const std::string& program, std::size_t participants, std::size_t removals,
                               const NetworkSettings& network, const std::string& extra_config) {
  Daemon daemon(program, extra_config);
  LoadClient client(daemon.port(), network);
  JoinSettings settings;
  settings.participants = settings.per_conference = participants;
  settings.in_flight = 16;
  join_all(client, settings);

  CrowdFigures figures;
  const auto alone = options_alone(client, daemon);
  figures.idle = alone.figures;
  counter(client, daemon, "longest_turn_cpu_us");  // what was longest before is of no interest
  const auto& endpoints = client.endpoints();
  OptionsProbe probe(daemon.port());
  double cpu_ms = 0;
  for (std::size_t removed = 1; removed <= removals; ++removed) {
    std::vector<std::size_t> advertisements;
    for (const auto& endpoint : endpoints) advertisements.push_back(endpoint->advertisements());
    daemon.new_values("removal.converged", "stalled");
    const auto cpu = daemon.cpu_time();
    const auto began = Clock::now();
    client.remove(*endpoints.front(), *endpoints[removed]);
    std::vector<std::string> stalled;
    auto look = began;
    client.run_until(
        [&] {
          if (Clock::now() < look) return false;
          look = Clock::now() + 10ms;
          stalled = daemon.new_values("removal.converged", "stalled");
          return !stalled.empty();
        },
        patience);
    cpu_ms += milliseconds(daemon.cpu_time() - cpu);
    figures.stalled += static_cast<std::size_t>(std::stoul(stalled.front()));
    client.run_until(
        [&] {
          for (std::size_t i = 0; i < endpoints.size(); ++i) {
            if (!endpoints[i]->is_over() && endpoints[i]->advertisements() == advertisements[i]) return false;
          }
          return true;
        },
        patience);
    for (const auto& endpoint : endpoints) {
      if (!endpoint->is_over()) figures.told_ms.push_back(milliseconds(endpoint->last_refresh() - began));
    }
    run_until_quiet(client);
  }
  figures.removal = probe.finish();
  figures.longest_turn_ms = counter(client, daemon, "longest_turn_cpu_us") / 1000;
  const auto per_options = alone.cpu_ms / static_cast<double>(std::max<std::size_t>(alone.figures.answered, 1));
  const auto others = per_options * static_cast<double>(figures.removal.answered);
  figures.cpu_ms_per_told = std::max(cpu_ms - others, 0.0) / static_cast<double>(figures.told_ms.size());
  std::sort(figures.told_ms.begin(), figures.told_ms.end());
  return figures;
}

}  // namespace clued::bench
