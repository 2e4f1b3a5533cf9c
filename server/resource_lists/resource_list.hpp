// Lists of users as a conference is given and tells them (RFC 5366): flat resource-lists documents (RFC 4826) whose
// entries say who is to know of whom (RFC 5364). Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/expected.hpp"

namespace clued::resource_lists {

/// The role in which somebody is invited (RFC 5364 section 4). Whom the list gives none is told to nobody either.
enum class CopyControl { none, to, cc, bcc };

struct Entry {
  std::string uri;           ///< not looked at here
  std::string display_name;  ///< "" when there is none
  CopyControl copy_control = CopyControl::none;
  bool anonymize = false;  ///< the others are not to know this URI
  bool operator==(const Entry&) const = default;
};

struct ResourceList {
  std::vector<Entry> entries;  ///< in the order of the document
  /// Lists in lists and references to entries elsewhere, which such a document needs not have; a conference may leave
  /// them out (RFC 5366 section 4).
  std::size_t ignored = 0;
};

/// Any bytes are allowed; DTDs, entities and documents beyond 256 KiB are refused. Error: a sentence in one line, with
/// the place in the document.
base::expected<ResourceList, std::string> read(std::string_view document);

/// What the invited are told of each other (RFC 5364 section 5, `recipient-list-history`): who is invited as `to` and
/// `cc`, the anonymous ones by their number alone. "" when there is nobody to tell of.
std::string write_history(const std::vector<Entry>& invited);

}  // namespace clued::resource_lists
