// The data model elements of RFC 8846, read into values.
#pragma once

#include <vector>

#include "clue/codec_reader.hpp"
#include "clue/model.hpp"

namespace clued::clue::codec {

// Each takes the wrapper element, wherever it stands; absent children give an empty list.
std::vector<MediaCapture> read_captures(Reader& reader, xml::Element wrapper);
std::vector<EncodingGroup> read_encoding_groups(Reader& reader, xml::Element wrapper);
std::vector<CaptureScene> read_scenes(Reader& reader, xml::Element wrapper);
std::vector<SimultaneousSet> read_simultaneous_sets(Reader& reader, xml::Element wrapper);
std::vector<GlobalView> read_global_views(Reader& reader, xml::Element wrapper);
std::vector<Person> read_people(Reader& reader, xml::Element wrapper);
std::vector<CaptureEncoding> read_capture_encodings(Reader& reader, xml::Element wrapper);

// Shared by the two files that implement the above.
MediaCapture read_capture(Reader& reader, xml::Element element);
CaptureContent read_content(Reader& reader, xml::Element element);
void read_description(Reader& reader, xml::Element element, std::vector<LocalizedText>& descriptions);

/// The children of one kind, each read by a function, as many as a message may have; other children are ignored.
template <class Item>
std::vector<Item> read_list(Reader& reader, xml::Element wrapper, Tag item, std::size_t DecodeLimits::*kind,
                            Item (*read)(Reader&, xml::Element)) {
  std::vector<Item> items;
  for (const auto child : wrapper.children()) {
    if (reader.failure()) break;
    if (tag_of(child) != item) continue;
    reader.take(kind, child);
    if (!reader.failure()) items.push_back(read(reader, child));
  }
  return items;
}

/// The texts of the children of one kind: lists of identifiers.
std::vector<std::string> read_tokens(Reader& reader, xml::Element wrapper, Tag item, std::size_t DecodeLimits::*kind);

}  // namespace clued::clue::codec
