// Log records about calls, subscriptions and what comes in them. Private to server/sip.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/record.hpp"

namespace clued::sip {

struct Dialog;

/// With the ids by which the story of a conference and of a participant is found (base::Subject), as far as they are
/// known here. `conference`: its user part, or "" as long as nobody knows whether the call belongs to one.
base::Record record_of_call(const base::RecordKind& kind, const std::string& conference, std::string_view call_id,
                            std::vector<base::Field> more);
base::Record record_of_call(const base::RecordKind& kind, const Dialog& dialog, std::vector<base::Field> more);

}  // namespace clued::sip
