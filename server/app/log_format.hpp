// How a record is put into one line. Values come from strangers: nothing in them may end the line, colour the terminal
// or fill the disk. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/record.hpp"

namespace clued::app {

struct FormatOptions {
  bool full_identities = false;   ///< else Identity values are shortened
  std::size_t value_bytes = 512;  ///< longer values are cut; the number of bytes cut off is told
};

/// `name key=value key="quoted value" ...`
std::string format_text(const base::Record& record, const FormatOptions& options);

/// `"record":"name","key":value,...`: the members of a JSON object without its braces, so that the writer can put time
/// and level before them.
std::string format_json_members(const base::Record& record, const FormatOptions& options);

/// What is left of an identity at info: `sip:alice@example.com;gr=1` becomes `sip:a***@example.com`.
std::string redact(std::string_view identity);

}  // namespace clued::app
