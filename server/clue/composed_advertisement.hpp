// An advertisement made of parts that many recipients share, so that one departure in a large conference renders each
// part once and not once per recipient.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "clue/messages.hpp"

namespace clued::clue {

/// A piece of an advertisement and its rendering, immutable and shared. Made by `make_part`.
struct AdvertisementPart {
  AdvertisementContent content;
  std::string captures_xml;  ///< the children of the wrapper element of the same name, one after the other
  std::string encoding_groups_xml;
  std::string scenes_xml;
  std::string simultaneous_sets_xml;
  std::string global_views_xml;
  std::string people_xml;
  std::unordered_map<std::string_view, const MediaCapture*> captures_by_id;  ///< into `content`

  /// Bytes of its rendering.
  std::size_t size() const noexcept;
};

using AdvertisementPartPtr = std::shared_ptr<const AdvertisementPart>;

AdvertisementPartPtr make_part(AdvertisementContent content);

/// What one recipient is told: its parts in order. Concatenated they are one valid AdvertisementContent.
class ComposedAdvertisement {
 public:
  ComposedAdvertisement() = default;
  explicit ComposedAdvertisement(std::vector<AdvertisementPartPtr> parts) : parts_(std::move(parts)) {}

  const std::vector<AdvertisementPartPtr>& parts() const noexcept { return parts_; }

  /// The capture of that id or nullptr. O(parts).
  const MediaCapture* capture(std::string_view id) const;
  const EncodingGroup* encoding_group(std::string_view id) const;
  const SceneView* scene_view(std::string_view id) const;

  /// All parts as one value (for validation and tests).
  AdvertisementContent content() const;

  /// The whole `advertisement` message. Wrapper elements without children are left out where the schema allows it.
  std::string encode(const Header& header) const;

  /// The length of encode() without making it, give or take the header: for max-message-size (MCU-07).
  std::size_t size_estimate() const noexcept;

  /// Says the same as the other one.
  bool operator==(const ComposedAdvertisement& other) const;

 private:
  std::vector<AdvertisementPartPtr> parts_;
};

}  // namespace clued::clue
