#include "clue/codec.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "base/overloaded.hpp"
#include "clue/codec_message_reader.hpp"
#include "clue/codec_writer.hpp"
#include "clue/composed_advertisement.hpp"

namespace clued::clue {

namespace {

using codec::Namespaces;
using codec::Tag;

/// What can be told about a message that is not accepted, so that the answer is of the right type and number.
DecodeError describe(const xml::Document& document, ResponseCode code, std::string reason) {
  constexpr std::size_t longest_name = 64;
  DecodeError error;
  error.code = code;
  error.reason = std::move(reason);
  const auto root = document.root();
  if (!root) return error;
  error.message_name = std::string(root->name().substr(0, longest_name));
  error.unknown_message =
      root->namespace_uri() != codec::protocol_namespace || !codec::is_message(codec::tag_of(*root));
  for (const auto child : root->children()) {
    std::uint64_t number = 0;
    if (codec::tag_of(child) != Tag::sequence_nr) continue;
    if (codec::parse_unsigned(codec::trimmed(child.text()), number) && number <= UINT32_MAX) {
      error.sequence = static_cast<std::uint32_t>(number);
    }
    break;
  }
  return error;
}

/// A message of a major version that is not ours need not make sense to us (RFC 8847 section 7): then the version is
/// what is wrong with it.
bool is_of_foreign_version(xml::Element root) {
  const auto version = codec::parse_version(codec::trimmed(root.attribute("v").value_or(std::string_view{})));
  return version && version->major != own_version.major;
}

void write_extensions(xml::Writer& writer, std::string_view wrapper, const std::vector<Extension>& extensions) {
  if (extensions.empty()) return;  // the schema wants at least one inside (defect D3)
  writer.start(wrapper);
  for (const auto& extension : extensions) {
    writer.start("p:extension").element("p:name", extension.name).element("p:schemaRef", extension.schema_ref);
    writer.element("p:version", codec::version_text(extension.version)).end("p:extension");
  }
  writer.end(wrapper);
}

/// One entry per major version, with its highest minor one (RFC 8847 section 5.1).
void write_versions(xml::Writer& writer, const std::vector<Version>& versions) {
  if (versions.empty()) return;
  std::map<std::uint32_t, std::uint32_t> minor_of_major;
  for (const auto& version : versions) {
    auto& minor = minor_of_major[version.major];
    minor = std::max(minor, version.minor);
  }
  writer.start("p:supportedVersions");
  for (const auto& [major, minor] : minor_of_major) writer.element("p:version", codec::version_text({major, minor}));
  writer.end("p:supportedVersions");
}

void write_outcome(xml::Writer& writer, ResponseCode code, const std::optional<std::string>& reason) {
  writer.element("p:responseCode", static_cast<std::uint16_t>(code));
  if (reason) writer.element("p:reasonString", *reason);
}

void write(std::string& out, const Options& options) {
  xml::Writer writer(out);
  start_message(writer, "p:options", Namespaces::protocol_only, options.header);
  writer.element("p:mediaProvider", options.media_provider).element("p:mediaConsumer", options.media_consumer);
  write_versions(writer, options.supported_versions);
  write_extensions(writer, "p:supportedExtensions", options.supported_extensions);
  writer.end("p:options");
}

void write(std::string& out, const OptionsResponse& response) {
  xml::Writer writer(out);
  start_message(writer, "p:optionsResponse", Namespaces::protocol_only, response.header);
  write_outcome(writer, response.code, response.reason);
  if (response.media_provider) writer.element("p:mediaProvider", *response.media_provider);
  if (response.media_consumer) writer.element("p:mediaConsumer", *response.media_consumer);
  if (response.version) writer.element("p:version", codec::version_text(*response.version));
  write_extensions(writer, "p:commonExtensions", response.common_extensions);
  writer.end("p:optionsResponse");
}

void write(std::string& out, const Advertisement& advertisement) {
  out = ComposedAdvertisement({make_part(advertisement.content)}).encode(advertisement.header);
}

void write(std::string& out, const Ack& ack) {
  xml::Writer writer(out);
  start_message(writer, "p:ack", Namespaces::protocol_only, ack.header);
  write_outcome(writer, ack.code, ack.reason);
  writer.element("p:advSequenceNr", ack.advertisement_sequence).end("p:ack");
}

void write(std::string& out, const Configure& configure) {
  xml::Writer writer(out);
  start_message(writer, "p:configure", Namespaces::with_data_model, configure.header);
  writer.element("p:advSequenceNr", configure.advertisement_sequence);
  if (configure.ack) writer.element("p:ack", static_cast<std::uint16_t>(*configure.ack));
  if (!configure.encodings.empty()) {  // an empty wrapper would be invalid (requirement CP-14)
    writer.start("p:captureEncodings");
    codec::write_capture_encodings(writer, configure.encodings);
    writer.end("p:captureEncodings");
  }
  writer.end("p:configure");
}

void write(std::string& out, const ConfigureResponse& response) {
  xml::Writer writer(out);
  start_message(writer, "p:configureResponse", Namespaces::protocol_only, response.header);
  write_outcome(writer, response.code, response.reason);
  writer.element("p:confSequenceNr", response.configure_sequence).end("p:configureResponse");
}

}  // namespace

base::expected<Message, DecodeError> decode(std::string_view bytes, const DecodeLimits& limits) {
  const xml::Document document(bytes, {.bytes = limits.bytes, .depth = limits.depth, .elements = limits.elements});
  if (const auto& error = document.error()) {
    const bool too_large = error->kind == xml::ErrorKind::too_large;
    return base::unexpected(describe(
        document, too_large ? ResponseCode::low_level_request_error : ResponseCode::bad_syntax, error->text()));
  }
  const auto root = *document.root();
  const Tag tag = codec::tag_of(root);
  if (root.namespace_uri() != codec::protocol_namespace || !codec::is_message(tag)) {
    return base::unexpected(describe(document, ResponseCode::bad_syntax, "not a message of the CLUE protocol"));
  }
  codec::Reader reader(limits);
  Message message = codec::read_message(reader, tag, root);
  if (auto failure = reader.take_failure()) {
    const bool foreign = is_of_foreign_version(root);
    return base::unexpected(describe(document, foreign ? ResponseCode::version_not_supported : failure->code,
                                     foreign ? "the version is not supported: " + failure->reason : failure->reason));
  }
  return message;
}

std::string encode(const Message& message) {
  std::string out;
  std::visit([&](const auto& m) { write(out, m); }, message);
  return out;
}

const char* name_of(const Message& message) {
  return std::visit(base::overloaded{
                        [](const Options&) { return "options"; },
                        [](const OptionsResponse&) { return "optionsResponse"; },
                        [](const Advertisement&) { return "advertisement"; },
                        [](const Ack&) { return "ack"; },
                        [](const Configure&) { return "configure"; },
                        [](const ConfigureResponse&) { return "configureResponse"; },
                    },
                    message);
}

}  // namespace clued::clue
