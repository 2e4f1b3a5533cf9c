// CLUE messages as XML: reading leniently (unknown content is ignored, RFC 8847 section 7), writing exactly.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/expected.hpp"
#include "clue/decode_limits.hpp"
#include "clue/messages.hpp"

namespace clued::clue {

/// Why bytes from the peer are not a message that we can process.
struct DecodeError {
  /// What to answer: 300 too large or too many, 301 not well-formed or incomplete, 302 bad value, 401 a message of
  /// another major version that makes no sense to us (one that does is returned as a message, for the state machine to
  /// judge).
  ResponseCode code = ResponseCode::bad_syntax;
  std::string reason;            ///< one line, with the position, fit for a log and for reasonString
  std::string message_name;      ///< root element if it was readable, so that the right response type is sent
  std::uint32_t sequence = 0;    ///< sequenceNr if it was readable, else 0
  bool unknown_message = false;  ///< a root element that is not ours: to be ignored (CP-27)
};

/// Reads one message. Never throws for any input. Both xsi namespaces are accepted (defects D1, D2). White space in
/// texts is collapsed: the RFCs' examples break lines in descriptions.
base::expected<Message, DecodeError> decode(std::string_view bytes, const DecodeLimits& limits = {});

/// Writes one message; the result validates against the repaired schemas of RFC 8847 if the message obeys the model.
std::string encode(const Message& message);

}  // namespace clued::clue
