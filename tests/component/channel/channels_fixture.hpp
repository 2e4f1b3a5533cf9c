#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "component/channel/channel_pair.hpp"

namespace clued::channel::test {

inline constexpr base::ChannelId kChannel{1};

/// How each of the two sides does ICE.
struct BackEnds {
  IceMode offerer = IceMode::full;
  IceMode answerer = IceMode::full;
};

/// A pair of sides; whatever a test does with it, no object and no descriptor is left afterwards.
class ChannelsFixture : public testing::Test {
 protected:
  explicit ChannelsFixture(BackEnds back_ends = {}) : back_ends_(back_ends) {}
  static void SetUpTestSuite();
  void SetUp() override;
  void TearDown() override;

  Story& offered() { return pair->offerer.story(kChannel); }
  Story& answered() { return pair->answerer.story(kChannel); }
  /// Sends both, and expects that they, and nothing else, arrive.
  void exchange(const std::string& to_answerer, const std::string& to_offerer);

  Settings offerer_settings() const { return loopback_settings(back_ends_.offerer); }
  Settings answerer_settings() const { return loopback_settings(back_ends_.answerer); }

  std::unique_ptr<ChannelPair> pair;

 private:
  BackEnds back_ends_;
  std::size_t descriptors_ = 0;
};

/// What holds for every back end, with either of them at either side. Two lite ones have a test of their own.
class EveryBackEnd : public ChannelsFixture, public testing::WithParamInterface<BackEnds> {
 protected:
  EveryBackEnd() : ChannelsFixture(GetParam()) {}
};

inline constexpr BackEnds kBackEnds[] = {
    {IceMode::full, IceMode::full}, {IceMode::full, IceMode::lite}, {IceMode::lite, IceMode::full}};

inline std::string name_of(const testing::TestParamInfo<BackEnds>& info) {
  const auto text = [](IceMode ice) { return ice == IceMode::full ? std::string("full") : std::string("lite"); };
  return text(info.param.offerer) + "_to_" + text(info.param.answerer);
}

}  // namespace clued::channel::test
