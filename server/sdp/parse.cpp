#include <arpa/inet.h>

#include <algorithm>
#include <array>

#include "sdp/session_description.hpp"
#include "sdp/text.hpp"

namespace clued::sdp {
namespace {

constexpr std::size_t kLongestAddress = 255;  // of a domain name, RFC 1035 section 2.3.4
constexpr std::size_t max_remarks = 16;

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
  Parser(std::string_view text, const ParseLimits& limits, std::vector<std::string>* remarks)
      : rest_(text), limits_(limits), remarks_(remarks) {}

  base::expected<SessionDescription, ParseError> run() {
    if (rest_.size() > limits_.bytes) return failure("the session description is too long");
    if (rest_.find('\0') != std::string_view::npos) return failure("the session description contains a NUL byte");
    if (!next_line() || !line_.starts_with("v=") || trimmed(line_.substr(2)) != "0")
      return failure("the session description does not begin with v=0");
    while (next_line()) {
      read_line();
      if (too_much_ != nullptr) return failure(too_much_);
    }
    return std::move(result_);
  }

 private:
  base::expected<SessionDescription, ParseError> failure(const char* reason) const {
    return base::unexpected(ParseError{line_number_, reason});
  }

  /// What a line means that is not as it should be is not guessed; the call goes on without it.
  void remark(const char* what) {
    if (remarks_ == nullptr || remarks_->size() >= max_remarks) return;
    remarks_->push_back("line " + std::to_string(line_number_) + ": " + what);
  }

  /// Steps to the next line that is not empty; CRLF counts as one end, CR and LF alone as well. Blanks at its end are
  /// nobody's intention.
  bool next_line() {
    while (!rest_.empty()) {
      const std::size_t end = std::min(rest_.find_first_of("\r\n"), rest_.size());
      line_ = rest_.substr(0, end);
      const bool crlf = rest_.substr(end, 2) == "\r\n";
      rest_.remove_prefix(std::min(rest_.size(), end + (crlf ? 2 : 1)));
      ++line_number_;
      line_ = line_.substr(0, line_.find_last_not_of(" \t") + 1);
      if (!line_.empty()) return true;
    }
    return false;
  }

  void read_line() {
    if (line_.size() < 2 || line_[1] != '=') return remark("not of the form <letter>=<value>, ignored");
    const std::string_view value = line_.substr(2);
    switch (line_[0]) {
      case 'o':
        return read_origin(value);
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
      default:
        // Of the others no answer needs any, whether we know them or not.
        if (std::string_view("iuepzkr").find(line_[0]) == std::string_view::npos) remark("of an unknown type, ignored");
    }
  }

  bool in_media() const { return !result_.media.empty(); }

  /// Nothing of it is needed: offers are answered whoever made them. Some phones put a display name with blanks where
  /// the user name is: the five last fields are what counts.
  void read_origin(std::string_view value) {
    if (in_media() || seen_origin_) return remark("a second o= or one in a wrong place, ignored");
    const auto parts = fields(value);
    if (parts.size() < 6) return remark("o= has not six fields, ignored");
    const auto last = parts.end();
    const auto address = read_connection(last[-3], last[-2], last[-1]);
    const auto version = number<std::uint64_t>(last[-4]);
    if (!address) return remark("o= has no usable address, ignored");
    if (!version || !is_digits(last[-5])) return remark("o= has no usable session id or version, ignored");
    const auto id_at = static_cast<std::size_t>(last[-5].data() - value.data());
    result_.origin.username = trimmed(value.substr(0, id_at));
    result_.origin.session_id = last[-5];
    result_.origin.session_version = *version;
    result_.origin.family = address->family;
    result_.origin.address = address->address;
    seen_origin_ = true;
  }

  void read_name(std::string_view value) {
    if (!in_media() && !value.empty()) result_.session_name = value;
  }

  void read_timing(std::string_view value) {
    const auto parts = fields(value);
    if (parts.size() != 2 || !is_digits(parts[0]) || !is_digits(parts[1])) {
      return remark("t= is not two numbers, ignored");
    }
    if (!in_media() && !seen_timing_) result_.timing = std::string(parts[0]) + ' ' + std::string(parts[1]);
    seen_timing_ = true;
  }

  /// Several c= lines are layered multicast (RFC 8866 section 5.7); the first counts. One that cannot be read leaves
  /// open where the media are to go, so nothing is sent.
  void read_connection_line(std::string_view value) {
    std::optional<Connection>& place = in_media() ? result_.media.back().connection : result_.connection;
    if (place) return;
    const auto parts = fields(value);
    if (parts.size() == 3) place = read_connection(parts[0], parts[1], parts[2]);
    if (place) return;
    if (in_media()) return disable("c= has no usable address");
    remark("c= has no usable address, ignored");
  }

  void read_bandwidth(std::string_view value) {
    if (++attributes_ > limits_.attributes) return refuse("too many attributes");
    // <bwtype>:<bandwidth>; which of them mean something to us is not asked here.
    if (value.find(':') == std::string_view::npos) return remark("b= without a value, ignored");
    (in_media() ? result_.media.back().bandwidths : result_.bandwidths).emplace_back(value);
  }

  void read_attribute(std::string_view value) {
    if (++attributes_ > limits_.attributes) return refuse("too many attributes");
    const std::size_t colon = std::min(value.find(':'), value.size());
    const std::string_view name = value.substr(0, colon);
    if (!is_token(name)) return remark("an attribute without a usable name, ignored");
    Attribute attribute{std::string(name), std::nullopt};
    if (colon < value.size()) attribute.value = value.substr(colon + 1);
    if (!in_media() && name == "group") return read_group(attribute.text());
    (in_media() ? result_.media.back().attributes : result_.attributes).push_back(std::move(attribute));
  }

  void read_group(std::string_view value) {
    const auto parts = fields(value);
    if (parts.empty()) return remark("a=group without semantics, ignored");
    Group group{std::string(parts[0]), {}};
    group.mids.assign(parts.begin() + 1, parts.end());
    result_.groups.push_back(std::move(group));
  }

  /// Every m= line has its place in the answer (RFC 3264 section 6), so one that cannot be used is one with port 0.
  void read_media(std::string_view value) {
    if (result_.media.size() >= limits_.media_lines) return refuse("too many m-lines");
    const auto parts = fields(value);
    MediaDescription& media = result_.media.emplace_back();
    media.media = parts.empty() ? "audio" : parts[0];
    media.protocol = parts.size() < 3 ? "RTP/AVP" : parts[2];
    if (parts.size() < 3) return disable("m= has not four fields");
    media.formats.assign(parts.begin() + 3, parts.end());
    const std::string_view port = parts[1].substr(0, parts[1].find('/'));
    const auto port_number = number<std::uint16_t>(port);
    if (!port_number) return disable("m= has no usable port");
    media.port = *port_number;
    if (port.size() != parts[1].size()) {
      const auto count = number<std::uint16_t>(parts[1].substr(port.size() + 1));
      if (!count || *count == 0) return disable("m= has no usable number of ports");
      media.port_count = *count;
    }
    // Some leave the formats of a disabled m-line out; for one in use they are what it is about.
    if (media.formats.empty() && media.is_enabled()) disable("m= has no format");
  }

  void disable(const char* why) {
    MediaDescription& media = result_.media.back();
    media.port = 0;
    media.port_count = 1;
    remark(why);
  }

  void refuse(const char* why) { too_much_ = why; }

  std::string_view rest_;
  std::string_view line_;
  std::size_t line_number_ = 0;
  const ParseLimits& limits_;
  std::vector<std::string>* remarks_;
  const char* too_much_ = nullptr;
  std::size_t attributes_ = 0;
  bool seen_origin_ = false;
  bool seen_timing_ = false;
  SessionDescription result_;
};

}  // namespace

base::expected<SessionDescription, ParseError> parse(std::string_view text, const ParseLimits& limits,
                                                     std::vector<std::string>* remarks) {
  return Parser(text, limits, remarks).run();
}

}  // namespace clued::sdp
