// The end of a channel, from every state and from either side (TP-08).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/ip/udp.hpp>
#include <string>
#include <vector>

#include "component/channel/channels_fixture.hpp"

namespace clued::channel::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class Removal : public EveryBackEnd {
 protected:
  bool offerer_is_released(std::chrono::milliseconds limit = 20s) {
    return pair->loop.until([this] { return offered().released.has_value(); }, limit);
  }
};

class FullIceRemoval : public ChannelsFixture {};

TEST_P(Removal, IsSeenByThePeerAsAStreamReset) {
  ASSERT_TRUE(pair->establish(kChannel));
  pair->offerer.channels.send({kChannel, "the last word"});
  pair->offerer.channels.close({kChannel});
  ASSERT_TRUE(offerer_is_released());
  EXPECT_EQ(offered().released, "shutdown");
  EXPECT_THAT(offered().order, ElementsAre("gathered", "established", "released"));
  ASSERT_TRUE(pair->loop.until([&] { return !answered().failures.empty(); }));
  EXPECT_THAT(answered().failures, ElementsAre("peer_reset"));
  EXPECT_THAT(answered().messages, ElementsAre("the last word"));
  pair->answerer.channels.close({kChannel});
  ASSERT_TRUE(pair->loop.until([&] { return answered().released.has_value(); }));
  EXPECT_THAT(answered().order, ElementsAre("gathered", "established", "message", "failed", "released"));
}

TEST_P(Removal, ByBothAtOnceIsGraceful) {
  ASSERT_TRUE(pair->establish(kChannel));
  ASSERT_TRUE(pair->close_both(kChannel));
  // Whose close_notify comes before the other's last packet ends what is left of the other's association.
  EXPECT_TRUE(offered().released == "shutdown" || answered().released == "shutdown");
  EXPECT_THAT(offered().failures, IsEmpty());
  EXPECT_THAT(answered().failures, IsEmpty());
}

TEST_P(Removal, AfterThePeersResetIsGraceful) {
  ASSERT_TRUE(pair->establish(kChannel));
  pair->offerer.channels.close({kChannel});
  ASSERT_TRUE(pair->loop.until([&] { return !answered().failures.empty(); }));
  pair->answerer.channels.close({kChannel});
  ASSERT_TRUE(pair->loop.until([&] { return offered().released && answered().released; }, 1s));
  EXPECT_EQ(offered().released, "shutdown");
}

TEST_P(Removal, OfASilentPeerIsAnAbortAfterTheTimer) {
  ASSERT_TRUE(pair->establish(kChannel));
  pair->loop.answerer_is_frozen = true;
  const auto before = std::chrono::steady_clock::now();
  pair->offerer.channels.close({kChannel});
  ASSERT_TRUE(offerer_is_released());
  EXPECT_EQ(offered().released, "abort");
  const auto taken = std::chrono::steady_clock::now() - before;
  EXPECT_GE(taken, 2s);
  EXPECT_LT(taken, 3s);
  pair->loop.answerer_is_frozen = false;
  // What waited at its port tells the peer when it is back.
  EXPECT_TRUE(pair->loop.until([&] { return !answered().failures.empty(); }));
}

TEST_P(Removal, TwiceIsOnce) {
  ASSERT_TRUE(pair->establish(kChannel));
  pair->offerer.channels.close({kChannel});
  pair->offerer.channels.close({kChannel});
  ASSERT_TRUE(offerer_is_released());
  pair->offerer.channels.close({kChannel});
  pair->loop.until([] { return false; }, 50ms);
  EXPECT_THAT(offered().order, ElementsAre("gathered", "established", "released"));
}

TEST_P(Removal, ByThePeersAbortIsAFailure) {
  ASSERT_TRUE(pair->establish(kChannel));
  pair->answerer.channels.abort_all();
  EXPECT_EQ(answered().released, "abort") << "before abort_all returns";
  EXPECT_EQ(pair->answerer.channels.census(), Census{});
  ASSERT_TRUE(pair->loop.until([&] { return !offered().failures.empty(); }));
  EXPECT_THAT(offered().failures, ElementsAre("peer_abort"));
  pair->offerer.channels.send({kChannel, "too late"});
  EXPECT_EQ(pair->offerer.records_of("channel.message_refused"), 1U);
  pair->offerer.channels.close({kChannel});
  ASSERT_TRUE(offerer_is_released());
  EXPECT_EQ(offered().released, "abort");
}

TEST_P(Removal, WhileGatheringIsIncomplete) {
  pair->offerer.channels.open({kChannel, sdp::IpFamily::v4});
  pair->offerer.channels.close({kChannel});
  ASSERT_TRUE(offerer_is_released());
  EXPECT_EQ(offered().released, "incomplete");
}

TEST_P(Removal, WhenGatheredIsIncomplete) {
  ASSERT_TRUE(pair->gather(kChannel));
  pair->offerer.channels.close({kChannel});
  ASSERT_TRUE(offerer_is_released());
  EXPECT_EQ(offered().released, "incomplete");
}

TEST_P(Removal, WhileCheckingIsIncomplete) {
  ASSERT_TRUE(pair->gather(kChannel));
  pair->loop.answerer_is_frozen = true;
  pair->connect_offerer(kChannel);
  pair->loop.until([] { return false; }, 100ms);
  EXPECT_EQ(pair->offerer.channels.census(), (Census{1, 0, 0, 1}));
  pair->offerer.channels.close({kChannel});
  ASSERT_TRUE(offerer_is_released());
  EXPECT_EQ(offered().released, "incomplete");
}

TEST_P(Removal, AtEveryMomentOfTheSetUpLeavesNothing) {
  // The census shows how far it is: each of these is met on the way, whatever the order of the packets.
  for (const Census& moment : {Census{1, 1, 0, 1}, Census{1, 1, 1, 1}}) {
    for (const Answer answer : {Answer::active, Answer::passive}) {
      pair = std::make_unique<ChannelPair>(offerer_settings(), answerer_settings());
      ASSERT_TRUE(pair->gather(kChannel));
      pair->connect(kChannel, answer);
      ASSERT_TRUE(pair->loop.until([&] { return pair->offerer.channels.census() == moment; }));
      if (offered().established) continue;  // both at once: that is the next test
      pair->offerer.channels.close({kChannel});
      ASSERT_TRUE(offerer_is_released(1s));
      EXPECT_EQ(offered().released, "incomplete");
      EXPECT_EQ(pair->offerer.channels.census(), Census{});
      pair->answerer.channels.close({kChannel});
      ASSERT_TRUE(pair->loop.until([&] { return answered().released.has_value(); }));
    }
  }
}

TEST_F(FullIceRemoval, LeavesNothingForTheLoopToDo) {
  ASSERT_TRUE(pair->establish(kChannel));
  ASSERT_TRUE(pair->close_both(kChannel));
  pair->loop.offerer.restart();
  pair->loop.offerer.run_for(1s);
  EXPECT_TRUE(pair->loop.offerer.stopped()) << "no timer, no descriptor is waited for";
}

TEST_P(Removal, OfAnotherSideDisturbsNobody) {
  ASSERT_TRUE(pair->establish(kChannel));
  ChannelPair& both = *pair;
  {
    Side third(both.loop.offerer, loopback_settings());
    third.channels.open({kChannel, sdp::IpFamily::v4});
    ASSERT_TRUE(both.loop.until([&] { return third.story(kChannel).local.has_value(); }));
  }
  exchange("undisturbed", "undisturbed");
}

TEST_P(Removal, OfASideWithEstablishedChannelsAbortsThem) {
  {
    ChannelPair other(offerer_settings(), answerer_settings());
    ASSERT_TRUE(other.establish(kChannel));
    EXPECT_EQ(other.offerer.channels.census(), (Census{1, 1, 1, 1}));
    // Destroyed with everything up: nothing may leak, and nothing be called later.
  }
}

TEST_P(Removal, OfAChannelThatFailedLeavesNothing) {
  ASSERT_TRUE(pair->gather(kChannel));
  pair->connect(kChannel, Answer::active, [](sdp::DataChannel& remote) { remote.fingerprints[0].value[0] ^= 1; });
  ASSERT_TRUE(pair->loop.until([&] { return !offered().failures.empty(); }));
  pair->offerer.channels.close({kChannel});
  ASSERT_TRUE(offerer_is_released());
  EXPECT_EQ(offered().released, "incomplete");
}

TEST_P(Removal, OfAChannelWithoutAPeerComesByTheTimeOfTheConfiguration) {
  Settings settings = offerer_settings();
  settings.connect_timeout = 300ms;
  pair = std::make_unique<ChannelPair>(settings, answerer_settings());
  ASSERT_TRUE(pair->gather(kChannel));
  pair->loop.answerer_is_frozen = true;
  pair->connect_offerer(kChannel);
  ASSERT_TRUE(pair->loop.until([&] { return !offered().failures.empty(); }, 2s));
  EXPECT_THAT(offered().failures, ElementsAre("ice"));
}

TEST_P(Removal, OfAChannelWhosePeerOnlyAnswersChecksComesLikewise) {
  Settings settings = offerer_settings();
  settings.connect_timeout = 300ms;
  pair = std::make_unique<ChannelPair>(settings, answerer_settings());
  ASSERT_TRUE(pair->gather(kChannel));
  pair->connect_offerer(kChannel);
  ASSERT_TRUE(pair->loop.until([&] { return !offered().failures.empty(); }, 2s));
  // A lite agent has nothing to be answered.
  EXPECT_THAT(offered().failures, ElementsAre(pair->offerer.is_lite() ? "ice" : "dtls"));
}

TEST_P(Removal, OfAPeerThatWentSilentComesByConsent) {
  Settings settings = offerer_settings();
  settings.consent_grace = 300ms;
  pair = std::make_unique<ChannelPair>(settings, answerer_settings());
  ASSERT_TRUE(pair->establish(kChannel));
  pair->loop.answerer_is_frozen = true;
  // RFC 7675: no answer to the checks, which come every five seconds or so.
  ASSERT_TRUE(pair->loop.until([&] { return !offered().failures.empty(); }, 40s));
  EXPECT_THAT(offered().failures, ElementsAre("ice"));
  EXPECT_EQ(pair->offerer.records_of("channel.consent_suspected"), 1U);
  // The other one only slept: a full agent has its doubts when it wakes up, and loses them at the next check of a full
  // peer. (libnice does not tell that a lite peer, which never checks, answers again.) A lite one finds the checks that
  // waited at its port and has no doubts.
  pair->loop.answerer_is_frozen = false;
  const std::size_t doubts = pair->answerer.is_lite() || pair->offerer.is_lite() ? 0 : 1;
  ASSERT_TRUE(pair->loop.until([&] { return pair->answerer.records_of("channel.consent_regained") == doubts; }, 30s));
  EXPECT_THAT(answered().failures, IsEmpty());
  pair->offerer.channels.close({kChannel});
  ASSERT_TRUE(offerer_is_released());
  EXPECT_EQ(offered().released, "abort");
}

TEST_P(Removal, IsNotNeededForGarbage) {
  ASSERT_TRUE(pair->establish(kChannel));
  boost::asio::ip::udp::socket stranger(pair->loop.offerer, boost::asio::ip::udp::v4());
  const boost::asio::ip::udp::endpoint port(boost::asio::ip::make_address("127.0.0.1"), offered().local->port);
  const std::vector<std::string> garbage = {
      std::string(1, '\0'),
      std::string(1400, '\x17'),
      std::string("\x16\xfe\xfd\0\0\0\0\0\0\0\0\0\x04zzzz", 17),
      std::string("\0\x01\0\0\x21\x12\xa4\x42nonsense1234", 20),
      std::string("\0\x01\xff\xff\x21\x12\xa4\x42nonsense1234", 20),
      std::string(60000, 'x'),
      std::string(),
  };
  for (int round = 0; round < 50; ++round) {
    for (const std::string& datagram : garbage) stranger.send_to(boost::asio::buffer(datagram), port);
  }
  exchange("still", "there");
  EXPECT_THAT(offered().failures, IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(Ice, Removal, testing::ValuesIn(kBackEnds), name_of);

}  // namespace
}  // namespace clued::channel::test
