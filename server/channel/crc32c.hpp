#pragma once

#include <cstdint>

#include "channel/bytes.hpp"

namespace clued::channel {

/// CRC32c (RFC 9260 appendix A), as a number: SCTP sends it least significant octet first. To be computed over parts:
/// give the result of one as `previous` of the next.
std::uint32_t crc32c(Bytes bytes, std::uint32_t previous = 0) noexcept;

/// The same without the processor's instruction, for machines that lack it and for the test that compares both.
std::uint32_t crc32c_by_table(Bytes bytes, std::uint32_t previous = 0) noexcept;

}  // namespace clued::channel
