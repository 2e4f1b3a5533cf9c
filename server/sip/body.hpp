// Which parts of a SIP body are for us: the session description, and lists of recipients. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace clued::sip {

/// A body, or one part of it.
struct Body {
  std::string content_type;           ///< the header's value with its parameters, "" when there is none
  std::string_view content_encoding;  ///< "" when there is none
  bool optional = false;              ///< Content-Disposition says handling=optional (RFC 3261 section 20.11)
  std::string_view content;
  std::string_view disposition{};  ///< type of the Content-Disposition, "" when there is none
};

struct SessionBody {
  std::optional<std::string> sdp;
  std::string refusal;                         ///< why a 415 is due, "" when none
  std::vector<std::string> recipient_lists{};  ///< resource-lists documents of that disposition (RFC 5363 section 4)
};

/// What is found in the body itself, or in the parts of a multipart body (RFC 5621), however deep they are not nested.
SessionBody session_of(const Body& body);

}  // namespace clued::sip
