// Messages as values and as text, for the tests of the codec.
#pragma once

#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "clue/codec.hpp"
#include "clue/messages.hpp"
#include "support/paths.hpp"

namespace clued::clue::testing {

/// A file of tests/data/clue; empty when it cannot be read.
inline std::string data_file(const std::string& name) {
  std::ifstream stream(clued::testing::test_data_dir() + "/clue/" + name, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

/// `text` with the only occurrence of `from` replaced; a text that no refusal fits when there is not exactly one.
inline std::string replaced(std::string text, std::string_view from, std::string_view to) {
  const auto at = text.find(from);
  if (at == text.npos || text.find(from, at + 1) != text.npos) return "the test is wrong: " + std::string(from);
  return text.replace(at, from.size(), to);
}

inline MediaCapture complete_video() {
  MediaCapture v1;
  v1.type = MediaType::video;
  v1.media_type = "video";
  v1.id = "v1";
  v1.scene_id = "s1";
  v1.spatial = SpatialInformation{
      .capture_origin = CaptureOrigin{.capture_point = {0, -1.25, 10}, .line_of_capture_point = Point{0.5, 1, 10}},
      .capture_area = CaptureArea{{-1, 20, 9}, {1, 20, 9}, {-1, 20, 11}, {1, 20, 11}}};
  v1.encoding_group_id = "g1";
  v1.descriptions = {{"en", "left camera"}, {"", "senza lingua"}};
  v1.priority = 0;
  v1.languages = {"it", "zh-Hant-TW"};
  v1.mobility = Mobility::highly_dynamic;
  v1.presentation = "slides";
  v1.embedded_text = "de";
  v1.view = "table";
  v1.person_ids = {"p1", "p2"};
  v1.related_to = "v2";
  return v1;
}

inline std::vector<MediaCapture> complete_captures() {
  MediaCapture v2;
  v2.type = MediaType::video;
  v2.media_type = "video";
  v2.id = "v2";
  v2.scene_id = "s1";
  v2.multiple = MultipleContent{.synchronization_id = "1",
                                .content = CaptureContent{.capture_ids = {"v1"}, .scene_view_ids = {"w1"}},
                                .policy = "SoundLevel:0",
                                .max_captures = MaxCaptures{.count = 3, .exact_number = true},
                                .allow_subset_choice = true};
  v2.encoding_group_id = "g1";
  MediaCapture a1;
  a1.type = MediaType::audio;
  a1.media_type = "audio";
  a1.id = "a1";
  a1.scene_id = "s2";
  a1.sensitivity_pattern = "figure8";
  MediaCapture t1;
  t1.type = MediaType::text;
  t1.media_type = "text";
  t1.id = "t1";
  t1.scene_id = "s2";
  t1.mobility = Mobility::fixed;
  MediaCapture o1;
  o1.media_type = "smell";
  o1.id = "o1";
  o1.scene_id = "s2";
  o1.multiple = MultipleContent{};
  return {complete_video(), v2, a1, t1, o1};
}

/// What complete-advertisement.xml says.
inline AdvertisementContent complete_content() {
  AdvertisementContent content;
  content.captures = complete_captures();
  content.encoding_groups = {{.id = "g1", .max_bandwidth = UINT64_MAX, .encoding_ids = {"enc1", "enc 2"}},
                             {.id = "g2", .max_bandwidth = std::nullopt, .encoding_ids = {"enc3"}}};
  content.scenes = {
      {.id = "s1",
       .scale = SceneScale::millimetres,
       .descriptions = {{"en", "the room"}},
       .information = PersonCard{"Room 1"},
       .views = {{.id = "w1", .descriptions = {{"en", "everything"}}, .capture_ids = {"v1"}},
                 {.id = "w2", .descriptions = {}, .capture_ids = {"v2"}}}},
      {.id = "s2", .scale = SceneScale::no_scale, .descriptions = {}, .information = std::nullopt, .views = {}},
      {.id = "s3", .scale = SceneScale::unknown, .descriptions = {}, .information = std::nullopt, .views = {}}};
  content.simultaneous_sets = {
      {.id = "x1", .media_type = "video", .capture_ids = {"v1"}, .scene_view_ids = {"w2"}, .scene_ids = {"s1"}},
      {.id = "x2", .media_type = std::nullopt, .capture_ids = {}, .scene_view_ids = {}, .scene_ids = {}}};
  content.global_views = {{.id = "b1", .scene_view_ids = {"w1", "w2"}}, {.id = "", .scene_view_ids = {"w1"}}};
  content.people = {
      {.id = "p1", .card = PersonCard{"Ann <A.> \xC3\x85ngstr\xC3\xB6m"}, .types = {"presenter", "minute taker"}},
      {.id = "p2", .card = std::nullopt, .types = {}}};
  return content;
}

/// One message of each kind with all of its fields, and the shortest ones.
inline std::vector<Message> all_messages() {
  const Header full{.version = {1, 3}, .clue_id = "a <clue> \"id\"", .sequence = 2'147'483'647};
  const Header bare{.version = {1, 0}, .clue_id = std::nullopt, .sequence = 1};
  const std::vector<Extension> extensions{{"E1", "urn:e1", {1, 4}}, {"E2", "urn:e2", {2, 7}}};
  const std::vector<CaptureEncoding> encodings{
      {.id = "c1", .capture_id = "v1", .encoding_id = "enc1", .configured_content = std::nullopt},
      {.id = "c2",
       .capture_id = "v2",
       .encoding_id = "enc 2",
       .configured_content = CaptureContent{.capture_ids = {"v1", "v3"}, .scene_view_ids = {"w1"}}},
      {.id = "c3", .capture_id = "v3", .encoding_id = "enc3", .configured_content = CaptureContent{}}};
  return {
      Options{full, true, false, {{1, 4}, {2, 7}}, extensions},
      Options{bare, false, true, {}, {}},
      OptionsResponse{full, ResponseCode::success, "Success", true, false, Version{2, 7}, extensions},
      OptionsResponse{bare, ResponseCode::version_not_supported, std::nullopt, {}, {}, {}, {}},
      Advertisement{full, complete_content()},
      Ack{full, ResponseCode::invalid_identifier, "why & <because>", 4'294'967'295},
      Ack{bare, ResponseCode::success, std::nullopt, 1},
      Configure{full, 7, ResponseCode::success, encodings},
      Configure{bare, 8, std::nullopt, {}},
      ConfigureResponse{full, ResponseCode::advertisement_expired, "late", 9},
      ConfigureResponse{bare, static_cast<ResponseCode>(599), std::nullopt, 10},
  };
}

}  // namespace clued::clue::testing
