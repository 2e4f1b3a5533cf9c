// What the daemon wants of its process as a whole.
#pragma once

#include <cstdint>

#include "base/descriptor_budget.hpp"

namespace clued::app {

/// Raises RLIMIT_NOFILE to the hard limit (a CLUE participant needs three descriptors and two per m-line). Returns what
/// is in force afterwards.
std::uint64_t raise_descriptor_limit();

/// Asks the kernel. `limit`: what raise_descriptor_limit() said.
base::DescriptorBudget descriptor_budget(std::uint64_t limit);

/// A peer that closes its TCP connection must not end the process, nor a log file that may not grow any more
/// (RLIMIT_FSIZE).
void ignore_broken_pipes();

/// Opens /dev/null as standard input, output and error where these are closed: else the first sockets would be taken
/// for them, and what is written to standard error would go to a peer. Safe before the libraries are initialized.
void open_standard_descriptors() noexcept;

}  // namespace clued::app
