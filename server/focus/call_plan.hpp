// What a recipient-list comes to: whom of it the focus calls (RFC 5366 section 5). Pure.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <vector>

#include "focus/call_request.hpp"
#include "focus/conference_policy.hpp"
#include "focus/recipient_list.hpp"

namespace clued::focus {

struct CallPlan {
  struct Skipped {
    SipUri uri;
    NotAdmitted why;
  };

  std::vector<CallRequest> calls;  ///< in the order of the list
  std::vector<Skipped> skipped;
  std::size_t collapsed = 0;  ///< entries that name whom an earlier one names
};

/// `refusal_of`: why somebody is not called, or nothing. Each of the calls carries the history of all of them.
CallPlan plan_calls(const RecipientList& list,
                    const std::function<std::optional<NotAdmitted>(const CallRequest&)>& refusal_of);

}  // namespace clued::focus
