#include "sip/ims_service.hpp"

#include <algorithm>

namespace clued::sip {
namespace {

constexpr std::string_view prefix = "urn:urn-7:3gpp-service.";
constexpr std::size_t longest = 128;

}  // namespace

bool is_service_identifier(std::string_view text) {
  if (text.size() <= prefix.size() || text.size() > longest || text.substr(0, prefix.size()) != prefix) return false;
  return std::all_of(text.begin() + prefix.size(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' ||
           c == '_';
  });
}

std::string ims_service_headers(const std::string& service) {
  if (service.empty()) return {};
  return "P-Asserted-Service: " + service + "\r\nAccept-Contact: *" + ims_service_feature(service) + "\r\n";
}

// A feature tag's value may not have colons as they are (TS 24.229 section 7.9.2).
std::string ims_service_feature(const std::string& service) {
  if (service.empty()) return {};
  std::string escaped;
  for (const char c : service) escaped += c == ':' ? std::string("%3A") : std::string(1, c);
  return ";+g.3gpp.icsi-ref=\"" + escaped + "\"";
}

}  // namespace clued::sip
