// The one place that opens the files which an operator names. Nothing that such a name leads to (a FIFO, a terminal, a
// device) can make the daemon wait, or do something by being opened. It is in this folder, as certificates are read
// here.
#pragma once

#include <cstddef>
#include <string>

#include "base/expected.hpp"

namespace clued::sip {

/// A configuration this long is not one that an operator wrote.
inline constexpr std::size_t max_configuration_bytes = std::size_t{1024} * 1024;
/// The authorities of a whole system, with what each says of itself in words, are a fourth of this.
inline constexpr std::size_t max_pem_bytes = std::size_t{8} * 1024 * 1024;

/// What is in a regular file. Error: why it cannot be had, such as "No such file or directory".
base::expected<std::string, std::string> read_operator_file(const std::string& file, std::size_t most);

/// Why no log can be appended to this file, or "". It is not opened, and nothing is made.
std::string problem_of_log_file(const std::string& file);

}  // namespace clued::sip
