// Bodies of several parts (RFC 2046 section 5.1, RFC 5621). Private to server/sip; pure; everything is bounded.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sip/body.hpp"

namespace clued::sip {

/// "type/subtype" of a Content-Type, without its parameters.
std::string_view media_type(std::string_view content_type);

bool is_multipart(std::string_view content_type);

/// The parts of a multipart body, which they point into; of parts in parts the outer ones. Empty when it cannot be
/// taken apart.
std::vector<Body> parts_of(const Body& body);

/// How a Content-Disposition value is read: its type, and whether it says handling=optional (RFC 3261 section 20.11).
void read_disposition(std::string_view value, Body& body);

struct TypedBody {
  std::string content_type;
  std::string content;
};

/// A session description and a recipient-list-history that may be left unread (RFC 5364 section 5). `boundary` is a
/// token (RFC 2045 section 5.1) that is in neither.
TypedBody with_recipient_history(std::string_view sdp, std::string_view history, const std::string& boundary);

}  // namespace clued::sip
