// <mediaCapture> (RFC 8846 section 11).
#include "clue/codec_writer.hpp"

namespace clued::clue::codec {

namespace {

std::string_view type_name(MediaType type) noexcept {
  switch (type) {
    case MediaType::audio:
      return "audioCaptureType";
    case MediaType::video:
      return "videoCaptureType";
    case MediaType::text:
      return "textCaptureType";
    case MediaType::other:
      break;
  }
  return "otherCaptureType";
}

/// The attribute says it in the RFC's words; a capture made without it is named by its type.
std::string_view media_type_of(const MediaCapture& capture) noexcept {
  if (!capture.media_type.empty()) return capture.media_type;
  switch (capture.type) {
    case MediaType::audio:
      return "audio";
    case MediaType::video:
      return "video";
    case MediaType::text:
      return "text";
    case MediaType::other:
      break;
  }
  return "other";
}

std::string_view word_for(Mobility mobility) noexcept {
  switch (mobility) {
    case Mobility::dynamic:
      return "dynamic";
    case Mobility::highly_dynamic:
      return "highly-dynamic";
    case Mobility::fixed:
      break;
  }
  return "static";
}

void write_point(xml::Writer& writer, std::string_view element, const Point& point) {
  writer.start(element);
  writer.decimal_element("x", point.x).decimal_element("y", point.y).decimal_element("z", point.z);
  writer.end(element);
}

void write_spatial(xml::Writer& writer, const SpatialInformation& spatial) {
  writer.start("spatialInformation");
  if (spatial.capture_origin) {
    writer.start("captureOrigin");
    write_point(writer, "capturePoint", spatial.capture_origin->capture_point);
    if (spatial.capture_origin->line_of_capture_point) {
      write_point(writer, "lineOfCapturePoint", *spatial.capture_origin->line_of_capture_point);
    }
    writer.end("captureOrigin");
  }
  if (spatial.capture_area) {
    writer.start("captureArea");
    write_point(writer, "bottomLeft", spatial.capture_area->bottom_left);
    write_point(writer, "bottomRight", spatial.capture_area->bottom_right);
    write_point(writer, "topLeft", spatial.capture_area->top_left);
    write_point(writer, "topRight", spatial.capture_area->top_right);
    writer.end("captureArea");
  }
  writer.end("spatialInformation");
}

/// The synchronizationID is left out: the schema forbids what it is for, the same one on several captures (defect D4).
void write_multiple_content(xml::Writer& writer, const MultipleContent& multiple) {
  if (multiple.content) write_content(writer, "content", *multiple.content);
  if (multiple.policy) writer.element("policy", *multiple.policy);
  if (multiple.max_captures) {
    writer.start("maxCaptures").attribute("exactNumber", multiple.max_captures->exact_number ? "true" : "false");
    writer.number(multiple.max_captures->count).end("maxCaptures");
  }
  if (multiple.allow_subset_choice) writer.element("allowSubsetChoice", *multiple.allow_subset_choice);
}

/// What follows the encoding group and is all optional.
void write_optional_fields(xml::Writer& writer, const MediaCapture& capture) {
  for (const auto& description : capture.descriptions) {
    writer.start("description");
    if (!description.language.empty()) writer.attribute("lang", description.language);
    writer.text(description.text).end("description");
  }
  if (capture.priority) writer.element("priority", *capture.priority);
  for (const auto& language : capture.languages) writer.element("lang", language);
  if (capture.mobility) writer.element("mobility", word_for(*capture.mobility));
  if (capture.presentation) writer.element("presentation", *capture.presentation);
  if (capture.embedded_text) {
    writer.start("embeddedText");
    if (!capture.embedded_text->empty()) writer.attribute("lang", *capture.embedded_text);
    writer.text("true").end("embeddedText");
  }
  if (capture.view) writer.element("view", *capture.view);
  if (!capture.person_ids.empty()) {
    writer.start("capturedPeople");
    for (const auto& id : capture.person_ids) writer.element("personIDREF", id);
    writer.end("capturedPeople");
  }
  if (capture.related_to) writer.element("relatedTo", *capture.related_to);
  // Only the type of audio captures has this element.
  if (capture.type == MediaType::audio && capture.sensitivity_pattern) {
    writer.element("sensitivityPattern", *capture.sensitivity_pattern);
  }
}

}  // namespace

void write_captures(std::string& out, std::span<const MediaCapture> captures) {
  xml::Writer writer(out);
  for (const auto& capture : captures) {
    writer.start("mediaCapture").attribute("xsi:type", type_name(capture.type));
    writer.attribute("captureID", capture.id).attribute("mediaType", media_type_of(capture));
    writer.element("captureSceneIDREF", capture.scene_id);
    if (capture.spatial) {
      write_spatial(writer, *capture.spatial);
    } else {
      writer.element("nonSpatiallyDefinable", true);
    }
    if (capture.multiple) {
      write_multiple_content(writer, *capture.multiple);
    } else {
      writer.element("individual", true);
    }
    if (capture.encoding_group_id) writer.element("encGroupIDREF", *capture.encoding_group_id);
    write_optional_fields(writer, capture);
    writer.end("mediaCapture");
  }
}

}  // namespace clued::clue::codec
