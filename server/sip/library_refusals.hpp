// What the library answers by itself, before anybody is asked. Private to server/sip.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/record.hpp"

namespace clued::sip {

/// What a message says about which request it is or answers, as far as it can be read. Pure.
struct MessageHead {
  int status = 0;         ///< of a response
  std::string phrase{};   ///< of a response
  std::string call_id{};  ///< "" when there is none
  std::string method{};   ///< of a request, or of the CSeq of a response
};
MessageHead read_head(std::string_view message);

/// A request that the library cannot read it answers 400, 413 or 505, or nothing where nobody waits for an answer (an
/// ACK, a Via that leads nowhere), and tells nobody. It counts them, though: what it sends while its count has grown is
/// such an answer, and when it has grown without one there was none.
class LibraryRefusals {
 public:
  LibraryRefusals(std::function<std::uint64_t()> count, base::RecordSink log)
      : count_(std::move(count)), log_(std::move(log)) {}

  /// The library is given a request of this source. "": it is not to be told of if it is not answered.
  void begin(std::string source);
  /// It does not get to read that: it is above its source's rate, which is told elsewhere.
  void dropping() { source_.clear(); }
  /// The library has sent this to somebody.
  void sent(const std::string& peer, std::string_view message);
  /// It is done with what it was given.
  void end();

 private:
  bool has_refused();

  std::function<std::uint64_t()> count_;
  base::RecordSink log_;
  std::uint64_t seen_ = 0;
  std::string source_;
};

/// Whether this begins like a response that refuses something.
bool is_refusal(std::string_view message);

}  // namespace clued::sip
