// What we write validates against the repaired schemas of RFC 8846 and RFC 8847.
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

#include "clue/codec.hpp"
#include "clue/composed_advertisement.hpp"
#include "spec/clue_spec_support.hpp"
#include "unit/clue/codec_support.hpp"

namespace clued::clue {
namespace {

class ClueSchema : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!testing::has_spec_data()) GTEST_SKIP() << "there are no specifications in " << clued::testing::spec_dir();
    if (!testing::SchemaCheck::is_possible()) GTEST_SKIP() << "xmllint is not installed (libxml2-utils)";
  }

  testing::SchemaCheck check{testing::spec_data() / "fixed" / "clue-protocol-schema.xsd"};
};

TEST_F(ClueSchema, RefusesWhatIsWrong) {
  check.add("good", encode(Ack{{}, ResponseCode::success, std::nullopt, 1}));
  ASSERT_EQ(check.complaints(), "");
  check.add("bad", encode(Ack{{}, ResponseCode::success, std::nullopt, 0}));
  EXPECT_NE(check.complaints(), "");
}

TEST_F(ClueSchema, EveryKindOfMessage) {
  for (const auto& message : testing::all_messages()) check.add(name_of(message), encode(message));
  EXPECT_EQ(check.complaints(), "");
}

TEST_F(ClueSchema, EveryExampleSentAgain) {
  std::vector<std::string> texts;
  for (const std::string folder : {"", "fixed/"}) {
    for (const auto& file : testing::spec_files(folder, "rfc8847-msg", ".xml"))
      texts.push_back(testing::spec_file(file));
    for (const auto& file : testing::spec_files(folder, "rfc8846-", "xml")) {
      const auto text = testing::advertisement_of_clue_info(testing::spec_file(file));
      if (!text.empty()) texts.push_back(text);
    }
  }
  for (const auto& file : testing::spec_files("scenario", "", ".xml")) {
    if (file.find("confinfo") == file.npos) texts.push_back(testing::spec_file(file));
  }
  for (const auto& text : texts) {
    const auto message = decode(text);
    ASSERT_TRUE(message.has_value()) << message.error().reason;
    check.add(name_of(*message), encode(*message));
  }
  EXPECT_EQ(check.count(), 35U);
  EXPECT_EQ(check.complaints(), "");
}

TEST_F(ClueSchema, ComposedAdvertisements) {
  auto first = testing::complete_content();
  AdvertisementContent second;
  std::swap(first.people, second.people);
  std::swap(first.global_views, second.global_views);
  const ComposedAdvertisement composed({make_part(first), make_part({}), make_part(second)});
  check.add("composed", composed.encode({{1, 0}, std::nullopt, 1}));
  EXPECT_EQ(check.complaints(), "");
}

TEST_F(ClueSchema, NumbersOfAnySizeAndTextOfAnyKind) {
  auto content = testing::complete_content();
  auto& area = *content.captures[0].spatial->capture_area;
  area.bottom_left = {std::numeric_limits<double>::lowest(), std::numeric_limits<double>::denorm_min(), -0.0};
  area.top_left = {std::numeric_limits<double>::infinity(), std::numeric_limits<double>::quiet_NaN(), 1e-300};
  content.captures[0].descriptions[0].text = "]]> \x01 \xFF <&> \xF0\x9F\x98\x80";
  content.captures[0].media_type = "\"quoted\" & <odd>";
  content.captures[0].priority = std::numeric_limits<std::uint32_t>::max();
  content.captures[1].multiple->max_captures->count = 65535;
  check.add("extreme", encode(Advertisement{{{4'294'967'295, 4'294'967'295}, "\x02", 4'294'967'295}, content}));
  EXPECT_EQ(check.complaints(), "");
}

}  // namespace
}  // namespace clued::clue
