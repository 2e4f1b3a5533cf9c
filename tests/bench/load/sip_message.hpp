// As much of SIP over UDP as a caller on loopback needs: messages as a start line, headers and a body.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace clued::bench {

struct SipMessage {
  std::string method;  ///< of a request, "" of a response
  std::string target;  ///< the Request-URI
  int status = 0;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;

  bool is_request() const noexcept { return !method.empty(); }
  /// The first header of that name (any case), or "".
  std::string_view header(std::string_view name) const;
  /// Number and method of the CSeq.
  unsigned cseq() const;
  std::string_view cseq_method() const;
  /// The URI of the Contact, without what follows it.
  std::string contact() const;
  /// The tag of a From or To header.
  static std::string_view tag_of(std::string_view header);
};

/// Nothing when it is no SIP. Folded headers are not read: the daemon writes none.
std::optional<SipMessage> parse_sip(std::string_view datagram);

/// The message with its Content-Length.
std::string to_text(const SipMessage& message);

/// A response with what section 8.2.6 of RFC 3261 copies from the request.
SipMessage response_to(const SipMessage& request, int status, const std::string& own_tag);

}  // namespace clued::bench
