#include <arpa/inet.h>

#include <algorithm>
#include <array>

#include "sdp/session_description.hpp"
#include "sdp/text.hpp"

namespace clued::sdp {
namespace {

constexpr std::size_t kLongestAddress = 255;  // of a domain name, RFC 1035 section 2.3.4

bool is_host_name(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
           c == '_';
  });
}

bool is_numeric_address(int family, std::string_view text) {
  std::array<unsigned char, sizeof(in6_addr)> ignored{};
  return inet_pton(family, std::string(text).c_str(), ignored.data()) == 1;
}

/// A numeric address of the family or a host name. Zone ids name an interface of somebody else's host and are refused.
/// The TTL of a multicast group (RFC 8866 section 5.7) stays in the text: such lines are not accepted later.
bool is_address(IpFamily family, std::string_view text) {
  const std::string_view host = text.substr(0, text.find('/'));
  if (host.size() != text.size() && !is_digits(text.substr(host.size() + 1))) return false;
  if (host.empty() || text.size() > kLongestAddress) return false;
  if (family == IpFamily::v6 && host.find(':') != std::string_view::npos) return is_numeric_address(AF_INET6, host);
  if (host.find_first_not_of("0123456789.") == std::string_view::npos) {
    return family == IpFamily::v4 && is_numeric_address(AF_INET, host);
  }
  return is_host_name(host);
}

std::optional<Connection> read_connection(std::string_view net_type, std::string_view address_type,
                                          std::string_view address) {
  if (!equal_ignoring_case(net_type, "IN")) return std::nullopt;
  Connection connection;
  if (equal_ignoring_case(address_type, "IP6")) {
    connection.family = IpFamily::v6;
  } else if (!equal_ignoring_case(address_type, "IP4")) {
    return std::nullopt;
  }
  if (!is_address(connection.family, address)) return std::nullopt;
  connection.address = address;
  return connection;
}

class Parser {
 public:
  Parser(std::string_view text, const ParseLimits& limits) : rest_(text), limits_(limits) {}

  base::expected<SessionDescription, ParseError> run() {
    if (rest_.size() > limits_.bytes) return failure("the session description is too long");
    if (rest_.find('\0') != std::string_view::npos) return failure("the session description contains a NUL byte");
    while (next_line()) {
      const char* reason = read_line();
      if (reason != nullptr) return failure(reason);
    }
    if (!seen_version_) return failure("v= is missing");
    if (!seen_origin_) return failure("o= is missing");
    return std::move(result_);
  }

 private:
  base::expected<SessionDescription, ParseError> failure(const char* reason) const {
    return base::unexpected(ParseError{line_number_, reason});
  }

  /// Steps to the next line that is not empty; CRLF counts as one end, CR and LF alone as well.
  bool next_line() {
    while (!rest_.empty()) {
      const std::size_t end = std::min(rest_.find_first_of("\r\n"), rest_.size());
      line_ = rest_.substr(0, end);
      const bool crlf = rest_.substr(end, 2) == "\r\n";
      rest_.remove_prefix(std::min(rest_.size(), end + (crlf ? 2 : 1)));
      ++line_number_;
      if (!line_.empty()) return true;
    }
    return false;
  }

  /// A reason when the line is refused, else nullptr.
  const char* read_line() {
    if (line_.size() < 2 || line_[1] != '=') return "a line is not of the form <letter>=<value>";
    const std::string_view value = line_.substr(2);
    if (!seen_version_) return read_version(value);
    switch (line_[0]) {
      case 'o':
        return in_media() ? "o= inside a media description" : read_origin(value);
      case 's':
        return read_name(value);
      case 't':
        return read_timing(value);
      case 'c':
        return read_connection_line(value);
      case 'b':
        return read_bandwidth(value);
      case 'a':
        return read_attribute(value);
      case 'm':
        return read_media(value);
      case 'v':
        return "v= twice";
      default:
        return line_[0] >= 'a' && line_[0] <= 'z' ? nullptr : "a line is not of the form <letter>=<value>";
    }
  }

  bool in_media() const { return !result_.media.empty(); }

  const char* read_version(std::string_view value) {
    if (line_[0] != 'v') return "the first line is not v=";
    if (trimmed(value) != "0") return "v= is not 0";
    seen_version_ = true;
    return nullptr;
  }

  /// Some phones put a display name with blanks where the user name is: the five last fields are what counts.
  const char* read_origin(std::string_view value) {
    if (seen_origin_) return "o= twice";
    const auto parts = fields(value);
    if (parts.size() < 6) return "o= has not six fields";
    const auto last = parts.end();
    const auto address = read_connection(last[-3], last[-2], last[-1]);
    const auto version = number<std::uint64_t>(last[-4]);
    if (!address) return "o= has no usable address";
    if (!version) return "o= has no usable version";
    if (!is_digits(last[-5])) return "o= has no numeric session id";
    const auto id_at = static_cast<std::size_t>(last[-5].data() - value.data());
    result_.origin.username = trimmed(value.substr(0, id_at));
    result_.origin.session_id = last[-5];
    result_.origin.session_version = *version;
    result_.origin.family = address->family;
    result_.origin.address = address->address;
    seen_origin_ = true;
    return nullptr;
  }

  const char* read_name(std::string_view value) {
    if (!in_media() && !value.empty()) result_.session_name = value;
    return nullptr;
  }

  const char* read_timing(std::string_view value) {
    const auto parts = fields(value);
    if (parts.size() != 2 || !is_digits(parts[0]) || !is_digits(parts[1])) return "t= is not two numbers";
    if (!in_media() && !seen_timing_) result_.timing = std::string(parts[0]) + ' ' + std::string(parts[1]);
    seen_timing_ = true;
    return nullptr;
  }

  const char* read_connection_line(std::string_view value) {
    const auto parts = fields(value);
    if (parts.size() != 3) return "c= has not three fields";
    auto connection = read_connection(parts[0], parts[1], parts[2]);
    if (!connection) return "c= has no usable address";
    // Several c= lines are layered multicast (RFC 8866 section 5.7); the first counts.
    std::optional<Connection>& place = in_media() ? result_.media.back().connection : result_.connection;
    if (!place) place = std::move(connection);
    return nullptr;
  }

  const char* read_bandwidth(std::string_view value) {
    if (++attributes_ > limits_.attributes) return "too many attributes";
    (in_media() ? result_.media.back().bandwidths : result_.bandwidths).emplace_back(value);
    return nullptr;
  }

  const char* read_attribute(std::string_view value) {
    if (++attributes_ > limits_.attributes) return "too many attributes";
    const std::size_t colon = std::min(value.find(':'), value.size());
    const std::string_view name = value.substr(0, colon);
    if (!is_token(name)) return "an attribute has no usable name";
    Attribute attribute{std::string(name), std::nullopt};
    if (colon < value.size()) attribute.value = value.substr(colon + 1);
    if (!in_media() && name == "group") return read_group(attribute.text());
    (in_media() ? result_.media.back().attributes : result_.attributes).push_back(std::move(attribute));
    return nullptr;
  }

  const char* read_group(std::string_view value) {
    const auto parts = fields(value);
    if (parts.empty()) return "a=group has no semantics";
    Group group{std::string(parts[0]), {}};
    group.mids.assign(parts.begin() + 1, parts.end());
    result_.groups.push_back(std::move(group));
    return nullptr;
  }

  const char* read_media(std::string_view value) {
    if (result_.media.size() >= limits_.media_lines) return "too many m-lines";
    const auto parts = fields(value);
    if (parts.size() < 3) return "m= has not four fields";
    MediaDescription media;
    media.media = parts[0];
    const std::string_view port = parts[1].substr(0, parts[1].find('/'));
    const auto port_number = number<std::uint16_t>(port);
    if (!port_number) return "m= has no usable port";
    media.port = *port_number;
    if (port.size() != parts[1].size()) {
      const auto count = number<std::uint16_t>(parts[1].substr(port.size() + 1));
      if (!count || *count == 0) return "m= has no usable number of ports";
      media.port_count = *count;
    }
    media.protocol = parts[2];
    media.formats.assign(parts.begin() + 3, parts.end());
    // Some leave the formats of a disabled m-line out; for one in use they are what it is about.
    if (media.formats.empty() && media.is_enabled()) return "m= has no format";
    result_.media.push_back(std::move(media));
    return nullptr;
  }

  std::string_view rest_;
  std::string_view line_;
  std::size_t line_number_ = 0;
  const ParseLimits& limits_;
  std::size_t attributes_ = 0;
  bool seen_version_ = false;
  bool seen_origin_ = false;
  bool seen_timing_ = false;
  SessionDescription result_;
};

}  // namespace

base::expected<SessionDescription, ParseError> parse(std::string_view text, const ParseLimits& limits) {
  return Parser(text, limits).run();
}

}  // namespace clued::sdp
