// The data model of CLUE (RFC 8846) as values. Element order, cardinalities and the names in comments are the RFC's.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/shared_optional.hpp"

namespace clued::clue {

enum class MediaType { audio, video, text, other };
enum class Mobility { fixed, dynamic, highly_dynamic };  ///< `static`, `dynamic`, `highly-dynamic` (11.16)

/// A text with its language (11.13). An empty language means that none was given.
struct LocalizedText {
  std::string language;
  std::string text;
  bool operator==(const LocalizedText&) const = default;
};

struct Point {
  double x = 0, y = 0, z = 0;
  bool operator==(const Point&) const = default;
};

struct CaptureOrigin {
  Point capture_point;
  std::optional<Point> line_of_capture_point;
  bool operator==(const CaptureOrigin&) const = default;
};

struct CaptureArea {
  Point bottom_left, bottom_right, top_left, top_right;
  bool operator==(const CaptureArea&) const = default;
};

/// Section 11.5. A capture without it is nonSpatiallyDefinable.
struct SpatialInformation {
  std::optional<CaptureOrigin> capture_origin;
  std::optional<CaptureArea> capture_area;
  bool operator==(const SpatialInformation&) const = default;
};

/// `content` of an MCC and `configuredContent` of a Capture Encoding (11.7, 22.3): references, both may be empty.
struct CaptureContent {
  std::vector<std::string> capture_ids;
  std::vector<std::string> scene_view_ids;
  bool operator==(const CaptureContent&) const = default;
};

struct MaxCaptures {
  std::uint16_t count = 1;
  bool exact_number = false;
  bool operator==(const MaxCaptures&) const = default;
};

/// What makes a Media Capture a Multiple Content Capture (11.7 to 11.11). A capture without it is `individual`.
struct MultipleContent {
  std::optional<std::string> synchronization_id;  ///< an opaque token (defect D4); not sent
  std::optional<CaptureContent> content;          ///< none: any source
  std::optional<std::string> policy;              ///< "SoundLevel:0", "RoundRobin:1"
  std::optional<MaxCaptures> max_captures;
  std::optional<bool> allow_subset_choice;
  bool operator==(const MultipleContent&) const = default;
};

struct MediaCapture {
  MediaType type = MediaType::other;
  std::string media_type;  ///< the attribute: "audio", "video", "text" or another word
  std::string id;          ///< captureID
  std::string scene_id;    ///< captureSceneIDREF
  base::SharedOptional<SpatialInformation> spatial;
  base::SharedOptional<MultipleContent> multiple;
  std::optional<std::string> encoding_group_id;
  std::vector<LocalizedText> descriptions;
  std::optional<std::uint32_t> priority;
  std::vector<std::string> languages;
  std::optional<Mobility> mobility;
  std::optional<std::string> presentation;   ///< "slides", "images" or a later word
  std::optional<std::string> embedded_text;  ///< language of the embedded text; "" when none was given
  std::optional<std::string> view;           ///< "room", "table", "lectern", "individual", "audience" or a later word
  std::vector<std::string> person_ids;       ///< capturedPeople
  std::optional<std::string> related_to;
  std::optional<std::string> sensitivity_pattern;  ///< audio only (12.1)
  bool operator==(const MediaCapture&) const = default;
};

struct EncodingGroup {
  std::string id;
  std::optional<std::uint64_t> max_bandwidth;  ///< bit/s; always sent, accepted absent (defect D5)
  std::vector<std::string> encoding_ids;       ///< SDP labels (RFC 8848 section 4.4.1.1)
  bool operator==(const EncodingGroup&) const = default;
};

struct SceneView {
  std::string id;
  std::vector<LocalizedText> descriptions;
  std::vector<std::string> capture_ids;
  bool operator==(const SceneView&) const = default;
};

/// What is kept of an xCard (RFC 6351): enough to show a name. Never used for authorisation (DM-14).
struct PersonCard {
  std::string full_name;  ///< `fn`
  bool operator==(const PersonCard&) const = default;
};

enum class SceneScale { millimetres, unknown, no_scale };

struct CaptureScene {
  std::string id;
  SceneScale scale = SceneScale::unknown;
  std::vector<LocalizedText> descriptions;
  std::optional<PersonCard> information;  ///< sceneInformation
  std::vector<SceneView> views;
  bool operator==(const CaptureScene&) const = default;
};

struct SimultaneousSet {
  std::string id;
  std::optional<std::string> media_type;
  std::vector<std::string> capture_ids;
  std::vector<std::string> scene_view_ids;
  std::vector<std::string> scene_ids;
  bool operator==(const SimultaneousSet&) const = default;
};

struct GlobalView {
  std::string id;
  std::vector<std::string> scene_view_ids;
  bool operator==(const GlobalView&) const = default;
};

struct Person {
  std::string id;
  std::optional<PersonCard> card;
  std::vector<std::string> types;  ///< personType: "presenter", "attendee", ...
  bool operator==(const Person&) const = default;
};

/// All that an advertisement says, without its header.
struct AdvertisementContent {
  std::vector<MediaCapture> captures;
  std::vector<EncodingGroup> encoding_groups;
  std::vector<CaptureScene> scenes;
  std::vector<SimultaneousSet> simultaneous_sets;
  std::vector<GlobalView> global_views;
  std::vector<Person> people;
  bool operator==(const AdvertisementContent&) const = default;
};

/// Section 22: one capture that the consumer wants, in one encoding.
struct CaptureEncoding {
  std::string id;
  std::string capture_id;
  std::string encoding_id;
  std::optional<CaptureContent> configured_content;
  bool operator==(const CaptureEncoding&) const = default;
};

}  // namespace clued::clue
