#include "component/channel/channels_fixture.hpp"

namespace clued::channel::test {

using testing::ElementsAre;

void ChannelsFixture::SetUpTestSuite() {
  // The libraries keep some descriptors of the process open, once they are in use.
  ChannelPair first(loopback_settings(IceMode::full), loopback_settings(IceMode::lite));
  ASSERT_TRUE(first.establish(kChannel));
}

void ChannelsFixture::SetUp() {
  descriptors_ = open_descriptors();
  pair = std::make_unique<ChannelPair>(offerer_settings(), answerer_settings());
}

void ChannelsFixture::TearDown() {
  pair->loop.answerer_is_frozen = false;
  for (Side* const side : {&pair->offerer, &pair->answerer}) {
    for (const auto& [id, story] : side->stories) side->channels.close({id});
  }
  EXPECT_TRUE(pair->loop.until(
      [this] { return pair->offerer.channels.census() == Census{} && pair->answerer.channels.census() == Census{}; }));
  for (const Side* const side : {&pair->offerer, &pair->answerer}) {
    for (const auto& [id, story] : side->stories) {
      EXPECT_LE(story.failures.size(), 1U);
      if (story.order.empty()) continue;
      EXPECT_EQ(story.order.back(), "released") << "the last event of channel " << id.value();
    }
  }
  pair.reset();
  EXPECT_EQ(open_descriptors(), descriptors_);
}

void ChannelsFixture::exchange(const std::string& to_answerer, const std::string& to_offerer) {
  offered().messages.clear();
  answered().messages.clear();
  pair->offerer.channels.send({kChannel, to_answerer});
  pair->answerer.channels.send({kChannel, to_offerer});
  ASSERT_TRUE(pair->loop.until([&] { return !offered().messages.empty() && !answered().messages.empty(); }))
      << offered().failure_detail << answered().failure_detail;
  EXPECT_THAT(answered().messages, ElementsAre(to_answerer));
  EXPECT_THAT(offered().messages, ElementsAre(to_offerer));
}

}  // namespace clued::channel::test
