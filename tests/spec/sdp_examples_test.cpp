// The session descriptions of RFC 8841, 8848 and 8850, and those of the main scenario.
#include <gmock/gmock.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "support/paths.hpp"
#include "unit/sdp/history_checker.hpp"
#include "unit/sdp/sdp_support.hpp"

namespace clued::sdp {
namespace {

using namespace testing;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

/// A file of the folder of specifications; empty when it is not there.
std::string spec_text(const std::string& name) {
  std::ifstream stream(std::filesystem::path(clued::testing::spec_dir()) / "data" / name, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

void replace_all(std::string& text, const std::string& from, const std::string& to) {
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
}

constexpr const char* kIce = "a=ice-ufrag:aUf1\na=ice-pwd:YH75Fviy6338Vbrhrlp8Yh00\n";

/// The lines that an RFC shows, without indentation and ellipses; folded lines are joined.
std::string shown_lines(const std::string& name) {
  std::string text = spec_text(name);
  replace_all(text, "SHA-256 \\\n", "SHA-256 ");
  replace_all(text, " \\\n", "");
  std::string lines;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    std::string line = text.substr(at, end - at);
    line.erase(0, std::min(line.find_first_not_of(' '), line.size()));
    if (!line.empty() && line != "...") lines += line + "\n";
    at = end + 1;
  }
  return lines;
}

std::string whole(const std::string& lines, int version = 1) {
  return "v=0\no=alice 1 " + std::to_string(version) + " IN IP4 192.0.2.7\ns=-\nc=IN IP4 192.0.2.7\nt=0 0\n" + lines;
}

/// What the RFC's data channels leave out for brevity and no real one can be without.
std::string with_transport(std::string lines) {
  const std::string at = "a=dcmap:2";
  replace_all(lines, at, std::string(kIce) + "a=fingerprint:sha-256 " + kFingerprint + "\n" + at);
  return lines;
}

class SdpExamples : public ::testing::Test {
 protected:
  void SetUp() override {
    if (spec_text("rfc8850-fig1.sdp").empty()) GTEST_SKIP() << "the specifications are not here";
  }
};

TEST_F(SdpExamples, Rfc8850Figure1) {
  const SessionDescription session = read(whole(with_transport(shown_lines("rfc8850-fig1.sdp"))));
  ASSERT_THAT(session.media, SizeIs(1));
  ASSERT_TRUE(is_data_channel(session.media[0]));
  const auto channel = read_data_channel(session, session.media[0]);
  ASSERT_TRUE(channel.has_value()) << channel.error();
  EXPECT_EQ(channel->sctp_port, 5000);
  EXPECT_EQ(channel->stream_id, 2);
  EXPECT_TRUE(channel->has_dcmap);
}

TEST_F(SdpExamples, Rfc8841Section13) {
  for (const std::string side : {"offer", "answer"}) {
    const std::string lines = shown_lines("rfc8841-sec13.1-" + side + ".sdp");
    EXPECT_FALSE(read_data_channel(read(whole(lines)), read(whole(lines)).media.at(0)).has_value()) << "without ICE";
    const SessionDescription session = read(whole(lines + kIce));
    const auto channel = read_data_channel(session, session.media.at(0));
    ASSERT_TRUE(channel.has_value()) << channel.error();
    EXPECT_EQ(channel->family, IpFamily::v6);
    EXPECT_EQ(channel->sctp_port, side == "offer" ? 5000 : 6000);
    EXPECT_EQ(channel->max_message_size, 100000u);
    EXPECT_EQ(channel->setup, side == "offer" ? SetupRole::actpass : SetupRole::passive);
    EXPECT_EQ(channel->tls_id, side == "offer" ? "abc3de65cddef001be82" : "dbc8de77cddef001be90");
    EXPECT_EQ(channel->fingerprints.at(0).hash, "sha-256");
  }
}

/// RFC 8848 section 8 from the side of Bob, which the focus takes.
TEST_F(SdpExamples, Rfc8848AlicesOffers) {
  Focus focus;
  const SessionDescription first = focus.answer(whole(with_transport(shown_lines("rfc8848-sdp-snippet1-sec8.sdp"))));
  EXPECT_EQ(outline(first), "+video sendrecv mid2, +application mid3");
  EXPECT_THAT(clue_group(first), ElementsAre("3"));
  ASSERT_TRUE(focus.plan.peer_channel.has_value());

  const std::string second_lines = with_transport(shown_lines("rfc8848-sdp-snippet2-sec8.sdp"));
  const SessionDescription second = focus.answer(whole(second_lines, 2));
  EXPECT_EQ(
      outline(second),
      "+video sendrecv mid2, +application mid3, +video recvonly mid4, +video recvonly mid5, +video recvonly mid6");
  EXPECT_THAT(clue_group(second), ElementsAre("3", "4", "5", "6"));
  EXPECT_THAT(focus.oa.peer_encodings(), SizeIs(3));

  // Her third offer leaves the data channel to the reader.
  std::string third_lines = shown_lines("rfc8848-sdp-snippet5-sec8.sdp");
  const std::size_t application = second_lines.find("m=application");
  const std::string channel_lines =
      second_lines.substr(application, second_lines.find("m=video", application) - application);
  third_lines.insert(third_lines.find("m=video 6004"), channel_lines);
  const SessionDescription third = focus.answer(whole(third_lines, 3));
  EXPECT_EQ(outline(third),
            "0video mid2, +application mid3, +video recvonly mid4, +video recvonly mid5, 0video mid6, "
            "+video inactive mid7, +video inactive mid8");
  EXPECT_THAT(clue_group(third), ElementsAre("3", "4", "5", "7", "8"));
  EXPECT_FALSE(focus.plan.channel_is_new);
  EXPECT_THAT(focus.oa.peer_encodings(),
              ElementsAre(PeerEncoding{"enc1", MediaKind::video, 2, true, {StreamRole::receive, MediaKind::video, 0}},
                          PeerEncoding{"enc2", MediaKind::video, 3, true, {StreamRole::receive, MediaKind::video, 1}}));
}

/// Bob's answer has mids of its own choice (defect D11): the m-lines count.
TEST_F(SdpExamples, Rfc8848BobsAnswer) {
  Focus focus;
  focus.own_channel.stream_id = 2;
  const std::vector<WantedStream> wanted = {main_stream(MediaKind::video), encoding(0, "enc1"), encoding(1, "enc2"),
                                            encoding(2, "enc3")};
  EXPECT_EQ(
      outline(focus.offer(wanted)),
      "+application mid0, +video sendrecv mid1, +video sendonly mid2, +video sendonly mid3, +video sendonly mid4");
  std::string lines = shown_lines("rfc8848-sdp-snippet3-sec8.sdp");
  std::string channel_lines = shown_lines("rfc8850-fig1.sdp") + "a=mid:100\na=setup:active\n";
  lines.insert(lines.find("m=video"), with_transport(channel_lines));
  const auto outcome = focus.answered(read(whole(lines)));
  ASSERT_TRUE(outcome.has_value()) << outcome.error();
  EXPECT_TRUE(outcome->peer_channel.has_value());
  EXPECT_THAT(outcome->remarks, IsEmpty());
  EXPECT_TRUE(focus.oa.encoding_active("enc1"));
  EXPECT_TRUE(focus.oa.encoding_active("enc2"));
  EXPECT_FALSE(focus.oa.encoding_active("enc3"));
}

// --- the main scenario ---

std::string scenario(const std::string& name) { return spec_text("scenario/" + name + ".sdp"); }

const std::vector<std::string> kFocusDescriptions = {"02-200OK-answer-focus", "03-reINVITE-offer-focus",
                                                     "05-reINVITE-offer-focus-after-removal"};
const std::vector<std::string> kAlicesDescriptions = {"01-INVITE-offer-A", "04-200OK-answer-A",
                                                      "06-200OK-answer-A-after-removal"};

TEST_F(SdpExamples, ScenarioIsWrittenAsItWasRead) {
  for (const auto& names : {kFocusDescriptions, kAlicesDescriptions}) {
    HistoryChecker history;
    for (const std::string& name : names) {
      SCOPED_TRACE(name);
      std::string text = scenario(name);
      if (text.find('\r') == std::string::npos) replace_all(text, "\n", "\r\n");
      EXPECT_EQ(serialize(read(text)), text);
      history.sent(read(text));
      history.agreed();
    }
  }
}

LocalMedia scenario_media() {
  LocalMedia media;
  media.address_v6 = "2001:db8::f0";
  media.audio_codecs = {{"AMR-WB/16000", 97, ""}};
  media.video_codecs = {{"H264/90000", 96, "profile-level-id=42e01f;packetization-mode=1"}};
  return media;
}

DataChannel scenario_channel() {
  const SessionDescription answer = read(scenario("02-200OK-answer-focus"));
  return *read_data_channel(answer, answer.media.at(2));
}

/// Until there is secure media: its m-lines are refused one by one, the channel is accepted.
TEST_F(SdpExamples, ScenarioAsItIs) {
  Focus focus(scenario_media());
  focus.own_channel = scenario_channel();
  const SessionDescription answer = focus.answer(scenario("01-INVITE-offer-A"));
  EXPECT_EQ(outline(answer), "0audio mid0, 0video mid1, +application mid2");
  EXPECT_EQ(answer.media[0].protocol, "UDP/TLS/RTP/SAVPF");
  EXPECT_THAT(clue_group(answer), ElementsAre("2"));
  EXPECT_TRUE(focus.plan.channel_is_new);
  const auto told = read_data_channel(answer, answer.media[2]);
  ASSERT_TRUE(told.has_value());
  EXPECT_EQ(*told, focus.own_channel);
}

/// With plain RTP in place of the secure profile the focus says what the scenario says.
TEST_F(SdpExamples, ScenarioWithPlainProfile) {
  const auto plain = [](const std::string& name) {
    std::string text = scenario(name);
    replace_all(text, "UDP/TLS/RTP/SAVPF", "RTP/AVPF");
    return text;
  };
  Focus focus(scenario_media());
  focus.own_channel = scenario_channel();
  const SessionDescription first = focus.answer(plain("01-INVITE-offer-A"));
  EXPECT_EQ(outline(first), outline(read(plain("02-200OK-answer-focus"))));
  EXPECT_EQ(first.media[2], read(plain("02-200OK-answer-focus")).media[2]) << "the data channel, line by line";

  std::vector<WantedStream> wanted;
  for (unsigned i = 0; i < 5; ++i) wanted.push_back(encoding(i, "f-v" + std::to_string(i + 1)));
  wanted.push_back(encoding(0, "f-a1", MediaKind::audio));
  wanted.push_back(receiving(0));
  wanted.push_back(receiving(1));
  wanted.push_back(receiving(0, MediaKind::audio));
  const SessionDescription join = focus.offer(wanted);
  const SessionDescription expected_join = read(plain("03-reINVITE-offer-focus"));
  EXPECT_EQ(outline(join), outline(expected_join));
  EXPECT_EQ(join.groups, expected_join.groups);
  EXPECT_EQ(join.media[2], expected_join.media[2]);
  for (std::size_t i = 0; i < join.media.size(); ++i) EXPECT_EQ(join.media[i].label(), expected_join.media[i].label());

  ASSERT_TRUE(focus.answered(read(plain("04-200OK-answer-A"))).has_value());
  EXPECT_EQ(
      focus.oa.peer_encodings(),
      (std::vector<PeerEncoding>{{"enc1", MediaKind::video, 9, true, {StreamRole::receive, MediaKind::video, 0}},
                                 {"enc2", MediaKind::video, 10, true, {StreamRole::receive, MediaKind::video, 1}},
                                 {"enc3", MediaKind::audio, 11, true, {StreamRole::receive, MediaKind::audio, 0}}}));
  EXPECT_TRUE(focus.oa.encoding_active("f-v3"));
  EXPECT_FALSE(focus.oa.encoding_active("f-v4"));
  EXPECT_THAT(focus.ports.out(), SizeIs(9));

  wanted.erase(wanted.begin() + 3, wanted.begin() + 5);
  const SessionDescription removal = focus.offer(wanted);
  const SessionDescription expected_removal = read(plain("05-reINVITE-offer-focus-after-removal"));
  EXPECT_EQ(outline(removal), outline(expected_removal));
  EXPECT_EQ(removal.groups, expected_removal.groups);
  EXPECT_EQ(removal.media[2], expected_removal.media[2]) << "the transport does not move";
  EXPECT_EQ(removal.origin.session_version, 3u);
  ASSERT_TRUE(focus.answered(read(plain("06-200OK-answer-A-after-removal"))).has_value());
  EXPECT_FALSE(focus.oa.encoding_active("f-v3"));
  EXPECT_THAT(focus.ports.out(), SizeIs(7));
}

}  // namespace
}  // namespace clued::sdp
