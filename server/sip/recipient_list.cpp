#include "sip/recipient_list.hpp"

#include <utility>

#include "sip/parse.hpp"

namespace clued::sip {

base::expected<focus::RecipientList, std::string> read_recipient_lists(const std::vector<std::string>& documents) {
  focus::RecipientList result;
  for (const auto& document : documents) {
    auto list = resource_lists::read(document);
    if (!list) return base::unexpected(std::move(list).error());
    result.ignored += list->ignored;
    for (auto& entry : list->entries) {
      auto target = parse_target(entry.uri);
      if (!target) {
        return base::unexpected("entry " + std::to_string(result.entries.size() + 1) + ": " + target.error());
      }
      result.entries.push_back(
          {*std::move(target), std::move(entry.display_name), entry.copy_control, entry.anonymize});
    }
  }
  return result;
}

}  // namespace clued::sip
