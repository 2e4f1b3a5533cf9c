// The six messages of the CLUE protocol (RFC 8847 section 5) as values.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "clue/model.hpp"

namespace clued::clue {

/// A protocol version (section 7). Majors do not understand each other; minors do.
struct Version {
  std::uint32_t major = 1;
  std::uint32_t minor = 0;
  auto operator<=>(const Version&) const = default;
};

inline constexpr Version own_version{1, 0};

/// RFC 8847 section 5.7. Codes unknown to us are kept as they came, so this is a number with names.
enum class ResponseCode : std::uint16_t {
  success = 200,
  low_level_request_error = 300,
  bad_syntax = 301,
  invalid_value = 302,
  conflicting_values = 303,
  semantic_errors = 400,
  version_not_supported = 401,
  invalid_sequencing = 402,
  invalid_identifier = 403,
  advertisement_expired = 404,
  subset_choice_not_allowed = 405,
};

constexpr bool is_success(ResponseCode code) {
  const auto number = static_cast<std::uint16_t>(code);
  return number >= 200 && number < 300;
}

/// What every message begins with.
struct Header {
  Version version = own_version;
  std::optional<std::string> clue_id;
  std::uint32_t sequence = 1;
  bool operator==(const Header&) const = default;
};

struct Extension {
  std::string name;
  std::string schema_ref;
  Version version;
  bool operator==(const Extension&) const = default;
};

struct Options {
  Header header;
  bool media_provider = false;
  bool media_consumer = false;
  std::vector<Version> supported_versions;
  std::vector<Extension> supported_extensions;
};

struct OptionsResponse {
  Header header;
  ResponseCode code = ResponseCode::success;
  std::optional<std::string> reason;
  std::optional<bool> media_provider;
  std::optional<bool> media_consumer;
  std::optional<Version> version;
  std::vector<Extension> common_extensions;  ///< omitted when empty (defect D3)
};

struct Advertisement {
  Header header;
  AdvertisementContent content;
  std::size_t shortened_texts = 0;  ///< which were longer, or more, than is read (DecodeLimits)
};

struct Ack {
  Header header;
  ResponseCode code = ResponseCode::success;
  std::optional<std::string> reason;
  std::uint32_t advertisement_sequence = 0;
};

struct Configure {
  Header header;
  std::uint32_t advertisement_sequence = 0;
  std::optional<ResponseCode> ack;  ///< 2xx: this configure acknowledges the advertisement too
  std::vector<CaptureEncoding> encodings;
};

struct ConfigureResponse {
  Header header;
  ResponseCode code = ResponseCode::success;
  std::optional<std::string> reason;
  std::uint32_t configure_sequence = 0;
};

using Message = std::variant<Options, OptionsResponse, Advertisement, Ack, Configure, ConfigureResponse>;

/// The root element's name, for records: "options", "advertisement", ...
const char* name_of(const Message& message);

}  // namespace clued::clue
