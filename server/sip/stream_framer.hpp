// What comes on a connection, cut into SIP messages (RFC 3261 sections 7.5 and 18.3). Pure. Private to server/sip.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "sip/head_limits.hpp"

namespace clued::sip {

/// Lets whole messages through and nothing else: each begins with its start line, ends with its body, and has one
/// Content-Length that says so, and headers that the library can read in a moment. Line ends before and between them
/// are left out. What can be no message, or one that nobody would find the end of, is a fault, and after a fault
/// nothing more is read: where the next message would begin is not known.
class StreamFramer {
 public:
  /// Whether a start line of the right shape, without its line end, can be read.
  using StartLineCheck = std::function<bool(std::string_view line)>;

  struct Fault {
    int status = 0;      ///< what a request was answered, 0: nothing could be
    std::string why;     ///< for the log
    std::string answer;  ///< a whole message, or ""
  };

  /// `check` must outlive the framer.
  StreamFramer(std::size_t max_message, const StartLineCheck& check) : max_message_(max_message), check_(&check) {}

  /// Takes the next bytes, at most room() of them. `deliver` gets each message that is whole now; its text is gone
  /// afterwards.
  void take(std::string_view bytes, const std::function<void(std::string_view message)>& deliver);
  /// No more of the message that has begun is waited for: a fault, if one has.
  void expire();

  std::size_t room() const { return max_message_ - buffer_.size(); }
  bool holds_part() const { return !buffer_.empty(); }
  /// Nothing came since the last message: as good as a new one.
  bool is_new() const { return buffer_.empty() && line_ends_ == 0 && !fault_; }
  const std::optional<Fault>& fault() const { return fault_; }
  /// Keep-alives since the last time that this was asked (RFC 5626 section 4.4.1: a double CRLF between messages).
  std::size_t take_pings() { return std::exchange(pings_, 0); }

 private:
  /// A start line that cannot be read, in a message whose headers are still to come: they say whom to answer.
  enum class StartLine { unknown, request, bad_request, response };

  std::string_view without_line_ends(std::string_view rest);
  bool advance(std::string_view rest);
  void read_line(std::string_view line);
  void read_start_line(std::string_view line);
  void read_header(std::string_view line);
  void end_head(std::size_t size);
  void begin_next();
  void fail(int status, std::string why);
  std::string answer(int status) const;

  std::size_t max_message_;
  const StartLineCheck* check_;
  std::string buffer_;          ///< the beginning of a message that is not whole
  std::string_view message_{};  ///< what there is of it, while bytes are taken
  std::optional<Fault> fault_;
  std::size_t pings_ = 0;
  std::size_t line_ends_ = 0;  ///< how much of a double CRLF has come

  // Of the message that has begun:
  StartLine start_ = StartLine::unknown;
  std::size_t line_start_ = 0;  ///< of the first line that was not read yet
  std::size_t searched_ = 0;    ///< up to where there is no end of it
  std::size_t lengths_ = 0;     ///< Content-Length headers
  std::string length_;          ///< the value of the last one
  bool has_headers_ = false;
  HeadLimits limits_;
  bool last_was_length_ = false;    ///< a folded line goes on with it
  std::optional<std::size_t> end_;  ///< of the body
};

}  // namespace clued::sip
