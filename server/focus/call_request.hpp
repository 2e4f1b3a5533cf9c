#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/time.hpp"
#include "focus/account.hpp"
#include "focus/address.hpp"

namespace clued::focus {

/// Whom to call, and what the INVITE is to carry of the request that asked for it.
struct CallRequest {
  NameAddress target;
  std::string referred_by{};                                   ///< copied (RFC 3892 section 2.2)
  std::vector<std::pair<std::string, std::string>> headers{};  ///< of the URI, allowed ones
  Account account{};                                           ///< whose share it counts against: who asked for it
  base::TimePoint asked_at{};                                  ///< when its turn to be called came
  // of one that a REFER asks for
  std::string referrer{};  ///< as the others know it, or ""
  // of one that a recipient-list names
  std::shared_ptr<const std::string> recipient_history{};  ///< whom else it names (RFC 5364), or none
  bool is_anonymous = false;                               ///< the others are not to know who it is (anonymize, bcc)
  bool is_unseen_until_in = false;                         ///< nor that it is called (bcc)
};

/// Of a Refer-To or list entry, with those of its header fields that may be carried over (REF-07).
CallRequest call_request(const ReferTarget& target);

/// The callee is to take the place of another dialog of its own (RFC 4579 section 5.10): it is another device.
bool replaces_a_dialog(const CallRequest& request);

}  // namespace clued::focus
