// Ways to spoil a message.
#pragma once

#include <string>

#include "fuzz_process/random.hpp"

namespace clued::fuzz {

/// A few octets are flipped, inserted, removed, repeated, overwritten, or the end is missing.
std::string spoiled_octets(Random& random, std::string message);

/// The same for what is made of lines: lines are removed, repeated, swapped or joined, numbers and tokens exchanged for
/// those that programs stumble over.
std::string spoiled_text(Random& random, std::string message);

/// A number at the edge of some range, as text.
std::string odd_number(Random& random);
/// A text that parsers dislike.
std::string odd_text(Random& random);

}  // namespace clued::fuzz
