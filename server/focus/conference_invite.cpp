// REFER that asks the conference to call somebody (RFC 4579 section 5.5, REF-07).
#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "focus/conference.hpp"
#include "focus/records.hpp"

namespace clued::focus {

namespace {

/// Header fields in a Refer-To URI that are carried over: what a device uses to merge calls (RFC 4579 section 5.10) and
/// what says how the callee is to be reached (RFC 3841). Others could speak in our name.
constexpr std::array<std::string_view, 6> allowed_headers = {"Replaces",       "Subject",        "Priority",
                                                             "Accept-Contact", "Reject-Contact", "Request-Disposition"};
/// A longer value is none that a device writes.
constexpr std::size_t max_header_value = 1024;

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [&](char x, char y) { return lower(x) == lower(y); });
}

/// What was escaped in a URI may contain line breaks.
bool is_one_line(std::string_view value) {
  return std::none_of(value.begin(), value.end(),
                      [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

std::vector<std::pair<std::string, std::string>> carried_headers(const ReferTarget& target) {
  std::vector<std::pair<std::string, std::string>> carried;
  for (const auto& [name, value] : target.headers) {
    const auto allowed = std::find_if(allowed_headers.begin(), allowed_headers.end(),
                                      [&name = name](std::string_view one) { return equal_ignoring_case(one, name); });
    if (allowed == allowed_headers.end() || value.size() > max_header_value || !is_one_line(value)) continue;
    const bool again =
        std::any_of(carried.begin(), carried.end(), [&](const auto& one) { return one.first == *allowed; });
    if (!again) carried.emplace_back(*allowed, value);
  }
  return carried;
}

bool replaces_a_dialog(const CallRequest& request) {
  return std::any_of(request.headers.begin(), request.headers.end(),
                     [](const auto& header) { return header.first == "Replaces"; });
}

}  // namespace

void Conference::refer_invite(const event::ReferReceived& refer, const Turn& turn) {
  if (const auto refusal = invitation_refusal(refer)) return refuse(refer, refusal->status, refusal->why, turn);
  const auto referrer = standing_of(refer.dialog ? refer.dialog : refer.target_dialog, refer.asserted_identity);
  CallRequest request{{{}, refer.refer_to.uri}, refer.referred_by, carried_headers(refer.refer_to)};
  // Who is in is not called again, and who is being called not twice; a device that takes over a dialog is another one.
  Participant* known = replaces_a_dialog(request) ? nullptr : find_staying(refer.refer_to.uri);
  if (known == nullptr) {
    if (services_.participants >= services_.conference_policy().max_participants) {
      return refuse(refer, 503, "too many participants", turn);
    }
    if (size() >= max_participants()) return refuse(refer, 486, "conference is full", turn);
    const auto outstanding = std::count_if(participants_.begin(), participants_.end(),
                                           [](const auto& entry) { return entry.second->is_being_called(); });
    if (static_cast<std::size_t>(outstanding) >= services_.policy.dial_out.max_outstanding) {
      return refuse(refer, 503, "too many unanswered invitations", turn);
    }
  }
  const auto operation = services_.operation_ids.next();
  auto open = accept(refer, referrer, known == nullptr ? 0 : 1, operation, turn);
  Participant& called = known == nullptr ? add_called(std::move(request), operation) : *known;
  if (open) {
    if (known == nullptr || known->is_being_called()) open->called = called.id();
    refers_.open(*std::move(open), turn);
  }
  if (known == nullptr) begin_call(called, turn);
}

std::optional<NotAdmitted> Conference::invitation_refusal(const event::ReferReceived& refer) const {
  const auto& target = refer.refer_to.uri;
  const auto referrer = standing_of(refer.dialog ? refer.dialog : refer.target_dialog, refer.asserted_identity);
  if (!allows(Action::invite, referrer)) return NotAdmitted{403, "not authorised to invite"};
  if (target.scheme == "tel" && !services_.policy.dial_out.has_outbound_proxy) {
    return NotAdmitted{416, "no outbound proxy for a telephone number"};
  }
  if (target.scheme != "tel" && target.host.empty()) return NotAdmitted{400, "nobody to call"};
  if (leads_back_to_us(target)) return NotAdmitted{403, "the target is this focus"};
  return std::nullopt;
}

/// Calling it would come back to us: the conference would be its own participant.
bool Conference::leads_back_to_us(const SipUri& uri) const {
  const auto& policy = services_.conference_policy();
  const auto& domains = policy.domains;
  const bool is_our_host = domains.empty() || std::find(domains.begin(), domains.end(), uri.host) != domains.end();
  return is_our_host && (uri.user == user_ || uri.user == policy.factory_user);
}

/// Somebody of this name who is in or is being called.
Participant* Conference::find_staying(const SipUri& uri) const {
  for (const auto id : registry_.find(uri)) {
    auto& participant = *participants_.at(id);
    if (!participant.is_leaving()) return &participant;
  }
  return nullptr;
}

Participant& Conference::add_called(CallRequest request, base::OperationId operation) {
  const ParticipantId id = services_.participant_ids.next();
  auto& participant =
      *participants_
           .emplace(id, std::make_unique<Participant>(services_, user_, id, ++last_number_, std::move(request)))
           .first->second;
  participant.log().set_operation(operation);
  registry_.add(id, participant.names());
  return participant;
}

void Conference::begin_call(Participant& participant, const Turn& turn) {
  participant.begin_call(turn);
  settle(participant, turn);
}

}  // namespace clued::focus
