#include "clue/validation_cycles.hpp"

#include <algorithm>
#include <unordered_map>
#include <vector>

namespace clued::clue {

namespace {

/// Captures and scene views, with an arrow from each to what it is made of. Who has no arrow to anybody left is taken
/// away until nobody is; only loops (and what leads to them) stay.
class SourceGraph {
 public:
  SourceGraph(const AdvertisementContent& content, const IdIndex& index) : index_(index) {
    for (const auto& scene : content.scenes) {
      for (const auto& view : scene.views) add_captures(&view, view.capture_ids);
    }
    for (const auto& capture : content.captures) {
      if (!capture.multiple || !capture.multiple->content) continue;
      add_captures(&capture, capture.multiple->content->capture_ids);
      for (const auto& id : capture.multiple->content->scene_view_ids) add(&capture, index_.find<SceneView>(id));
    }
  }

  void take_away_all_without_sources() {
    std::vector<const void*> finished;
    for (const auto& [node, users] : users_) {
      if (source_count(node) == 0) finished.push_back(node);
    }
    while (!finished.empty()) {
      const void* node = finished.back();
      finished.pop_back();
      const auto users = users_.find(node);
      if (users == users_.end()) continue;
      for (const void* user : users->second) {
        if (--source_counts_[user] == 0) finished.push_back(user);
      }
    }
  }

  std::size_t source_count(const void* node) const {
    const auto found = source_counts_.find(node);
    return found == source_counts_.end() ? 0 : found->second;
  }

 private:
  void add_captures(const void* user, const std::vector<std::string>& ids) {
    for (const auto& id : ids) add(user, index_.find<MediaCapture>(id));
  }

  void add(const void* user, const void* source) {
    users_[source].push_back(user);
    ++source_counts_[user];
  }

  const IdIndex& index_;
  std::unordered_map<const void*, std::vector<const void*>> users_;
  std::unordered_map<const void*, std::size_t> source_counts_;
};

}  // namespace

const MediaCapture* find_looped_capture(const AdvertisementContent& content, const IdIndex& index) {
  const auto has_sources = [](const MediaCapture& capture) { return capture.multiple && capture.multiple->content; };
  if (std::none_of(content.captures.begin(), content.captures.end(), has_sources)) return nullptr;
  SourceGraph graph(content, index);
  graph.take_away_all_without_sources();
  const auto looped = std::find_if(content.captures.begin(), content.captures.end(),
                                   [&](const MediaCapture& capture) { return graph.source_count(&capture) > 0; });
  return looped == content.captures.end() ? nullptr : &*looped;
}

}  // namespace clued::clue
