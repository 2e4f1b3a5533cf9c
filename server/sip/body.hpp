// Which part of a SIP body is the session description. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace clued::sip {

struct Body {
  std::string content_type;           ///< the header's value with its parameters, "" when there is none
  std::string_view content_encoding;  ///< "" when there is none
  bool optional = false;              ///< Content-Disposition says handling=optional (RFC 3261 section 20.11)
  std::string_view content;
};

struct SessionBody {
  std::optional<std::string> sdp;
  std::string refusal;  ///< why a 415 is due, "" when none
};

/// application/sdp itself, or the application/sdp part of a multipart body (RFC 5621), however deep it is not nested.
SessionBody session_of(const Body& body);

}  // namespace clued::sip
