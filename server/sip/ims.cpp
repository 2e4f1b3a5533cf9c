#include "sip/ims.hpp"

#include <random>

#include "sip/values.hpp"

namespace clued::sip {
namespace {

/// RFC 7315 gives no limit; nothing legitimate comes near.
constexpr std::size_t max_value = 512;

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

/// Where the parameter that begins the text ends: at a semicolon outside of quotes.
std::size_t end_of_parameter(std::string_view text) {
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && quoted) {
      ++i;
    } else if (text[i] == '"') {
      quoted = !quoted;
    } else if (text[i] == ';' && !quoted) {
      return i;
    }
  }
  return text.size();
}

std::string vector_line(const ChargingVector& vector, const std::string& term_ioi) {
  std::string line = "P-Charging-Vector: icid-value=" + vector.icid;
  if (!vector.generated_at.empty()) line += ";icid-generated-at=" + vector.generated_at;
  if (!vector.orig_ioi.empty()) line += ";orig-ioi=" + vector.orig_ioi;
  if (!term_ioi.empty()) line += ";term-ioi=" + term_ioi;
  return line + "\r\n";
}

std::string headers(const std::string& identity, const std::optional<ChargingVector>& vector,
                    const std::string& term_ioi, const ImsSettings& settings) {
  std::string lines;
  if (!identity.empty()) lines += "P-Asserted-Identity: <" + identity + ">\r\n";
  if (vector) lines += vector_line(*vector, term_ioi);
  if (vector && !settings.charging_function_addresses.empty()) {
    lines += "P-Charging-Function-Addresses: " + settings.charging_function_addresses + "\r\n";
  }
  return lines;
}

}  // namespace

std::optional<ChargingVector> read_charging_vector(std::string_view value) {
  if (value.size() > max_value) return std::nullopt;
  ChargingVector vector;
  while (!value.empty()) {
    const std::size_t end = end_of_parameter(value);
    const std::string_view one = value.substr(0, end);
    value = end == value.size() ? std::string_view{} : value.substr(end + 1);
    const std::size_t equals = one.find('=');
    if (equals == std::string_view::npos) continue;
    const std::string_view name = trimmed(one.substr(0, equals));
    const std::string text(trimmed(one.substr(equals + 1)));
    if (equal_ignoring_case(name, "icid-value")) vector.icid = text;
    if (equal_ignoring_case(name, "icid-generated-at")) vector.generated_at = text;
    if (equal_ignoring_case(name, "orig-ioi")) vector.orig_ioi = text;
  }
  if (vector.icid.empty()) return std::nullopt;
  return vector;
}

ChargingVector make_charging_vector(const std::string& host, const ImsSettings& settings) {
  static constexpr std::string_view digits = "0123456789abcdef";
  std::random_device source;
  std::string icid;
  for (int word = 0; word < 4; ++word) {
    for (unsigned bits = source(), i = 0; i < 8; ++i, bits >>= 4U) icid += digits[bits & 15U];
  }
  return {icid, host, settings.orig_ioi};
}

std::string ims_response_headers(const std::string& identity, const std::optional<ChargingVector>& vector,
                                 const ImsSettings& settings) {
  return headers(identity, vector, settings.term_ioi, settings);
}

std::string ims_request_headers(const std::string& identity, const std::optional<ChargingVector>& vector,
                                const ImsSettings& settings) {
  return headers(identity, vector, "", settings);
}

}  // namespace clued::sip
