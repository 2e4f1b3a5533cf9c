#include "focus/anonymous_content.hpp"

namespace clued::focus {

clue::AdvertisementContent without_names(clue::AdvertisementContent content) {
  content.people.clear();
  for (auto& capture : content.captures) {
    capture.person_ids.clear();
    capture.descriptions.clear();
  }
  for (auto& scene : content.scenes) {
    scene.descriptions.clear();
    scene.information.reset();
    for (auto& view : scene.views) view.descriptions.clear();
  }
  return content;
}

}  // namespace clued::focus
