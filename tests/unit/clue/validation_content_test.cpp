// Advertisements: the code and the reason of each violation.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <limits>

#include "clue/validation.hpp"
#include "unit/clue/codec_support.hpp"

namespace clued::clue {
namespace {

using ::testing::HasSubstr;
using enum ResponseCode;

struct Case {
  const char* name;
  std::function<void(AdvertisementContent&)> spoil;
  ResponseCode code;
  const char* reason;
};

void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }

CaptureArea& area(AdvertisementContent& c) { return *c.captures[0].spatial->capture_area; }
CaptureOrigin& origin(AdvertisementContent& c) { return *c.captures[0].spatial->capture_origin; }
CaptureContent& sources(AdvertisementContent& c) { return *c.captures[1].multiple->content; }

class Violating : public ::testing::TestWithParam<Case> {};

TEST_P(Violating, HasItsCode) {
  auto content = testing::complete_content();
  GetParam().spoil(content);
  const auto result = validate(content);
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().code, GetParam().code) << result.error().reason;
  EXPECT_THAT(result.error().reason, HasSubstr(GetParam().reason));
}

INSTANTIATE_TEST_SUITE_P(
    References, Violating,
    ::testing::Values(
        Case{"scene_of_capture", [](auto& c) { c.captures[0].scene_id = "s9"; }, invalid_value, "'v1' refers to 's9'"},
        Case{"scene_is_a_view", [](auto& c) { c.captures[0].scene_id = "w1"; }, invalid_value, "no capture scene"},
        Case{"group_of_capture", [](auto& c) { c.captures[0].encoding_group_id = "g9"; }, invalid_value, "'g9'"},
        Case{"person", [](auto& c) { c.captures[0].person_ids.push_back("p9"); }, invalid_value, "no person"},
        Case{"related", [](auto& c) { c.captures[0].related_to = "s1"; }, invalid_value, "no capture here"},
        Case{"source", [](auto& c) { sources(c).capture_ids.push_back("v9"); }, invalid_value, "'v2' refers to 'v9'"},
        Case{"source_view", [](auto& c) { sources(c).scene_view_ids.push_back("v1"); }, invalid_value, "no scene view"},
        Case{"capture_of_view", [](auto& c) { c.scenes[0].views[0].capture_ids.push_back("v9"); }, invalid_value,
             "'w1'"},
        Case{"capture_of_set", [](auto& c) { c.simultaneous_sets[0].capture_ids.push_back("v9"); }, invalid_value,
             "'x1'"},
        Case{"view_of_set", [](auto& c) { c.simultaneous_sets[0].scene_view_ids.push_back("v1"); }, invalid_value,
             "'x1'"},
        Case{"scene_of_set", [](auto& c) { c.simultaneous_sets[0].scene_ids.push_back("w1"); }, invalid_value, "'x1'"},
        Case{"view_of_global_view", [](auto& c) { c.global_views[0].scene_view_ids.push_back("s1"); }, invalid_value,
             "'b1'"}),
    [](const auto& param_info) { return param_info.param.name; });

// One symbol space for all kinds of things.
INSTANTIATE_TEST_SUITE_P(
    Ids, Violating,
    ::testing::Values(
        Case{"two_captures", [](auto& c) { c.captures[2].id = "t1"; }, conflicting_values, "'t1' is used twice"},
        Case{"capture_and_group", [](auto& c) { c.encoding_groups[1].id = "o1"; }, conflicting_values, "'o1'"},
        Case{"group_and_scene", [](auto& c) { c.scenes[2].id = "g2"; }, conflicting_values, "'g2'"},
        Case{"scene_and_view", [](auto& c) { c.scenes[0].views[1].id = "s1"; }, conflicting_values, "'s1'"},
        Case{"view_and_set", [](auto& c) { c.simultaneous_sets[0].id = "w1"; }, conflicting_values, "'w1'"},
        Case{"set_and_global_view", [](auto& c) { c.global_views[0].id = "x2"; }, conflicting_values, "'x2'"},
        Case{"global_view_and_person", [](auto& c) { c.people[1].id = "b1"; }, conflicting_values, "'b1'"},
        Case{"none", [](auto& c) { c.scenes[2].id = ""; }, bad_syntax, "a capture scene has no id"}),
    [](const auto& param_info) { return param_info.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Media, Violating,
    ::testing::Values(Case{"type_and_word", [](auto& c) { c.captures[2].media_type = "video"; }, conflicting_values,
                           "'a1'"},
                      Case{"source_of_other_medium", [](auto& c) { sources(c).capture_ids.push_back("a1"); },
                           conflicting_values, "'v2' and 'a1'"},
                      Case{"view_of_other_medium", [](auto& c) { c.scenes[0].views[0].capture_ids = {"a1"}; },
                           conflicting_values, "'v2' and 'w1'"},
                      Case{"mixed_view", [](auto& c) { c.scenes[0].views[1].capture_ids.push_back("t1"); },
                           conflicting_values, "'v2' and 't1'"},
                      Case{"mixed_others",
                           [](auto& c) {
                             c.captures[2].type = c.captures[3].type = MediaType::other;
                             c.scenes[0].views[1].capture_ids = {"a1", "t1"};
                           },
                           conflicting_values, "'a1' and 't1'"},
                      Case{"own_source", [](auto& c) { sources(c).capture_ids.push_back("v2"); }, semantic_errors,
                           "source of itself"},
                      Case{"own_source_by_view", [](auto& c) { sources(c).scene_view_ids.push_back("w2"); },
                           semantic_errors, "'v2' is a source of itself"},
                      Case{"own_source_by_other",
                           [](auto& c) {
                             c.captures[0].multiple = MultipleContent{.synchronization_id = {},
                                                                      .content = CaptureContent{{"v2"}, {}},
                                                                      .policy = {},
                                                                      .max_captures = {},
                                                                      .allow_subset_choice = {}};
                           },
                           semantic_errors, "source of itself"},
                      Case{"set_without_medium", [](auto& c) { c.simultaneous_sets[1].scene_ids = {"s1"}; },
                           invalid_value, "'x2' lists scenes only"}),
    [](const auto& param_info) { return param_info.param.name; });

// DM-03 and DM-04.
INSTANTIATE_TEST_SUITE_P(
    Space, Violating,
    ::testing::Values(
        Case{"text", [](auto& c) { c.captures[3].spatial = SpatialInformation{}; }, invalid_value, "'t1' is text"},
        Case{"audio_with_area", [](auto& c) { c.captures[2].spatial = c.captures[0].spatial; }, invalid_value, "'a1'"},
        Case{"audio_without_origin", [](auto& c) { c.captures[2].spatial = SpatialInformation{}; }, invalid_value,
             "without capture origin"},
        Case{"line_is_a_point", [](auto& c) { origin(c).line_of_capture_point = origin(c).capture_point; },
             invalid_value, "line of capture"},
        Case{"bent_area", [](auto& c) { area(c).top_left.y = 25; }, invalid_value, "not in one plane"},
        Case{"bent_huge_area",
             [](auto& c) {
               area(c) = {{0, 0, 0}, {1e300, 0, 0}, {0, 1e300, 0}, {0, 0, 1e300}};
             },
             invalid_value, "not in one plane"}),
    [](const auto& param_info) { return param_info.param.name; });

TEST(Validation, AcceptsTheCompleteContent) {
  const auto result = validate(testing::complete_content());
  EXPECT_TRUE(result.has_value()) << result.error().reason;
}

TEST(Validation, AcceptsNothing) { EXPECT_TRUE(validate(AdvertisementContent{}).has_value()); }

TEST(Validation, AcceptsWhatHarmsNobody) {
  auto content = testing::complete_content();
  content.captures[0].spatial->capture_area.reset();  // as in the example of RFC 8847
  content.captures[1].media_type = "";
  content.captures[4].media_type = "video";  // a type that we do not know may be of any medium
  content.global_views[0].id = "";
  content.scenes[0].views.push_back({.id = "w3", .descriptions = {}, .capture_ids = {}});
  const auto result = validate(content);
  EXPECT_TRUE(result.has_value()) << result.error().reason;
}

TEST(Validation, AcceptsAreasOfAnySize) {
  constexpr double huge = std::numeric_limits<double>::max();
  for (const auto& good :
       {CaptureArea{}, CaptureArea{{-huge, huge, 0}, {huge, huge, 0}, {-huge, huge, huge}, {huge, huge, huge}},
        CaptureArea{{-1500, 3000.4, 600}, {0, 3000, 600}, {-1500, 3000, 1500}, {0, 3000, 1500}}}) {
    auto content = testing::complete_content();
    area(content) = good;
    const auto result = validate(content);
    EXPECT_TRUE(result.has_value()) << result.error().reason;
  }
}

TEST(Validation, AcceptsALongChainOfSources) {
  AdvertisementContent content;
  content.scenes = {{.id = "s", .scale = {}, .descriptions = {}, .information = {}, .views = {}}};
  for (int i = 0; i < 5000; ++i) {
    MediaCapture capture;
    capture.media_type = "x";
    capture.id = "c" + std::to_string(i);
    capture.scene_id = "s";
    capture.multiple = MultipleContent{};
    if (i > 0) capture.multiple->content = CaptureContent{{"c" + std::to_string(i - 1)}, {}};
    content.captures.push_back(std::move(capture));
  }
  EXPECT_TRUE(validate(content).has_value());
  content.captures[0].multiple->content = CaptureContent{{"c4999"}, {}};
  EXPECT_FALSE(validate(content).has_value());
}

TEST(Validation, LongIdsAreCutInReasons) {
  auto content = testing::complete_content();
  content.captures[0].scene_id = std::string(63, 'x') + "\xC3\xA4" + std::string(1000, 'y');
  const auto result = validate(content);
  ASSERT_FALSE(result.has_value());
  EXPECT_THAT(result.error().reason, HasSubstr("'" + std::string(63, 'x') + "...'"));
}

}  // namespace
}  // namespace clued::clue
