// Every record that the core writes, each declared once. config/log-records.md explains them to the operator.
#pragma once

#include "base/record.hpp"

namespace clued::focus::record {

using base::RecordKind;
using base::Severity;

inline constexpr RecordKind conference_created{"conference.created", Severity::info};
inline constexpr RecordKind conference_ending{"conference.ending", Severity::info};
inline constexpr RecordKind conference_ended{"conference.ended", Severity::info};

inline constexpr RecordKind conference_cleared{"conference.cleared", Severity::info};
inline constexpr RecordKind conference_locked{"conference.locked", Severity::info};
inline constexpr RecordKind conference_unlocked{"conference.unlocked", Severity::info};
inline constexpr RecordKind conference_withdrawn{"conference.withdrawn", Severity::info};
inline constexpr RecordKind policy_changed{"policy.changed", Severity::info};
inline constexpr RecordKind moderator_appointed{"moderator.appointed", Severity::info};
inline constexpr RecordKind role_kept{"role.kept", Severity::info};

inline constexpr RecordKind invite_refused{"invite.refused", Severity::warning};
inline constexpr RecordKind participant_invited{"participant.invited", Severity::info};
inline constexpr RecordKind participant_answered{"participant.answered", Severity::info};
inline constexpr RecordKind participant_called{"participant.called", Severity::info};
inline constexpr RecordKind call_refused{"call.refused", Severity::info};
inline constexpr RecordKind redirection_refused{"call.redirection_refused", Severity::warning};
inline constexpr RecordKind answer_refused{"answer.refused", Severity::warning};
inline constexpr RecordKind participant_joined{"participant.joined", Severity::info};
inline constexpr RecordKind target_refreshed{"target.refreshed", Severity::info};
inline constexpr RecordKind participant_leaving{"participant.leaving", Severity::info};
inline constexpr RecordKind participant_ended{"participant.ended", Severity::info};
inline constexpr RecordKind participant_gone{"participant.gone", Severity::info};

inline constexpr RecordKind list_accepted{"list.accepted", Severity::info};
inline constexpr RecordKind list_entry_skipped{"list.entry_skipped", Severity::info};
inline constexpr RecordKind list_concluded{"list.concluded", Severity::info};

inline constexpr RecordKind takeover_started{"takeover.started", Severity::info};
inline constexpr RecordKind takeover_completed{"takeover.completed", Severity::info};
inline constexpr RecordKind takeover_abandoned{"takeover.abandoned", Severity::info};

inline constexpr RecordKind refer_accepted{"refer.accepted", Severity::info};
inline constexpr RecordKind refer_refused{"refer.refused", Severity::warning};
inline constexpr RecordKind refer_notified{"refer.notified", Severity::info};
inline constexpr RecordKind refer_concluded{"refer.concluded", Severity::info};
inline constexpr RecordKind removal_started{"removal.started", Severity::info};
inline constexpr RecordKind removal_converged{"removal.converged", Severity::info};
inline constexpr RecordKind removal_caught_up{"removal.caught_up", Severity::info};

inline constexpr RecordKind subscription_accepted{"subscription.accepted", Severity::info};
inline constexpr RecordKind subscription_refreshed{"subscription.refreshed", Severity::debug};
inline constexpr RecordKind subscription_refused{"subscription.refused", Severity::warning};
inline constexpr RecordKind subscription_notified{"subscription.notified", Severity::debug};
inline constexpr RecordKind subscription_ended{"subscription.ended", Severity::info};

inline constexpr RecordKind channel_opened{"channel.opened", Severity::debug};
inline constexpr RecordKind channel_connecting{"channel.connecting", Severity::debug};
inline constexpr RecordKind channel_ready{"channel.ready", Severity::info};
inline constexpr RecordKind channel_failed{"channel.failed", Severity::warning};
inline constexpr RecordKind channel_closing{"channel.closing", Severity::info};
inline constexpr RecordKind channel_removed{"channel.removed", Severity::info};

inline constexpr RecordKind clue_activated{"clue.activated", Severity::info};
inline constexpr RecordKind clue_failed{"clue.failed", Severity::warning};
inline constexpr RecordKind clue_ignored{"clue.ignored", Severity::warning};
inline constexpr RecordKind clue_stalled{"clue.stalled", Severity::warning};
inline constexpr RecordKind captures_reduced{"captures.reduced", Severity::warning};
inline constexpr RecordKind advertisement_sent{"advertisement.sent", Severity::debug};
inline constexpr RecordKind advertisement_acknowledged{"advertisement.acknowledged", Severity::debug};
inline constexpr RecordKind advertisement_refused{"advertisement.refused", Severity::warning};
inline constexpr RecordKind advertisement_received{"advertisement.received", Severity::info};
inline constexpr RecordKind advertisement_rejected{"advertisement.rejected", Severity::warning};
inline constexpr RecordKind advertisement_shortened{"advertisement.shortened", Severity::warning};
inline constexpr RecordKind advertisement_reduced{"advertisement.reduced", Severity::warning};
inline constexpr RecordKind advertisement_withheld{"advertisement.withheld", Severity::warning};
inline constexpr RecordKind configure_applied{"configure.applied", Severity::debug};
inline constexpr RecordKind configure_refused{"configure.refused", Severity::warning};
inline constexpr RecordKind configure_refused_again{"configure.refused_again", Severity::debug};
inline constexpr RecordKind configure_reduced{"configure.reduced", Severity::warning};
inline constexpr RecordKind configure_answered{"configure.answered", Severity::debug};

inline constexpr RecordKind offer_sent{"offer.sent", Severity::debug};
inline constexpr RecordKind offer_answered{"offer.answered", Severity::debug};
inline constexpr RecordKind offer_deferred{"offer.deferred", Severity::debug};
inline constexpr RecordKind offer_refused{"offer.refused", Severity::warning};
inline constexpr RecordKind offer_refused_again{"offer.refused_again", Severity::debug};
inline constexpr RecordKind offer_received{"offer.received", Severity::debug};
inline constexpr RecordKind offer_rejected{"offer.rejected", Severity::warning};
inline constexpr RecordKind sdp_remarked{"sdp.remarked", Severity::debug};
inline constexpr RecordKind port_failed{"port.failed", Severity::error};

inline constexpr RecordKind preconditions_awaited{"preconditions.awaited", Severity::info};
inline constexpr RecordKind preconditions_met{"preconditions.met", Severity::info};
inline constexpr RecordKind preconditions_failed{"preconditions.failed", Severity::warning};

inline constexpr RecordKind session_refreshing{"session.refreshing", Severity::debug};
inline constexpr RecordKind session_refresh_refused{"session.refresh_refused", Severity::warning};
inline constexpr RecordKind session_refresh_refused_again{"session.refresh_refused_again", Severity::debug};

inline constexpr RecordKind shutdown_started{"shutdown.started", Severity::info};
inline constexpr RecordKind shutdown_finished{"shutdown.finished", Severity::info};

/// Something that cannot happen did (architecture: "we erred"); the narrowest possible unit was dropped.
inline constexpr RecordKind bug_impossible{"bug.impossible", Severity::critical};

}  // namespace clued::focus::record
