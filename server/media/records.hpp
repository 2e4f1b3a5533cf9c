// Every record that the media plane writes. A pair that cannot be bound is the core's to log: it knows whose it was.
#pragma once

#include "base/record.hpp"

namespace clued::media::record {

using base::RecordKind;
using base::Severity;

inline constexpr RecordKind port_bound{"port.bound", Severity::debug};
inline constexpr RecordKind port_released{"port.released", Severity::debug};

}  // namespace clued::media::record
