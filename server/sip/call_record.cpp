#include "sip/call_record.hpp"

#include <utility>

#include "sip/dialog.hpp"

namespace clued::sip {

base::Record record_of_call(const base::RecordKind& kind, const std::string& conference, std::string_view call_id,
                            std::vector<base::Field> more) {
  base::Record record{&kind, {}};
  record.fields.reserve(more.size() + 2);
  if (!conference.empty()) record.fields.emplace_back("conference", conference);
  record.fields.emplace_back("call_id", call_id);
  for (base::Field& field : more) record.fields.push_back(std::move(field));
  return record;
}

base::Record record_of_call(const base::RecordKind& kind, const Dialog& dialog, std::vector<base::Field> more) {
  return record_of_call(kind, dialog.focus_user, dialog.call_id, std::move(more));
}

}  // namespace clued::sip
