// What RFC 8845 and 8846 demand beyond the schema: references that exist, types that agree, sets that are possible.
#pragma once

#include <span>
#include <string>

#include "base/expected.hpp"
#include "clue/composed_advertisement.hpp"
#include "clue/messages.hpp"

namespace clued::clue {

struct Violation {
  ResponseCode code;   ///< how to answer it (RFC 8847 section 5.7, CP-17)
  std::string reason;  ///< one line that names the ids concerned
};

/// Checks DM-01 to DM-12 as far as a receiver has to; the first violation found.
base::expected<void, Violation> validate(const AdvertisementContent& content);

/// Checks what a consumer asks for against what it was told (CP-17, DM-02, DM-09, DM-11; SIG-05: an encoding id is
/// known when an encoding group of the advertisement lists it).
base::expected<void, Violation> validate(std::span<const CaptureEncoding> wanted, const ComposedAdvertisement& told);

}  // namespace clued::clue
