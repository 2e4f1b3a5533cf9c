// Where tests find their files.
#pragma once

#include <string>

namespace clued::testing {

/// Our own sample messages (tests/data).
std::string test_data_dir();

/// The RFCs' own schemas, examples and torture messages. They are not published, so the folder may not be there.
std::string spec_dir();

}  // namespace clued::testing
