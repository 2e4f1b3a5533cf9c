// Every record that the channel adapter writes, each declared once. Failures and removals are logged by the core, which
// is told of them by events.
#pragma once

#include "base/record.hpp"

namespace clued::channel::record {

using base::RecordKind;
using base::Severity;

inline constexpr RecordKind channel_listening{"channel.listening", Severity::info};
inline constexpr RecordKind channel_established{"channel.established", Severity::info};
inline constexpr RecordKind channel_candidates_ignored{"channel.candidates_ignored", Severity::debug};
inline constexpr RecordKind channel_consent_suspected{"channel.consent_suspected", Severity::warning};
inline constexpr RecordKind channel_consent_regained{"channel.consent_regained", Severity::info};
inline constexpr RecordKind channel_flooded{"channel.flooded", Severity::warning};
inline constexpr RecordKind channel_message_refused{"channel.message_refused", Severity::warning};
/// A whole CLUE message (RFC 8847) as it is on the channel, where DTLS hides it from everybody else.
inline constexpr RecordKind clue_message{"clue.message", Severity::trace};
inline constexpr RecordKind channel_library_said{"channel.library_said", Severity::debug};
inline constexpr RecordKind channel_command_ignored{"channel.command_ignored", Severity::debug};

}  // namespace clued::channel::record
