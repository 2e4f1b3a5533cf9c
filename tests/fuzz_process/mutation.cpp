#include "fuzz_process/mutation.hpp"

#include <algorithm>
#include <cctype>
#include <utility>
#include <vector>

namespace clued::fuzz {

namespace {

constexpr std::size_t largest = 65'000;

constexpr const char* numbers[] = {"0",
                                   "1",
                                   "-1",
                                   "00000000000000000000000001",
                                   "127",
                                   "255",
                                   "256",
                                   "65535",
                                   "65536",
                                   "2147483647",
                                   "2147483648",
                                   "4294967295",
                                   "4294967296",
                                   "9223372036854775807",
                                   "18446744073709551616",
                                   "99999999999999999999999999999999999999",
                                   "1e9",
                                   "0x10",
                                   "+5",
                                   " 7 ",
                                   "1.5",
                                   ""};

constexpr const char* texts[] = {"",
                                 " ",
                                 "\t",
                                 "\r\n ",
                                 ";",
                                 ",",
                                 "<",
                                 ">",
                                 "\"",
                                 "\\",
                                 "%00",
                                 "%",
                                 "%zz",
                                 "@",
                                 "[",
                                 "[::1]",
                                 "[::",
                                 "*",
                                 "\xff\xfe",
                                 "\xc3",
                                 "sip:",
                                 "sip:@",
                                 "sips:a@127.0.0.1",
                                 "tel:+1234567890",
                                 "tel:",
                                 "urn:service:sos",
                                 "<sip:127.0.0.1;lr>",
                                 "\"unterminated",
                                 "(comment (nested",
                                 "z9hG4bK",
                                 ";tag=",
                                 ";tag=a;tag=b",
                                 ";lr=on;maddr=127.0.0.1;ttl=1",
                                 "?Replaces=a%3bto-tag%3db%3bfrom-tag%3dc&Body=x",
                                 "a=b=c",
                                 "&amp;&lt;&#0;&#xffffffff;",
                                 "<![CDATA[",
                                 "<!DOCTYPE a [<!ENTITY b 'c'>]>",
                                 "\n",
                                 "\r",
                                 "\r\n\r\n"};

/// A run of digits somewhere, [begin, end); empty when there is none.
std::pair<std::size_t, std::size_t> some_number(Random& random, const std::string& text) {
  if (text.empty()) return {0, 0};
  const std::size_t from = random.below(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    std::size_t begin = (from + i) % text.size();
    if (std::isdigit(static_cast<unsigned char>(text[begin])) == 0) continue;
    while (begin > 0 && std::isdigit(static_cast<unsigned char>(text[begin - 1])) != 0) --begin;
    std::size_t end = begin;
    while (end < text.size() && std::isdigit(static_cast<unsigned char>(text[end])) != 0) ++end;
    return {begin, end};
  }
  return {0, 0};
}

void spoil_once(Random& random, std::string& text) {
  const std::size_t at = random.below(text.size() + 1);
  const std::size_t count = std::min(text.size() - at, 1 + random.below(random.chance(80) ? 8 : 400));
  switch (random.below(9)) {
    case 0:
      if (at < text.size()) text[at] = static_cast<char>(text[at] ^ (1 << random.below(8)));
      break;
    case 1:
      if (at < text.size()) text[at] = static_cast<char>(random.octet());
      break;
    case 2:
      text.insert(at, 1 + random.below(random.chance(95) ? 6 : 3000), static_cast<char>(random.octet()));
      break;
    case 3:
      text.erase(at, count);
      break;
    case 4:
      text.insert(at, std::string(text.substr(at, count)));
      break;
    case 5:
      if (random.chance(30)) text.resize(at);
      break;
    case 6:
      for (std::size_t i = 0; i < count; ++i) text[at + i] = static_cast<char>(random.octet());
      break;
    case 7: {
      const std::string part = text.substr(at, count);
      text.insert(random.below(text.size() + 1), part);
      break;
    }
    default:
      for (std::size_t i = 0; i < std::min<std::size_t>(count, 4); ++i) {
        text[at + i] = static_cast<char>(random.chance(50) ? 0xff : 0);
      }
  }
  if (text.size() > largest) text.resize(largest);
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::size_t begin = 0;
  while (begin < text.size()) {
    const auto end = text.find('\n', begin);
    const auto next = end == std::string::npos ? text.size() : end + 1;
    lines.push_back(text.substr(begin, next - begin));
    begin = next;
  }
  return lines;
}

void spoil_lines(Random& random, std::string& text) {
  auto lines = lines_of(text);
  if (lines.empty()) return;
  const std::size_t one = random.below(lines.size());
  const std::size_t other = random.below(lines.size());
  const auto place = lines.begin() + static_cast<std::ptrdiff_t>(one);
  switch (random.below(6)) {
    case 0:
      lines.erase(place);
      break;
    case 1:
      lines.insert(place, 1 + random.below(random.chance(95) ? 3 : 300), std::string(lines[other]));
      break;
    case 2:
      std::swap(lines[one], lines[other]);
      break;
    case 3:
      while (!lines[one].empty() && (lines[one].back() == '\n' || lines[one].back() == '\r')) lines[one].pop_back();
      break;
    case 4:
      lines[one].insert(random.below(lines[one].size() + 1), odd_text(random));
      break;
    default:
      if (const auto colon = lines[one].find_first_of(":="); colon != std::string::npos) {
        lines[one] = lines[one].substr(0, colon + 1) + odd_text(random) + "\r\n";
      }
  }
  text.clear();
  for (const auto& line : lines) text += line;
  if (text.size() > largest) text.resize(largest);
}

}  // namespace

std::string odd_number(Random& random) { return random.pick(numbers); }

std::string odd_text(Random& random) {
  if (random.chance(4)) {
    const std::size_t count = 1 + random.below(random.chance(90) ? 300 : 8000);
    std::string repeated;
    const std::string unit = random.pick(texts);
    while (repeated.size() < count && !unit.empty()) repeated += unit;
    return repeated;
  }
  return random.pick(texts);
}

std::string spoiled_octets(Random& random, std::string message) {
  for (std::size_t i = 1 + random.below(4); i > 0; --i) spoil_once(random, message);
  return message;
}

std::string spoiled_text(Random& random, std::string message) {
  for (std::size_t i = 1 + random.below(3); i > 0; --i) {
    switch (random.below(5)) {
      case 0:
        spoil_once(random, message);
        break;
      case 1: {
        const auto [begin, end] = some_number(random, message);
        message.replace(begin, end - begin, odd_number(random));
        break;
      }
      case 2:
        message.insert(random.below(message.size() + 1), odd_text(random));
        break;
      default:
        spoil_lines(random, message);
    }
  }
  return message;
}

}  // namespace clued::fuzz
