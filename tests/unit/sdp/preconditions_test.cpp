// Preconditions (RFC 3312): the lines, the answers to them, and when a session may go on.
#include "sdp/preconditions.hpp"

#include <gmock/gmock.h>

#include "sdp_support.hpp"

namespace clued::sdp {
namespace {

using namespace testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

/// "curr:qos local none" and so on as an m-line has them.
MediaDescription line_with(const std::vector<std::string>& texts) {
  MediaDescription line;
  for (const std::string& text : texts) {
    const auto colon = text.find(':');
    line.attributes.push_back({text.substr(0, colon), text.substr(colon + 1)});
  }
  return line;
}

std::vector<std::string> texts_of(const std::vector<Attribute>& attributes) {
  std::vector<std::string> texts;
  for (const Attribute& one : attributes) {
    if (one.name == "curr" || one.name == "des" || one.name == "conf") {
      texts.push_back(one.name + ':' + std::string(one.text()));
    }
  }
  return texts;
}

std::vector<std::string> answered(const std::vector<std::string>& offered) {
  return texts_of(lines_of(answer_preconditions(read_preconditions(line_with(offered)).preconditions).said));
}

std::vector<std::string> failures(const std::vector<std::string>& offered) {
  return texts_of(answer_preconditions(read_preconditions(line_with(offered)).preconditions).failures);
}

bool may_go_on(const std::vector<std::string>& offered) {
  return are_met(answer_preconditions(read_preconditions(line_with(offered)).preconditions).said);
}

/// What IMS user agents offer (TS 24.229 section 6.1.2).
const std::vector<std::string> reserving = {"curr:qos local none", "curr:qos remote none",
                                            "des:qos mandatory local sendrecv", "des:qos mandatory remote sendrecv"};
const std::vector<std::string> reserved = {"curr:qos local sendrecv", "curr:qos remote sendrecv",
                                           "des:qos mandatory local sendrecv", "des:qos mandatory remote sendrecv"};

TEST(PreconditionLines, AreWrittenAsTheyWereRead) {
  for (const auto& lines :
       {reserving,
        reserved,
        {"curr:qos e2e none", "des:qos mandatory e2e sendrecv", "conf:qos e2e recv"},
        {"curr:qos local send", "curr:qos remote none", "des:qos mandatory local send", "des:qos optional local recv",
         "des:qos none remote sendrecv", "conf:qos remote sendrecv"},
        {"curr:qos local none", "des:qos optional local sendrecv", "curr:sec e2e none", "des:sec none e2e sendrecv"}}) {
    EXPECT_EQ(texts_of(lines_of(read_preconditions(line_with(lines)).preconditions)), lines);
  }
}

TEST(PreconditionLines, ThatAreRepeatedAreSummedUpAndTheStrongerStrengthCounts) {
  const auto read =
      read_preconditions(line_with({"curr:QOS Local send", "curr:qos local recv", "des:qos optional local sendrecv",
                                    "des:qos Mandatory local recv", "conf:qos local send", "conf:qos local none"}));
  EXPECT_FALSE(read.has_unreadable);
  EXPECT_THAT(texts_of(lines_of(read.preconditions)),
              ElementsAre("curr:qos local sendrecv", "des:qos mandatory local recv", "des:qos optional local send",
                          "conf:qos local send"));
}

TEST(PreconditionLines, OutsideOfTheGrammarAreLeftOut) {
  for (const char* text :
       {"curr:", "curr:qos", "curr:qos local", "curr:qos local both", "curr:qos nowhere none", "curr:qos local none x",
        "des:qos local sendrecv", "des:qos urgent local sendrecv", "des:qos failure local sendrecv",
        "des:qos unknown local sendrecv", "des:qos mandatory local", "conf:qos here send", "curr:q@s local none",
        "curr:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa local none"}) {
    const auto read = read_preconditions(line_with({text}));
    EXPECT_TRUE(read.has_unreadable) << text;
    EXPECT_THAT(read.preconditions, IsEmpty()) << text;
  }
}

TEST(PreconditionLines, AbsurdNumbersOfThemAreBounded) {
  std::vector<std::string> many;
  for (int i = 0; i < 4000; ++i) many.push_back("des:t" + std::to_string(i) + " mandatory local sendrecv");
  const auto read = read_preconditions(line_with(many));
  EXPECT_TRUE(read.has_too_many);
  EXPECT_THAT(read.preconditions, SizeIs(4));
  std::vector<std::string> same(4000, "curr:qos local sendrecv");
  EXPECT_THAT(lines_of(read_preconditions(line_with(same)).preconditions), SizeIs(2));
}

TEST(PreconditionAnswers, SayThatOurSideIsThereAndAskToBeToldOfTheOther) {
  EXPECT_THAT(answered(reserving),
              ElementsAre("curr:qos local sendrecv", "curr:qos remote none", "des:qos mandatory local sendrecv",
                          "des:qos mandatory remote sendrecv", "conf:qos remote sendrecv"));
  EXPECT_THAT(answered(reserved), ElementsAre("curr:qos local sendrecv", "curr:qos remote sendrecv",
                                              "des:qos mandatory local sendrecv", "des:qos mandatory remote sendrecv"));
  // The strength is the offer's; one side alone makes two (RFC 3312 section 5.1.3).
  EXPECT_THAT(answered({"curr:qos local none", "curr:qos remote none", "des:qos optional local sendrecv",
                        "des:qos none remote sendrecv", "conf:qos remote sendrecv"}),
              ElementsAre("curr:qos local sendrecv", "curr:qos remote none", "des:qos none local sendrecv",
                          "des:qos optional remote sendrecv"));
  EXPECT_THAT(answered({"des:qos mandatory local send"}),
              ElementsAre("curr:qos local sendrecv", "curr:qos remote none", "des:qos none local sendrecv",
                          "des:qos mandatory remote recv", "des:qos none remote send", "conf:qos remote recv"));
}

// RFC 3312 section 5.1.1: each direction by itself, and what one sends the other receives.
TEST(PreconditionAnswers, SwapSidesAndDirections) {
  EXPECT_THAT(answered({"curr:qos local send", "curr:qos remote none", "des:qos mandatory local sendrecv",
                        "des:qos optional remote recv"}),
              ElementsAre("curr:qos local sendrecv", "curr:qos remote recv", "des:qos optional local send",
                          "des:qos none local recv", "des:qos mandatory remote sendrecv", "conf:qos remote send"));
}

TEST(PreconditionAnswers, SuspendTheSessionForWhatIsMandatoryAlone) {
  struct Row {
    std::string local;
    std::string strength;
    std::string desired;
    bool goes_on;
  };
  for (const Row& row : {Row{"none", "mandatory", "sendrecv", false}, Row{"send", "mandatory", "sendrecv", false},
                         Row{"recv", "mandatory", "sendrecv", false}, Row{"sendrecv", "mandatory", "sendrecv", true},
                         Row{"send", "mandatory", "send", true}, Row{"recv", "mandatory", "send", false},
                         Row{"none", "optional", "sendrecv", true}, Row{"none", "none", "sendrecv", true},
                         Row{"none", "mandatory", "none", true}}) {
    EXPECT_EQ(may_go_on({"curr:qos local " + row.local, "curr:qos remote none",
                         "des:qos " + row.strength + " local " + row.desired, "des:qos mandatory remote sendrecv"}),
              row.goes_on)
        << row.local << ' ' << row.strength << ' ' << row.desired;
  }
}

// RFC 3312 section 8, and section 7 for a reservation whose other end would be ours.
TEST(PreconditionAnswers, RefuseWhatNobodyCanMeet) {
  EXPECT_THAT(failures({"des:foo mandatory e2e send"}), ElementsAre("des:foo unknown e2e recv"));
  EXPECT_THAT(failures({"curr:foo e2e sendrecv", "des:foo mandatory e2e send"}),
              ElementsAre("des:foo unknown e2e recv"));
  EXPECT_THAT(failures({"des:foo mandatory remote sendrecv", "des:foo mandatory local sendrecv"}),
              ElementsAre("des:foo unknown local sendrecv"));
  EXPECT_THAT(failures({"curr:qos e2e none", "des:qos mandatory e2e sendrecv"}),
              ElementsAre("des:qos failure e2e sendrecv"));
  for (const auto& harmless : {reserving,
                               {"curr:qos e2e sendrecv", "des:qos mandatory e2e sendrecv"},
                               {"curr:qos e2e none", "des:qos optional e2e sendrecv"},
                               {"des:foo optional e2e sendrecv"},
                               {"des:foo mandatory local sendrecv"}}) {
    EXPECT_THAT(failures(harmless), IsEmpty()) << harmless.front();
  }
}

TEST(PreconditionAnswers, WaitForAnUnknownTypeThatIsThePeersAlone) {
  const std::vector<std::string> own = {"curr:foo local none", "des:foo mandatory local sendrecv"};
  EXPECT_FALSE(may_go_on(own));
  EXPECT_THAT(answered(own), ElementsAre("curr:foo local none", "curr:foo remote none", "des:foo none local sendrecv",
                                         "des:foo mandatory remote sendrecv", "conf:foo remote sendrecv"));
  EXPECT_TRUE(may_go_on({"curr:foo local sendrecv", "des:foo mandatory local sendrecv"}));
  EXPECT_THAT(answered({"curr:foo e2e none", "des:foo optional e2e sendrecv"}), IsEmpty());
}

std::string joined(const std::vector<std::string>& texts) {
  std::string lines;
  for (const std::string& text : texts) lines += "a=" + text + "\r\n";
  return lines;
}

TEST(Preconditions, OfAPeerThatDidNotSayThatItKnowsThemAreIgnored) {
  Focus focus;
  const auto answer = focus.answer(session(audio(6000, joined(reserving))));
  EXPECT_THAT(texts_of(answer.media[0].attributes), IsEmpty());
  EXPECT_TRUE(focus.oa.preconditions_are_met());
  EXPECT_FALSE(focus.oa.has_preconditions());
}

TEST(Preconditions, AreMetByALaterOffer) {
  Focus focus;
  focus.oa.use_preconditions();
  auto answer = focus.answer(session(audio(6000, joined(reserving))));
  EXPECT_THAT(texts_of(answer.media[0].attributes), ::testing::Contains("conf:qos remote sendrecv"));
  EXPECT_TRUE(focus.oa.has_preconditions());
  EXPECT_FALSE(focus.oa.preconditions_are_met());
  answer = focus.answer(session(audio(6000, joined(reserved)), 2));
  EXPECT_THAT(texts_of(answer.media[0].attributes), Not(::testing::Contains("conf:qos remote sendrecv")));
  EXPECT_TRUE(focus.oa.preconditions_are_met());
}

// RFC 3312 section 7.1, TP-26
TEST(Preconditions, OfRefusedLinesDoNotCountAndALineWithoutAnyNeverWaits) {
  Focus focus;
  focus.oa.use_preconditions();
  const auto answer = focus.answer(session("a=group:CLUE 2\r\n" + audio(6000, joined(reserved)) +
                                           "m=text 6004 RTP/AVP 98\r\n" + joined(reserving) + channel("2")));
  EXPECT_EQ(outline(answer), "+audio sendrecv, 0text, +application mid2");
  EXPECT_THAT(texts_of(answer.media[1].attributes), IsEmpty());
  EXPECT_THAT(texts_of(answer.media[2].attributes), IsEmpty());
  EXPECT_TRUE(focus.oa.preconditions_are_met());
}

TEST(Preconditions, OfTheDataChannelAreAnsweredLikeAnyOther) {
  Focus focus;
  focus.oa.use_preconditions();
  const auto answer = focus.answer(session("a=group:CLUE 2\r\n" + audio(6000) + channel("2", joined(reserving))));
  EXPECT_THAT(texts_of(answer.media[1].attributes), ::testing::Contains("conf:qos remote sendrecv"));
  EXPECT_FALSE(focus.oa.preconditions_are_met());
}

// RFC 3312 section 7: every m-line with port 0, and what failed in its place.
TEST(Preconditions, ThatCannotBeMetAreRefusedWithWhatFailed) {
  Focus focus;
  focus.oa.use_preconditions();
  const auto plan = focus.oa.receive_offer(
      read(session(audio(6000, joined(reserved)) + video(6002, "a=des:foo mandatory e2e sendrecv\r\n"))), true);
  ASSERT_FALSE(plan.has_value());
  EXPECT_EQ(plan.error().sip_status, 580);
  EXPECT_EQ(plan.error().reason, "m-line 2: foo unknown e2e sendrecv");
  const auto body = read(plan.error().description);
  EXPECT_EQ(outline(body), "0audio, 0video");
  EXPECT_THAT(texts_of(body.media[0].attributes), IsEmpty());
  EXPECT_THAT(texts_of(body.media[1].attributes), ElementsAre("des:foo unknown e2e sendrecv"));
  EXPECT_FALSE(focus.oa.has_session());
}

TEST(Preconditions, ThatWereWaitedForInVainAreDescribed) {
  Focus focus;
  focus.oa.use_preconditions();
  focus.answer(session(audio(6000, joined(reserving)) + video(6002, joined(reserved))));
  const auto body = read(focus.oa.describe_unmet());
  EXPECT_EQ(outline(body), "0audio, 0video");
  EXPECT_THAT(texts_of(body.media[0].attributes), ElementsAre("des:qos failure remote sendrecv"));
  EXPECT_THAT(texts_of(body.media[1].attributes), IsEmpty());
}

TEST(Preconditions, OfTooManyTypesAreRefused) {
  Focus focus;
  focus.oa.use_preconditions();
  std::string lines;
  for (int i = 0; i < 5; ++i) lines += "a=curr:t" + std::to_string(i) + " local none\r\n";
  const auto plan = focus.oa.receive_offer(read(session(audio(6000, lines))), true);
  ASSERT_FALSE(plan.has_value());
  EXPECT_EQ(plan.error().sip_status, 400);
}

TEST(PreconditionOffers, SayThatOurSideIsThereOnOrdinaryStreamsAlone) {
  Focus focus;
  focus.oa.offer_preconditions();
  const auto offer = focus.offer({main_stream(MediaKind::audio), main_stream(MediaKind::video)});
  for (const std::size_t i : {std::size_t{0}, std::size_t{1}, std::size_t{2}}) {
    if (offer.media[i].media == "application") {
      EXPECT_THAT(texts_of(offer.media[i].attributes), IsEmpty());
    } else {
      EXPECT_THAT(texts_of(offer.media[i].attributes),
                  ElementsAre("curr:qos local sendrecv", "curr:qos remote none", "des:qos optional local sendrecv",
                              "des:qos none remote sendrecv"));
    }
  }
}

TEST(PreconditionOffers, ThatFailAreExplainedForTheLog) {
  EXPECT_EQ(failures_in(read(session(audio(0, "a=des:qos failure Local sendrecv\r\na=des:foo unknown e2e send\r\n") +
                                     video(0, "a=des:qos mandatory e2e send\r\na=des:foo UNKNOWN e2e send\r\n")))),
            "m-line 1: qos failure local sendrecv; m-line 2: foo unknown e2e send");
  EXPECT_EQ(failures_in(read(session(audio(0, "a=des:qos failure here sendrecv\r\na=des:qos failure\r\n")))), "");
}

TEST(PreconditionOffers, OnceAnsweredCountInTheOffersOfThePeerToo) {
  Focus focus;
  focus.offer({main_stream(MediaKind::audio)}, false);
  ASSERT_TRUE(focus.answered(read(session(audio(6000, joined(reserved))))));
  const auto answer = focus.answer(session(audio(6000, joined(reserved)), 2));
  EXPECT_THAT(texts_of(answer.media[0].attributes), Not(IsEmpty()));
}

TEST(PreconditionOffers, FollowTheAnswer) {
  Focus focus;
  focus.offer({main_stream(MediaKind::audio)}, false);
  // Demanded although we did not speak of any.
  ASSERT_TRUE(focus.answered(read(
      session(audio(6000, joined({"curr:qos local none", "curr:qos remote none", "des:qos mandatory local sendrecv",
                                  "des:qos mandatory remote sendrecv", "conf:qos remote sendrecv"}))))));
  EXPECT_TRUE(focus.oa.owes_confirmation());
  const auto update = focus.offer({main_stream(MediaKind::audio)}, false);
  EXPECT_THAT(texts_of(update.media[0].attributes),
              ElementsAre("curr:qos local sendrecv", "curr:qos remote none", "des:qos mandatory local sendrecv",
                          "des:qos mandatory remote sendrecv"));
  ASSERT_TRUE(focus.answered(read(session(audio(6000, joined(reserved)), 2))));
  EXPECT_FALSE(focus.oa.owes_confirmation());
  // An answer without any ends it.
  focus.offer({main_stream(MediaKind::audio)}, false);
  ASSERT_TRUE(focus.answered(read(session(audio(6000), 3))));
  EXPECT_FALSE(focus.oa.has_preconditions());
}

TEST(PreconditionOffers, ThatRefreshTheSessionSayTheSameAgain) {
  Focus focus;
  focus.oa.use_preconditions();
  const auto answer = focus.answer(session(audio(6000, joined(reserved))));
  const auto refresh = focus.offer(focus.oa.current_streams(), false);
  EXPECT_EQ(texts_of(refresh.media[0].attributes), texts_of(answer.media[0].attributes));
}

}  // namespace
}  // namespace clued::sdp
