// What an answer says of a format: our own side, and of the offer's parameters only those that both use alike.
#include "sdp/format_parameters.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sdp/codecs.hpp"
#include "sdp/h264.hpp"
#include "sdp_support.hpp"

namespace clued::sdp {
namespace {

using namespace testing;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr const char* none = nullptr;

struct Row {
  const char* why;
  const char* encoding;
  const char* offered;
  const char* ours;
  const char* answer;  ///< nullptr: not ours
};

const Row rows[] = {
    // RFC 6184 section 8.2.2
    {"what the peer would send is not what we do", "H264/90000",
     "profile-level-id=42e01f;packetization-mode=1;sprop-parameter-sets=Z0IACpZTBYmI,aMljiA==",
     "profile-level-id=42e01f;packetization-mode=1", "profile-level-id=42e01f;packetization-mode=1"},
    {"nor are the peer's abilities ours", "h264/90000", "profile-level-id=42e01f;max-mbps=108000;max-fs=3600",
     "profile-level-id=42e01f;max-br=900", "profile-level-id=42e01f;max-br=900"},
    {"the lower level is the offer's", "H264/90000", "profile-level-id=42e00c", "profile-level-id=42e01f",
     "profile-level-id=42e00c"},
    {"the lower level is ours", "H264/90000", "profile-level-id=42e028", "profile-level-id=42e01f",
     "profile-level-id=42e01f"},
    {"each has its own level where both allow it", "H264/90000", "profile-level-id=42e00c;level-asymmetry-allowed=1",
     "profile-level-id=42e01f;level-asymmetry-allowed=1", "profile-level-id=42e01f;level-asymmetry-allowed=1"},
    {"but not where one does", "H264/90000", "profile-level-id=42e00c",
     "profile-level-id=42e01f;level-asymmetry-allowed=1", "profile-level-id=42e00c"},
    {"level 1b is between 1 and 1.1", "H264/90000", "profile-level-id=42f00b", "profile-level-id=42e00b",
     "profile-level-id=42f00b"},
    {"and above 1", "H264/90000", "profile-level-id=42f00b", "profile-level-id=42e00a", "profile-level-id=42e00a"},
    {"high profile has another spelling of it", "H264/90000", "profile-level-id=640009", "profile-level-id=64000b",
     "profile-level-id=640009"},
    {"high is not constrained baseline", "H264/90000", "profile-level-id=64001f", "profile-level-id=42e01f", none},
    {"main is not either", "H264/90000", "profile-level-id=4d001f", "profile-level-id=42e01f", none},
    {"extended is not either", "H264/90000", "profile-level-id=58001f", "profile-level-id=42e01f", none},
    {"constrained baseline is not high", "H264/90000", "profile-level-id=42e01f", "profile-level-id=64001f", none},
    {"high 10 intra is not high 10", "H264/90000", "profile-level-id=6e101f", "profile-level-id=6e001f", none},
    {"constrained high is not high", "H264/90000", "profile-level-id=640c1f", "profile-level-id=64001f", none},
    {"the same in other words", "H264/90000", "profile-level-id=4D801F", "profile-level-id=42e01f",
     "profile-level-id=4d801f"},
    {"what both can of baseline is constrained", "H264/90000", "profile-level-id=42001f", "profile-level-id=42e01f",
     "profile-level-id=42e01f"},
    {"from either side", "H264/90000", "profile-level-id=42e01f", "profile-level-id=42001f", "profile-level-id=42e01f"},
    {"unsaid it is baseline at level 1", "H264/90000", "", "profile-level-id=42e01f", "profile-level-id=42e00a"},
    {"so it is not high", "H264/90000", "packetization-mode=1", "profile-level-id=64001f", none},
    {"what is no profile is none of ours", "H264/90000", "profile-level-id=42e0", "profile-level-id=42e01f", none},
    {"nor that", "H264/90000", "profile-level-id=42e01g", "profile-level-id=42e01f", none},
    {"what we do not say limits nothing", "H264/90000", "profile-level-id=640028;packetization-mode=1;sprop-x=1", "",
     "profile-level-id=640028;packetization-mode=1"},
    {"the mode is the offer's", "H264/90000", "profile-level-id=42e01f", "packetization-mode=1;profile-level-id=42e01f",
     "profile-level-id=42e01f"},
    {"who has single NAL units alone has no other", "H264/90000", "packetization-mode=1", "packetization-mode=0", none},
    {"nor interleaved ones", "H264/90000", "packetization-mode=2", "packetization-mode=1", none},
    {"interleaved is another format", "H264/90000", "packetization-mode=1", "packetization-mode=2", none},
    {"a mode that there is not", "H264/90000", "packetization-mode=7", "packetization-mode=1", none},
    // RFC 7798 section 7.2.2
    {"profiles of H.265 are symmetric", "H265/90000", "profile-id=2", "profile-id=1", none},
    {"unsaid it is main", "H265/90000", "level-id=120;sprop-vps=QAE", "profile-id=1;level-id=93", "level-id=93"},
    {"unsaid here too", "H265/90000", "profile-id=1;tier-flag=1;level-id=120", "tier-flag=0;level-id=93",
     "tier-flag=0;level-id=93;profile-id=1"},
    {"no limit of ours", "H265/90000", "profile-id=2;level-id=120", "", "profile-id=2;level-id=120"},
    {"VP8 parameters tell what a receiver can", "VP8/90000", "max-fr=30;max-fs=3600", "max-fs=1200", "max-fs=1200"},
    {"without ours there are none", "VP8/90000", "max-fr=30;max-fs=3600", "", ""},
    {"a VP9 profile is symmetric", "VP9/90000", "profile-id=2", "profile-id=0", none},
    {"unsaid it is 0", "VP9/90000", "max-fs=1", "profile-id=0;max-fr=30", "max-fr=30"},
    {"an AV1 profile too", "AV1/90000", "profile=1;level-idx=5", "", "profile=1"},
    // RFC 7587 section 7
    {"all of Opus is what a receiver prefers", "opus/48000/2", "stereo=1;useinbandfec=1;maxplaybackrate=16000",
     "useinbandfec=1", "useinbandfec=1"},
    // RFC 4867 section 8.3.1
    {"octet alignment is symmetric", "AMR-WB/16000", "octet-align=1;mode-change-capability=2;max-red=220",
     "octet-align=1;max-red=0", "octet-align=1;max-red=0"},
    {"and is not to be had otherwise", "AMR-WB/16000", "octet-align=1", "octet-align=0", none},
    {"unsaid it is 0", "AMR-WB/16000", "", "octet-align=1", none},
    {"no limit of ours: as it is offered", "AMR-WB/16000", "octet-align=1", "", "octet-align=1"},
    {"an offered mode set is repeated", "AMR/8000", "mode-set=0,2,4", "mode-set=4, 2,0", "mode-set=0,2,4"},
    {"or refused", "AMR/8000", "mode-set=0,2,4", "mode-set=7", none},
    {"without one there may be ours", "AMR/8000", "", "mode-set=7", "mode-set=7"},
    {"silence suppression only if both have it", "G729/8000", "annexb=no", "", "annexb=no"},
    {"whoever it is that has not", "G729/8000", "", "annexb=no", "annexb=no"},
    {"of two frame sizes the longer", "iLBC/8000", "mode=20", "mode=30", "mode=30"},
    {"the shorter if both", "iLBC/8000", "mode=20", "mode=20", "mode=20"},
    {"a rate is symmetric", "G7221/16000", "bitrate=24000", "bitrate=32000", none},
    {"events are those that we take", "telephone-event/8000", "0-16,66", "0-15", "0-15"},
    {"of what is unknown we tell our side", "X-new/8000", "a=1", "b=2", "b=2"},
};

TEST(AnsweredParameters, DescribeOurSide) {
  for (const Row& row : rows) {
    const auto answer = answered_parameters(row.encoding, row.offered, row.ours);
    EXPECT_EQ(answer.has_value(), row.answer != nullptr) << row.why << ": " << row.offered;
    if (answer && row.answer != nullptr) {
      EXPECT_EQ(*answer, row.answer) << row.why;
    }
  }
}

TEST(AnsweredParameters, AreBounded) {
  std::string many;
  for (int i = 0; i < 10'000; ++i) many += "a" + std::to_string(i) + "=1;";
  EXPECT_EQ(answered_parameters("VP8/90000", many, "max-fs=1"), "max-fs=1");
  EXPECT_EQ(answered_parameters("H264/90000", many + "packetization-mode=1", ""), "");
}

TEST(H264Profile, IsWrittenAsItWasRead) {
  for (const char* text : {"42e01f", "000000", "ffffff"}) EXPECT_EQ(H264Profile::from(text)->to_string(), text);
  EXPECT_EQ(H264Profile::from("42E01F"), H264Profile::from("42e01f"));
  for (const char* text : {"", "42e01", "42e01f0", "42e01x", "-2e01f", "0x42e0"}) EXPECT_FALSE(H264Profile::from(text));
}

std::vector<std::string> payload_types(const std::string& lines, const std::vector<Codec>& ours) {
  return common_formats(read(session(lines)).media.at(0), ours).payload_types;
}

TEST(Codecs, OfOneNameAreComparedByWhatTheyAre) {
  const std::vector<Codec> ours = {{"H264/90000", 96, "profile-level-id=42e01f;packetization-mode=1"}};
  const std::string offer =
      "m=video 9 RTP/AVPF 97 98 99\r\n"
      "a=rtpmap:97 H264/90000\r\na=fmtp:97 profile-level-id=640028;packetization-mode=1\r\n"
      "a=rtpmap:98 H264/90000\r\na=fmtp:98 profile-level-id=42e028;packetization-mode=1;sprop-parameter-sets=x\r\n"
      "a=rtpmap:99 H264/90000\r\na=fmtp:99 profile-level-id=42e028\r\n";
  const Formats formats = common_formats(read(session(offer)).media.at(0), ours);
  EXPECT_THAT(formats.payload_types, ElementsAre("98", "99"));
  EXPECT_THAT(formats.attributes,
              ElementsAre(Attribute{"rtpmap", "98 H264/90000"},
                          Attribute{"fmtp", "98 profile-level-id=42e01f;packetization-mode=1"},
                          Attribute{"rtpmap", "99 H264/90000"}, Attribute{"fmtp", "99 profile-level-id=42e01f"}));
  EXPECT_THAT(payload_types(offer, {{"H264/90000", 96, "profile-level-id=64001f;packetization-mode=1"},
                                    {"H264/90000", 97, "profile-level-id=42e01f"}}),
              ElementsAre("97", "98", "99"))
      << "several of ours, and what one of them leaves open limits nothing";
  EXPECT_THAT(payload_types(offer, {{"H264/90000", 96, "profile-level-id=4d001f;packetization-mode=1"}}), IsEmpty());
}

TEST(Codecs, RepairIsForWhatIsThere) {
  const std::vector<Codec> ours = {
      {"H264/90000", 96, "profile-level-id=42e01f"}, {"rtx/90000", 97, ""}, {"red/90000", 98, ""}};
  EXPECT_THAT(payload_types("m=video 9 RTP/AVPF 100 101 102 103 104 105\r\n"
                            "a=rtpmap:100 H264/90000\r\na=fmtp:100 profile-level-id=64001f\r\n"
                            "a=rtpmap:101 rtx/90000\r\na=fmtp:101 apt=100\r\n"
                            "a=rtpmap:102 rtx/90000\r\na=fmtp:102 apt=103\r\n"
                            "a=rtpmap:103 H264/90000\r\na=fmtp:103 profile-level-id=42e01f\r\n"
                            "a=rtpmap:104 red/90000\r\na=fmtp:104 103/100\r\n"
                            "a=rtpmap:105 rtx/90000\r\n",
                            ours),
              ElementsAre("102", "103"));
  EXPECT_THAT(payload_types("m=video 9 RTP/AVPF 103 104\r\na=rtpmap:103 H264/90000\r\na=rtpmap:104 red/90000\r\n"
                            "a=fmtp:104 103/103\r\n",
                            ours),
              ElementsAre("103", "104"));
}

}  // namespace
}  // namespace clued::sdp
