// Whom a recipient-list names (RFC 5366), as the core's values. Pure; any input is allowed.
#pragma once

#include <string>
#include <vector>

#include "base/expected.hpp"
#include "focus/events.hpp"

namespace clued::sip {

/// All entries of these resource-lists documents, one after the other. Error: a sentence, one line.
base::expected<focus::RecipientList, std::string> read_recipient_lists(const std::vector<std::string>& documents);

}  // namespace clued::sip
