// <mediaCapture> (RFC 8846 section 11).
#include "clue/codec_content_reader.hpp"

namespace clued::clue::codec {

namespace {

MediaType type_named(std::string_view type_name) noexcept {
  if (type_name == "audioCaptureType") return MediaType::audio;
  if (type_name == "videoCaptureType") return MediaType::video;
  if (type_name == "textCaptureType") return MediaType::text;
  return MediaType::other;
}

/// Requirement CP-26. xsi:type is a qualified name; one whose prefix nobody declared counts by its local name, one of
/// a foreign namespace is a type that we do not know, thus "other". Without xsi:type the media type has to tell.
MediaType read_type(xml::Element element, std::string_view media_type) {
  auto type = element.attribute("type", xsi_namespace);
  if (!type) type = element.attribute("type", xsi_namespace_of_rfc_examples);
  if (!type) {
    if (media_type == "audio") return MediaType::audio;
    if (media_type == "video") return MediaType::video;
    if (media_type == "text") return MediaType::text;
    return MediaType::other;
  }
  const auto name = trimmed(*type);
  const auto colon = name.find(':');
  const auto prefix = colon == name.npos ? std::string_view{} : name.substr(0, colon);
  const auto uri = element.namespace_of(prefix);
  if (uri && !uri->empty() && *uri != info_namespace && *uri != protocol_namespace) return MediaType::other;
  return type_named(colon == name.npos ? name : name.substr(colon + 1));
}

Point read_point(Reader& reader, xml::Element element) {
  Point point;
  Seen seen;
  for (const auto child : element.children()) {
    const Tag tag = tag_of(child);
    if (tag != Tag::x && tag != Tag::y && tag != Tag::z) continue;
    reader.once(seen, tag, child);
    (tag == Tag::x ? point.x : tag == Tag::y ? point.y : point.z) = reader.decimal(child);
  }
  for (const Tag tag : {Tag::x, Tag::y, Tag::z}) reader.require(seen, tag, element);
  return point;
}

CaptureOrigin read_origin(Reader& reader, xml::Element element) {
  CaptureOrigin origin;
  Seen seen;
  for (const auto child : element.children()) {
    const Tag tag = tag_of(child);
    if (tag == Tag::capture_point) {
      reader.once(seen, tag, child);
      origin.capture_point = read_point(reader, child);
    } else if (tag == Tag::line_of_capture_point) {
      reader.once(seen, tag, child);
      origin.line_of_capture_point = read_point(reader, child);
    }
  }
  reader.require(seen, Tag::capture_point, element);
  return origin;
}

CaptureArea read_area(Reader& reader, xml::Element element) {
  CaptureArea area;
  Seen seen;
  for (const auto child : element.children()) {
    const Tag tag = tag_of(child);
    Point* corner = tag == Tag::bottom_left    ? &area.bottom_left
                    : tag == Tag::bottom_right ? &area.bottom_right
                    : tag == Tag::top_left     ? &area.top_left
                    : tag == Tag::top_right    ? &area.top_right
                                               : nullptr;
    if (corner == nullptr) continue;
    reader.once(seen, tag, child);
    *corner = read_point(reader, child);
  }
  for (const Tag tag : {Tag::bottom_left, Tag::bottom_right, Tag::top_left, Tag::top_right}) {
    reader.require(seen, tag, element);
  }
  return area;
}

SpatialInformation read_spatial(Reader& reader, xml::Element element) {
  SpatialInformation spatial;
  Seen seen;
  for (const auto child : element.children()) {
    const Tag tag = tag_of(child);
    if (tag == Tag::capture_origin) {
      reader.once(seen, tag, child);
      spatial.capture_origin = read_origin(reader, child);
    } else if (tag == Tag::capture_area) {
      reader.once(seen, tag, child);
      spatial.capture_area = read_area(reader, child);
    }
  }
  return spatial;
}

/// ([a-zA-Z0-9])+[:]([0-9])+ (section 11.8 of RFC 8846)
std::string read_policy(Reader& reader, xml::Element element) {
  std::string policy = reader.word(element);
  const auto colon = policy.find(':');
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  const auto is_alnum = [&](char c) { return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  bool good = colon != policy.npos && colon > 0 && colon + 1 < policy.size();
  for (std::size_t at = 0; good && at < policy.size(); ++at) {
    good = at == colon || (at < colon ? is_alnum(policy[at]) : is_digit(policy[at]));
  }
  if (!good) reader.fail(ResponseCode::invalid_value, element, "is not of the form Algorithm:index");
  return policy;
}

MaxCaptures read_max_captures(Reader& reader, xml::Element element) {
  MaxCaptures max;
  max.count = reader.number<std::uint16_t>(element, 1);
  if (const auto exact = element.attribute("exactNumber")) max.exact_number = reader.boolean(element, *exact);
  return max;
}

Mobility read_mobility(Reader& reader, xml::Element element) {
  const auto value = trimmed(element.text());
  if (value == "dynamic") return Mobility::dynamic;
  if (value == "highly-dynamic") return Mobility::highly_dynamic;
  if (value != "static") reader.fail(ResponseCode::invalid_value, element, "is not static, dynamic or highly-dynamic");
  return Mobility::fixed;
}

/// The element is a boolean with a language; false says the same as its absence.
std::optional<std::string> read_embedded_text(Reader& reader, xml::Element element) {
  if (!reader.boolean(element)) return std::nullopt;
  return reader.language_attribute(element);
}

/// The elements that make a capture a Multiple Content Capture. False when the element is none of them.
bool read_multiple_content(Reader& reader, Tag tag, xml::Element child, MultipleContent& multiple) {
  switch (tag) {
    case Tag::synchronization_id:
      multiple.synchronization_id = reader.token(child);
      return true;
    case Tag::content:
      multiple.content = read_content(reader, child);
      return true;
    case Tag::policy:
      multiple.policy = read_policy(reader, child);
      return true;
    case Tag::max_captures:
      multiple.max_captures = read_max_captures(reader, child);
      return true;
    case Tag::allow_subset_choice:
      multiple.allow_subset_choice = reader.boolean(child);
      return true;
    default:
      return false;
  }
}

/// The elements that may occur more than once, or that carry nothing to be kept. False when it is none of them.
bool read_repeatable(Reader& reader, Tag tag, xml::Element child, MediaCapture& capture) {
  switch (tag) {
    case Tag::description:
      read_description(reader, child, capture.descriptions);
      return true;
    case Tag::lang:
      if (!reader.is_full(capture.languages.size())) capture.languages.push_back(reader.language(child, child.text()));
      return true;
    default:
      return false;
  }
}

void read_single(Reader& reader, Tag tag, xml::Element child, MediaCapture& capture) {
  switch (tag) {
    case Tag::capture_scene_idref:
      capture.scene_id = reader.token(child);
      break;
    case Tag::spatial_information:
      capture.spatial = read_spatial(reader, child);
      break;
    case Tag::non_spatially_definable:
    case Tag::individual:
      reader.always_true(child);
      break;
    case Tag::enc_group_idref:
      capture.encoding_group_id = reader.token(child);
      break;
    case Tag::priority:
      capture.priority = reader.number<std::uint32_t>(child, 0);
      break;
    case Tag::mobility:
      capture.mobility = read_mobility(reader, child);
      break;
    case Tag::presentation:
      capture.presentation = reader.word(child);
      break;
    case Tag::embedded_text:
      capture.embedded_text = read_embedded_text(reader, child);
      break;
    case Tag::view:
      capture.view = reader.word(child);
      break;
    case Tag::captured_people:
      capture.person_ids = read_tokens(reader, child, Tag::person_idref, &DecodeLimits::references);
      break;
    case Tag::related_to:
      capture.related_to = reader.token(child);
      break;
    case Tag::sensitivity_pattern:
      capture.sensitivity_pattern = reader.word(child);
      break;
    default:
      break;
  }
}

bool is_part_of_capture(Tag tag) noexcept { return tag >= Tag::capture_scene_idref && tag <= Tag::sensitivity_pattern; }

bool has(const Seen& seen, Tag tag) { return seen.test(static_cast<std::size_t>(tag)); }

}  // namespace

MediaCapture read_capture(Reader& reader, xml::Element element) {
  MediaCapture capture;
  capture.id = reader.attribute(element, "captureID");
  capture.media_type = reader.attribute(element, "mediaType");
  capture.type = read_type(element, capture.media_type);
  Seen seen;
  MultipleContent multiple;
  bool says_multiple = false;
  for (const auto child : element.children()) {
    const Tag tag = tag_of(child);
    if (!is_part_of_capture(tag) || read_repeatable(reader, tag, child, capture)) continue;
    reader.once(seen, tag, child);
    if (read_multiple_content(reader, tag, child, multiple)) {
      says_multiple = true;
    } else {
      read_single(reader, tag, child, capture);
    }
  }
  reader.require(seen, Tag::capture_scene_idref, element);
  if (has(seen, Tag::spatial_information) && has(seen, Tag::non_spatially_definable)) {
    reader.fail(ResponseCode::bad_syntax, element, "is both spatial and nonSpatiallyDefinable");
  }
  if (says_multiple && has(seen, Tag::individual)) {
    reader.fail(ResponseCode::bad_syntax, element, "is both individual and of multiple content");
  }
  // Without `individual` it is a Multiple Content Capture, even when it says nothing more about that (section 11.7).
  if (!has(seen, Tag::individual)) capture.multiple = std::move(multiple);
  return capture;
}

std::vector<MediaCapture> read_captures(Reader& reader, xml::Element wrapper) {
  return read_list(reader, wrapper, Tag::media_capture, &DecodeLimits::captures, read_capture);
}

}  // namespace clued::clue::codec
