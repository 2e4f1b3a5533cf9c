// Which formats both sides have.
#include "sdp/codecs.hpp"

#include <gmock/gmock.h>

#include "sdp/extensions.hpp"
#include "sdp/groups.hpp"
#include "sdp_support.hpp"

namespace clued::sdp {
namespace {

using namespace testing;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> common_of(const std::string& lines, const std::vector<Codec>& ours) {
  return common_formats(read(session(lines)).media.at(0), ours).payload_types;
}

TEST(Codecs, AreComparedByName) {
  const std::vector<Codec> ours = {{"PCMU/8000", 0, ""}, {"opus/48000/2", 111, ""}, {"telephone-event/8000", 101, ""}};
  EXPECT_THAT(common_of("m=audio 9 RTP/AVP 8 0\r\n", ours), ElementsAre("0"));
  EXPECT_THAT(common_of("m=audio 9 RTP/AVP 0\r\na=rtpmap:0 pcmu/8000/1\r\n", ours), ElementsAre("0"));
  EXPECT_THAT(common_of("m=audio 9 RTP/AVP 97 96\r\na=rtpmap:96 OPUS/48000/2\r\na=rtpmap:97 PCMU/8000\r\n", ours),
              ElementsAre("97", "96"))
      << "in the order of the offer";
  EXPECT_THAT(common_of("m=audio 9 RTP/AVP 96\r\na=rtpmap:96 opus/48000\r\n", ours), IsEmpty());
  EXPECT_THAT(common_of("m=audio 9 RTP/AVP 0\r\na=rtpmap:0 opus/48000/2\r\n", ours), ElementsAre("0"))
      << "an rtpmap counts before the static table";
  EXPECT_THAT(common_of("m=audio 9 RTP/AVP 101\r\na=rtpmap:101 telephone-event/8000\r\n", ours), IsEmpty())
      << "DTMF alone is no audio";
  EXPECT_THAT(common_of("m=audio 9 RTP/AVP 0 101\r\na=rtpmap:101 telephone-event/8000\r\n", ours),
              ElementsAre("0", "101"));
  EXPECT_THAT(common_of("m=audio 9 RTP/AVP 0 0 0\r\n", ours), ElementsAre("0"));
  EXPECT_THAT(common_of("m=audio 9 RTP/AVP 128 x 99999999999 -1 99\r\na=rtpmap:128 PCMU/8000\r\na=rtpmap:99\r\n", ours),
              IsEmpty());
}

TEST(Codecs, KeepTheNumbersOfTheOffer) {
  const Formats formats = common_formats(
      read(session("m=video 9 RTP/AVP 97\r\na=fmtp:97 profile-level-id=42e016;max-mbps=108000\r\na=fmtp:98 x\r\n"
                   "a=rtpmap:97 H264/90000\r\n"))
          .media.at(0),
      local_media().video_codecs);
  EXPECT_THAT(formats.attributes,
              ElementsAre(Attribute{"rtpmap", "97 H264/90000"}, Attribute{"fmtp", "97 profile-level-id=42e016"}));
}

TEST(Codecs, OfOurOffers) {
  const std::vector<Codec> ours = {{"PCMU/8000", 0, ""}, {"G722/8000", 0, ""}, {"telephone-event/8000", 101, "0-15"}};
  const Formats all = offered_formats(ours, true);
  EXPECT_THAT(all.payload_types, ElementsAre("0", "101")) << "a payload type is used once";
  EXPECT_THAT(all.attributes,
              ElementsAre(Attribute{"rtpmap", "0 PCMU/8000"}, Attribute{"rtpmap", "101 telephone-event/8000"},
                          Attribute{"fmtp", "101 0-15"}));
  EXPECT_THAT(offered_formats(ours, false).payload_types, ElementsAre("0"));
}

TEST(Extensions, OnlyCaptureIdsAreAnswered) {
  const auto line = read(session("m=video 9 RTP/AVP 97\r\n"
                                 "a=extmap:1 urn:ietf:params:rtp-hdrext:sdes:CaptId\r\n"
                                 "a=extmap:2/sendonly urn:ietf:params:rtp-hdrext:sdes:CaptureID\r\n"
                                 "a=extmap:3 urn:ietf:params:rtp-hdrext:toffset\r\n"
                                 "a=extmap:0 urn:ietf:params:rtp-hdrext:sdes:CaptId\r\n"
                                 "a=extmap:4096 urn:ietf:params:rtp-hdrext:sdes:CaptId\r\n"
                                 "a=extmap:4\r\na=extmap\r\n"))
                        .media.at(0);
  EXPECT_THAT(answered_extensions(line),
              ElementsAre(Attribute{"extmap", "1 urn:ietf:params:rtp-hdrext:sdes:CaptId"},
                          Attribute{"extmap", "2/recvonly urn:ietf:params:rtp-hdrext:sdes:CaptureID"}));
  EXPECT_EQ(offered_extension(), (Attribute{"extmap", "1 urn:ietf:params:rtp-hdrext:sdes:CaptId"}));
}

TEST(Mids, AreNeverUsedTwice) {
  MidSequence mids;
  EXPECT_EQ(mids.next(), "0");
  mids.note("5");
  EXPECT_EQ(mids.next(), "6");
  mids.note("3");
  mids.note("audio");
  mids.note("");
  EXPECT_EQ(mids.next(), "7");
  mids.note("18446744073709551615");
  mids.note("99999999999999999999999999");
  EXPECT_EQ(mids.next(), "8");
}

}  // namespace
}  // namespace clued::sdp
