#include "resource_lists/namespaces.hpp"
#include "resource_lists/resource_list.hpp"
#include "xml/writer.hpp"

namespace clued::resource_lists {

namespace {

/// RFC 5364 section 4: stands for everybody whose URI is not to be known.
constexpr std::string_view anonymous_uri = "sip:anonymous@anonymous.invalid";

/// The ones of one role: by name, then how many have none. Returns how many that were.
std::size_t write_role(xml::Writer& writer, const std::vector<Entry>& invited, CopyControl role) {
  const std::string_view word = role == CopyControl::to ? "to" : "cc";
  std::size_t count = 0;
  std::size_t anonymous = 0;
  for (const auto& entry : invited) {
    if (entry.copy_control != role) continue;
    ++count;
    if (entry.anonymize) {
      ++anonymous;
      continue;
    }
    writer.start("entry").attribute("uri", entry.uri).attribute("cp:copyControl", word);
    if (!entry.display_name.empty()) writer.element("display-name", entry.display_name);
    writer.end("entry");
  }
  if (anonymous > 0) {
    writer.start("entry").attribute("uri", anonymous_uri).attribute("cp:copyControl", word);
    writer.attribute("cp:count", std::to_string(anonymous)).end("entry");
  }
  return count;
}

}  // namespace

std::string write_history(const std::vector<Entry>& invited) {
  std::string document;
  xml::Writer writer(document);
  writer.declaration().start("resource-lists");
  writer.attribute("xmlns", list_namespace).attribute("xmlns:cp", copy_control_namespace).start("list");
  const auto shown = write_role(writer, invited, CopyControl::to) + write_role(writer, invited, CopyControl::cc);
  writer.end("list").end("resource-lists");
  return shown == 0 ? std::string{} : document;
}

}  // namespace clued::resource_lists
