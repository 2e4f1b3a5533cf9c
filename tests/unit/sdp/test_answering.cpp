// The peer offers, the focus answers.
#include <gmock/gmock.h>

#include "helpers.hpp"

namespace clued::sdp {
namespace {

using namespace testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

TEST(Answering, APhoneGetsItsAudioAndNothingOfClue) {
  Focus focus;
  const SessionDescription answer = focus.answer(session(audio(6000)));
  EXPECT_EQ(serialize(answer),
            "v=0\r\n"
            "o=clued 4711 1 IN IP4 198.51.100.1\r\n"
            "s=-\r\n"
            "c=IN IP4 198.51.100.1\r\n"
            "t=0 0\r\n"
            "m=audio 20002 RTP/AVP 0 101\r\n"
            "a=rtpmap:101 telephone-event/8000\r\n"
            "a=sendrecv\r\n");
  EXPECT_TRUE(focus.oa.has_session());
  EXPECT_TRUE(focus.oa.has_stream({StreamRole::main, MediaKind::audio, 0}));
}

TEST(Answering, ATelepresenceEndpointGetsItsChannel) {
  Focus focus;
  const SessionDescription answer = focus.answer(
      session("a=group:CLUE 2\r\n" + audio(6000, "a=mid:0\r\n") + video(6002, "a=mid:1\r\n") + channel("2")));
  EXPECT_EQ(outline(answer), "+audio sendrecv mid0, +video sendrecv mid1, +application mid2");
  EXPECT_THAT(clue_group(answer), ElementsAre("2"));
  EXPECT_THAT(focus.plan.remarks, IsEmpty());
  EXPECT_TRUE(focus.plan.channel_is_new);
  const auto told = read_data_channel(answer, answer.media[2]);
  ASSERT_TRUE(told.has_value());
  EXPECT_EQ(told->stream_id, 2);  // the offered one, RFC 8864 section 6.4
  EXPECT_EQ(told->setup, SetupRole::passive);
  EXPECT_EQ(told->ice_ufrag, "fUf1");
  EXPECT_EQ(told->port, 40100);
}

}  // namespace
}  // namespace clued::sdp
