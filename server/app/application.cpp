#include "app/application.hpp"

#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <utility>
#include <variant>

#include "app/config_reload.hpp"
#include "app/event_pump.hpp"
#include "app/kernel_randomness.hpp"
#include "app/log.hpp"
#include "app/process.hpp"
#include "app/records.hpp"
#include "app/service_manager.hpp"
#include "app/signals.hpp"
#include "app/system_calendar.hpp"
#include "app/turn_meter.hpp"
#include "base/overloaded.hpp"
#include "channel/channels.hpp"
#include "focus/focus.hpp"
#include "media/media_plane.hpp"
#include "sip/agent.hpp"

namespace clued::app {
namespace {

/// What has to be left when everything is bound: a call of a telephone, and the connection that it comes by.
constexpr std::size_t least_descriptors = 4;

/// Messages on the CLUE channels that wait for their turn, some 30 ms of work. The core makes no more of them then than
/// it has to; what it would say of a change meanwhile is the newest state anyhow.
constexpr std::size_t many_sends = 64;

}  // namespace

class Application::Impl {
 public:
  Impl(Config config, std::string config_file, std::string version, Log& log)
      : config_(std::move(config)),
        config_file_(std::move(config_file)),
        version_(std::move(version)),
        log_(log),
        manager_(ServiceManager::from_environment()),
        focus_(config_.policy, randomness_, &calendar_),
        pump_(
            io_, focus_, [this](focus::Command command) { execute(std::move(command)); }, flow()),
        agent_(io_, config_.sip, post(), records(), descriptors_),
        channels_(io_, config_.channel, post(), records(), descriptors_),
        media_(io_, config_.media, post(), records(), descriptors_),
        signals_(io_, [this](const SignalSource::Signal& signal) { handle_signal(signal); }),
        watchdog_(io_),
        log_timer_(io_) {}

  ExitStatus run() {
    const std::uint64_t descriptors = descriptors_.limit();
    write(record::daemon_started,
          {{"version", version_}, {"pid", int{getpid()}}, {"config", config_file_}, {"descriptors", descriptors}});
    auto started = media_.start();
    if (started) started = channels_.start();
    if (started) started = agent_.start();
    if (!descriptors_.allows(least_descriptors, base::DescriptorBudget::Use::connection)) {
      write(record::daemon_failed,
            {{"detail", "RLIMIT_NOFILE allows too few file descriptors: " + std::to_string(descriptors)}});
      return exit_os_error;
    }
    if (!started) {
      write(record::daemon_failed, {{"detail", started.error()}});
      return exit_unavailable;
    }
    feed_watchdog();
    std::string listening;
    for (const auto& endpoint : agent_.bound()) listening += (listening.empty() ? "" : ",") + endpoint;
    write(record::daemon_ready, {{"listening", listening}});
    manager_.notify("READY=1");
    meter_.run(io_);
    write(record::daemon_stopped, census());
    return status_;
  }

 private:
  std::function<void(focus::Event)> post() {
    return [this](focus::Event event) { pump_.post(std::move(event)); };
  }

  EventPump::Flow flow() {
    return {[this] { return channels_.sends_waiting() >= many_sends; },
            [this](bool hold) {
              agent_.hold_input(hold);
              channels_.hold_input(hold);
            }};
  }

  base::RecordSink records() {
    return {[this](const base::Record& record) { write(record); },
            [this](base::Severity severity) { return severity >= log_.level(); }};
  }

  void write(const base::Record& record) {
    log_.write(record);
    await_log();
  }
  void write(const base::RecordKind& kind, std::vector<base::Field> fields) { write({&kind, std::move(fields)}); }

  /// What the log has left out is told even if nothing else is.
  void await_log() {
    const base::Deadline deadline = log_.next_deadline();
    if (!deadline || log_due_) return;
    log_due_ = deadline;
    log_timer_.expires_at(*deadline);
    log_timer_.async_wait([this](const boost::system::error_code& error) {
      if (error) return;
      log_due_.reset();
      log_.handle_timeout(base::Clock::now());
      await_log();
    });
  }

  void execute(focus::Command command) {
    std::visit(base::overloaded{
                   [this](const focus::command::OpenChannel& open) { channels_.open(open); },
                   [this](const focus::command::ConnectChannel& connect) { channels_.connect(connect); },
                   [this](focus::command::SendOnChannel& send) { channels_.send(std::move(send)); },
                   [this](const focus::command::CloseChannel& close) { channels_.close(close); },
                   [this](const focus::command::BindPort& bind) { media_.bind(bind); },
                   [this](const focus::command::ReleasePort& release) { media_.release(release); },
                   [this](const focus::command::Log& log) { write(log.record); },
                   [this](const focus::command::FinishShutdown&) { io_.stop(); },
                   [this](const auto& sip) { agent_.execute(sip); },
               },
               command);
  }

  void handle_signal(const SignalSource::Signal& signal) {
    switch (signal.number) {
      case SIGHUP:
        return reload();
      case SIGUSR1:
        write(record::state_census, census());
        return write(record::state_counters, counters());
      case SIGTERM:
      case SIGINT:
        return stop(signal.name);
      default:
        return write(record::signal_ignored, {{"signal", signal.name}, {"sender", signal.sender}});
    }
  }

  void stop(const std::string& signal) {
    write(record::daemon_stopping, {{"signal", signal}, {"at_once", is_stopping_}});
    if (is_stopping_) {
      status_ = exit_interrupted;
      io_.stop();
      return;
    }
    is_stopping_ = true;
    manager_.notify("STOPPING=1");
    pump_.post(focus::event::ShutdownRequested{});
  }

  void reload() {
    const auto now = std::chrono::steady_clock::now().time_since_epoch();
    manager_.notify("RELOADING=1\nMONOTONIC_USEC=" +
                    std::to_string(std::chrono::duration_cast<std::chrono::microseconds>(now).count()));
    // Whatever the file says now: somebody may have moved the log away.
    const bool is_reopened = log_.reopen();
    if (!is_reopened) write(record::log_reopen_failed, {{"file", config_.log.file}, {"detail", std::strerror(errno)}});
    for (const std::string& mistake : take_over_changes(is_reopened)) {
      write(record::config_refused, {{"detail", mistake}});
    }
    manager_.notify("READY=1");
  }

  /// All of them or, if there are mistakes, none.
  std::vector<std::string> take_over_changes(bool is_log_reopened) {
    auto reload = reload_config_file(config_, config_file_);
    if (!reload) {
      std::vector<std::string> mistakes;
      for (const ConfigError& error : reload.error()) mistakes.push_back(error.to_string(config_file_));
      return mistakes;
    }
    if (const auto taken = agent_.reload(reload->config.sip); !taken) return {taken.error()};
    config_ = std::move(reload->config);
    log_.set_level(config_.log.level);
    pump_.post(focus::event::PolicyChanged{std::make_shared<const focus::Policy>(config_.policy)});
    write(record::config_reloaded, {{"level", name_of(config_.log.level)}, {"log_reopened", is_log_reopened}});
    for (const std::string& key : reload->waiting) write(record::config_needs_restart, {{"key", key}});
    return {};
  }

  /// Twice as often as asked for (sd_watchdog_enabled(3)), from the loop that does the work.
  void feed_watchdog() {
    if (!manager_.watchdog()) return;
    manager_.notify("WATCHDOG=1");
    watchdog_.expires_after(*manager_.watchdog() / 2);
    watchdog_.async_wait([this](const boost::system::error_code& error) {
      if (!error) feed_watchdog();
    });
  }

  std::vector<base::Field> census() const {
    const focus::Census focus = focus_.census();
    const sip::Census sip = agent_.census();
    const channel::Census channels = channels_.census();
    const media::Census media = media_.census();
    return {{"conferences", focus.conferences},
            {"participants", focus.participants},
            {"open_refers", focus.open_refers},
            {"dialogs", sip.dialogs},
            {"subscriptions", sip.subscriptions},
            {"incoming_requests", sip.incoming},
            {"outgoing_requests", sip.outgoing},
            {"channels", channels.channels},
            {"ice_agents", channels.agents},
            {"dtls_sessions", channels.dtls_sessions},
            {"sctp_associations", channels.sctp_associations},
            {"port_pairs", media.pairs}};
  }

  /// What does not go back to where it was when a conference is over, or only when SIP's timers have run out.
  std::vector<base::Field> counters() {
    const media::Census media = media_.census();
    const sip::Census sip = agent_.census();
    const channel::Counters channel_counters = channels_.counters();
    const TurnMeter::Turn longest = meter_.take_longest();
    const TurnMeter::Turn& ever = meter_.longest_ever();
    return {{"lingering_transactions", sip.lingering},
            {"tls_connections", sip.tls_connections},
            {"heap_trims", sip.heap_trims},
            {"rtp_packets", media.packets},
            {"rtp_bytes", media.bytes},
            {"dropped_channel_datagrams", channel_counters.dropped_datagrams},
            {"refused_ice_checks", channel_counters.refused_checks},
            {"events_waiting", std::uint64_t{pump_.events_waiting()}},
            {"most_events_waiting", std::uint64_t{pump_.most_events_waiting()}},
            {"commands_waiting", std::uint64_t{pump_.commands_waiting()}},
            {"sends_waiting", std::uint64_t{channels_.sends_waiting()}},
            {"longest_turn_cpu_us", longest.cpu.count()},
            {"longest_turn_us", longest.wall.count()},
            {"longest_turn_ever_cpu_us", ever.cpu.count()},
            {"longest_turn_ever_us", ever.wall.count()}};
  }

  // The adapters come after the pump, and so end before it: what they post while they end is dropped with the queue.
  Config config_;
  std::string config_file_;
  std::string version_;
  Log& log_;
  ServiceManager manager_;
  base::DescriptorBudget descriptors_ = descriptor_budget(raise_descriptor_limit());
  KernelRandomness randomness_;
  SystemCalendar calendar_;
  boost::asio::io_context io_{1};
  TurnMeter meter_;
  focus::Focus focus_;
  EventPump pump_;
  sip::Agent agent_;
  channel::Channels channels_;
  media::MediaPlane media_;
  SignalSource signals_;
  boost::asio::steady_timer watchdog_;
  boost::asio::steady_timer log_timer_;
  base::Deadline log_due_;
  bool is_stopping_ = false;
  ExitStatus status_ = exit_done;
};

Application::Application(Config config, std::string config_file, std::string version, Log& log)
    : impl_(std::make_unique<Impl>(std::move(config), std::move(config_file), std::move(version), log)) {}

Application::~Application() = default;

ExitStatus Application::run() { return impl_->run(); }

}  // namespace clued::app
