#include "channel/channels.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "component/channel/channels_fixture.hpp"

namespace clued::channel::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::string text(std::size_t size) {
  std::string result(size, ' ');
  for (std::size_t i = 0; i < size; ++i) result[i] = static_cast<char>('!' + i * 31 % 90);
  return result;
}

class ChannelsTest : public EveryBackEnd {};
class FullIce : public ChannelsFixture {};

TEST_P(ChannelsTest, OfferWhatSdpNeeds) {
  ASSERT_TRUE(pair->gather(kChannel));
  const sdp::DataChannel& local = *offered().local;
  EXPECT_EQ(local.address, "127.0.0.1");
  EXPECT_NE(local.port, 0);
  EXPECT_GE(local.ice_ufrag.size(), 4U);  // RFC 8839 section 5.4
  EXPECT_GE(local.ice_pwd.size(), 22U);
  ASSERT_EQ(local.candidates.size(), 1U);
  EXPECT_THAT(local.candidates[0], HasSubstr(" 127.0.0.1 " + std::to_string(local.port) + " typ host"));
  ASSERT_EQ(local.fingerprints.size(), 1U);
  EXPECT_EQ(local.fingerprints[0].hash, "sha-256");
  EXPECT_EQ(local.fingerprints[0].value.size(), 95U);
  EXPECT_GE(local.tls_id->size(), 20U);  // RFC 8842 section 4
  EXPECT_NE(local.tls_id, answered().local->tls_id);
  EXPECT_EQ(local.max_message_size, 256U * 1024);
  EXPECT_EQ(local.ice_lite, pair->offerer.is_lite());
}

TEST_F(FullIce, GatherInTheRangeOfPorts) {
  Settings settings = offerer_settings();
  // Two ports that were free a moment ago.
  ASSERT_TRUE(pair->gather(kChannel));
  settings.min_port = settings.max_port = offered().local->port;
  ASSERT_TRUE(pair->close_both(kChannel));
  pair = std::make_unique<ChannelPair>(settings, answerer_settings());
  ASSERT_TRUE(pair->gather(kChannel));
  EXPECT_EQ(offered().local->port, settings.min_port);
  pair->offerer.channels.open({base::ChannelId{2}, sdp::IpFamily::v4});
  ASSERT_TRUE(pair->loop.until([&] { return !pair->offerer.story(base::ChannelId{2}).failures.empty(); }));
  EXPECT_THAT(pair->offerer.story(base::ChannelId{2}).failures, ElementsAre("gathering"));
}

TEST_P(ChannelsTest, FailToGatherWithoutAnAddress) {
  Settings settings = offerer_settings();
  settings.address_v6 = "";
  pair = std::make_unique<ChannelPair>(settings, settings);
  pair->offerer.channels.open({kChannel, sdp::IpFamily::v6});
  ASSERT_TRUE(pair->loop.until([&] { return !offered().failures.empty(); }));
  EXPECT_THAT(offered().failures, ElementsAre("gathering"));
  pair->offerer.channels.close({kChannel});
  ASSERT_TRUE(pair->loop.until([&] { return offered().released.has_value(); }));
  EXPECT_EQ(offered().released, "incomplete");
}

TEST_P(ChannelsTest, RefuseSettingsThatAreNoAddresses) {
  Settings settings = offerer_settings();
  for (const char* const address : {"localhost", "0.0.0.0", "224.0.0.1", "127.0.0.1:5060"}) {
    settings.address_v4 = address;
    EXPECT_THROW(ChannelPair(settings, answerer_settings()), std::runtime_error) << address;
  }
}

TEST_P(ChannelsTest, CarryMessagesWithTheAnswererAsClient) {
  ASSERT_TRUE(pair->establish(kChannel, Answer::active));
  EXPECT_EQ(answered().established, event::ChannelEnd::client);
  EXPECT_EQ(offered().established, event::ChannelEnd::server);
  exchange("<options/>", "<optionsResponse/>");
  EXPECT_EQ(pair->offerer.records_of("channel.established"), 1U);
  EXPECT_THAT(offered().order, ElementsAre("gathered", "established", "message"));
}

TEST_P(ChannelsTest, CarryMessagesWithTheOffererAsClient) {
  ASSERT_TRUE(pair->establish(kChannel, Answer::passive));
  EXPECT_EQ(answered().established, event::ChannelEnd::server);
  EXPECT_EQ(offered().established, event::ChannelEnd::client);
  exchange("<options/>", "<optionsResponse/>");
}

TEST_P(ChannelsTest, CarryMessagesOverIpv6) {
  ASSERT_TRUE(pair->establish(kChannel, Answer::active, sdp::IpFamily::v6));
  EXPECT_EQ(offered().local->address, "::1");
  EXPECT_EQ(offered().local->family, sdp::IpFamily::v6);
  exchange("<options/>", "<optionsResponse/>");
}

TEST_P(ChannelsTest, CarryMessagesBetweenOtherPortsOnAnotherStream) {
  pair->offerer_sctp_port = 5001;
  pair->answerer_sctp_port = 54321;
  pair->stream_id = 17;
  ASSERT_TRUE(pair->establish(kChannel));
  exchange("a", "b");
}

TEST_P(ChannelsTest, CarryMessagesOfEverySize) {
  pair->max_message_size = 262144;
  ASSERT_TRUE(pair->establish(kChannel));
  for (const std::size_t size : {1UL, 1200UL, 16384UL, 65536UL, 204800UL, 262144UL}) exchange(text(size), text(size));
}

TEST_P(ChannelsTest, RefuseToSendMoreThanThePeerAllows) {
  pair->max_message_size = 4096;
  ASSERT_TRUE(pair->establish(kChannel));
  pair->offerer.channels.send({kChannel, text(4097)});
  EXPECT_EQ(pair->offerer.records_of("channel.message_refused"), 1U);
  exchange(text(4096), "still working");
}

// RFC 8841 section 6.1: 0 is "any size".
TEST_P(ChannelsTest, SendLargeMessagesToWhoTakesAnySize) {
  Settings settings = answerer_settings();
  settings.max_inbound_message = std::size_t{2} * 1024 * 1024;
  pair = std::make_unique<ChannelPair>(offerer_settings(), settings);
  ASSERT_TRUE(pair->gather(kChannel));
  pair->connect(kChannel, Answer::active, [](sdp::DataChannel& remote) { remote.max_message_size = 0; });
  ASSERT_TRUE(pair->loop.until([&] { return offered().established && answered().established; }));
  const std::string message = text(1'000'000);
  pair->offerer.channels.send({kChannel, message});
  ASSERT_TRUE(pair->loop.until([&] { return !answered().messages.empty(); }));
  EXPECT_EQ(answered().messages[0], message);
}

TEST_P(ChannelsTest, GiveUpAPeerThatFloods) {
  Settings settings = offerer_settings();
  settings.max_messages_per_second = 5;
  pair = std::make_unique<ChannelPair>(settings, answerer_settings());
  ASSERT_TRUE(pair->establish(kChannel));
  for (int i = 0; i < 100; ++i) pair->answerer.channels.send({kChannel, "once more"});
  ASSERT_TRUE(pair->loop.until([&] { return !offered().failures.empty(); }));
  EXPECT_THAT(offered().failures, ElementsAre("flood"));
  EXPECT_GE(offered().messages.size(), 20U) << "four seconds' worth at once";
  EXPECT_LT(offered().messages.size(), 100U) << "what is too much is not handed on";
  EXPECT_EQ(pair->offerer.records_of("channel.flooded"), 1U);
}

TEST_P(ChannelsTest, SendWhatWasSaidLastBeforeTheyClose) {
  ASSERT_TRUE(pair->establish(kChannel));
  for (const char* const message : {"one", "two", "three"}) pair->offerer.channels.send({kChannel, message});
  pair->offerer.channels.close({kChannel});
  ASSERT_TRUE(pair->loop.until([&] { return offered().released.has_value(); }));
  EXPECT_THAT(answered().messages, ElementsAre("one", "two", "three"));
  EXPECT_EQ(offered().released, "shutdown");
}

TEST_P(ChannelsTest, SendInTurns) {
  ASSERT_TRUE(pair->establish(kChannel));
  for (int i = 0; i < 3; ++i) pair->offerer.channels.send({kChannel, std::to_string(i)});
  EXPECT_EQ(pair->offerer.channels.sends_waiting(), 1U) << "one channel";
  ASSERT_TRUE(pair->loop.until([&] { return answered().messages.size() == 3; }));
  EXPECT_THAT(answered().messages, ElementsAre("0", "1", "2"));
  EXPECT_EQ(pair->offerer.channels.sends_waiting(), 0U);
}

TEST_P(ChannelsTest, LeaveWhatComesInTheStackWhileInputIsHeld) {
  ASSERT_TRUE(pair->establish(kChannel));
  pair->offerer.channels.hold_input(true);
  std::vector<std::string> sent;
  for (int i = 0; i < 12; ++i) {
    sent.push_back(std::to_string(i) + text(60'000));
    pair->answerer.channels.send({kChannel, sent.back()});
  }
  EXPECT_FALSE(pair->loop.until([&] { return !offered().messages.empty(); }, 500ms));
  pair->offerer.channels.hold_input(false);
  ASSERT_TRUE(pair->loop.until([&] { return offered().messages.size() == sent.size(); }))
      << offered().messages.size() << offered().failure_detail << answered().failure_detail;
  EXPECT_EQ(offered().messages, sent);
}

TEST_P(ChannelsTest, SayWhatTheyDoNotSend) {
  ASSERT_TRUE(pair->gather(kChannel));
  pair->offerer.channels.send({kChannel, "too early"});
  EXPECT_EQ(pair->offerer.records_of("channel.message_refused"), 1U);
  pair->offerer.channels.send({base::ChannelId{99}, "to nobody"});
  pair->offerer.channels.close({base::ChannelId{99}});
  pair->offerer.channels.open({kChannel, sdp::IpFamily::v4});
  EXPECT_EQ(pair->offerer.records_of("channel.command_ignored"), 3U);
}

TEST_P(ChannelsTest, RefuseAPeerWithAnotherFingerprint) {
  ASSERT_TRUE(pair->gather(kChannel));
  pair->connect(kChannel, Answer::active, [](sdp::DataChannel& remote) { remote.fingerprints[0].value[0] ^= 1; });
  ASSERT_TRUE(pair->loop.until([&] { return !offered().failures.empty() && !answered().failures.empty(); }));
  EXPECT_THAT(offered().failures, ElementsAre("fingerprint"));
  EXPECT_THAT(answered().failures, ElementsAre("dtls"));
  EXPECT_FALSE(offered().established);
  EXPECT_FALSE(answered().established);
  EXPECT_EQ(pair->offerer.channels.census().sctp_associations, 0U) << "SCTP must not have started";
}

TEST_P(ChannelsTest, TakeAnyOfSeveralFingerprints) {
  ASSERT_TRUE(pair->gather(kChannel));
  pair->connect(kChannel, Answer::active, [](sdp::DataChannel& remote) {
    remote.fingerprints.insert(remote.fingerprints.begin(), {"sha-1", "00:11"});
    remote.fingerprints.insert(remote.fingerprints.begin(), {"sha-256", "00:22"});
    remote.fingerprints.insert(remote.fingerprints.begin(), {"md5", "00:33"});
  });
  EXPECT_TRUE(pair->loop.until([&] { return offered().established && answered().established; }))
      << offered().failure_detail;
}

TEST_P(ChannelsTest, ConnectByThePeersChecksAlone) {
  ASSERT_TRUE(pair->gather(kChannel));
  const auto hide = [](sdp::DataChannel& remote) {
    remote.candidates = {"1 1 UDP 2130706431 4bc1a0e7-27a0-4a07-8b27-3d6b5e1cc1f9.local 54321 typ host"};
    remote.address = "0.0.0.0";
    remote.port = 9;
  };
  // A lite agent cannot be found by its checks, so it is the one that does not know where the other is.
  const bool to_answerer = pair->answerer.is_lite();
  pair->connect_answerer(kChannel, Answer::active, to_answerer ? hide : std::function<void(sdp::DataChannel&)>());
  pair->connect_offerer(kChannel, Answer::active, to_answerer ? std::function<void(sdp::DataChannel&)>() : hide);
  EXPECT_TRUE(pair->loop.until([&] { return offered().established && answered().established; }));
  EXPECT_EQ((to_answerer ? pair->answerer : pair->offerer).records_of("channel.candidates_ignored"), 1U);
}

TEST_P(ChannelsTest, ConnectWhenTheAnswerComesLate) {
  ASSERT_TRUE(pair->gather(kChannel));
  pair->connect_answerer(kChannel);
  pair->loop.until([] { return false; }, 400ms);
  pair->connect_offerer(kChannel);
  const auto before = std::chrono::steady_clock::now();
  ASSERT_TRUE(pair->loop.until([&] { return offered().established && answered().established; }));
  EXPECT_LT(std::chrono::steady_clock::now() - before, 1s) << "the first datagrams must have been kept";
}

TEST_P(ChannelsTest, ResolveAConflictOfIceRoles) {
  pair->roles_conflict = true;
  EXPECT_TRUE(pair->establish(kChannel));
}

TEST_P(ChannelsTest, EstablishFifty) {
  constexpr std::uint64_t kMany = 50;
  for (std::uint64_t i = 1; i <= kMany; ++i) ASSERT_TRUE(pair->gather(base::ChannelId{i}));
  for (std::uint64_t i = 1; i <= kMany; ++i) {
    pair->connect(base::ChannelId{i}, i % 2 == 0 ? Answer::active : Answer::passive);
  }
  ASSERT_TRUE(pair->loop.until([&] {
    for (std::uint64_t i = 1; i <= kMany; ++i) {
      if (!pair->offerer.story(base::ChannelId{i}).established ||
          !pair->answerer.story(base::ChannelId{i}).established) {
        return false;
      }
    }
    return true;
  }));
  EXPECT_EQ(pair->offerer.channels.census(), (Census{kMany, kMany, kMany, kMany}));
  for (std::uint64_t i = 1; i <= kMany; ++i) {
    pair->offerer.channels.send({base::ChannelId{i}, "for " + std::to_string(i)});
  }
  ASSERT_TRUE(pair->loop.until([&] {
    for (std::uint64_t i = 1; i <= kMany; ++i) {
      if (pair->answerer.story(base::ChannelId{i}).messages.empty()) return false;
    }
    return true;
  }));
  for (std::uint64_t i = 1; i <= kMany; ++i) {
    EXPECT_THAT(pair->answerer.story(base::ChannelId{i}).messages, ElementsAre("for " + std::to_string(i)));
    pair->offerer.channels.close({base::ChannelId{i}});
    pair->answerer.channels.close({base::ChannelId{i}});
  }
  EXPECT_TRUE(pair->loop.until(
      [&] { return pair->offerer.channels.census() == Census{} && pair->answerer.channels.census() == Census{}; }));
}

INSTANTIATE_TEST_SUITE_P(Ice, ChannelsTest, testing::ValuesIn(kBackEnds), name_of);

}  // namespace
}  // namespace clued::channel::test
