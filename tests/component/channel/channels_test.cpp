#include "channel/channels.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "component/channel/channel_pair.hpp"

namespace clued::channel::test {
namespace {

using base::ChannelId;
using testing::ElementsAre;

constexpr ChannelId kChannel{1};

TEST(Channels, OfferWhatSdpNeeds) {
  ChannelPair pair;
  ASSERT_TRUE(pair.gather(kChannel));
  const sdp::DataChannel& local = *pair.offerer.story(kChannel).local;
  EXPECT_EQ(local.address, "127.0.0.1");
  EXPECT_NE(local.port, 0);
  EXPECT_GE(local.ice_ufrag.size(), 4U);  // RFC 8839 section 5.4
  EXPECT_GE(local.ice_pwd.size(), 22U);
  ASSERT_EQ(local.candidates.size(), 1U);
  EXPECT_NE(local.candidates[0].find(" 127.0.0.1 " + std::to_string(local.port) + " typ host"), std::string::npos);
  ASSERT_EQ(local.fingerprints.size(), 1U);
  EXPECT_EQ(local.fingerprints[0].hash, "sha-256");
  EXPECT_EQ(local.fingerprints[0].value.size(), 95U);
  EXPECT_GE(local.tls_id->size(), 20U);  // RFC 8842 section 4
  EXPECT_NE(local.tls_id, pair.answerer.story(kChannel).local->tls_id);
  EXPECT_EQ(local.max_message_size, 256U * 1024);
}

TEST(Channels, CarryAMessageBothWays) {
  ChannelPair pair;
  ASSERT_TRUE(pair.establish(kChannel));
  EXPECT_EQ(pair.answerer.story(kChannel).established, event::ChannelEnd::client);
  EXPECT_EQ(pair.offerer.story(kChannel).established, event::ChannelEnd::server);
  pair.offerer.channels.send({kChannel, "<options/>"});
  pair.answerer.channels.send({kChannel, "<optionsResponse/>"});
  ASSERT_TRUE(pair.loop.until([&] {
    return !pair.offerer.story(kChannel).messages.empty() && !pair.answerer.story(kChannel).messages.empty();
  }));
  EXPECT_THAT(pair.answerer.story(kChannel).messages, ElementsAre("<options/>"));
  EXPECT_THAT(pair.offerer.story(kChannel).messages, ElementsAre("<optionsResponse/>"));
}

}  // namespace
}  // namespace clued::channel::test
