#include "clue/codec_message_reader.hpp"

#include <map>
#include <utility>

#include "clue/codec_content_reader.hpp"

namespace clued::clue::codec {

namespace {

/// What a message has beside its header: each field is read by the function of its message, once.
template <class ReadField>
Header read_fields(Reader& reader, xml::Element root, Seen& seen, ReadField read_field) {
  Header header;
  const auto protocol = root.attribute("protocol");
  if (!protocol) reader.fail(ResponseCode::bad_syntax, root, "lacks the attribute protocol");
  if (protocol && *protocol != "CLUE") reader.fail(ResponseCode::invalid_value, root, "is not of the protocol CLUE");
  header.version = reader.version(root, reader.attribute(root, "v"));
  for (const auto child : root.children()) {
    if (reader.failure()) return header;
    const Tag tag = tag_of(child);
    if (tag == Tag::unknown) continue;
    if (tag == Tag::clue_id) {
      reader.once(seen, tag, child);
      header.clue_id = reader.name(child);
    } else if (tag == Tag::sequence_nr) {
      reader.once(seen, tag, child);
      header.sequence = reader.sequence_number(child);
    } else if (read_field(tag, child)) {
      reader.once(seen, tag, child);
    }
  }
  reader.require(seen, Tag::sequence_nr, root);
  return header;
}

/// Exactly one entry per major version is allowed (section 5.1, requirement CP-03); of several the highest counts.
std::vector<Version> read_versions(Reader& reader, xml::Element list) {
  std::map<std::uint32_t, Version> by_major;
  for (const auto child : list.children()) {
    if (tag_of(child) != Tag::version) continue;
    if (reader.failure()) break;
    reader.take(&DecodeLimits::versions, child);
    const auto version = reader.version(child, child.text());
    auto& entry = by_major.try_emplace(version.major, version).first->second;
    entry = std::max(entry, version);
  }
  std::vector<Version> versions;
  for (const auto& [major, version] : by_major) versions.push_back(version);
  return versions;
}

Extension read_extension(Reader& reader, xml::Element element) {
  Extension extension;
  Seen seen;
  for (const auto child : element.children()) {
    const Tag tag = tag_of(child);
    if (tag != Tag::name && tag != Tag::schema_ref && tag != Tag::version) continue;
    reader.once(seen, tag, child);
    if (tag == Tag::name) {
      extension.name = reader.name(child);
    } else if (tag == Tag::schema_ref) {
      extension.schema_ref = reader.name(child);
    } else {
      extension.version = reader.version(child, child.text());
    }
  }
  for (const Tag tag : {Tag::name, Tag::schema_ref, Tag::version}) reader.require(seen, tag, element);
  return extension;
}

Options read_options(Reader& reader, xml::Element root) {
  Options options;
  Seen seen;
  options.header = read_fields(reader, root, seen, [&](Tag tag, xml::Element child) {
    switch (tag) {
      case Tag::media_provider:
        options.media_provider = reader.boolean(child);
        return true;
      case Tag::media_consumer:
        options.media_consumer = reader.boolean(child);
        return true;
      case Tag::supported_versions:
        options.supported_versions = read_versions(reader, child);
        return true;
      case Tag::supported_extensions:
        options.supported_extensions =
            read_list(reader, child, Tag::extension, &DecodeLimits::extensions, read_extension);
        return true;
      default:
        return false;
    }
  });
  reader.require(seen, Tag::media_provider, root);
  reader.require(seen, Tag::media_consumer, root);
  return options;
}

/// The fields that the three responses share. False when the element is none of them.
template <class Response>
bool read_outcome(Reader& reader, Tag tag, xml::Element child, Response& response) {
  if (tag == Tag::response_code) {
    response.code = reader.response_code(child);
  } else if (tag == Tag::reason_string) {
    response.reason = reader.prose(child);
  } else {
    return false;
  }
  return true;
}

/// Whether a successful response says all that section 5.2 demands is for the state machine to judge: nobody can be
/// told about a bad response.
OptionsResponse read_options_response(Reader& reader, xml::Element root) {
  OptionsResponse response;
  Seen seen;
  response.header = read_fields(reader, root, seen, [&](Tag tag, xml::Element child) {
    switch (tag) {
      case Tag::media_provider:
        response.media_provider = reader.boolean(child);
        return true;
      case Tag::media_consumer:
        response.media_consumer = reader.boolean(child);
        return true;
      case Tag::version:
        response.version = reader.version(child, child.text());
        return true;
      case Tag::common_extensions:  // may be missing or empty (defect D3)
        response.common_extensions =
            read_list(reader, child, Tag::extension, &DecodeLimits::extensions, read_extension);
        return true;
      default:
        return read_outcome(reader, tag, child, response);
    }
  });
  reader.require(seen, Tag::response_code, root);
  return response;
}

Advertisement read_advertisement(Reader& reader, xml::Element root) {
  Advertisement advertisement;
  auto& content = advertisement.content;
  Seen seen;
  advertisement.header = read_fields(reader, root, seen, [&](Tag tag, xml::Element child) {
    switch (tag) {
      case Tag::media_captures:
        content.captures = read_captures(reader, child);
        return true;
      case Tag::encoding_groups:
        content.encoding_groups = read_encoding_groups(reader, child);
        return true;
      case Tag::capture_scenes:
        content.scenes = read_scenes(reader, child);
        return true;
      case Tag::simultaneous_sets:
        content.simultaneous_sets = read_simultaneous_sets(reader, child);
        return true;
      case Tag::global_views:
        content.global_views = read_global_views(reader, child);
        return true;
      case Tag::people:
        content.people = read_people(reader, child);
        return true;
      default:
        return false;
    }
  });
  for (const Tag tag : {Tag::media_captures, Tag::encoding_groups, Tag::capture_scenes}) {
    reader.require(seen, tag, root);
  }
  advertisement.shortened_texts = reader.shortened();
  return advertisement;
}

Ack read_ack(Reader& reader, xml::Element root) {
  Ack ack;
  Seen seen;
  ack.header = read_fields(reader, root, seen, [&](Tag tag, xml::Element child) {
    if (tag != Tag::adv_sequence_nr) return read_outcome(reader, tag, child, ack);
    ack.advertisement_sequence = reader.sequence_number(child);
    return true;
  });
  reader.require(seen, Tag::response_code, root);
  reader.require(seen, Tag::adv_sequence_nr, root);
  return ack;
}

/// successResponseCodeType: a refusal has its own message.
ResponseCode read_acknowledgement(Reader& reader, xml::Element element) {
  const auto code = reader.response_code(element);
  if (!is_success(code)) reader.fail(ResponseCode::invalid_value, element, "is no success");
  return code;
}

Configure read_configure(Reader& reader, xml::Element root) {
  Configure configure;
  Seen seen;
  configure.header = read_fields(reader, root, seen, [&](Tag tag, xml::Element child) {
    switch (tag) {
      case Tag::adv_sequence_nr:
        configure.advertisement_sequence = reader.sequence_number(child);
        return true;
      case Tag::ack:
        configure.ack = read_acknowledgement(reader, child);
        return true;
      case Tag::capture_encodings:
        configure.encodings = read_capture_encodings(reader, child);
        return true;
      default:
        return false;
    }
  });
  reader.require(seen, Tag::adv_sequence_nr, root);
  return configure;
}

ConfigureResponse read_configure_response(Reader& reader, xml::Element root) {
  ConfigureResponse response;
  Seen seen;
  response.header = read_fields(reader, root, seen, [&](Tag tag, xml::Element child) {
    if (tag != Tag::conf_sequence_nr) return read_outcome(reader, tag, child, response);
    response.configure_sequence = reader.sequence_number(child);
    return true;
  });
  reader.require(seen, Tag::response_code, root);
  reader.require(seen, Tag::conf_sequence_nr, root);
  return response;
}

}  // namespace

Message read_message(Reader& reader, Tag tag, xml::Element root) {
  switch (tag) {
    case Tag::options:
      return read_options(reader, root);
    case Tag::options_response:
      return read_options_response(reader, root);
    case Tag::advertisement:
      return read_advertisement(reader, root);
    case Tag::ack:
      return read_ack(reader, root);
    case Tag::configure:
      return read_configure(reader, root);
    default:
      return read_configure_response(reader, root);
  }
}

}  // namespace clued::clue::codec
