#include "sip/body.hpp"

#include "sip/multipart.hpp"
#include "sip/values.hpp"

namespace clued::sip {
namespace {

bool is_encoded(const Body& body) {
  return !body.content_encoding.empty() && !equal_ignoring_case(body.content_encoding, "identity");
}

bool is_sdp(const Body& body) { return equal_ignoring_case(media_type(body.content_type), "application/sdp"); }

bool is_resource_list(const Body& body) {
  return equal_ignoring_case(media_type(body.content_type), "application/resource-lists+xml");
}

bool is_recipient_list(const Body& body) { return equal_ignoring_case(body.disposition, "recipient-list"); }

/// Why one that has to be handled is not, or "".
std::string refusal_of(const Body& body, const char* why) { return body.optional ? "" : why; }

/// Takes what it knows. False for what is none of ours.
bool take(const Body& body, SessionBody& found) {
  if (is_recipient_list(body) || is_resource_list(body)) {
    if (is_encoded(body)) {
      found.refusal = refusal_of(body, "content encoding");
    } else if (!is_resource_list(body)) {
      found.refusal = refusal_of(body, "a recipient-list of another type");
    } else if (!is_recipient_list(body)) {
      found.refusal = refusal_of(body, "a resource list that is no recipient-list");
    } else {
      found.recipient_lists.emplace_back(body.content);
    }
    return true;
  }
  if (!is_sdp(body) || is_encoded(body)) return false;
  if (!found.sdp) found.sdp = body.content;
  return true;
}

}  // namespace

SessionBody session_of(const Body& body) {
  SessionBody found;
  if (body.content.empty()) return found;
  bool is_known = false;
  if (is_multipart(body.content_type) && !is_encoded(body)) {
    // What else is beside a session description is somebody else's: in an IMS there are such parts in every call.
    for (const Body& part : parts_of(body)) {
      if (found.refusal.empty() && take(part, found)) is_known = true;
    }
  } else {
    is_known = take(body, found);
  }
  if (!is_known) found.refusal = refusal_of(body, is_encoded(body) ? "content encoding" : "content type");
  return found;
}

}  // namespace clued::sip
