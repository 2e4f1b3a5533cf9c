#include "app/application.hpp"

#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <csignal>
#include <utility>
#include <variant>

#include "app/event_pump.hpp"
#include "app/kernel_randomness.hpp"
#include "app/log.hpp"
#include "app/process.hpp"
#include "app/records.hpp"
#include "app/service_manager.hpp"
#include "app/system_calendar.hpp"
#include "base/overloaded.hpp"
#include "channel/channels.hpp"
#include "focus/focus.hpp"
#include "media/media_plane.hpp"
#include "sip/agent.hpp"

namespace clued::app {

class Application::Impl {
 public:
  Impl(Config config, std::string config_file, std::string version, Log& log)
      : config_(std::move(config)),
        config_file_(std::move(config_file)),
        version_(std::move(version)),
        log_(log),
        manager_(ServiceManager::from_environment()),
        focus_(config_.policy, randomness_, &calendar_),
        pump_(io_, focus_, [this](focus::Command command) { execute(std::move(command)); }),
        agent_(io_, config_.sip, post(), records()),
        channels_(io_, config_.channel, post(), records()),
        media_(io_, config_.media, post(), records()),
        signals_(io_, SIGTERM, SIGINT, SIGHUP),
        watchdog_(io_) {
    signals_.add(SIGUSR1);
  }

  ExitStatus run() {
    ignore_broken_pipes();
    const std::uint64_t descriptors = raise_descriptor_limit();
    write(record::daemon_started,
          {{"version", version_}, {"pid", int{getpid()}}, {"config", config_file_}, {"descriptors", descriptors}});
    auto started = media_.start();
    if (started) started = channels_.start();
    if (started) started = agent_.start();
    if (!started) {
      write(record::daemon_failed, {{"detail", started.error()}});
      return exit_unavailable;
    }
    wait_for_signal();
    feed_watchdog();
    std::string listening;
    for (const auto& endpoint : agent_.bound()) listening += (listening.empty() ? "" : ",") + endpoint;
    write(record::daemon_ready, {{"listening", listening}});
    manager_.notify("READY=1");
    io_.run();
    write(record::daemon_stopped, census());
    return status_;
  }

 private:
  std::function<void(focus::Event)> post() {
    return [this](focus::Event event) { pump_.post(std::move(event)); };
  }

  base::RecordSink records() {
    return {[this](const base::Record& record) { log_.write(record); },
            [this](base::Severity severity) { return severity >= log_.level(); }};
  }

  void write(const base::RecordKind& kind, std::vector<base::Field> fields) { log_.write({&kind, std::move(fields)}); }

  void execute(focus::Command command) {
    std::visit(base::overloaded{
                   [this](const focus::command::OpenChannel& open) { channels_.open(open); },
                   [this](const focus::command::ConnectChannel& connect) { channels_.connect(connect); },
                   [this](focus::command::SendOnChannel& send) { channels_.send(std::move(send)); },
                   [this](const focus::command::CloseChannel& close) { channels_.close(close); },
                   [this](const focus::command::BindPort& bind) { media_.bind(bind); },
                   [this](const focus::command::ReleasePort& release) { media_.release(release); },
                   [this](const focus::command::Log& log) { log_.write(log.record); },
                   [this](const focus::command::FinishShutdown&) { io_.stop(); },
                   [this](const auto& sip) { agent_.execute(sip); },
               },
               command);
  }

  void wait_for_signal() {
    signals_.async_wait([this](const boost::system::error_code& error, int number) {
      if (error) return;
      handle_signal(number);
      wait_for_signal();
    });
  }

  void handle_signal(int number) {
    switch (number) {
      case SIGHUP:
        return reload();
      case SIGUSR1:
        write(record::state_census, census());
        return write(record::state_counters, counters());
      default:
        return stop(number == SIGTERM ? "SIGTERM" : "SIGINT");
    }
  }

  void stop(const char* signal) {
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
    const auto fresh = load_config(config_file_);
    if (const auto taken = fresh ? agent_.reload(fresh->sip) : base::expected<void, std::string>{}; !taken) {
      write(record::config_refused, {{"detail", taken.error()}});
    } else if (fresh) {
      log_.set_level(fresh->log.level);
      const bool is_reopened = log_.reopen();
      pump_.post(focus::event::ConferencePolicyChanged{
          std::make_shared<const focus::ConferencePolicy>(fresh->policy.conference)});
      write(record::config_reloaded, {{"level", name_of(fresh->log.level)}, {"log_reopened", is_reopened}});
    } else {
      for (const ConfigError& error : fresh.error()) {
        write(record::config_refused, {{"detail", error.to_string(config_file_)}});
      }
    }
    manager_.notify("READY=1");
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
  std::vector<base::Field> counters() const {
    const media::Census media = media_.census();
    const sip::Census sip = agent_.census();
    const channel::Counters channels = channels_.counters();
    return {{"lingering_transactions", sip.lingering},
            {"tls_connections", sip.tls_connections},
            {"rtp_packets", media.packets},
            {"rtp_bytes", media.bytes},
            {"dropped_channel_datagrams", channels.dropped_datagrams},
            {"refused_ice_checks", channels.refused_checks}};
  }

  // The adapters come after the pump, and so end before it: what they post while they end is dropped with the queue.
  Config config_;
  std::string config_file_;
  std::string version_;
  Log& log_;
  ServiceManager manager_;
  KernelRandomness randomness_;
  SystemCalendar calendar_;
  boost::asio::io_context io_{1};
  focus::Focus focus_;
  EventPump pump_;
  sip::Agent agent_;
  channel::Channels channels_;
  media::MediaPlane media_;
  boost::asio::signal_set signals_;
  boost::asio::steady_timer watchdog_;
  bool is_stopping_ = false;
  ExitStatus status_ = exit_done;
};

Application::Application(Config config, std::string config_file, std::string version, Log& log)
    : impl_(std::make_unique<Impl>(std::move(config), std::move(config_file), std::move(version), log)) {}

Application::~Application() = default;

ExitStatus Application::run() { return impl_->run(); }

}  // namespace clued::app
