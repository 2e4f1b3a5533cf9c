// What every scenario test begins with: the world in virtual time, and the words that its expectations are made of.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/virtual_world.hpp"

namespace clued::testing {

using namespace std::chrono_literals;
using ::testing::Contains;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Key;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;

}  // namespace clued::testing
