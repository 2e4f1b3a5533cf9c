// What an advertisement has to obey.
#include "clue/validation.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

#include "clue/validation_cycles.hpp"
#include "clue/validation_index.hpp"

namespace clued::clue {

namespace {

using Found = std::optional<Violation>;

Found violation(ResponseCode code, std::string reason) { return Violation{code, std::move(reason)}; }

Found dangling(std::string_view where, std::string_view id, std::string_view kind) {
  return violation(ResponseCode::invalid_value,
                   quoted(where) + " refers to " + quoted(id) + ", which is no " + std::string(kind) + " here");
}

/// True unless four points are far from one plane: the volume that they span, relative to its longest edges.
bool is_coplanar(const CaptureArea& area) noexcept {
  const std::array<const Point*, 4> corners{&area.bottom_left, &area.bottom_right, &area.top_left, &area.top_right};
  double largest = 0;
  for (const auto* corner : corners) {
    largest = std::max({largest, std::abs(corner->x), std::abs(corner->y), std::abs(corner->z)});
  }
  if (largest == 0) return true;
  // Scaled first, so that products of huge coordinates stay finite.
  std::array<std::array<double, 3>, 3> edges{};
  for (std::size_t i = 0; i < edges.size(); ++i) {
    edges[i] = {corners[i + 1]->x / largest - corners[0]->x / largest,
                corners[i + 1]->y / largest - corners[0]->y / largest,
                corners[i + 1]->z / largest - corners[0]->z / largest};
  }
  const auto& [u, v, w] = edges;
  const double volume =
      u[0] * (v[1] * w[2] - v[2] * w[1]) - u[1] * (v[0] * w[2] - v[2] * w[0]) + u[2] * (v[0] * w[1] - v[1] * w[0]);
  const auto length = [](const std::array<double, 3>& e) { return std::hypot(e[0], e[1], e[2]); };
  constexpr double tolerance = 1e-3;  // corners are measured by hand and rounded
  return std::abs(volume) <= tolerance * length(u) * length(v) * length(w);
}

class ContentCheck {
 public:
  explicit ContentCheck(const AdvertisementContent& content) : content_(content) {}

  Found run() {
    if (auto found = index_everything()) return found;
    for (const auto& capture : content_.captures) {
      if (auto found = check_references(capture)) return found;
      if (auto found = check_type(capture)) return found;
      if (auto found = check_space(capture)) return found;
      if (auto found = check_sources(capture)) return found;
    }
    for (const auto& scene : content_.scenes) {
      for (const auto& view : scene.views) {
        if (auto found = check_view(view)) return found;
      }
    }
    if (const auto* looped = find_looped_capture(content_, index_)) {
      return violation(ResponseCode::semantic_errors, quoted(looped->id) + " is a source of itself");
    }
    for (const auto& set : content_.simultaneous_sets) {
      if (auto found = check_set(set)) return found;
    }
    for (const auto& view : content_.global_views) {
      for (const auto& id : view.scene_view_ids) {
        if (index_.find<SceneView>(id) == nullptr) return dangling(view.id, id, "scene view");
      }
    }
    return std::nullopt;
  }

 private:
  Found add(std::string_view id, IdIndex::Thing thing, std::string_view kind) {
    if (id.empty()) return violation(ResponseCode::bad_syntax, "a " + std::string(kind) + " has no id");
    if (index_.add(id, thing)) return std::nullopt;
    return violation(ResponseCode::conflicting_values, "the id " + quoted(id) + " is used twice");
  }

  /// One symbol space for all of them: xs:ID in RFC 8846.
  Found index_everything() {
    const auto& c = content_;
    index_.reserve(c.captures.size() + c.encoding_groups.size() + 4 * c.scenes.size() + c.people.size());
    Found found;
    const auto add_all = [&](const auto& things, std::string_view kind) {
      return std::all_of(things.begin(), things.end(), [&](const auto& thing) {
        found = add(thing.id, &thing, kind);
        return !found;
      });
    };
    const auto add_views = [&](const CaptureScene& scene) { return add_all(scene.views, "scene view"); };
    // The id of a global view is optional in the schema.
    const auto add_global_view = [&](const GlobalView& view) {
      if (!view.id.empty()) found = add(view.id, &view, "global view");
      return !found;
    };
    static_cast<void>(add_all(c.captures, "capture") && add_all(c.encoding_groups, "encoding group") &&
                      add_all(c.scenes, "capture scene") && std::all_of(c.scenes.begin(), c.scenes.end(), add_views) &&
                      add_all(c.simultaneous_sets, "simultaneous set") &&
                      std::all_of(c.global_views.begin(), c.global_views.end(), add_global_view) &&
                      add_all(c.people, "person"));
    return found;
  }

  /// DM-01 and the other references of a capture.
  Found check_references(const MediaCapture& capture) const {
    if (index_.find<CaptureScene>(capture.scene_id) == nullptr) {
      return dangling(capture.id, capture.scene_id, "capture scene");
    }
    if (capture.encoding_group_id && index_.find<EncodingGroup>(*capture.encoding_group_id) == nullptr) {
      return dangling(capture.id, *capture.encoding_group_id, "encoding group");
    }
    for (const auto& id : capture.person_ids) {
      if (index_.find<Person>(id) == nullptr) return dangling(capture.id, id, "person");
    }
    if (capture.related_to && index_.find<MediaCapture>(*capture.related_to) == nullptr) {
      return dangling(capture.id, *capture.related_to, "capture");
    }
    return std::nullopt;
  }

  /// The type and the attribute say the same (RFC 8846 section 11.2).
  static Found check_type(const MediaCapture& capture) {
    const std::string_view word = capture.type == MediaType::audio   ? "audio"
                                  : capture.type == MediaType::video ? "video"
                                  : capture.type == MediaType::text  ? "text"
                                                                     : "";
    if (word.empty() || capture.media_type.empty() || capture.media_type == word) return std::nullopt;
    return violation(ResponseCode::conflicting_values,
                     quoted(capture.id) + " has the type of " + std::string(word) + " and another mediaType");
  }

  /// DM-03 and DM-04. A video capture without captureArea is accepted although section 11.5.2 demands it: the example
  /// of RFC 8847 has one, and nobody but its own consumer is worse off.
  static Found check_space(const MediaCapture& capture) {
    if (!capture.spatial) return std::nullopt;
    const auto& spatial = *capture.spatial;
    const auto invalid = [&](const char* what) {
      return violation(ResponseCode::invalid_value, quoted(capture.id) + ' ' + what);
    };
    if (capture.type == MediaType::text) return invalid("is text and has spatial information");
    if (capture.type == MediaType::audio) {
      if (spatial.capture_area) return invalid("is audio and has a capture area");
      if (!spatial.capture_origin) return invalid("is audio and has spatial information without capture origin");
    }
    if (spatial.capture_origin &&
        spatial.capture_origin->line_of_capture_point == spatial.capture_origin->capture_point) {
      return invalid("has a line of capture that is a point");
    }
    if (spatial.capture_area && !is_coplanar(*spatial.capture_area)) {
      return invalid("has a capture area that is not in one plane");
    }
    return std::nullopt;
  }

  /// The sources of a Multiple Content Capture exist and are of its own medium (DM-06).
  Found check_sources(const MediaCapture& capture) const {
    if (!capture.multiple || !capture.multiple->content) return std::nullopt;
    for (const auto& id : capture.multiple->content->capture_ids) {
      const auto* source = index_.find<MediaCapture>(id);
      if (source == nullptr) return dangling(capture.id, id, "capture");
      if (!same_media(capture, *source)) return mixed(capture.id, id);
    }
    for (const auto& id : capture.multiple->content->scene_view_ids) {
      const auto* view = index_.find<SceneView>(id);
      if (view == nullptr) return dangling(capture.id, id, "scene view");
      // The others of the view are of the same medium as its first one, or check_view finds them.
      const auto* first = view->capture_ids.empty() ? nullptr : index_.find<MediaCapture>(view->capture_ids.front());
      if (first != nullptr && !same_media(capture, *first)) return mixed(capture.id, id);
    }
    return std::nullopt;
  }

  static Found mixed(std::string_view one, std::string_view other) {
    return violation(ResponseCode::conflicting_values,
                     quoted(one) + " and " + quoted(other) + " are of different media");
  }

  /// DM-06: all captures of a view are of one medium.
  Found check_view(const SceneView& view) const {
    const MediaCapture* first = nullptr;
    for (const auto& id : view.capture_ids) {
      const auto* capture = index_.find<MediaCapture>(id);
      if (capture == nullptr) return dangling(view.id, id, "capture");
      if (first == nullptr) first = capture;
      if (!same_media(*first, *capture)) return mixed(first->id, id);
    }
    return std::nullopt;
  }

  /// References, and DM-12.
  Found check_set(const SimultaneousSet& set) const {
    for (const auto& id : set.capture_ids) {
      if (index_.find<MediaCapture>(id) == nullptr) return dangling(set.id, id, "capture");
    }
    for (const auto& id : set.scene_view_ids) {
      if (index_.find<SceneView>(id) == nullptr) return dangling(set.id, id, "scene view");
    }
    for (const auto& id : set.scene_ids) {
      if (index_.find<CaptureScene>(id) == nullptr) return dangling(set.id, id, "capture scene");
    }
    if (!set.media_type && !set.scene_ids.empty() && set.capture_ids.empty() && set.scene_view_ids.empty()) {
      return violation(ResponseCode::invalid_value, quoted(set.id) + " lists scenes only and has no media type");
    }
    return std::nullopt;
  }

  const AdvertisementContent& content_;
  IdIndex index_;
};

}  // namespace

base::expected<void, Violation> validate(const AdvertisementContent& content) {
  if (auto found = ContentCheck(content).run()) return base::unexpected(*std::move(found));
  return {};
}

}  // namespace clued::clue
