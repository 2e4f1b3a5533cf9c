#include "channel/candidate.hpp"

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <charconv>
#include <system_error>
#include <utility>

namespace clued::channel {
namespace {

/// Each costs checks towards an address that the peer chose.
constexpr std::size_t kMostCandidates = 32;
constexpr std::size_t kLongestFoundation = 32;
constexpr std::uint16_t kDiscardPort = 9;

template <class Number>
std::optional<Number> number(std::string_view text) {
  Number value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// Takes the next word off the front.
std::string_view next_word(std::string_view& text) {
  const std::size_t begin = std::min(text.find_first_not_of(' '), text.size());
  text.remove_prefix(begin);
  const std::size_t end = std::min(text.find(' '), text.size());
  const std::string_view word = text.substr(0, end);
  text.remove_prefix(end);
  return word;
}

bool is_udp(std::string_view transport) {
  return transport.size() == 3 && (transport[0] == 'U' || transport[0] == 'u') &&
         (transport[1] == 'D' || transport[1] == 'd') && (transport[2] == 'P' || transport[2] == 'p');
}

bool is_checkable(std::string_view address) {
  boost::system::error_code error;
  const auto parsed = boost::asio::ip::make_address(std::string(address), error);
  // A zone ("%eth0") means something on the peer's machine only.
  return !error && !parsed.is_unspecified() && !parsed.is_multicast() && address.find('%') == std::string_view::npos;
}

std::optional<CandidateType> read_type(std::string_view word) {
  if (word == "host") return CandidateType::host;
  if (word == "srflx") return CandidateType::server_reflexive;
  if (word == "prflx") return CandidateType::peer_reflexive;
  if (word == "relay") return CandidateType::relayed;
  return std::nullopt;
}

void read_related(std::string_view rest, Candidate& candidate) {
  while (true) {
    const std::string_view name = next_word(rest);
    const std::string_view value = next_word(rest);
    if (name.empty() || value.empty()) return;
    if (name == "raddr" && is_checkable(value)) candidate.related_address = value;
    if (name == "rport") candidate.related_port = number<std::uint16_t>(value).value_or(std::uint16_t{0});
  }
}

}  // namespace

std::optional<Candidate> read_candidate(std::string_view value) {
  constexpr std::string_view kAttributeName = "candidate:";
  if (value.starts_with(kAttributeName)) value.remove_prefix(kAttributeName.size());
  Candidate candidate;
  candidate.foundation = next_word(value);
  const auto component = number<unsigned>(next_word(value));
  const std::string_view transport = next_word(value);
  const auto priority = number<std::uint32_t>(next_word(value));
  candidate.address = next_word(value);
  const auto port = number<std::uint16_t>(next_word(value));
  const std::string_view type_keyword = next_word(value);
  const auto type = read_type(next_word(value));
  if (candidate.foundation.empty() || candidate.foundation.size() > kLongestFoundation) return std::nullopt;
  if (component != 1U || !is_udp(transport) || !priority || *priority == 0) return std::nullopt;
  if (!port || *port == 0 || type_keyword != "typ" || !type || !is_checkable(candidate.address)) return std::nullopt;
  candidate.priority = *priority;
  candidate.port = *port;
  candidate.type = *type;
  read_related(value, candidate);
  return candidate;
}

RemoteCandidates remote_candidates(const sdp::DataChannel& remote) {
  RemoteCandidates result;
  for (const std::string& value : remote.candidates) {
    auto candidate = read_candidate(value);
    if (candidate && result.usable.size() < kMostCandidates) {
      result.usable.push_back(*std::move(candidate));
    } else {
      ++result.ignored;
    }
  }
  if (!result.usable.empty() || remote.port == 0 || remote.port == kDiscardPort || !is_checkable(remote.address)) {
    return result;
  }
  Candidate fallback;
  fallback.foundation = "default";
  fallback.priority = 1;  // whatever the peer's own checks show is better
  fallback.address = remote.address;
  fallback.port = remote.port;
  result.usable.push_back(std::move(fallback));
  return result;
}

}  // namespace clued::channel
