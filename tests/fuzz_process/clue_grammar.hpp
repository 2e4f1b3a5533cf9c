// CLUE messages made by chance, and their sequence numbers.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "fuzz_process/random.hpp"

namespace clued::fuzz {

/// What the other end has told so far: ids that make sense in a configure.
class ClueNews {
 public:
  void read(std::string_view message);

  std::uint32_t advertisement() const noexcept { return advertisement_; }  ///< sequence number of the last one
  std::uint32_t request() const noexcept { return request_; }              ///< of the last message of any kind
  const std::vector<std::string>& captures() const noexcept { return captures_; }
  const std::vector<std::string>& encodings() const noexcept { return encodings_; }

 private:
  std::uint32_t advertisement_ = 0, request_ = 0;
  std::vector<std::string> captures_, encodings_;
};

/// A message with this sequence number: of any kind, with content that is valid, nearly valid, or very large.
std::string clue_message(Random& random, std::uint32_t sequence, const ClueNews& news);

/// Messages of a well-behaved endpoint and others share one channel, and so one series of sequence numbers.
class SequenceShift {
 public:
  std::uint32_t next() noexcept { return ++last_; }
  /// What the well-behaved endpoint sends gets the next number.
  void outgoing(std::string& message);
  /// What answers it gets back the number that the endpoint knows.
  void incoming(std::string& message) const;

 private:
  std::uint32_t last_ = 0;
  std::map<std::uint32_t, std::uint32_t> own_;  // by the number on the wire
};

}  // namespace clued::fuzz
