// The parts of messages, written so that they validate against the repaired schemas: the element order is theirs.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "clue/codec_names.hpp"
#include "clue/messages.hpp"
#include "xml/writer.hpp"

namespace clued::clue::codec {

// Each appends the children of the wrapper element of that name. The data model's namespace has to be the default one
// there and the prefixes `vc` and `xsi` to be bound, which start_message() sees to.
void write_captures(std::string& out, std::span<const MediaCapture> captures);
void write_encoding_groups(std::string& out, std::span<const EncodingGroup> groups);
void write_scenes(std::string& out, std::span<const CaptureScene> scenes);
void write_simultaneous_sets(std::string& out, std::span<const SimultaneousSet> sets);
void write_global_views(std::string& out, std::span<const GlobalView> views);
void write_people(std::string& out, std::span<const Person> people);

void write_capture_encodings(xml::Writer& writer, std::span<const CaptureEncoding> encodings);

/// For `content` and `configuredContent`.
void write_content(xml::Writer& writer, std::string_view element, const CaptureContent& content);

enum class Namespaces { protocol_only, with_data_model };

/// The XML declaration, the root element with the namespaces that its content needs, and the header fields. Protocol
/// elements carry the prefix `p`, because nearly all elements of the large messages are the data model's.
void start_message(xml::Writer& writer, std::string_view prefixed_root, Namespaces namespaces, const Header& header);

std::string version_text(const Version& version);

/// An upper bound of what start_message and the end tags of an advertisement need, for a usual clueId.
inline constexpr std::size_t usual_envelope_size = 768;

/// What a missing bandwidth limit is written as, since the schema wants a number (defect D5): more than any link has,
/// and still within 32 bits for those who read it so.
inline constexpr std::uint64_t unlimited_bandwidth = 4'294'967'295;

}  // namespace clued::clue::codec
