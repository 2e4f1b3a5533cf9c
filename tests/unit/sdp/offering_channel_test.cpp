// The focus offers the CLUE channel, the peer answers in its own way.
#include <gmock/gmock.h>

#include "peer_answers.hpp"

namespace clued::sdp {
namespace {

using namespace testing;
using ::testing::SizeIs;

struct Refusal {
  const char* name;
  std::function<void(SessionDescription&)> change;
};

class RefusedChannels : public ::testing::TestWithParam<Refusal> {};

TEST_P(RefusedChannels, AreNoticedAndNotOfferedAgain) {
  Focus focus;
  const std::vector<WantedStream> wanted = {main_stream(MediaKind::audio)};
  SessionDescription answer = accepted(focus.offer(wanted));
  GetParam().change(answer);
  const auto outcome = focus.answered(answer);
  ASSERT_TRUE(outcome.has_value());
  EXPECT_TRUE(outcome->channel_rejected);
  EXPECT_FALSE(outcome->peer_channel.has_value());
  EXPECT_THAT(outcome->remarks, SizeIs(1));
  if (focus.oa.differs(wanted, nullptr)) {
    // The transport is still negotiated: it is taken out by an offer.
    ASSERT_TRUE(focus.answered(accepted(focus.offer(wanted, false))).has_value());
  }
  EXPECT_FALSE(focus.oa.differs(wanted, nullptr));
  EXPECT_FALSE(focus.oa.differs(wanted, &focus.own_channel));
}

INSTANTIATE_TEST_SUITE_P(
    Offering, RefusedChannels,
    ::testing::Values(Refusal{"PortZero", [](auto& answer) { answer.media[0].port = 0; }},
                      Refusal{"NoDcmap", [](auto& answer) { erase_attribute(answer.media[0], "dcmap"); }},
                      Refusal{"NoGroup", [](auto& answer) { answer.groups.clear(); }},
                      Refusal{"OtherStream",
                              [](auto& answer) { set_attribute(answer.media[0], "dcmap", "6 subprotocol=\"CLUE\""); }},
                      Refusal{"NoFingerprint", [](auto& answer) { erase_attribute(answer.media[0], "fingerprint"); }}),
    [](const auto& test) { return test.param.name; });

TEST(Offering, MidsOfAnAnswerNeedNotBeOurs) {
  Focus focus;
  SessionDescription answer = accepted(focus.offer({main_stream(MediaKind::audio), encoding(0, "f-v1")}));
  int mid = 10;
  for (MediaDescription& line : answer.media) set_attribute(line, "mid", std::to_string(mid++));
  answer.groups = {{"CLUE", {"11", "12", "10", "99"}}};
  const auto outcome = focus.answered(answer);
  ASSERT_TRUE(outcome.has_value());
  EXPECT_TRUE(outcome->peer_channel.has_value());
  EXPECT_TRUE(focus.oa.encoding_active("f-v1"));
  EXPECT_EQ(focus.offer({main_stream(MediaKind::audio), encoding(0, "f-v1")}).media[2].mid(), "2");
}

TEST(Offering, AnAnswererWithoutARoleIsPassive) {
  Focus focus;
  SessionDescription answer = accepted(focus.offer({main_stream(MediaKind::audio)}));
  set_attribute(answer.media[0], "setup", "actpass");
  EXPECT_EQ(focus.answered(answer)->peer_channel->setup, SetupRole::passive);
  answer = accepted(focus.offer({main_stream(MediaKind::audio)}));
  erase_attribute(answer.media[0], "setup");
  EXPECT_EQ(focus.answered(answer)->peer_channel->setup, SetupRole::passive) << "as before";
}

}  // namespace
}  // namespace clued::sdp
