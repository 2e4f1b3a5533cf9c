#include "support/paths.hpp"

namespace clued::testing {

std::string test_data_dir() { return CLUED_TEST_DATA_DIR; }

std::string spec_dir() { return CLUED_SPEC_DIR; }

}  // namespace clued::testing
