// Configures: what may be asked for, given what was told (requirements CP-17, DM-02, DM-09, DM-11).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "clue/validation.hpp"
#include "unit/clue/codec_support.hpp"

namespace clued::clue {
namespace {

using ::testing::HasSubstr;
using enum ResponseCode;

MediaCapture video(const std::string& id) {
  MediaCapture capture;
  capture.type = MediaType::video;
  capture.media_type = "video";
  capture.id = id;
  capture.scene_id = "s1";
  capture.encoding_group_id = "gv";
  return capture;
}

MediaCapture multiple(const std::string& id, std::optional<CaptureContent> sources, std::optional<bool> choice,
                      std::optional<std::uint16_t> most) {
  auto capture = video(id);
  capture.multiple = MultipleContent{};
  capture.multiple->content = std::move(sources);
  capture.multiple->allow_subset_choice = choice;
  if (most) capture.multiple->max_captures = MaxCaptures{.count = *most, .exact_number = false};
  return capture;
}

/// Three cameras, a microphone, sources without encoding group, and Multiple Content Captures of several kinds.
AdvertisementContent room() {
  AdvertisementContent content;
  content.captures = {video("v1"),
                      video("v2"),
                      video("v3"),
                      multiple("all", CaptureContent{{}, {"w1"}}, false, 1),
                      multiple("choice", CaptureContent{{"v1", "v2"}, {}}, true, 1),
                      multiple("any", std::nullopt, true, 2),
                      multiple("silent", std::nullopt, std::nullopt, {})};
  auto audio = video("a1");
  audio.type = MediaType::audio;
  audio.media_type = "audio";
  audio.encoding_group_id = "ga";
  auto bare = video("bare");
  bare.encoding_group_id.reset();
  content.captures.push_back(audio);
  content.captures.push_back(bare);
  content.encoding_groups = {{"gv", 1, {"e1", "e2", "e3"}}, {"ga", 1, {"f1"}}};
  content.scenes = {{.id = "s1",
                     .scale = {},
                     .descriptions = {},
                     .information = {},
                     .views = {{.id = "w1", .descriptions = {}, .capture_ids = {"v1", "v2", "v3"}},
                               {.id = "w2", .descriptions = {}, .capture_ids = {"a1"}}}}};
  return content;
}

CaptureEncoding want(const std::string& capture, const std::string& encoding,
                     std::optional<CaptureContent> choice = std::nullopt) {
  return {.id = "ce-" + capture + "-" + encoding,
          .capture_id = capture,
          .encoding_id = encoding,
          .configured_content = std::move(choice)};
}

class ConfigureValidation : public ::testing::Test {
 protected:
  void accept(const std::vector<CaptureEncoding>& wanted) const {
    const auto result = validate(wanted, told());
    EXPECT_TRUE(result.has_value()) << result.error().reason;
  }

  void refuse(const std::vector<CaptureEncoding>& wanted, ResponseCode code, const char* reason) const {
    const auto result = validate(wanted, told());
    ASSERT_FALSE(result.has_value()) << reason;
    EXPECT_EQ(result.error().code, code) << result.error().reason;
    EXPECT_THAT(result.error().reason, HasSubstr(reason));
  }

  ComposedAdvertisement told() const { return ComposedAdvertisement({make_part({}), make_part(content)}); }

  AdvertisementContent content = room();
};

TEST_F(ConfigureValidation, NothingCanAlwaysBeWanted) { accept({}); }

TEST_F(ConfigureValidation, EachCaptureInItsEncoding) {
  accept({want("v1", "e3"), want("v2", "e1"), want("any", "e2"), want("a1", "f1")});
}

TEST_F(ConfigureValidation, UnknownThings) {
  refuse({want("v9", "e1")}, invalid_value, "'v9' is no advertised capture");
  refuse({want("v1", "e9")}, invalid_value, "'e9' is no advertised encoding");
  refuse({want("v1", "e1"), want("w1", "e2")}, invalid_value, "'w1'");
  const auto result = validate(std::vector{want("v1", "e1")}, ComposedAdvertisement{});
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().code, invalid_value);
}

TEST_F(ConfigureValidation, CapturesWithoutEncodingGroup) {
  refuse({want("bare", "e1")}, invalid_value, "'bare' has no encoding group");
}

TEST_F(ConfigureValidation, EncodingsOfAnotherGroup) {
  refuse({want("v1", "f1")}, conflicting_values, "'f1' is not of the encoding group of 'v1'");
}

TEST_F(ConfigureValidation, ThingsUsedTwice) {
  refuse({want("v1", "e1"), want("v1", "e2")}, conflicting_values, "'v1' is wanted twice");
  refuse({want("v1", "e1"), want("v2", "e1")}, conflicting_values, "'e1' is used for two captures");
  auto twin = want("v2", "e2");
  twin.id = want("v1", "e1").id;
  refuse({want("v1", "e1"), twin}, conflicting_values, "used twice");
  twin.id.clear();
  refuse({twin}, bad_syntax, "no id");
}

TEST_F(ConfigureValidation, NamingAllSourcesIsNoChoice) {
  accept({want("all", "e1", CaptureContent{{}, {"w1"}})});
  accept({want("all", "e1", CaptureContent{{"v3", "v2", "v1"}, {}})});
  accept({want("choice", "e1", CaptureContent{{"v1", "v2"}, {}})});
  accept({want("v1", "e1", CaptureContent{})});
}

TEST_F(ConfigureValidation, ASubsetHasToBeAllowed) {
  refuse({want("all", "e1", CaptureContent{{"v1"}, {}})}, subset_choice_not_allowed, "'all'");
  refuse({want("silent", "e1", CaptureContent{{"v1"}, {}})}, subset_choice_not_allowed, "'silent'");
  refuse({want("v1", "e1", CaptureContent{{"v1"}, {}})}, subset_choice_not_allowed, "'v1'");
  accept({want("choice", "e1", CaptureContent{{"v2"}, {}})});
}

TEST_F(ConfigureValidation, ASubsetIsOfTheSources) {
  refuse({want("choice", "e1", CaptureContent{{"v9"}, {}})}, invalid_value, "unknown 'v9'");
  refuse({want("choice", "e1", CaptureContent{{}, {"w9"}})}, invalid_value, "unknown 'w9'");
  refuse({want("choice", "e1", CaptureContent{{"v3"}, {}})}, invalid_value, "'v3' is no source of 'choice'");
  refuse({want("choice", "e1", CaptureContent{{}, {"w1"}})}, invalid_value, "no source");
}

TEST_F(ConfigureValidation, AnySourceIsAnyCaptureOfTheMedium) {
  accept({want("any", "e1", CaptureContent{{"v1", "v3"}, {}})});
  refuse({want("any", "e1", CaptureContent{{"a1"}, {}})}, invalid_value, "'a1' is no source of 'any'");
}

TEST_F(ConfigureValidation, ASubsetIsAtMostWhatIsShown) {
  refuse({want("any", "e1", CaptureContent{{}, {"w1"}})}, invalid_value, "shows fewer sources");
  content.captures[5].multiple->max_captures->count = 3;
  accept({want("any", "e1", CaptureContent{{}, {"w1"}})});
}

TEST_F(ConfigureValidation, SimultaneousSetsLimitTheirMedium) {
  content.simultaneous_sets = {{"x1", std::nullopt, {"v1", "v2"}, {}, {}}, {"x2", std::nullopt, {"all"}, {}, {}}};
  accept({want("v1", "e1"), want("v2", "e2"), want("a1", "f1")});
  accept({want("all", "e1"), want("a1", "f1")});
  accept({want("v3", "e1")});
  refuse({want("v1", "e1"), want("v3", "e2")}, conflicting_values, "cannot be sent at the same time");
  refuse({want("v1", "e1"), want("all", "e2")}, conflicting_values, "'v1' and the others");
}

TEST_F(ConfigureValidation, SimultaneousSetsMayNameViewsAndScenes) {
  content.simultaneous_sets = {{"x1", std::nullopt, {}, {"w1"}, {}}};
  accept({want("v1", "e1"), want("v2", "e2"), want("v3", "e3")});
  refuse({want("v1", "e1"), want("any", "e2")}, conflicting_values, "same time");
  content.simultaneous_sets = {{"x1", "video", {}, {}, {"s1"}}};
  accept({want("v1", "e1"), want("v2", "e2"), want("v3", "e3"), want("a1", "f1")});
  accept({want("v1", "e1"), want("all", "e2")});                  // of the scene, though in none of its views
  content.simultaneous_sets = {{"x1", "audio", {}, {}, {"s1"}}};  // says nothing of video
  accept({want("v1", "e1"), want("any", "e2")});
}

}  // namespace
}  // namespace clued::clue
