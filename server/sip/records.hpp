// The log records of sip/. What the core decides it logs itself.
#pragma once

#include "base/record.hpp"

namespace clued::sip::record {

using base::RecordKind;
using base::Severity;

inline constexpr RecordKind listening{"sip.listening", Severity::info};
inline constexpr RecordKind receive_buffer_capped{"sip.receive_buffer_capped", Severity::warning};
inline constexpr RecordKind request_refused{"sip.request_refused", Severity::info};
inline constexpr RecordKind identity_ignored{"sip.identity_ignored", Severity::info};
inline constexpr RecordKind challenged{"sip.challenged", Severity::debug};
inline constexpr RecordKind authentication_failed{"sip.authentication_failed", Severity::info};
inline constexpr RecordKind source_limited{"sip.source_limited", Severity::warning};
inline constexpr RecordKind tls_closed{"sip.tls_closed", Severity::debug};
inline constexpr RecordKind connection_refused{"sip.connection_refused", Severity::info};
inline constexpr RecordKind accepting_paused{"sip.accepting_paused", Severity::warning};
inline constexpr RecordKind datagram_refused{"sip.datagram_refused", Severity::info};
inline constexpr RecordKind stream_refused{"sip.stream_refused", Severity::info};
inline constexpr RecordKind connection_replaced{"sip.connection_replaced", Severity::info};
inline constexpr RecordKind request_failed{"sip.request_failed", Severity::info};
inline constexpr RecordKind request_failed_again{"sip.request_failed_again", Severity::debug};
inline constexpr RecordKind lookup_failed{"sip.lookup_failed", Severity::info};
inline constexpr RecordKind message_unbuilt{"sip.message_unbuilt", Severity::error};
inline constexpr RecordKind command_ignored{"sip.command_ignored", Severity::debug};
/// Whole, as it is on the wire.
inline constexpr RecordKind message{"sip.message", Severity::trace};
inline constexpr RecordKind library_said{"sip.library_said", Severity::debug};

}  // namespace clued::sip::record
