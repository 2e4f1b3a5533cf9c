// Every record that the daemon itself writes, each declared once. config/log-records.md explains them to the operator.
#pragma once

#include "base/record.hpp"

namespace clued::app::record {

using base::RecordKind;
using base::Severity;

inline constexpr RecordKind daemon_started{"daemon.started", Severity::info};
inline constexpr RecordKind daemon_ready{"daemon.ready", Severity::info};
inline constexpr RecordKind daemon_stopping{"daemon.stopping", Severity::info};
inline constexpr RecordKind daemon_stopped{"daemon.stopped", Severity::info};
inline constexpr RecordKind daemon_failed{"daemon.failed", Severity::critical};

inline constexpr RecordKind config_reloaded{"config.reloaded", Severity::info};
inline constexpr RecordKind config_refused{"config.refused", Severity::error};
inline constexpr RecordKind config_needs_restart{"config.needs_restart", Severity::warning};

inline constexpr RecordKind signal_ignored{"signal.ignored", Severity::warning};

inline constexpr RecordKind log_summed_up{"log.summed_up", Severity::warning};
inline constexpr RecordKind log_lost{"log.lost", Severity::error};
inline constexpr RecordKind log_reopen_failed{"log.reopen_failed", Severity::warning};

inline constexpr RecordKind state_census{"state.census", Severity::info};
inline constexpr RecordKind state_counters{"state.counters", Severity::info};

}  // namespace clued::app::record
