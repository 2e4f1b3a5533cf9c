// Answers to requests that the library is not to read. Pure. Private to server/sip.
#pragma once

#include <string>
#include <string_view>

namespace clued::sip {

/// The name of the header that begins on this line.
std::string_view header_name(std::string_view line);

/// A response with nothing but what it repeats of the request (RFC 3261 section 8.2.6.2), made of the request's text
/// up to its body or as much of that as there is. "" where nobody expects one (an ACK), or where it would not find its
/// way.
std::string bare_answer(std::string_view head, int status);

}  // namespace clued::sip
