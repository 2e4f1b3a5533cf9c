#include "clue/codec_writer.hpp"

#include <algorithm>

namespace clued::clue::codec {

namespace {

void write_descriptions(xml::Writer& writer, std::span<const LocalizedText> descriptions) {
  for (const auto& description : descriptions) {
    writer.start("description");
    if (!description.language.empty()) writer.attribute("lang", description.language);
    writer.text(description.text).end("description");
  }
}

void write_each(xml::Writer& writer, std::string_view element, std::span<const std::string> values) {
  for (const auto& value : values) writer.element(element, value);
}

void write_card(xml::Writer& writer, std::string_view element, const PersonCard& card) {
  writer.start(element).start("vc:fn").element("vc:text", card.full_name).end("vc:fn").end(element);
}

std::string_view word_for(SceneScale scale) noexcept {
  switch (scale) {
    case SceneScale::millimetres:
      return "mm";
    case SceneScale::no_scale:
      return "noscale";
    case SceneScale::unknown:
      break;
  }
  return "unknown";
}

}  // namespace

void write_content(xml::Writer& writer, std::string_view element, const CaptureContent& content) {
  writer.start(element);
  write_each(writer, "mediaCaptureIDREF", content.capture_ids);
  write_each(writer, "sceneViewIDREF", content.scene_view_ids);
  writer.end(element);
}

void write_encoding_groups(std::string& out, std::span<const EncodingGroup> groups) {
  xml::Writer writer(out);
  for (const auto& group : groups) {
    writer.start("encodingGroup").attribute("encodingGroupID", group.id);
    writer.element("maxGroupBandwidth", group.max_bandwidth.value_or(unlimited_bandwidth));
    writer.start("encodingIDList");
    write_each(writer, "encodingID", group.encoding_ids);
    writer.end("encodingIDList").end("encodingGroup");
  }
}

void write_scenes(std::string& out, std::span<const CaptureScene> scenes) {
  xml::Writer writer(out);
  for (const auto& scene : scenes) {
    writer.start("captureScene").attribute("sceneID", scene.id).attribute("scale", word_for(scene.scale));
    write_descriptions(writer, scene.descriptions);
    if (scene.information) write_card(writer, "sceneInformation", *scene.information);
    if (!scene.views.empty()) {
      writer.start("sceneViews");
      for (const auto& view : scene.views) {
        writer.start("sceneView").attribute("sceneViewID", view.id);
        write_descriptions(writer, view.descriptions);
        writer.start("mediaCaptureIDs");
        write_each(writer, "mediaCaptureIDREF", view.capture_ids);
        writer.end("mediaCaptureIDs").end("sceneView");
      }
      writer.end("sceneViews");
    }
    writer.end("captureScene");
  }
}

void write_simultaneous_sets(std::string& out, std::span<const SimultaneousSet> sets) {
  xml::Writer writer(out);
  for (const auto& set : sets) {
    writer.start("simultaneousSet").attribute("setID", set.id);
    if (set.media_type) writer.attribute("mediaType", *set.media_type);
    write_each(writer, "mediaCaptureIDREF", set.capture_ids);
    write_each(writer, "sceneViewIDREF", set.scene_view_ids);
    write_each(writer, "captureSceneIDREF", set.scene_ids);
    writer.end("simultaneousSet");
  }
}

void write_global_views(std::string& out, std::span<const GlobalView> views) {
  xml::Writer writer(out);
  for (const auto& view : views) {
    writer.start("globalView");
    if (!view.id.empty()) writer.attribute("globalViewID", view.id);
    write_each(writer, "sceneViewIDREF", view.scene_view_ids);
    writer.end("globalView");
  }
}

void write_people(std::string& out, std::span<const Person> people) {
  xml::Writer writer(out);
  for (const auto& person : people) {
    writer.start("person").attribute("personID", person.id);
    if (person.card) write_card(writer, "personInfo", *person.card);
    write_each(writer, "personType", person.types);
    writer.end("person");
  }
}

void write_capture_encodings(xml::Writer& writer, std::span<const CaptureEncoding> encodings) {
  for (const auto& encoding : encodings) {
    writer.start("captureEncoding").attribute("ID", encoding.id);
    writer.element("captureID", encoding.capture_id).element("encodingID", encoding.encoding_id);
    if (encoding.configured_content) write_content(writer, "configuredContent", *encoding.configured_content);
    writer.end("captureEncoding");
  }
}

std::string version_text(const Version& version) {
  return std::to_string(version.major) + '.' + std::to_string(version.minor);
}

void start_message(xml::Writer& writer, std::string_view prefixed_root, Namespaces namespaces, const Header& header) {
  writer.declaration().start(prefixed_root);
  if (namespaces == Namespaces::with_data_model) writer.attribute("xmlns", info_namespace);
  writer.attribute("xmlns:p", protocol_namespace);
  if (namespaces == Namespaces::with_data_model) {
    writer.attribute("xmlns:vc", vcard_namespace).attribute("xmlns:xsi", xsi_namespace);
  }
  writer.attribute("protocol", "CLUE").attribute("v", version_text(header.version));
  if (header.clue_id) writer.element("p:clueId", *header.clue_id);
  writer.element("p:sequenceNr", header.sequence);
}

}  // namespace clued::clue::codec
