// How much the head of a message may give the library to do. Pure. Private to server/sip.
#pragma once

#include <cstddef>
#include <string_view>

namespace clued::sip {

/// Counts what the library's work on a message grows with the square of: its header fields (it looks through those it
/// has for each further one), and the elements and parameters in them. A message of 200 KB that is nothing but these
/// costs it half a minute. Within the limits it costs a few milliseconds at most, and no message of the field's has a
/// quarter of them.
class HeadLimits {
 public:
  static constexpr std::size_t max_lines = 300;
  static constexpr std::size_t max_separators = 3000;

  /// A line between the start line and the empty one; a folded line counts like another.
  void count(std::string_view line);
  /// For the log; nullptr while there is not too much.
  const char* excess() const;

 private:
  std::size_t lines_ = 0;
  std::size_t separators_ = 0;
};

/// Of a whole message.
const char* excess_of(std::string_view message);

}  // namespace clued::sip
