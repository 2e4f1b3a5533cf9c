#include "focus/call_request.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace clued::focus {

namespace {

/// Header fields in the URI of a callee that are carried over: what a device uses to merge calls (RFC 4579
/// section 5.10) and what says how the callee is to be reached (RFC 3841). Others could speak in our name.
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

}  // namespace

CallRequest call_request(const ReferTarget& target) { return {{{}, target.uri}, {}, carried_headers(target), {}}; }

bool replaces_a_dialog(const CallRequest& request) {
  return std::any_of(request.headers.begin(), request.headers.end(),
                     [](const auto& header) { return header.first == "Replaces"; });
}

}  // namespace clued::focus
