#include <optional>
#include <utility>

#include "resource_lists/namespaces.hpp"
#include "resource_lists/resource_list.hpp"
#include "xml/document.hpp"

namespace clued::resource_lists {

namespace {

using Failure = base::unexpected<std::string>;

Failure failure(const xml::Element& at, const char* reason) {
  return Failure(std::to_string(at.line()) + ':' + std::to_string(at.column()) + ": " + reason);
}

/// As xs:anyURI and xs:boolean are read: white space around them does not count.
std::string_view collapsed(std::string_view text) {
  static constexpr std::string_view blank = " \t\r\n";
  const auto start = text.find_first_not_of(blank);
  if (start == std::string_view::npos) return {};
  return text.substr(start, text.find_last_not_of(blank) - start + 1);
}

std::optional<CopyControl> copy_control_of(std::string_view word) {
  if (word == "to") return CopyControl::to;
  if (word == "cc") return CopyControl::cc;
  if (word == "bcc") return CopyControl::bcc;
  return std::nullopt;
}

base::expected<Entry, std::string> read_entry(const xml::Element& element) {
  Entry entry;
  const auto uri = element.attribute("uri");
  if (uri) entry.uri = collapsed(*uri);
  if (entry.uri.empty()) return failure(element, "an entry without a uri");
  if (const auto word = element.attribute("copyControl", copy_control_namespace)) {
    const auto control = copy_control_of(*word);
    if (!control) return failure(element, "copyControl is none of to, cc and bcc");
    entry.copy_control = *control;
  }
  if (const auto said = element.attribute("anonymize", copy_control_namespace)) {
    const auto word = collapsed(*said);
    entry.anonymize = word == "true" || word == "1";
    if (!entry.anonymize && word != "false" && word != "0") return failure(element, "anonymize is no boolean");
  }
  for (const auto child : element.children()) {
    if (child.namespace_uri() == list_namespace && child.name() == "display-name") entry.display_name = child.text();
  }
  return entry;
}

}  // namespace

base::expected<ResourceList, std::string> read(std::string_view bytes) {
  const xml::Document document(bytes);
  if (document.error()) return Failure(document.error()->text());
  const auto root = *document.root();
  if (root.namespace_uri() != list_namespace || root.name() != "resource-lists") {
    return failure(root, "not a resource-lists document");
  }
  ResourceList result;
  for (const auto list : root.children()) {
    if (list.namespace_uri() != list_namespace || list.name() != "list") return failure(list, "not a list");
    for (const auto child : list.children()) {
      if (child.namespace_uri() != list_namespace || child.name() == "display-name") continue;
      if (child.name() != "entry") {
        ++result.ignored;
        continue;
      }
      auto entry = read_entry(child);
      if (!entry) return Failure(std::move(entry).error());
      result.entries.push_back(*std::move(entry));
    }
  }
  return result;
}

}  // namespace clued::resource_lists
