// Session descriptions as values (RFC 8866). Unknown attributes are kept in order, so that what is written again says
// what was read.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/expected.hpp"

namespace clued::sdp {

enum class IpFamily { v4, v6 };

/// RFC 8866 section 6.7.
enum class Direction { sendrecv, sendonly, recvonly, inactive };

/// What an answerer may say at most to an offered direction, seen from the answerer (RFC 3264 section 6.1).
Direction reversed(Direction offered) noexcept;
const char* to_string(Direction direction) noexcept;

struct Attribute {
  std::string name;
  std::optional<std::string> value;
  std::string_view text() const { return value ? std::string_view(*value) : std::string_view(); }  ///< "" without value
  bool operator==(const Attribute&) const = default;
};

struct Origin {
  std::string username = "-";
  std::string session_id;
  std::uint64_t session_version = 0;
  IpFamily family = IpFamily::v4;
  std::string address;
  bool operator==(const Origin&) const = default;
};

struct Connection {
  IpFamily family = IpFamily::v4;
  std::string address;
  bool operator==(const Connection&) const = default;
};

/// `a=group` (RFC 5888), e.g. semantics "CLUE" or "BUNDLE".
struct Group {
  std::string semantics;
  std::vector<std::string> mids;
  bool operator==(const Group&) const = default;
};

struct MediaDescription {
  std::string media;       ///< "audio", "video", "application", ...
  std::uint16_t port = 0;  ///< 0: rejected or disabled
  std::string protocol;    ///< "RTP/AVP", "UDP/DTLS/SCTP", ...
  std::vector<std::string> formats;
  std::optional<Connection> connection;
  std::vector<std::string> bandwidths;  ///< values of b= lines
  std::vector<Attribute> attributes;
  unsigned port_count = 1;  ///< `m=video 49170/2`: anything but 1 is never accepted by us

  /// First attribute of that name, or nullptr (names are compared case-sensitively, RFC 8866 section 5.13).
  const Attribute* attribute(std::string_view name) const;
  std::optional<std::string_view> value(std::string_view name) const;
  std::optional<std::string_view> mid() const { return value("mid"); }
  std::optional<std::string_view> label() const { return value("label"); }  ///< RFC 4574
  bool is_enabled() const noexcept { return port != 0; }

  bool operator==(const MediaDescription&) const = default;
};

struct SessionDescription {
  Origin origin;
  std::string session_name = "-";
  std::optional<Connection> connection;
  std::vector<std::string> bandwidths;
  std::vector<Attribute> attributes;  ///< session level, `group` lines not among them
  std::vector<Group> groups;
  std::vector<MediaDescription> media;
  std::string timing = "0 0";  ///< of t=; an answer's equals the offer's (RFC 3264 section 6)

  const Attribute* attribute(std::string_view name) const;
  /// The connection that counts for this m-line, or nullptr.
  const Connection* connection_of(const MediaDescription& media_line) const;
  /// RFC 8866 section 6.7: of the m-line, else of the session, else sendrecv. Nothing is to be sent to the address
  /// 0.0.0.0, with which old telephones put on hold (RFC 3264 section 8.4).
  Direction direction_of(const MediaDescription& media_line) const;
  bool is_on_old_hold(const MediaDescription& media_line) const;

  bool operator==(const SessionDescription&) const = default;
};

struct ParseError {
  std::size_t line = 0;  ///< 1 based
  std::string reason;
};

/// Bounds on what is read.
struct ParseLimits {
  std::size_t bytes = 64 * 1024;
  std::size_t media_lines = 256;
  std::size_t attributes = 4096;  ///< in all
};

/// One odd line costs no more than what it says: it is left out, or its m-line gets port 0, with a remark. Lenient
/// about line endings (CRLF, LF, CR), the order of the session's lines and what RFC 8866 makes mandatory but no answer
/// needs (o=, s=, t=). Repeat times, keys, titles and the like are dropped. What does not begin as a session
/// description does, or exceeds the limits, is an error.
base::expected<SessionDescription, ParseError> parse(std::string_view text, const ParseLimits& limits = {},
                                                     std::vector<std::string>* remarks = nullptr);
/// The text with CRLF line ends, in the order of RFC 8866 section 5.
std::string serialize(const SessionDescription& description);

}  // namespace clued::sdp
