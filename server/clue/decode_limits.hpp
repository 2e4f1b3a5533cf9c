// How much is read of one message. RFC 8846 bounds none of its lists; a telepresence room needs a few of each.
#pragma once

#include <cstddef>

namespace clued::clue {

/// Beyond them the message is answered with 300 (RFC 8847 section 5.7, CP-24): it may be good CLUE, but it is more than
/// is taken from anybody. Free text is cut instead, because nothing refers to it.
struct DecodeLimits {
  std::size_t bytes = 256 * 1024;
  std::size_t depth = 32;
  std::size_t elements = 20'000;

  // In one message, wherever they stand.
  std::size_t captures = 128;         ///< `clue.max_captures`
  std::size_t encoding_groups = 128;  ///< one for each capture would do
  std::size_t encodings = 512;        ///< ids in all groups
  std::size_t scenes = 64;            ///< of captures
  std::size_t views = 256;            ///< of all scenes
  std::size_t simultaneous_sets = 64;
  std::size_t global_views = 64;
  std::size_t people = 256;
  std::size_t references = 4096;        ///< entries of views, contents, sets and lists of captured people
  std::size_t capture_encodings = 256;  ///< of a configure
  std::size_t versions = 32;            ///< of options
  std::size_t extensions = 32;          ///< of options

  // Of one element.
  std::size_t repeated_texts = 32;  ///< descriptions, languages or types; more are not kept
  std::size_t id_bytes = 256;       ///< of what names or refers to something
  std::size_t word_bytes = 64;      ///< of a value from a list that may be longer one day: `view`, `presentation`, ...

  // Free text is cut: descriptions, names, reasons.
  std::size_t text_bytes = 1024;           ///< of one
  std::size_t all_text_bytes = 16 * 1024;  ///< of a message in all
};

}  // namespace clued::clue
