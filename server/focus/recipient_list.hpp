// Whom the INVITE to the conference factory lists to be invited (RFC 5366), as values that sip/ makes.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "focus/address.hpp"
#include "resource_lists/resource_list.hpp"

namespace clued::focus {

struct Recipient {
  ReferTarget target{};  ///< with the method and header fields of its URI
  std::string display_name{};
  resource_lists::CopyControl copy_control = resource_lists::CopyControl::none;
  bool anonymize = false;
};

struct RecipientList {
  std::vector<Recipient> entries{};
  std::size_t ignored = 0;  ///< nested lists and references
};

}  // namespace clued::focus
