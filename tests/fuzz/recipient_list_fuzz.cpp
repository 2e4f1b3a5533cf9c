// Any bytes as the recipient-list of an INVITE, and as a body of several parts that may contain one: entries or a
// sentence, never more; what is told to those who are called can be read again and hides whom it has to.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "resource_lists/resource_list.hpp"
#include "sip/body.hpp"
#include "sip/recipient_list.hpp"

namespace {

using namespace clued;

void require(bool condition) {
  if (!condition) std::abort();
}

void check_history(const resource_lists::ResourceList& list) {
  using resource_lists::CopyControl;
  const auto text = resource_lists::write_history(list.entries);
  const auto shown = std::count_if(list.entries.begin(), list.entries.end(), [](const auto& entry) {
    return !entry.anonymize && (entry.copy_control == CopyControl::to || entry.copy_control == CopyControl::cc);
  });
  if (text.empty()) return require(shown == 0);
  const auto again = resource_lists::read(text);
  require(again.has_value());
  const auto named = std::count_if(again->entries.begin(), again->entries.end(), [](const auto& entry) {
    require(entry.copy_control != CopyControl::bcc);
    return entry.uri != "sip:anonymous@anonymous.invalid";
  });
  require(named <= shown);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  if (const auto list = resource_lists::read(text)) {
    for (const auto& entry : list->entries) require(!entry.uri.empty());
    check_history(*list);
  } else {
    require(!list.error().empty());
    require(list.error().find_first_of("\r\n") == std::string::npos);
  }
  if (const auto recipients = sip::read_recipient_lists({text})) {
    for (const auto& entry : recipients->entries) require(!entry.target.uri.scheme.empty());
  } else {
    require(!recipients.error().empty());
  }
  const auto body = sip::session_of({"multipart/mixed;boundary=b", "", false, text});
  require(body.recipient_lists.size() <= 16);
  return 0;
}
