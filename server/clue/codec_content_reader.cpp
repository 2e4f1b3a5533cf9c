#include "clue/codec_content_reader.hpp"

#include <utility>

namespace clued::clue::codec {

namespace {

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
      group.encoding_ids = read_tokens(reader, child, Tag::encoding_id, &DecodeLimits::encodings);
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
      read_description(reader, child, view.descriptions);
    } else if (tag == Tag::media_capture_ids) {
      reader.once(seen, tag, child);
      view.capture_ids = read_tokens(reader, child, Tag::media_capture_idref, &DecodeLimits::references);
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
      if (value.namespace_uri() == vcard_namespace && value.name() == "text") card.full_name = reader.prose(value);
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
      read_description(reader, child, scene.descriptions);
    } else if (tag == Tag::scene_information) {
      reader.once(seen, tag, child);
      scene.information = read_card(reader, child);
    } else if (tag == Tag::scene_views) {  // may be missing (defect D6)
      reader.once(seen, tag, child);
      scene.views = read_list(reader, child, Tag::scene_view, &DecodeLimits::views, read_scene_view);
    }
  }
  return scene;
}

SimultaneousSet read_simultaneous_set(Reader& reader, xml::Element element) {
  SimultaneousSet set;
  set.id = reader.attribute(element, "setID");
  set.media_type = reader.optional_attribute(element, "mediaType");
  set.capture_ids = read_tokens(reader, element, Tag::media_capture_idref, &DecodeLimits::references);
  set.scene_view_ids = read_tokens(reader, element, Tag::scene_view_idref, &DecodeLimits::references);
  set.scene_ids = read_tokens(reader, element, Tag::capture_scene_idref, &DecodeLimits::references);
  return set;
}

GlobalView read_global_view(Reader& reader, xml::Element element) {
  GlobalView view;
  view.id = reader.optional_attribute(element, "globalViewID").value_or(std::string{});
  view.scene_view_ids = read_tokens(reader, element, Tag::scene_view_idref, &DecodeLimits::references);
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
      if (!reader.is_full(person.types.size())) person.types.push_back(reader.word(child));
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

void read_description(Reader& reader, xml::Element element, std::vector<LocalizedText>& descriptions) {
  if (reader.is_full(descriptions.size())) return;
  const auto shortened = reader.shortened();
  LocalizedText description{reader.language_attribute(element), reader.prose(element)};
  const bool is_lost = description.text.empty() && reader.shortened() != shortened;
  if (!is_lost) descriptions.push_back(std::move(description));
}

std::vector<std::string> read_tokens(Reader& reader, xml::Element wrapper, Tag item, std::size_t DecodeLimits::*kind) {
  std::vector<std::string> tokens;
  for (const auto child : wrapper.children()) {
    if (reader.failure()) break;
    if (tag_of(child) != item) continue;
    reader.take(kind, child);
    tokens.push_back(reader.token(child));
  }
  return tokens;
}

CaptureContent read_content(Reader& reader, xml::Element element) {
  CaptureContent content;
  for (const auto child : element.children()) {
    if (reader.failure()) break;
    switch (tag_of(child)) {
      case Tag::media_capture_idref:
      case Tag::capture_idref:  // the name in the example of RFC 8849 section 6 (defect D8)
        reader.take(&DecodeLimits::references, child);
        content.capture_ids.push_back(reader.token(child));
        break;
      case Tag::scene_view_idref:
        reader.take(&DecodeLimits::references, child);
        content.scene_view_ids.push_back(reader.token(child));
        break;
      default:
        break;
    }
  }
  return content;
}

std::vector<EncodingGroup> read_encoding_groups(Reader& reader, xml::Element wrapper) {
  return read_list(reader, wrapper, Tag::encoding_group, &DecodeLimits::encoding_groups, read_encoding_group);
}

std::vector<CaptureScene> read_scenes(Reader& reader, xml::Element wrapper) {
  return read_list(reader, wrapper, Tag::capture_scene, &DecodeLimits::scenes, read_scene);
}

std::vector<SimultaneousSet> read_simultaneous_sets(Reader& reader, xml::Element wrapper) {
  return read_list(reader, wrapper, Tag::simultaneous_set, &DecodeLimits::simultaneous_sets, read_simultaneous_set);
}

std::vector<GlobalView> read_global_views(Reader& reader, xml::Element wrapper) {
  return read_list(reader, wrapper, Tag::global_view, &DecodeLimits::global_views, read_global_view);
}

std::vector<Person> read_people(Reader& reader, xml::Element wrapper) {
  return read_list(reader, wrapper, Tag::person, &DecodeLimits::people, read_person);
}

std::vector<CaptureEncoding> read_capture_encodings(Reader& reader, xml::Element wrapper) {
  return read_list(reader, wrapper, Tag::capture_encoding, &DecodeLimits::capture_encodings, read_capture_encoding);
}

}  // namespace clued::clue::codec
