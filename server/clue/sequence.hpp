// Sequence numbers of CLUE messages (RFC 8847 section 5): three streams in each direction of a channel.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>

namespace clued::clue {

/// Numbers what we send: each message of a stream has the number of the one before plus one (CP-09).
class OutgoingSequence {
 public:
  explicit OutgoingSequence(std::uint32_t start) noexcept : next_(start == 0 ? 1 : start) {}

  /// What next() will return.
  std::uint32_t due() const noexcept { return next_; }

  std::uint32_t next() noexcept {
    const std::uint32_t number = next_;
    next_ = number == std::numeric_limits<std::uint32_t>::max() ? 1 : number + 1;  // positiveInteger: never 0
    return number;
  }

 private:
  std::uint32_t next_;
};

/// Follows the numbers of one stream of the peer. What it saw last counts, whether it was right or not (CP-11): the
/// peer goes on from there, and a receiver that insisted on its own count would refuse everything for ever.
class IncomingSequence {
 public:
  /// Whether this is the number that was due. Any number is, at the start of a stream.
  bool follow(std::uint32_t number) noexcept {
    const bool due = !last_ || number == *last_ + 1;
    last_ = number;
    errors_ = due ? 0 : errors_ + 1;
    return due;
  }

  /// The message was unreadable, but this was its number: the next one has its successor.
  void resume_after(std::uint32_t number) noexcept { last_ = number; }
  /// The message was so unreadable that even its number is unknown: the next one may have any.
  void lose_track() noexcept { last_.reset(); }

  /// The number that is due, for log and answers; 1 where any is.
  std::uint32_t due() const noexcept { return last_ ? *last_ + 1 : 1; }
  /// Wrong numbers in a row.
  unsigned errors() const noexcept { return errors_; }

 private:
  std::optional<std::uint32_t> last_;
  unsigned errors_ = 0;
};

}  // namespace clued::clue
