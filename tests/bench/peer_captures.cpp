#include "bench/peer_captures.hpp"

#include <utility>

namespace clued::bench {

namespace {

/// A camera sees a strip of the room this wide, in the scene's millimetres.
constexpr double strip_width = 1200;

clue::MediaCapture camera(const std::string& room, unsigned number) {
  const double left = strip_width * (number - 1);
  clue::MediaCapture capture;
  capture.type = clue::MediaType::video;
  capture.media_type = "video";
  capture.id = "VC" + std::to_string(number);
  capture.scene_id = "CS1";
  capture.encoding_group_id = "EG-V";
  capture.spatial.emplace();
  capture.spatial->capture_origin = clue::CaptureOrigin{{left, 0, 900}, clue::Point{left, 1, 900}};
  capture.spatial->capture_area = clue::CaptureArea{
      {left, 3000, 0}, {left + strip_width, 3000, 0}, {left, 3000, 1500}, {left + strip_width, 3000, 1500}};
  capture.descriptions = {{"en", "camera " + std::to_string(number) + " of " + room}};
  capture.priority = number;
  capture.mobility = clue::Mobility::fixed;
  capture.view = "individual";
  capture.person_ids = {"PER1"};
  return capture;
}

clue::MediaCapture microphone(const std::string& room) {
  clue::MediaCapture capture;
  capture.type = clue::MediaType::audio;
  capture.media_type = "audio";
  capture.id = "AC1";
  capture.scene_id = "CS1";
  capture.encoding_group_id = "EG-A";
  capture.descriptions = {{"en", "table microphone of " + room}};
  capture.languages = {"en"};
  capture.priority = 1;
  capture.person_ids = {"PER1"};
  return capture;
}

}  // namespace

std::string video_label(unsigned number) { return "enc-v" + std::to_string(number); }
std::string audio_label(unsigned number) { return "enc-a" + std::to_string(number); }

clue::AdvertisementContent room_captures(const std::string& room, unsigned cameras) {
  clue::AdvertisementContent content;
  clue::EncodingGroup videos{"EG-V", 4'000'000 * cameras, {}};
  clue::SceneView all_videos{"SE1", {{"en", "the whole room"}}, {}};
  for (unsigned number = 1; number <= cameras; ++number) {
    content.captures.push_back(camera(room, number));
    videos.encoding_ids.push_back(video_label(number));
    all_videos.capture_ids.push_back(content.captures.back().id);
  }
  content.captures.push_back(microphone(room));
  content.encoding_groups = {std::move(videos), {"EG-A", 128'000, {audio_label(1)}}};

  clue::CaptureScene scene;
  scene.id = "CS1";
  scene.scale = clue::SceneScale::millimetres;
  scene.descriptions = {{"en", "the room " + room}};
  scene.views = {std::move(all_videos), {"SE2", {}, {"AC1"}}};
  content.scenes.push_back(std::move(scene));

  clue::Person person;
  person.id = "PER1";
  person.card = clue::PersonCard{"Host of " + room};
  person.types = {"presenter"};
  content.people.push_back(std::move(person));
  return content;
}

}  // namespace clued::bench
