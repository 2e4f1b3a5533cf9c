#include "clue/codec_content_reader.hpp"

#include <utility>

namespace clued::clue::codec {

namespace {

/// The texts of the children of one kind: lists of identifiers.
std::vector<std::string> read_tokens(Reader& reader, xml::Element wrapper, Tag item) {
  std::vector<std::string> tokens;
  for (const auto child : wrapper.children()) {
    if (tag_of(child) == item) tokens.push_back(reader.token(child));
  }
  return tokens;
}

EncodingGroup read_encoding_group(Reader& reader, xml::Element element) {
  EncodingGroup group;
  group.id = reader.attribute(element, "encodingGroupID");
  Seen seen;
  for (const auto child : element.children()) {
    const Tag tag = tag_of(child);
    if (tag == Tag::max_group_bandwidth) {
      reader.once(seen, tag, child);
      group.max_bandwidth = reader.number<std::uint64_t>(child, 0);
    } else if (tag == Tag::encoding_id_list) {
      reader.once(seen, tag, child);
      group.encoding_ids = read_tokens(reader, child, Tag::encoding_id);
    }
  }
  // The bandwidth may be missing: section 18.1 calls it optional, whatever the schema says (defect D5).
  reader.require(seen, Tag::encoding_id_list, element);
  return group;
}

SceneScale read_scale(Reader& reader, xml::Element element) {
  const std::string value = reader.attribute(element, "scale");
  if (value == "mm") return SceneScale::millimetres;
  if (value == "noscale") return SceneScale::no_scale;
  if (value != "unknown")
    reader.fail(ResponseCode::invalid_value, element, "has a scale that is not mm, unknown or noscale");
  return SceneScale::unknown;
}

SceneView read_scene_view(Reader& reader, xml::Element element) {
  SceneView view;
  view.id = reader.attribute(element, "sceneViewID");
  Seen seen;
  for (const auto child : element.children()) {
    const Tag tag = tag_of(child);
    if (tag == Tag::description) {
      view.descriptions.push_back(read_description(reader, child));
    } else if (tag == Tag::media_capture_ids) {
      reader.once(seen, tag, child);
      view.capture_ids = read_tokens(reader, child, Tag::media_capture_idref);
    }
  }
  reader.require(seen, Tag::media_capture_ids, element);
  return view;
}

/// <fn><text>..</text></fn> of an xCard (RFC 6351), also when it is wrapped into <vcard>, which RFC 8846 does not ask
/// for.
PersonCard read_card(Reader& reader, xml::Element element) {
  PersonCard card;
  for (const auto child : element.children()) {
    if (child.namespace_uri() != vcard_namespace) continue;
    if (child.name() == "vcard") return read_card(reader, child);
    if (child.name() != "fn") continue;
    for (const auto value : child.children()) {
      if (value.namespace_uri() == vcard_namespace && value.name() == "text") card.full_name = reader.text(value);
    }
    return card;
  }
  return card;
}

CaptureScene read_scene(Reader& reader, xml::Element element) {
  CaptureScene scene;
  scene.id = reader.attribute(element, "sceneID");
  scene.scale = read_scale(reader, element);
  Seen seen;
  for (const auto child : element.children()) {
    const Tag tag = tag_of(child);
    if (tag == Tag::description) {
      scene.descriptions.push_back(read_description(reader, child));
    } else if (tag == Tag::scene_information) {
      reader.once(seen, tag, child);
      scene.information = read_card(reader, child);
    } else if (tag == Tag::scene_views) {  // may be missing (defect D6)
      reader.once(seen, tag, child);
      scene.views = read_list(reader, child, Tag::scene_view, read_scene_view);
    }
  }
  return scene;
}

SimultaneousSet read_simultaneous_set(Reader& reader, xml::Element element) {
  SimultaneousSet set;
  set.id = reader.attribute(element, "setID");
  if (const auto media_type = element.attribute("mediaType")) set.media_type = std::string(trimmed(*media_type));
  set.capture_ids = read_tokens(reader, element, Tag::media_capture_idref);
  set.scene_view_ids = read_tokens(reader, element, Tag::scene_view_idref);
  set.scene_ids = read_tokens(reader, element, Tag::capture_scene_idref);
  return set;
}

GlobalView read_global_view(Reader& reader, xml::Element element) {
  GlobalView view;
  view.id = std::string(trimmed(element.attribute("globalViewID").value_or(std::string_view{})));  // optional
  view.scene_view_ids = read_tokens(reader, element, Tag::scene_view_idref);
  return view;
}

Person read_person(Reader& reader, xml::Element element) {
  Person person;
  person.id = reader.attribute(element, "personID");
  Seen seen;
  for (const auto child : element.children()) {
    const Tag tag = tag_of(child);
    if (tag == Tag::person_info) {
      reader.once(seen, tag, child);
      person.card = read_card(reader, child);
    } else if (tag == Tag::person_type) {
      person.types.push_back(reader.text(child));
    }
  }
  return person;
}

CaptureEncoding read_capture_encoding(Reader& reader, xml::Element element) {
  CaptureEncoding encoding;
  encoding.id = reader.attribute(element, "ID");
  Seen seen;
  for (const auto child : element.children()) {
    const Tag tag = tag_of(child);
    if (tag != Tag::capture_id && tag != Tag::encoding_id && tag != Tag::configured_content) continue;
    reader.once(seen, tag, child);
    if (tag == Tag::capture_id) {
      encoding.capture_id = reader.token(child);
    } else if (tag == Tag::encoding_id) {
      encoding.encoding_id = reader.token(child);
    } else {
      encoding.configured_content = read_content(reader, child);
    }
  }
  reader.require(seen, Tag::capture_id, element);
  reader.require(seen, Tag::encoding_id, element);
  return encoding;
}

}  // namespace

LocalizedText read_description(Reader& reader, xml::Element element) {
  return {reader.language_attribute(element), reader.text(element)};
}

CaptureContent read_content(Reader& reader, xml::Element element) {
  CaptureContent content;
  for (const auto child : element.children()) {
    switch (tag_of(child)) {
      case Tag::media_capture_idref:
      case Tag::capture_idref:  // the name in the example of RFC 8849 section 6 (defect D8)
        content.capture_ids.push_back(reader.token(child));
        break;
      case Tag::scene_view_idref:
        content.scene_view_ids.push_back(reader.token(child));
        break;
      default:
        break;
    }
  }
  return content;
}

std::vector<EncodingGroup> read_encoding_groups(Reader& reader, xml::Element wrapper) {
  return read_list(reader, wrapper, Tag::encoding_group, read_encoding_group);
}

std::vector<CaptureScene> read_scenes(Reader& reader, xml::Element wrapper) {
  return read_list(reader, wrapper, Tag::capture_scene, read_scene);
}

std::vector<SimultaneousSet> read_simultaneous_sets(Reader& reader, xml::Element wrapper) {
  return read_list(reader, wrapper, Tag::simultaneous_set, read_simultaneous_set);
}

std::vector<GlobalView> read_global_views(Reader& reader, xml::Element wrapper) {
  return read_list(reader, wrapper, Tag::global_view, read_global_view);
}

std::vector<Person> read_people(Reader& reader, xml::Element wrapper) {
  return read_list(reader, wrapper, Tag::person, read_person);
}

std::vector<CaptureEncoding> read_capture_encodings(Reader& reader, xml::Element wrapper) {
  return read_list(reader, wrapper, Tag::capture_encoding, read_capture_encoding);
}

}  // namespace clued::clue::codec
