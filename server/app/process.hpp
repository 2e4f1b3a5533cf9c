// What the daemon wants of its process as a whole.
#pragma once

#include <cstdint>

namespace clued::app {

/// Raises RLIMIT_NOFILE to the hard limit (a CLUE participant needs three descriptors and two per m-line). Returns what
/// is in force afterwards.
std::uint64_t raise_descriptor_limit();

/// A peer that closes its TCP connection must not end the process.
void ignore_broken_pipes();

}  // namespace clued::app
