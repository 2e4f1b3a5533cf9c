#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace clued::channel::test {

/// What a peer's Binding request says; each member is an attribute, or none.
struct StunRequest {
  std::string username = "";
  std::optional<std::uint32_t> priority = 1862270975;
  bool use_candidate = false;
  bool ice_controlled = false;
  bool ice_controlling = true;
  std::string extra = "";  ///< attributes in front of MESSAGE-INTEGRITY, as they are
  std::optional<std::string> password = "";
  bool fingerprint = true;
  std::uint16_t type = 0x0001;
  std::string transaction_id = "abcdefghijkl";

  std::string to_bytes() const;
};

/// Type, length, value and padding.
std::string stun_attribute(std::uint16_t type, std::string_view value);

/// A message whose attributes are these, with MESSAGE-INTEGRITY and FINGERPRINT if wanted.
std::string stun_message(std::uint16_t type, std::string_view transaction_id, std::string attributes,
                         const std::optional<std::string>& password, bool fingerprint);

/// A hexadecimal text, blanks aside, as octets.
std::string octets(std::string_view hexadecimal);

}  // namespace clued::channel::test
