#include "sip/abilities.hpp"

#include <algorithm>
#include <array>

#include "sip/values.hpp"

namespace clued::sip {
namespace {

/// INFO and MESSAGE are not among them (IMS-09).
constexpr std::array<std::string_view, 10> methods = {"INVITE", "ACK",    "CANCEL", "BYE",       "OPTIONS",
                                                      "PRACK",  "UPDATE", "REFER",  "SUBSCRIBE", "NOTIFY"};
constexpr std::array<std::string_view, 2> event_packages = {"conference", "refer"};
constexpr std::array<std::string_view, 3> body_types = {"application/sdp", "application/conference-info+xml",
                                                        "message/sipfrag"};

struct Extension {
  std::string_view tag;
  bool in_responses;  ///< in the Supported of what the focus answers
  bool in_requests;   ///< in the Supported of what it asks
  bool required;      ///< a Require that names it is met
};

/// RFC 5366. Of the factory alone, and of no use within a dialog.
constexpr std::string_view recipient_list_invite = "recipient-list-invite";

constexpr std::array<Extension, 8> extensions = {{
    // A reliable 1xx to a re-INVITE is of no use to us, so it is not asked for (RFC 3262 section 4).
    {"100rel", true, false, true},
    // The conference URI is one by nature: it leads to this focus alone, from anywhere (RFC 4579 section 5.1).
    {"gruu", true, true, true},
    {"norefersub", true, true, true},
    // RFC 7614. Its companion explicitsub is not there: who requires it gets 420 and can do without.
    {"nosub", true, true, true},
    // Of what we ask only that says so which has some (RFC 3312 section 11): with others there is nothing to be met.
    {"precondition", true, false, true},
    {"replaces", true, true, true},
    {"tdialog", true, true, true},
    {"timer", true, true, true},
}};

template <class Range, class Name, class Wanted>
std::string list_of(const Range& range, Name name, Wanted wanted) {
  std::string list;
  for (const auto& one : range) {
    if (wanted(one)) list.append(list.empty() ? "" : ", ").append(name(one));
  }
  return list;
}

template <class Range>
std::string list_of(const Range& names) {
  return list_of(
      names, [](std::string_view name) { return name; }, [](std::string_view) { return true; });
}

std::string supported(bool Extension::*where) {
  return list_of(
      extensions, [](const Extension& one) { return one.tag; }, [where](const Extension& one) { return one.*where; });
}

}  // namespace

const std::string& allowed_methods() {
  static const std::string list = list_of(methods);
  return list;
}

const std::string& allowed_events() {
  static const std::string list = list_of(event_packages);
  return list;
}

const std::string& accepted_types() {
  static const std::string list = list_of(body_types);
  return list;
}

const std::string& supported_in_responses() {
  static const std::string list = supported(&Extension::in_responses);
  return list;
}

const std::string& supported_in_requests() {
  static const std::string list = supported(&Extension::in_requests);
  return list;
}

const std::string& supported_by_factory() {
  static const std::string list = supported_in_responses() + ", " + std::string(recipient_list_invite);
  return list;
}

const std::string& types_accepted_by_factory() {
  static const std::string list = accepted_types() + ", application/resource-lists+xml, multipart/mixed";
  return list;
}

bool understands(std::string_view option_tag, bool begins_dialog) {
  if (equal_ignoring_case(option_tag, recipient_list_invite)) return begins_dialog;
  return std::any_of(extensions.begin(), extensions.end(), [option_tag](const Extension& one) {
    return one.required && equal_ignoring_case(one.tag, option_tag);
  });
}

}  // namespace clued::sip
