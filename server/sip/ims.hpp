// What the focus tells the IMS core around it, and only that: who speaks (RFC 3325) and under which charging
// identifier (RFC 7315, TS 24.229). Private to server/sip; pure but for the making of new identifiers.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "sip/settings.hpp"

namespace clued::sip {

/// P-Charging-Vector (RFC 7315 section 4.6). Values as they came, quotes included; "" when there is none.
struct ChargingVector {
  std::string icid;
  std::string generated_at;
  std::string orig_ioi;
};

/// Nothing when there is no icid-value, or when it is absurdly long.
std::optional<ChargingVector> read_charging_vector(std::string_view value);

/// For a session that the focus begins: an icid-value that nobody else has, made at `host` (IMS-03).
ChargingVector make_charging_vector(const std::string& host, const ImsSettings& settings);

/// Header lines for a response to a trusted peer. `identity` is the URI of the conference, "" when the response is from
/// none; `vector` the one of the request.
std::string ims_response_headers(const std::string& identity, const std::optional<ChargingVector>& vector,
                                 const ImsSettings& settings);

/// The same for a request; `vector` is the one of the dialog (IMS-04: it stays the same).
std::string ims_request_headers(const std::string& identity, const std::optional<ChargingVector>& vector,
                                const ImsSettings& settings);

}  // namespace clued::sip
