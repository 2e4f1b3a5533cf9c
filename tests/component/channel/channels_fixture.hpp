#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "component/channel/channel_pair.hpp"

namespace clued::channel::test {

inline constexpr base::ChannelId kChannel{1};

/// A pair of sides; whatever a test does with it, no object and no descriptor is left afterwards.
class ChannelsTest : public testing::Test {
 protected:
  static void SetUpTestSuite();
  void SetUp() override;
  void TearDown() override;

  Story& offered() { return pair->offerer.story(kChannel); }
  Story& answered() { return pair->answerer.story(kChannel); }
  /// Sends both, and expects that they, and nothing else, arrive.
  void exchange(const std::string& to_answerer, const std::string& to_offerer);

  std::unique_ptr<ChannelPair> pair;

 private:
  std::size_t descriptors_ = 0;
};

}  // namespace clued::channel::test
