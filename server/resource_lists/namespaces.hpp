#pragma once

#include <string_view>

namespace clued::resource_lists {

inline constexpr std::string_view list_namespace = "urn:ietf:params:xml:ns:resource-lists";       ///< RFC 4826
inline constexpr std::string_view copy_control_namespace = "urn:ietf:params:xml:ns:copycontrol";  ///< RFC 5364

}  // namespace clued::resource_lists
