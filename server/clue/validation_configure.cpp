// What a configure may ask for.
#include <algorithm>
#include <optional>
#include <unordered_set>
#include <utility>
#include <vector>

#include "clue/validation.hpp"
#include "clue/validation_index.hpp"

namespace clued::clue {

namespace {

using Found = std::optional<Violation>;
using Ids = std::unordered_set<std::string_view>;

Found violation(ResponseCode code, std::string reason) { return Violation{code, std::move(reason)}; }

class ConfigureCheck {
 public:
  ConfigureCheck(std::span<const CaptureEncoding> wanted, const ComposedAdvertisement& told)
      : wanted_(wanted), told_(told) {}

  Found run() {
    for (const auto& encoding : wanted_) {
      if (auto found = check(encoding)) return found;
    }
    return check_simultaneity();
  }

 private:
  Found check(const CaptureEncoding& wanted) {
    if (wanted.id.empty()) return violation(ResponseCode::bad_syntax, "a capture encoding has no id");
    if (!ids_.insert(wanted.id).second) {
      return violation(ResponseCode::conflicting_values, "the id " + quoted(wanted.id) + " is used twice");
    }
    const auto* capture = told_.capture(wanted.capture_id);
    if (capture == nullptr) {
      return violation(ResponseCode::invalid_value, quoted(wanted.capture_id) + " is no advertised capture");
    }
    if (!capture->encoding_group_id) {  // DM-02
      return violation(ResponseCode::invalid_value, quoted(wanted.capture_id) + " has no encoding group");
    }
    if (auto found = check_encoding(wanted, *capture->encoding_group_id)) return found;
    // DM-09
    if (!captures_.insert(wanted.capture_id).second) {
      return violation(ResponseCode::conflicting_values, quoted(wanted.capture_id) + " is wanted twice");
    }
    if (!encodings_.insert(wanted.encoding_id).second) {
      return violation(ResponseCode::conflicting_values, quoted(wanted.encoding_id) + " is used for two captures");
    }
    chosen_.push_back(capture);
    return wanted.configured_content ? check_choice(wanted, *capture) : std::nullopt;
  }

  /// SIG-05: an encoding is known when a group lists it; it has to be the capture's own group (RFC 8845 section 9.3).
  Found check_encoding(const CaptureEncoding& wanted, const std::string& group_id) const {
    const auto lists = [&](const EncodingGroup& group) {
      return std::find(group.encoding_ids.begin(), group.encoding_ids.end(), wanted.encoding_id) !=
             group.encoding_ids.end();
    };
    const auto* own = told_.encoding_group(group_id);
    if (own != nullptr && lists(*own)) return std::nullopt;
    for (const auto& part : told_.parts()) {
      const auto& groups = part->content.encoding_groups;
      if (std::any_of(groups.begin(), groups.end(), lists)) {
        return violation(ResponseCode::conflicting_values,
                         quoted(wanted.encoding_id) + " is not of the encoding group of " + quoted(wanted.capture_id));
      }
    }
    return violation(ResponseCode::invalid_value, quoted(wanted.encoding_id) + " is no advertised encoding");
  }

  /// DM-11. Asking for all that the capture consists of is no choice and thus always allowed.
  Found check_choice(const CaptureEncoding& wanted, const MediaCapture& capture) const {
    Ids asked;
    if (const auto* unknown = expand(*wanted.configured_content, asked)) {
      return violation(ResponseCode::invalid_value, quoted(wanted.id) + " wants the unknown " + quoted(*unknown));
    }
    Ids offered;
    const bool any_source = capture.multiple && !capture.multiple->content;
    if (capture.multiple && capture.multiple->content) expand(*capture.multiple->content, offered);
    if (asked == offered) return std::nullopt;
    if (!capture.multiple || !capture.multiple->allow_subset_choice.value_or(false)) {
      return violation(ResponseCode::subset_choice_not_allowed,
                       quoted(wanted.capture_id) + " does not let its sources be chosen");
    }
    for (const auto id : asked) {
      const auto* source = told_.capture(id);
      const bool possible = any_source ? source != nullptr && same_media(*source, capture) : offered.contains(id);
      if (!possible) {
        return violation(ResponseCode::invalid_value, quoted(id) + " is no source of " + quoted(wanted.capture_id));
      }
    }
    if (capture.multiple->max_captures && asked.size() > capture.multiple->max_captures->count) {
      return violation(ResponseCode::invalid_value, quoted(wanted.capture_id) + " shows fewer sources than wanted");
    }
    return std::nullopt;
  }

  /// The captures that a content names, those of its views included. Returns an id that is unknown, if there is one.
  const std::string* expand(const CaptureContent& content, Ids& captures) const {
    const std::string* unknown = nullptr;
    Ids views;
    for (const auto& id : content.capture_ids) {
      if (told_.capture(id) == nullptr) unknown = &id;
      captures.insert(id);
    }
    for (const auto& id : content.scene_view_ids) {
      if (!views.insert(id).second) continue;
      if (const auto* view = told_.scene_view(id)) {
        captures.insert(view->capture_ids.begin(), view->capture_ids.end());
      } else {
        unknown = &id;
      }
    }
    return unknown;
  }

  /// RFC 8845 section 8: where there are simultaneous sets for a medium, what is wanted of it has to fit into one of
  /// them. A capture alone can always be had.
  Found check_simultaneity() const {
    const auto has_sets = [](const auto& part) { return !part->content.simultaneous_sets.empty(); };
    if (std::none_of(told_.parts().begin(), told_.parts().end(), has_sets)) return std::nullopt;
    std::vector<Ids> sets;
    for (const auto& part : told_.parts()) {
      for (const auto& set : part->content.simultaneous_sets) sets.push_back(expand(set));
    }
    for (const auto* capture : chosen_) {
      if (auto found = check_simultaneity(*capture, sets)) return found;
    }
    return std::nullopt;
  }

  /// For the medium of this capture.
  Found check_simultaneity(const MediaCapture& example, const std::vector<Ids>& sets) const {
    std::vector<std::string_view> together;
    for (const auto* capture : chosen_) {
      if (same_media(*capture, example)) together.push_back(capture->id);
    }
    if (together.size() < 2 || together.front() != example.id) return std::nullopt;  // each medium once
    const auto limits_medium = [&](const Ids& set) {
      return std::any_of(set.begin(), set.end(), [&](std::string_view id) {
        const auto* capture = told_.capture(id);
        return capture != nullptr && same_media(*capture, example);
      });
    };
    if (std::none_of(sets.begin(), sets.end(), limits_medium)) return std::nullopt;
    const auto allows_all = [&](const Ids& set) {
      return std::all_of(together.begin(), together.end(), [&](std::string_view id) { return set.contains(id); });
    };
    if (std::any_of(sets.begin(), sets.end(), allows_all)) return std::nullopt;
    return violation(ResponseCode::conflicting_values,
                     quoted(together.front()) + " and the others of its medium cannot be sent at the same time");
  }

  /// A scene stands for its views and for the captures that it has beside them.
  Ids expand(const SimultaneousSet& set) const {
    Ids captures;
    const auto is_meant = [&](const std::string& id) {
      const auto* capture = told_.capture(id);
      return capture != nullptr && (!set.media_type || capture->media_type == *set.media_type);
    };
    const auto add_view = [&](const SceneView& view) {
      for (const auto& id : view.capture_ids) {
        if (is_meant(id)) captures.insert(id);
      }
    };
    captures.insert(set.capture_ids.begin(), set.capture_ids.end());
    for (const auto& id : set.scene_view_ids) {
      if (const auto* view = told_.scene_view(id)) add_view(*view);
    }
    for (const auto& part : told_.parts()) {
      for (const auto& scene : part->content.scenes) {
        if (std::find(set.scene_ids.begin(), set.scene_ids.end(), scene.id) == set.scene_ids.end()) continue;
        for (const auto& view : scene.views) add_view(view);
      }
      for (const auto& capture : part->content.captures) {
        const bool is_there =
            std::find(set.scene_ids.begin(), set.scene_ids.end(), capture.scene_id) != set.scene_ids.end();
        if (is_there && is_meant(capture.id)) captures.insert(capture.id);
      }
    }
    return captures;
  }

  std::span<const CaptureEncoding> wanted_;
  const ComposedAdvertisement& told_;
  Ids ids_;
  Ids captures_;
  Ids encodings_;
  std::vector<const MediaCapture*> chosen_;
};

}  // namespace

base::expected<void, Violation> validate(std::span<const CaptureEncoding> wanted, const ComposedAdvertisement& told) {
  if (auto found = ConfigureCheck(wanted, told).run()) return base::unexpected(*std::move(found));
  return {};
}

}  // namespace clued::clue
