// Any bytes on a connection: the same messages, keep-alives and fault in whatever pieces they come, and each message is
// one by RFC 3261. The first bytes of the input choose the pieces.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "sip/stream_framer.hpp"

namespace {

using clued::sip::StreamFramer;

constexpr std::size_t max_message = 2000;

void require(bool condition) {
  if (!condition) std::abort();
}

struct Outcome {
  std::vector<std::string> messages;
  std::size_t pings = 0;
  std::string why;
  std::string answer;
  friend bool operator==(const Outcome&, const Outcome&) = default;
};

template <class NextSize>
Outcome take(std::string_view text, NextSize next_size) {
  const StreamFramer::StartLineCheck check = [](std::string_view line) {
    return line.find('%') == std::string_view::npos;
  };
  StreamFramer framer(max_message, check);
  Outcome outcome;
  while (!text.empty() && !framer.fault()) {
    const std::string_view piece = text.substr(0, std::min(next_size(), framer.room()));
    framer.take(piece, [&outcome](std::string_view message) { outcome.messages.emplace_back(message); });
    require(framer.fault() || framer.room() > 0);
    outcome.pings += framer.take_pings();
    text.remove_prefix(piece.size());
  }
  if (framer.fault()) outcome = {outcome.messages, outcome.pings, framer.fault()->why, framer.fault()->answer};
  return outcome;
}

void require_message(const std::string& message) {
  require(message.size() <= max_message);
  require(message.front() != '\r' && message.front() != '\n' && message.front() != ' ');
  require(message.find("SIP/") != std::string::npos || message.find("sip/") != std::string::npos ||
          message.find("Sip/") != std::string::npos || message.find('/') != std::string::npos);
  require(message.substr(0, message.find("\n\r\n")).find('\0') == std::string::npos ||
          message.find("\n\n") < message.find('\0'));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view all(reinterpret_cast<const char*>(data), size);
  const std::string_view cuts = all.substr(0, std::min<std::size_t>(8, size));
  const std::string_view text = all.substr(cuts.size());
  const Outcome whole = take(text, [] { return max_message; });
  const Outcome bytes = take(text, [] { return std::size_t{1}; });
  std::size_t turn = 0;
  const Outcome pieces = take(text, [&turn, cuts] {
    return std::size_t{1} + (cuts.empty() ? 0 : static_cast<unsigned char>(cuts[turn++ % cuts.size()]));
  });
  require(whole == bytes);
  require(whole == pieces);
  for (const std::string& message : whole.messages) require_message(message);
  require(whole.answer.empty() || whole.answer.find("\r\nContent-Length: 0\r\n\r\n") + 23 == whole.answer.size());
  return 0;
}
