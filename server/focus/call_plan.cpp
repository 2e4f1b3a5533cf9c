#include "focus/call_plan.hpp"

#include <algorithm>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>

namespace clued::focus {

namespace {

using resource_lists::CopyControl;

/// The URIs seen so far, found by hash: a list may be long.
class SeenUris {
 public:
  /// True when an equivalent one was there before.
  bool contains_or_add(const SipUri& uri) {
    const auto key = lookup_key(uri);
    const auto [first, last] = by_key_.equal_range(key);
    if (std::any_of(first, last, [&](const auto& seen) { return equivalent(seen.second, uri); })) return true;
    by_key_.emplace(key, uri);
    return false;
  }

 private:
  std::unordered_multimap<std::string, SipUri> by_key_;
};

}  // namespace

CallPlan plan_calls(const RecipientList& list,
                    const std::function<std::optional<NotAdmitted>(const CallRequest&)>& refusal_of) {
  CallPlan plan;
  SeenUris seen;
  std::vector<resource_lists::Entry> invited;
  for (const auto& recipient : list.entries) {
    auto request = call_request(recipient.target);
    // Two devices of one user may each be asked to move its own dialog.
    if (!replaces_a_dialog(request) && seen.contains_or_add(recipient.target.uri)) {
      ++plan.collapsed;
      continue;
    }
    auto refusal = recipient.target.method == "INVITE" ? refusal_of(request) : NotAdmitted{403, "not an invitation"};
    if (refusal) {
      plan.skipped.push_back({recipient.target.uri, *refusal});
      continue;
    }
    request.target.display_name = recipient.display_name;
    request.is_unseen_until_in = recipient.copy_control == CopyControl::bcc;
    request.is_anonymous = recipient.anonymize || request.is_unseen_until_in;
    invited.push_back(
        {recipient.target.uri.to_string(), recipient.display_name, recipient.copy_control, recipient.anonymize});
    plan.calls.push_back(std::move(request));
  }
  if (auto document = resource_lists::write_history(invited); !document.empty()) {
    const auto shared = std::make_shared<const std::string>(std::move(document));
    for (auto& call : plan.calls) call.recipient_history = shared;
  }
  return plan;
}

}  // namespace clued::focus
