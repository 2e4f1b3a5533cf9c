#include "fuzz_process/session.hpp"

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <system_error>

#include "fuzz_process/daemon_process.hpp"
#include "fuzz_process/datagram_fuzzer.hpp"
#include "fuzz_process/probe.hpp"
#include "fuzz_process/profile.hpp"
#include "fuzz_process/sip_fuzzer.hpp"

namespace clued::fuzz {

namespace {

using namespace std::chrono_literals;
using base::Clock;
using std::chrono::milliseconds;

/// Steps between two probes. In a short replay each message is dealt with before the next.
constexpr std::size_t window = 32;
constexpr std::size_t short_replay = 400;
/// What all of them together may cost, as a multiple of what one may.
constexpr unsigned turns_of_window = 4;
constexpr std::size_t steps_between_calls = 2'000;
constexpr auto start_time = 30s;
constexpr auto answer_time = 20s;
constexpr auto ping_time = 2s;
/// A daemon on a busy machine gets its time; one that works longer than this on a few messages does not come back.
constexpr auto spinning_time = 8s;
constexpr auto busy_machine = 90s;
constexpr auto stop_time = 30s;
constexpr auto tick_interval = 5ms;

class Session {
 public:
  Session(const Conditions& conditions, const std::vector<std::uint64_t>& steps)
      : conditions_(conditions),
        steps_(steps),
        probe_(reactor_, [this] { return wait(); }),
        datagrams_(reactor_),
        sip_(std::make_unique<SipFuzzer>(reactor_, libraries_, conditions.seed)) {
    reactor_.set_trace(conditions.trace);
  }

  Outcome run() {
    start();
    first_look();
    for (std::size_t i = 0; i < steps_.size() && !outcome_.fault; ++i) {
      step(i);
      look_after(i + 1);
    }
    outcome_.messages = std::min(done_, steps_.size());
    if (!outcome_.fault) last_look();
    if (!outcome_.fault) stop();
    if (outcome_.fault) outcome_.fault->evidence = evidence();
    return std::move(outcome_);
  }

 private:
  void start() {
    const auto config =
        write_profile(conditions_.profile, conditions_.folder, libraries_.dtls.certificate(), probe_.port());
    daemon_ = std::make_unique<DaemonProcess>(reactor_, conditions_.command, conditions_.folder, config);
    const auto end = Clock::now() + start_time * conditions_.patience;
    while (!daemon_->is_ready() && daemon_->is_running() && Clock::now() < end) reactor_.run_once(10ms);
    if (!daemon_->is_ready()) {
      throw std::runtime_error("the daemon did not become ready: it " + daemon_->ending() + "\n" + evidence());
    }
    probe_.aim(daemon_->udp_port(), daemon_->tls_port());
    sip_->aim({daemon_->udp_port(), daemon_->tls_port(), daemon_->lite_port(), conditions_.names});
  }

  /// What is there before anything happens has to be there afterwards.
  void first_look() {
    ping();
    const auto counts = ask_counts();
    if (counts) {
      at_first_ = *counts;
    } else if (!outcome_.fault) {
      fail(FaultKind::silent, "SIGUSR1 is not answered");
    }
  }

  void step(std::size_t index) {
    const auto number = steps_[index];
    Random random(mixed(conditions_.seed, number));
    const auto kind = random.below(100);
    if (kind < 68) {
      sip_->step(number, random);
    } else if (kind < 86) {
      if (!sip_->step_channel(random)) sip_->step(number, random);
    } else {
      datagrams_.step(random, daemon_->lite_port(), sip_->media_ports());
    }
    done_ = index + 1;
  }

  void look_after(std::size_t done) {
    reactor_.run_once(0ms);
    tick();
    const bool last = done == steps_.size();
    if (done % (steps_.size() <= short_replay ? 1 : window) == 0 || last) ping();
    if (!outcome_.fault && (done % steps_between_calls == 0 || last)) call(done);
    if (done % steps_between_calls == 0 && conditions_.progress) conditions_.progress(done);
  }

  void ping() {
    const auto cpu = daemon_->cpu_time();
    const auto begin = Clock::now();
    std::optional<milliseconds> time;
    while (!time && !outcome_.fault) {
      time = probe_.ping(ping_time);
      if (time || !check_alive()) break;
      const auto used = daemon_->cpu_time() - cpu;
      const bool for_good =
          used > spinning_time * conditions_.patience || Clock::now() - begin > busy_machine * conditions_.patience;
      if (for_good)
        fail(FaultKind::silent, "OPTIONS are not answered; CPU time meanwhile " + std::to_string(used.count()) + " ms");
    }
    if (outcome_.fault || !check_alive()) return;
    outcome_.longest_answer = std::max(outcome_.longest_answer, *time);
    const auto used = daemon_->cpu_time();
    // From the end of the probe before to the end of this one.
    const auto turn = used - std::exchange(cpu_at_ping_, used);
    if (turn > conditions_.longest_turn * turns_of_window * conditions_.patience && done_ > 0) {
      return fail(FaultKind::slow, std::to_string(turn.count()) + " ms of CPU for a few messages");
    }
    if (!daemon_->complaints().empty()) fail(FaultKind::complained, daemon_->complaints().front());
  }

  void call(std::size_t done) {
    const auto patience = answer_time * 3 * conditions_.patience;
    std::string problem = probe_.call(patience);
    if (problem.empty()) problem = probe_.connect(false, patience);
    if (problem.empty() && daemon_->tls_port() != 0) problem = probe_.connect(true, patience);
    if (!check_alive()) return;
    cpu_at_ping_ = daemon_->cpu_time();
    outcome_.memory_kb = daemon_->resident_kb();
    if (!problem.empty()) return fail(FaultKind::refused, problem);
    check_turns();
    if (outcome_.fault) return;
    // valgrind reports and goes on.
    if (!daemon_->sanitizer_report().empty()) return fail(FaultKind::died, "a report of what looks at its memory");
    if (outcome_.memory_kb > conditions_.most_memory_kb) {
      return fail(FaultKind::memory, std::to_string(outcome_.memory_kb) + " KB resident");
    }
    last_good_ = done;
  }

  /// The daemon tells how long one thing has kept everything else waiting, in CPU time: that of other programs on a
  /// busy machine does not count.
  void check_turns() {
    const auto counts = ask_counts();
    if (!counts) return check_alive() ? fail(FaultKind::silent, "SIGUSR1 is not answered") : void();
    const auto told = counts->find("longest_turn_cpu_us");
    if (told == counts->end()) return;
    const auto turn = std::chrono::duration_cast<milliseconds>(std::chrono::microseconds(told->second));
    outcome_.longest_turn = std::max(outcome_.longest_turn.value_or(turn), turn);
    if (turn > conditions_.longest_turn * conditions_.patience) {
      fail(FaultKind::slow, "one turn of the loop took " + std::to_string(turn.count()) + " ms of CPU");
    }
  }

  /// Everybody leaves; then everything has to be as it was.
  void last_look() {
    sip_->end_all();
    if (conditions_.settle_time.count() == 0 || steps_.empty()) return;
    const auto end = Clock::now() + conditions_.settle_time * conditions_.patience;
    std::string difference;
    while (!outcome_.fault) {
      const auto counts = ask_counts();
      if (!counts) return check_alive() ? fail(FaultKind::silent, "SIGUSR1 is not answered") : void();
      difference = difference_to_first(*counts);
      if (difference.empty()) break;
      if (Clock::now() > end) return fail(FaultKind::left, difference);
      pause(300ms);
    }
  }

  void stop() {
    daemon_->signal(SIGTERM);
    const auto end = Clock::now() + stop_time * conditions_.patience;
    while (wait() && Clock::now() < end) {
    }
    if (daemon_->is_running()) return fail(FaultKind::ended_badly, "SIGTERM does not end it");
    if (!daemon_->sanitizer_report().empty() || !daemon_->ended_well()) {
      fail(FaultKind::ended_badly, "after SIGTERM it " + daemon_->ending());
    }
  }

  /// Counters only grow; what lives is to be gone. Permanent conferences stay.
  std::string difference_to_first(const Counts& now) {
    at_last_ = now;
    std::string difference;
    for (const char* key : {"conferences", "participants", "open_refers", "dialogs", "subscriptions",
                            "incoming_requests", "outgoing_requests", "channels", "ice_agents", "dtls_sessions",
                            "sctp_associations", "port_pairs", "lingering_transactions", "events_waiting"}) {
      const Counts::const_iterator before = at_first_.find(key), after = now.find(key);
      if (before == at_first_.end() || after == now.end() || after->second == before->second) continue;
      // The first look itself left a transaction.
      if (after->second < before->second && std::string_view(key) == "lingering_transactions") continue;
      difference +=
          std::string(key) + " " + std::to_string(before->second) + " -> " + std::to_string(after->second) + " ";
    }
    return difference;
  }

  std::optional<Counts> ask_counts() {
    const auto told = daemon_->counts_told();
    daemon_->signal(SIGUSR1);
    const auto end = Clock::now() + answer_time * conditions_.patience;
    while (daemon_->counts_told() == told) {
      if (Clock::now() > end || !wait()) return std::nullopt;
    }
    return daemon_->counts();
  }

  /// One moment in which everything goes on; false when the daemon is gone.
  bool wait() {
    reactor_.run_once(tick_interval);
    tick();
    return daemon_->is_running();
  }

  void pause(milliseconds time) {
    const auto end = Clock::now() + time;
    while (Clock::now() < end && wait()) {
    }
  }

  void tick() {
    const auto now = Clock::now();
    if (now < next_tick_) return;
    next_tick_ = now + tick_interval;
    libraries_.sctp->advance(now);
    if (sip_ != nullptr) sip_->tick(now);
  }

  bool check_alive() {
    if (daemon_->is_running()) return true;
    if (!outcome_.fault) fail(FaultKind::died, "the daemon " + daemon_->ending());
    return false;
  }

  void fail(FaultKind kind, std::string detail) {
    if (kind == FaultKind::silent || kind == FaultKind::slow) {
      daemon_->signal(SIGABRT);  // AddressSanitizer then says where it is
      const auto end = Clock::now() + answer_time;
      while (daemon_->is_running() && Clock::now() < end) reactor_.run_once(10ms);
    }
    outcome_.fault = Fault{kind, std::move(detail), done_, last_good_, {}};
  }

  std::string evidence() const {
    std::string text;
    if (daemon_ == nullptr) return text;
    for (const auto& line : daemon_->complaints()) text += "complaint: " + line + "\n";
    text += daemon_->sanitizer_report() + "\n--- the last lines of its output ---\n";
    for (const auto& line : daemon_->last_lines()) text += line + "\n";
    return text;
  }

  const Conditions& conditions_;
  const std::vector<std::uint64_t>& steps_;
  Reactor reactor_;
  ChannelLibraries libraries_;
  Probe probe_;
  DatagramFuzzer datagrams_;
  std::unique_ptr<SipFuzzer> sip_;
  std::unique_ptr<DaemonProcess> daemon_;
  Outcome outcome_;
  Counts at_first_, at_last_;
  milliseconds cpu_at_ping_{0};
  base::TimePoint next_tick_{};
  std::size_t done_ = 0, last_good_ = 0;
};

}  // namespace

const char* name_of(FaultKind kind) noexcept {
  switch (kind) {
    case FaultKind::died:
      return "died";
    case FaultKind::silent:
      return "silent";
    case FaultKind::slow:
      return "slow";
    case FaultKind::refused:
      return "refused";
    case FaultKind::complained:
      return "complained";
    case FaultKind::memory:
      return "memory";
    case FaultKind::left:
      return "left";
    case FaultKind::ended_badly:
      return "ended badly";
  }
  return "";
}

Outcome run_session(const Conditions& conditions, const std::vector<std::uint64_t>& steps) {
  std::filesystem::create_directories(conditions.folder);
  for (const auto& entry : std::filesystem::directory_iterator(conditions.folder)) {
    if (entry.path().filename().string().rfind("sanitizer.", 0) == 0) std::filesystem::remove(entry.path());
  }
  return Session(conditions, steps).run();
}

}  // namespace clued::fuzz
