#include "sip/head_limits.hpp"

#include <algorithm>

namespace clued::sip {

void HeadLimits::count(std::string_view line) {
  ++lines_;
  separators_ += static_cast<std::size_t>(
      std::count_if(line.begin(), line.end(), [](char c) { return c == ',' || c == ';' || c == '&'; }));
}

const char* HeadLimits::excess() const {
  if (lines_ > max_lines) return "too many header lines";
  return separators_ > max_separators ? "too many elements and parameters in headers" : nullptr;
}

const char* excess_of(std::string_view message) {
  HeadLimits limits;
  for (std::size_t at = message.find('\n'); at != std::string_view::npos && limits.excess() == nullptr;) {
    const std::size_t begin = at + 1;
    at = message.find('\n', begin);
    const std::string_view line = message.substr(begin, at == std::string_view::npos ? at : at - begin);
    if (line.empty() || line == "\r") break;
    limits.count(line);
  }
  return limits.excess();
}

}  // namespace clued::sip
