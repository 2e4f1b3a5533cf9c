// Bodies of SIP messages made by chance: mostly as they should be, in parts as they should not.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "fuzz_process/random.hpp"

namespace clued::fuzz {

struct Body {
  std::string type;  ///< Content-Type; "" with an empty body
  std::string text;
};

/// An offer or answer of a telephone. With `strange`, lines that telephones do not have: data channels that lead to
/// `data_port`, CLUE groups, BUNDLE, preconditions, odd protocols, formats and directions.
std::string session_description(Random& random, std::uint16_t data_port, bool strange);

/// An answer to this offer: one line for each of its lines, most of them taken.
std::string answer_to(Random& random, std::string_view offer, std::uint16_t data_port);

/// An offer with a list of recipients beside it (RFC 5366); each URI of `users` may be in it.
Body recipient_list(Random& random, const std::string& offer, const std::vector<std::string>& users);

/// Something that has no business in the request that carries it.
Body other_body(Random& random);

/// RTP ports in a description.
std::vector<std::uint16_t> media_ports(std::string_view description);

}  // namespace clued::fuzz
